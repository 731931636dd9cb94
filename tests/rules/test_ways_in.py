"""Who may be sent a link, what a link is still good for, which child somebody means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from marelle.domain.families.rules.likeness import Asker, Known, Likeness, Named, likeness, plain_words, sure_guardian
from marelle.domain.families.rules.ways_in import (
    GuardianFacts,
    LinkFacts,
    Uninvited,
    Way,
    is_good,
    same_address,
    uninvited,
    way_of,
)

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
LINK = LinkFacts(expires_at=AT + timedelta(days=14), email="Lea@exemple.fr", guardian_email="lea@exemple.fr")


@pytest.mark.parametrize(
    ("changed", "at", "good"),
    [
        ({}, AT, True),
        ({"sent_at": AT, "opened_at": AT}, AT, True),
        ({"returned_at": AT}, AT, True),
        ({}, LINK.expires_at - timedelta(seconds=1), True),
        ({}, LINK.expires_at, False),
        ({"done_at": AT}, AT, False),
        ({"revoked_at": AT}, AT, False),
        ({"guardian_email": "lea.martin@exemple.fr"}, AT, False),
        ({"guardian_email": ""}, AT, False),
    ],
)
def test_a_link_serves_once_for_a_time_and_for_its_address(changed, at, good):
    assert is_good(replace(LINK, **changed), at=at) is good


@pytest.mark.parametrize(
    ("changed", "at", "way"),
    [
        ({}, AT, Way.SENDING),
        ({"has_failed": True}, AT, Way.NOT_SENT),
        ({"has_failed": True, "sent_at": AT}, AT, Way.SENT),
        ({"sent_at": AT}, AT, Way.SENT),
        ({"sent_at": AT, "opened_at": AT}, AT, Way.OPENED),
        ({"sent_at": AT, "opened_at": AT}, LINK.expires_at, Way.EXPIRED),
        ({"sent_at": AT, "returned_at": AT}, LINK.expires_at, Way.RETURNED),
        ({"revoked_at": AT}, AT, Way.NOTHING),
        ({"done_at": AT}, AT, Way.NOTHING),
        ({"sent_at": AT, "guardian_email": "autre@exemple.fr"}, AT, Way.NOTHING),
    ],
)
def test_where_a_guardian_stands(changed, at, way):
    assert way_of(replace(LINK, **changed), is_member=False, at=at) is way
    assert way_of(replace(LINK, **changed), is_member=True, at=at) is Way.MEMBER


def test_without_a_link_there_is_nothing():
    assert way_of(None, is_member=False, at=AT) is Way.NOTHING


def test_whose_access_was_removed_is_said_before_all_else():
    assert way_of(LINK, is_member=True, is_removed=True, at=AT) is Way.REMOVED


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("a@b.fr", " A@B.FR", True), ("a@b.fr", "a@c.fr", False), ("", "", False), ("a@b.fr", "", False)],
)
def test_addresses_are_compared_whatever_their_capitals(one, other, same):
    assert same_address(one, other) is same


def guardian(key=1, *, family=1, email="lea@exemple.fr", is_member=False, has_live_link=False, is_removed=False):
    return GuardianFacts(key, family, email, is_member, has_live_link, is_removed=is_removed)


@pytest.mark.parametrize(
    ("people", "taken", "again", "why"),
    [
        pytest.param([guardian()], {}, False, {}, id="the first time"),
        pytest.param([guardian(is_member=True)], {}, True, {1: Uninvited.MEMBER}, id="an account"),
        pytest.param([guardian(is_removed=True)], {}, True, {1: Uninvited.REMOVED}, id="access removed"),
        pytest.param([guardian(email="")], {}, True, {1: Uninvited.NO_ADDRESS}, id="no address"),
        pytest.param(
            [guardian(has_live_link=True)],
            {1: ["lea@exemple.fr"]},
            False,
            {1: Uninvited.ALREADY_INVITED},
            id="left in peace",
        ),
        pytest.param([guardian(has_live_link=True)], {1: ["lea@exemple.fr"]}, True, {}, id="once more"),
        pytest.param(
            [guardian(1), guardian(2)], {}, False, {2: Uninvited.SHARED_ADDRESS}, id="two with one address: the first"
        ),
        pytest.param(
            [guardian()],
            {1: ["lea@exemple.fr"]},
            True,
            {1: Uninvited.SHARED_ADDRESS},
            id="the address of the other's account",
        ),
        pytest.param(
            [guardian(has_live_link=True)],
            {1: ["lea@exemple.fr", "lea@exemple.fr"]},
            True,
            {1: Uninvited.SHARED_ADDRESS},
            id="its own link, and the other's account",
        ),
        pytest.param([guardian(1), guardian(2, family=2)], {}, False, {}, id="one address in two families"),
    ],
)
def test_who_is_not_sent_a_link_and_why(people, taken, again, why):
    assert uninvited(people, taken=taken, again=again) == why


LUCIA = Named("Lucia", "Sanchez-Cordoves", date(2017, 4, 9))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (LUCIA, Likeness.SAME),
        (Named("LUCÍA", "sanchez cordovès", date(2017, 4, 9)), Likeness.SAME),
        (Named("Lucia", "Sanchez", date(2017, 4, 9)), Likeness.SAME),
        (Named("Lucie", "Sanchez", date(2017, 4, 9)), Likeness.CLOSE),
        (Named("Lucia", "Durand", date(2017, 4, 9)), Likeness.CLOSE),
        (Named("Lucia", "Sanchez", date(2017, 9, 4)), Likeness.CLOSE),
        (Named("Lucia", "Sanchez", date(2016, 4, 9)), Likeness.DISTANT),
        (Named("Zoé", "Durand", date(2017, 4, 9)), Likeness.NONE),
        (Named("Mateo", "Sanchez", date(2020, 10, 22)), Likeness.NONE),
        (Named("-", "'", date(2017, 4, 9)), Likeness.NONE),
    ],
)
def test_how_close_a_child_is_to_the_one_named(asked, expected):
    assert likeness(asked, LUCIA) is expected
    assert likeness(LUCIA, asked) is expected


def test_names_are_cut_into_plain_words():
    assert plain_words("D’Œuvre-Léa") == ("d", "oeuvre", "lea")


MARIA = Known(1, "Maria", "Sanchez-Cordoves", "maria@exemple.fr", "06 12 34 56 78")
PAUL = Known(2, "Paul", "Sanchez", "", "")


@pytest.mark.parametrize(
    ("asker", "known", "sure"),
    [
        pytest.param(("maria", "SANCHEZ CORDOVES", "Maria@Exemple.fr", ""), [MARIA, PAUL], 1, id="by her address"),
        pytest.param(("María", "Sanchez-Cordoves", "x@y.fr", "+33 6 12 34 56 78"), [MARIA], 1, id="by her telephone"),
        pytest.param(("María", "Sanchez-Cordoves", "x@y.fr", "0033612345678"), [MARIA], 1, id="dialed otherwise"),
        pytest.param(("Maria", "Sanchez-Cordoves", "x@y.fr", "06 00 00 00 00"), [MARIA], None, id="a name alone"),
        pytest.param(("Ana", "Sanchez-Cordoves", "maria@exemple.fr", ""), [MARIA], None, id="another first name"),
        pytest.param(("Maria", "Sanchez", "maria@exemple.fr", ""), [MARIA], None, id="half a name"),
        pytest.param(("Paul", "Sanchez", "", ""), [PAUL], None, id="nothing is not known"),
        pytest.param(("Paul", "Sanchez", "x@y.fr", "12"), [Known(2, "Paul", "Sanchez", "", "12")], None, id="short"),
        pytest.param(("-", "-", "a@b.fr", ""), [Known(3, "-", "-", "a@b.fr", "")], None, id="no name at all"),
        pytest.param(
            ("Maria", "Sanchez-Cordoves", "maria@exemple.fr", ""),
            [MARIA, Known(9, "Maria", "Sanchez-Cordoves", "maria@exemple.fr", "")],
            None,
            id="in two files",
        ),
    ],
)
def test_who_asks_is_surely_one_guardian_by_names_and_what_was_known(asker, known, sure):
    assert sure_guardian(Asker(*asker), known) == sure

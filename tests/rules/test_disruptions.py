"""An event: what it may be, what is proposed, what comes back when it is undone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.catalog.rules.absences import AbsenceClause, AbsenceRules, Cause
from marelle.domain.news.rules.events import days_in_words, days_said, told_words, undone_words
from marelle.domain.news.rules.filters import FamilyFilter, filter_in_words, read_filter
from marelle.domain.reservations.rules.disruptions import (
    CAUSES,
    Back,
    Cancelled,
    Effect,
    Kind,
    Said,
    coming_back,
    faults_of,
    may_be_undone,
    proposed_effect,
)

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
STRIKES = AbsenceRules((AbsenceClause(causes=(Cause.STRIKE,)),))


def said(**fields):
    values = {"starts_on": TODAY, "ends_on": TODAY, "products": frozenset({1}), "title": "Grève", **fields}
    return Said(kind=Kind.STRIKE, effect=Effect.CANCEL, **values)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, set()),
        ({"title": "  "}, {"title"}),
        ({"title": "x" * 121}, {"title"}),
        ({"words": "x" * 2001}, {"words"}),
        ({"ends_on": TODAY - timedelta(days=1)}, {"ends_on"}),
        ({"ends_on": TODAY + timedelta(days=30)}, set()),
        ({"ends_on": TODAY + timedelta(days=31)}, {"ends_on"}),
        ({"starts_on": TODAY - timedelta(days=31)}, {"ends_on"}),
        ({"starts_on": TODAY - timedelta(days=32), "ends_on": TODAY - timedelta(days=32)}, {"starts_on"}),
        ({"starts_on": date(2028, 1, 3), "ends_on": date(2028, 1, 3)}, {"starts_on"}),
        ({"products": frozenset()}, {"products"}),
    ],
)
def test_what_is_wrong_is_said_by_field(fields, wrong):
    assert set(faults_of(said(**fields), today=TODAY)) == wrong


def test_what_is_proposed_is_what_every_reglement_says_of_that_cause_else_nobody_pays():
    assert set(CAUSES) == set(Kind)
    assert proposed_effect(Kind.STRIKE, [STRIKES]) is Effect.ABSENCE
    assert proposed_effect(Kind.STRIKE, [STRIKES, AbsenceRules()]) is Effect.CANCEL
    assert proposed_effect(Kind.SNOW, [STRIKES]) is Effect.CANCEL
    assert proposed_effect(Kind.STRIKE, []) is Effect.CANCEL


def test_an_event_is_undone_as_a_whole_for_a_month():
    assert may_be_undone(TODAY, today=TODAY + timedelta(days=31))
    assert not may_be_undone(TODAY, today=TODAY + timedelta(days=32))


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({}, Back.BACK),
        ({"is_cancelled": False, "is_again": True}, Back.ALREADY),
        ({"is_again": True}, Back.AGAIN),
        ({"is_elsewhere": True}, Back.SAME_TIME),
        ({"is_enrolled": False}, Back.NOT_ENROLLED),
        ({"is_closed": True}, Back.CLOSED),
        ({"held_until": NOW}, Back.HOLD_OVER),
        ({"held_until": NOW + timedelta(seconds=1)}, Back.BACK),
        ({"slots": (1, 9)}, Back.NO_PLACE),
        ({"slots": (2,)}, Back.BACK),
    ],
)
def test_what_stands_against_a_reservation_that_would_come_back(fields, what):
    one = Cancelled(**{"key": 7, "reserved_at": NOW, "slots": (1,), **fields})
    assert coming_back([one], {1: 1, 2: None}, at=NOW) == {7: what}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(1, 3), max_size=2)), max_size=12),
    st.dictionaries(st.integers(1, 3), st.none() | st.integers(0, 4)),
)
def test_never_more_come_back_than_there_are_places_and_none_is_left_out_for_nothing(rows, left):
    lines = [
        Cancelled(key, NOW + timedelta(hours=hour), tuple(sorted(slots))) for key, (hour, slots) in enumerate(rows)
    ]
    ends = coming_back(lines, left, at=NOW)
    taken = {slot: sum(slot in one.slots for one in lines if ends[one.key] is Back.BACK) for slot in (1, 2, 3)}
    for slot, count in taken.items():
        room = left.get(slot, 0)
        assert room is None or count <= room
    for one in lines:
        if ends[one.key] is Back.NO_PLACE:
            assert any(left.get(slot, 0) is not None and taken[slot] == left.get(slot, 0) for slot in one.slots)
    assert ends == coming_back(reversed(lines), left, at=NOW)


def test_what_families_read():
    words = told_words("Grève", "Prévoyez un repas. ", Effect.CANCEL, TODAY, TODAY)
    assert words.subject.replace("\N{NO-BREAK SPACE}", " ") == "Grève, le lundi 23 novembre"
    assert words.body.split("\n\n")[1:] == [
        "{jours}",
        "Ces réservations sont annulées, rien ne vous est facturé. Ce qui l’était déjà vous est rendu par un avoir.",
        "Prévoyez un repas.",
    ]
    assert "{enfants}" in words.text
    undone = undone_words("Grève", Effect.ABSENCE, TODAY, TODAY + timedelta(days=1))
    assert days_said(TODAY, TODAY + timedelta(days=1)) in undone.subject
    assert undone.subject.startswith("Annulé : Grève, du lundi")
    days = days_in_words([("Ana", "repas", TODAY), ("Ana", "soir", TODAY), ("Bob", "repas", TODAY)])
    assert days.replace("\N{NO-BREAK SPACE}", " ") == (
        "Ana : repas (lun. 23 nov.) et soir (lun. 23 nov.).\n\nBob : repas (lun. 23 nov.)."
    )


def test_a_filter_may_be_an_event():
    wanted = FamilyFilter(disruption="abc")
    assert read_filter(wanted.as_data()) == wanted
    assert read_filter({"disruption": 3}).disruption == ""
    assert filter_in_words(wanted, {}) == "Les familles concernées par un événement."
    named = {("disruption", "abc"): "« Grève »"}
    assert filter_in_words(wanted, named) == "Les familles concernées par « Grève »."

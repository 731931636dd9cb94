"""Messages to families: for whom, at which address, in how many parts, with which words."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.news.rules.filters import FamilyFilter, filter_in_words, read_filter
from marelle.domain.news.rules.messages import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    LONGEST_TITLE,
    Words,
    faults_of,
    template_faults,
)
from marelle.domain.news.rules.recipients import (
    Channel,
    Home,
    Person,
    Recipient,
    Standing,
    mark_of,
    recipient_now,
    recipients_of,
)
from marelle.domain.news.rules.texts import ALPHABET, EXTENSION, costly, length_of, may_ring_at, mobile_number, plainer

EMAIL, TEXT = Channel.EMAIL, Channel.TEXT
GOOD, LOST, NO_ADDRESS = Standing.GOOD, Standing.LOST, Standing.NO_ADDRESS


# ------------------------------------------------------------------------------------------------- the length of a text


@pytest.mark.parametrize(
    ("text", "units", "is_wide", "parts"),
    [
        ("", 0, False, 0),
        ("a" * 160, 160, False, 1),
        ("a" * 161, 161, False, 2),
        ("a" * 306, 306, False, 2),
        ("a" * 307, 307, False, 3),
        ("é" * 160, 160, False, 1),
        ("ê" * 70, 70, True, 1),
        ("ê" * 71, 71, True, 2),
        ("ê" * 134, 134, True, 2),
        ("ê" * 135, 135, True, 3),
        ("€" * 80, 160, False, 1),
        # A euro is two units that a part never cuts: 152 letters, then the euro begins the second part.
        ("a" * 152 + "€" + "a" * 152, 306, False, 3),
        # An emoji is two units of sixteen bits.
        ("😀" * 35, 70, True, 1),
        ("😀" * 36, 72, True, 2),
    ],
)
def test_a_text_is_paid_for_by_parts_that_cut_no_sign(text, units, is_wide, parts):
    length = length_of(text)

    assert (length.units, length.is_wide, length.parts) == (units, is_wide, parts)


@given(st.text(max_size=700))
def test_a_part_holds_all_it_can_and_never_more(text):
    length = length_of(text)
    each = 67 if length.is_wide else 153

    assert length.parts <= 1 or (length.parts - 1) * (each - 1) < length.units <= length.parts * each
    assert length.is_wide == any(sign not in ALPHABET | EXTENSION for sign in text)


def test_what_reads_as_well_is_written_plainly_and_what_costs_is_named():
    typed = "«\N{NO-BREAK SPACE}L’école ferme à 16\N{NARROW NO-BREAK SPACE}h…\N{NO-BREAK SPACE}» – cœur\r\nça"

    assert plainer(typed) == '"L\'école ferme à 16 h..." - coeur\nça'
    assert costly(plainer(typed)) == ("ç",)
    assert costly("Fête du pêcheur, ça") == ("ê", "ç")


# ----------------------------------------------------------------------------------------------------------- the number


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("07.12.34.56.78", "+33712345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0639123456", "+262639123456"),
        ("0690123456", "+590690123456"),
        ("0694123456", "+594694123456"),
        ("0696123456", "+596696123456"),
        ("+32 470 12 34 56", "+32470123456"),
        ("01 64 04 30 10", ""),
        ("+33164043010", ""),
        ("09 70 00 00 00", ""),
        ("+33061234567899", ""),
        ("3949", ""),
        ("+33 6 12", ""),
        ("", ""),
        ("poste 12", ""),
    ],
)
def test_a_number_is_written_as_providers_want_it_or_takes_no_text(given, written):
    assert mobile_number(given) == written


# ---------------------------------------------------------------------------------------------------------- who is told

LEA = Person(1, "lea@compte.fr", "lea@dossier.fr", "06 12 34 56 78")
TOM = Person(2, "", "Tom@exemple.fr", "01 64 04 30 10")


def told(home, *channels):
    return [(one.guardian, one.channel, one.standing, one.address) for one in recipients_of(home, channels)]


def test_each_guardian_is_told_at_the_address_of_her_account_else_of_the_file():
    home = Home(7, (LEA, TOM), email="foyer@exemple.fr", phones=("07 00 00 00 01", ""))

    assert told(home, TEXT, EMAIL) == [
        (1, EMAIL, GOOD, "lea@compte.fr"),
        (2, EMAIL, GOOD, "Tom@exemple.fr"),
        (1, TEXT, GOOD, "+33612345678"),
    ]


def test_the_address_of_the_family_serves_when_nobody_has_one_and_nobody_is_forgotten():
    nobody = (Person(1), Person(2, phone="01 64 04 30 10"))

    assert told(Home(7, nobody, "foyer@exemple.fr", ("01 64 04 30 10", "0700000001")), EMAIL, TEXT) == [
        (None, EMAIL, GOOD, "foyer@exemple.fr"),
        (None, TEXT, GOOD, "+33700000001"),
    ]
    assert told(Home(7, nobody), EMAIL, TEXT) == [(None, EMAIL, NO_ADDRESS, ""), (None, TEXT, NO_ADDRESS, "")]
    assert told(Home(7), EMAIL) == [(None, EMAIL, NO_ADDRESS, "")]


def test_an_address_that_two_share_is_written_to_once_and_a_lost_one_never():
    two = (Person(1, email="a@exemple.fr", phone="0612345678"), Person(2, email="A@exemple.fr ", phone="+33612345678"))

    assert [each[0] for each in told(Home(7, two), EMAIL, TEXT)] == [1, 1]
    assert told(Home(7, two, lost=frozenset({"a@exemple.fr"})), EMAIL) == [(1, EMAIL, LOST, "a@exemple.fr")]


def test_who_was_chosen_is_told_at_the_address_of_now():
    home = Home(7, (LEA, TOM), email="foyer@exemple.fr")

    assert recipient_now(home, guardian=2, channel=EMAIL).address == "Tom@exemple.fr"
    assert recipient_now(home, guardian=None, channel=EMAIL).address == "foyer@exemple.fr"
    gone = recipient_now(home, guardian=2, channel=TEXT)
    assert gone == Recipient(7, 2, TEXT, NO_ADDRESS)
    # She shares an address with another guardian since: she is told still.
    both = Home(7, (LEA, Person(2, email="lea@compte.fr")))
    assert recipient_now(both, guardian=2, channel=EMAIL).standing is GOOD


def test_the_mark_of_recipients_changes_with_who_is_told_and_not_with_their_order():
    one = recipients_of(Home(7, (LEA, TOM)), {EMAIL})

    assert mark_of(one) == mark_of(reversed(one))
    assert mark_of(one) != mark_of(one[:1])
    assert mark_of(recipients_of(Home(7, (LEA,), lost=frozenset({"lea@compte.fr"})), {EMAIL})) != mark_of(one[:1])


# ---------------------------------------------------------------------------------------------------------------- words


def test_blanks_are_filled_and_those_that_nobody_knows_stay_as_they_were_written():
    words = Words("{enfants} : sortie", "Pour {famille}, {autre}", "{prenom} {x y}")

    assert words.filled({"enfants": "Lucia et Noé", "famille": "Sanchez", "prenom": "Elena"}) == Words(
        "Lucia et Noé : sortie", "Pour Sanchez, {autre}", "Elena {x y}"
    )
    assert Words(" a\r\n b ", "\r\nc\r\nd ", " e\r\nf").tidied() == Words("a b", "c\nd", "e\nf")


@pytest.mark.parametrize(
    ("words", "channels", "wrong"),
    [
        (Words("Objet", "Texte", ""), {EMAIL}, set()),
        (Words("", "", "Court"), {TEXT}, set()),
        (Words("Objet", "Texte", "Court"), set(), {"channels"}),
        (Words("", "", ""), {EMAIL, TEXT}, {"subject", "body", "text"}),
        (Words("x" * (LONGEST_SUBJECT + 1), "x" * (LONGEST_BODY + 1), ""), {EMAIL}, {"subject", "body"}),
        (Words("", "", "x" * (LONGEST_TEXT + 1)), {TEXT}, {"text"}),
        (Words("Pour {maman}", "{prenom}", ""), {EMAIL}, {"subject"}),
    ],
)
def test_what_keeps_a_message_from_leaving_is_said_by_field(words, channels, wrong):
    assert faults_of(words, channels).keys() == wrong


def test_blanks_that_do_not_exist_are_named_with_those_that_do():
    faults = faults_of(Words("Objet", "{a} {b} {a} {famille}", ""), {EMAIL})

    assert faults["body"].startswith("Les blancs {a}, {b} n’existent pas. Il y a : {prenom}, ")
    assert faults_of(Words("Objet", "{a}", ""), {EMAIL})["body"].startswith("Le blanc {a} n’existe pas.")


@pytest.mark.parametrize(
    ("title", "words", "wrong"),
    [
        ("Grève", Words("", "Texte", ""), set()),
        ("Grève", Words("", "", "Court"), set()),
        ("", Words("", "", ""), {"title", "body"}),
        ("x" * (LONGEST_TITLE + 1), Words("x" * 141, "x" * 8001, "x" * 601), {"title", "subject", "body", "text"}),
        ("Grève", Words("", "{a}", ""), {"body"}),
    ],
)
def test_what_is_wrong_with_a_template_is_said_by_field(title, words, wrong):
    assert template_faults(title, words).keys() == wrong


# ---------------------------------------------------------------------------------------------------------- for whom

FULL = FamilyFilter(
    services=("cantine",),
    activities=("abc",),
    facilities=("tilleuls",),
    classes=("tilleuls/ce2",),
    reserved_on=date(2026, 11, 26),
    residence="residents",
    categories=("parents-actifs",),
    is_unpaid=True,
    is_unconfirmed=True,
    is_not_activated=True,
)


@pytest.mark.parametrize("wanted", [FULL, FamilyFilter(), FamilyFilter(residence="others", is_unpaid=True)])
def test_a_filter_is_read_back_as_it_was_written(wanted):
    assert read_filter(wanted.as_data()) == wanted


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "services",
        {"services": "cantine"},
        {"services": {"a": 1}},
        {"services": [1, "", "x" * 121, None]},
        {"reserved_on": "demain"},
        {"reserved_on": 3},
        {"residence": "partout"},
        {"is_unpaid": "oui"},
    ],
)
def test_what_cannot_be_read_of_a_filter_asks_nothing(data):
    assert read_filter(data) == FamilyFilter()


def test_a_filter_is_read_from_a_form_too_each_code_once():
    assert read_filter({"services": ("b", "a", "b"), "reserved_on": date(2026, 11, 26)}) == FamilyFilter(
        services=("b", "a"), reserved_on=date(2026, 11, 26)
    )


NAMES = {
    ("services", "cantine"): "Cantine",
    ("services", "centre"): "Jeux et loisirs",
    ("facilities", "tilleuls"): "École des Tilleuls",
}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (FamilyFilter(), "Toutes les familles."),
        (
            FamilyFilter(services=("cantine", "centre", "parti")),
            "Les familles dont un enfant est inscrit à Cantine, Jeux et loisirs ou parti.",
        ),
        (FamilyFilter(facilities=("tilleuls",)), "Les familles dont un enfant est inscrit à École des Tilleuls."),
        (
            FamilyFilter(services=("cantine",), facilities=("tilleuls",), reserved_on=date(2026, 11, 26)),
            "Les familles avec une réservation le jeudi 26 novembre 2026, pour Cantine, à École des Tilleuls.",
        ),
        (
            FamilyFilter(classes=("tilleuls/ce2",), residence="others", categories=("parents-actifs",)),
            (
                "Les familles avec un enfant en classe de tilleuls/ce2, qui n’habitent pas la commune, de la catégorie"
                " parents-actifs."
            ),
        ),
        (
            FamilyFilter(residence="residents", is_unpaid=True, is_unconfirmed=True, is_not_activated=True),
            (
                "Les familles qui habitent la commune, qui ont des factures impayées, qui n’ont pas confirmé leur"
                " dossier, dont personne n’a activé de compte."
            ),
        ),
    ],
)
def test_a_filter_is_said_in_one_sentence(wanted, words):
    assert filter_in_words(wanted, NAMES).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("wanted", "about_children", "asks_activities"),
    [
        (FamilyFilter(), False, False),
        (FamilyFilter(services=("a",)), True, True),
        (FamilyFilter(activities=("a",)), True, True),
        (FamilyFilter(facilities=("a",)), True, True),
        (FamilyFilter(classes=("a/b",)), True, False),
        (FamilyFilter(reserved_on=date(2026, 11, 26)), True, False),
        (FamilyFilter(residence="others", is_unpaid=True), False, False),
    ],
)
def test_a_filter_knows_whether_it_is_about_children(wanted, about_children, asks_activities):
    assert (wanted.is_about_children, wanted.asks_activities) == (about_children, asks_activities)


@pytest.mark.parametrize(
    ("hour", "may"),
    [((7, 59), False), ((8, 0), True), ((19, 59), True), ((20, 0), False), ((0, 0), False)],
    ids=["before eight", "eight", "before twenty", "twenty", "midnight"],
)
def test_a_telephone_rings_by_itself_between_eight_and_twenty(hour, may):
    assert may_ring_at(datetime(2026, 11, 23, *hour)) is may  # noqa: DTZ001  the clock of the wall over there

"""The sentences families read, to the letter. Spaces that hold words together are shown here as plain ones."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    Deadline,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
)
from marelle.domain.catalog.rules.days import DayRule
from marelle.domain.catalog.rules.sentences import cutoff_in_words
from marelle.domain.reservations.rules.decisions import Booked, Reason, Refusal, Wish
from marelle.domain.reservations.rules.sentences import (
    on_day,
    refusal_sentence,
    rule_sentence,
    square_sentences,
    until,
)
from marelle.domain.reservations.rules.squares import square
from tests.rules.test_decisions import BETWEEN, CLOSED, EARLY, LATE, NOT_ONLINE, OVER, UNCLEAR, facts

PARIS = ZoneInfo("Europe/Paris")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
NINE = time(9)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


CUTOFFS = {
    Never(): "pas en ligne",
    SameDay(time(8, 30)): "le jour même avant 8 h 30",
    SameDay(NINE, Boundary.UNTIL): "le jour même jusqu’à 9 h",
    Offset(0, Unit.DAY, NINE): "le jour même avant 9 h",
    Offset(1, Unit.DAY, NINE): "la veille avant 9 h",
    Offset(1, Unit.DAY, time(12), Boundary.UNTIL): "la veille jusqu’à midi",
    Offset(1, Unit.DAY): "la veille avant minuit",
    Offset(2, Unit.DAY, NINE): "2 jours avant, avant 9 h",
    Offset(2, Unit.WEEKDAY, NINE): "2 jours de semaine avant, avant 9 h",
    Offset(1, Unit.WORKING_DAY, NINE): "1 jour ouvré avant, avant 9 h",
    Offset(3, Unit.WORKING_DAY, NINE): "3 jours ouvrés avant, avant 9 h",
    Offset(8, Unit.CLEAR_DAY, time(23, 59), Boundary.UNTIL): "8 jours francs avant, jusqu’à 23 h 59",
    Offset(1, Unit.SCHOOL_DAY, NINE): "le jour de classe précédent avant 9 h",
    Offset(2, Unit.SCHOOL_DAY, NINE): "2 jours de classe avant, avant 9 h",
    Offset(1, Unit.HOUR): "au moins 1 heure avant le début de la journée",
    Offset(48, Unit.HOUR): "au moins 48 heures avant le début de la journée",
    WeekCutoff(THU, time(12), boundary=Boundary.UNTIL): "le jeudi de la semaine d’avant, jusqu’à midi",
    WeekCutoff(SUN, time(20, 5), 2): "le dimanche, 2 semaines avant, avant 20 h 05",
    WeekdayTable(
        ((MON, FRI, NINE), (TUE, FRI, NINE), (THU, TUE, NINE)), Boundary.BEFORE
    ): "le vendredi avant 9 h pour le lundi, le vendredi avant 9 h pour le mardi et le mardi avant 9 h pour le jeudi",
    WeekdayTable(((WED, MON, NINE),), Boundary.UNTIL): "le lundi jusqu’à 9 h pour le mercredi",
    MonthCutoff(20): "jusqu’au 20 du mois d’avant",
    MonthCutoff(1): "jusqu’au 1ᵉʳ du mois d’avant",
    MonthCutoff(15, 2): "jusqu’au 15, 2 mois avant",
}


@pytest.mark.parametrize(("cutoff", "words"), CUTOFFS.items(), ids=CUTOFFS.values())
def test_a_rule_in_words(cutoff, words):
    assert plain(cutoff_in_words(cutoff)) == words


BEFORE = Deadline(datetime(2026, 11, 26, 9, tzinfo=PARIS), Boundary.BEFORE)
UNTIL = Deadline(datetime(2026, 12, 1, 12, tzinfo=PARIS), Boundary.UNTIL)


def test_a_moment_in_words():
    assert plain(until("Réservable", BEFORE)) == "Réservable jusqu’au jeudi 26 novembre, 9 h."
    assert plain(until("Modifiable", UNTIL)) == "Modifiable jusqu’au mardi 1ᵉʳ décembre, midi inclus."
    assert until("Réservable", None) == ""


RULES = {
    "reserve": (Offset(1, Unit.DAY, NINE), Wish.RESERVE, "Étude : se réserve la veille avant 9 h."),
    "cancel": (SameDay(NINE), Wish.CANCEL, "Étude : s’annule le jour même avant 9 h."),
    "never reserve": (Never(), Wish.RESERVE, "Étude : ne se réserve pas en ligne."),
    "never cancel": (Never(), Wish.CANCEL, "Étude : ne s’annule pas en ligne."),
}


@pytest.mark.parametrize(("cutoff", "wish", "sentence"), RULES.values(), ids=RULES.keys())
def test_the_rule_of_a_product(cutoff, wish, sentence):
    assert plain(rule_sentence("Étude", cutoff, wish)) == sentence


RULE = DayRule(
    date(2026, 11, 26),
    datetime(2026, 11, 26, 13, 30, tzinfo=PARIS),
    book=Offset(1, Unit.SCHOOL_DAY, NINE),
    cancel=SameDay(NINE),
)
SINCE = datetime(2026, 11, 24, 9, tzinfo=PARIS)
REFUSALS = {
    (Refusal(Reason.TOO_LATE, SINCE), Wish.RESERVE): (
        "Trop tard depuis le mardi 24 novembre, 9 h.",
        "Repas : se réserve le jour de classe précédent avant 9 h. Pour un imprévu, contactez la mairie.",
    ),
    (Refusal(Reason.TOO_LATE), Wish.CANCEL): (
        "Trop tard.",
        "Repas : s’annule le jour même avant 9 h. Pour un imprévu, contactez la mairie.",
    ),
    (Refusal(Reason.PAST), Wish.RESERVE): ("Ce jour est passé.", "Rien ne peut plus être changé en ligne."),
    (Refusal(Reason.NOT_ONLINE), Wish.RESERVE): ("Pas de réservation en ligne.", "Contactez la mairie."),
    (Refusal(Reason.NOT_ONLINE), Wish.CANCEL): ("Pas d’annulation en ligne.", "Contactez la mairie."),
    (Refusal(Reason.UNCLEAR), Wish.RESERVE): (
        "À demander à la mairie.",
        "Le règlement de ce service ne permet pas de répondre ici.",
    ),
    (Refusal(Reason.FULL), Wish.RESERVE): ("Complet.", "Toutes les places sont prises."),
    (Refusal(Reason.NOT_ENROLLED), Wish.RESERVE): (
        "Pas d’inscription pour Lucia.",
        "L’inscription se demande à la mairie.",
    ),
    (Refusal(Reason.WRONG_AGE), Wish.RESERVE): (
        "Pas de place pour cet âge.",
        "Aucun groupe n’accueille Lucia ce jour-là.",
    ),
    (Refusal(Reason.SAME_TIME, detail="Journée"), Wish.RESERVE): (
        "Ces heures sont déjà prises.",
        "Pour changer, retirez d’abord « Journée ».",
    ),
    (Refusal(Reason.CLOSED, detail="Vacances de Noël"), Wish.RESERVE): ("Fermé.", "Vacances de Noël."),
    (Refusal(Reason.CLOSED), Wish.RESERVE): ("Fermé.", "Pas de service ce jour-là."),
    (Refusal(Reason.OTHER_HOME), Wish.CANCEL): (
        "Réservé par l’autre foyer.",
        "Seul le foyer qui a réservé peut changer ce jour.",
    ),
    (Refusal(Reason.ALREADY_RESERVED), Wish.RESERVE): ("Déjà réservé.", "Ce jour est déjà enregistré."),
    (Refusal(Reason.ALREADY_ASKED), Wish.CANCEL): ("Annulation déjà demandée.", "La mairie doit répondre."),
    (Refusal(Reason.NOT_RESERVED), Wish.CANCEL): ("Rien à annuler.", "Ce jour n’est plus réservé."),
}


@pytest.mark.parametrize(
    ("given", "said"), REFUSALS.items(), ids=[f"{refusal.reason} {wish}" for refusal, wish in REFUSALS]
)
def test_a_refusal_says_what_why_and_what_to_do(given, said):
    refusal, wish = given

    words = refusal_sentence(refusal, wish=wish, product_name="Repas", child_name="Lucia", rule=RULE)

    assert tuple(map(plain, words)) == said


def test_every_reason_has_its_words():
    assert {refusal.reason for refusal, _wish in REFUSALS} == set(Reason)


MODIFIABLE = "Modifiable jusqu’au mercredi 25 novembre, 9 h inclus."
RESERVABLE = "Réservable jusqu’au mardi 24 novembre, 9 h."
LOST = "Ce n’est plus possible : retirez ce jour du panier. "
RULE_TO_BOOK = "Repas : se réserve la veille avant 9 h. Pour un imprévu, contactez la mairie."
RULE_TO_CANCEL = "Repas : s’annule la veille avant 9 h. Pour un imprévu, contactez la mairie."
BUBBLES = {
    "bookable": (facts(), EARLY, {}, (RESERVABLE, "")),
    "in the basket": (
        facts(),
        EARLY,
        {"wish": Wish.RESERVE},
        ("Pas encore validé.", "Modifiable jusqu’au mardi 24 novembre, 9 h."),
    ),
    "in the basket, lost": (
        facts(),
        BETWEEN,
        {"wish": Wish.RESERVE},
        (f"{LOST}Pas encore validé.", "Modifiable jusqu’au mardi 24 novembre, 9 h."),
    ),
    "reserved": (facts(booked=Booked.RESERVED), EARLY, {}, (MODIFIABLE, "Décochez pour signaler une absence.")),
    "held": (facts(booked=Booked.HELD), EARLY, {}, (MODIFIABLE, "Décochez pour rendre la place.")),
    "held, too late": (
        facts(booked=Booked.HELD),
        LATE,
        {},
        ("Trop tard pour annuler depuis le mercredi 25 novembre, 9 h.", RULE_TO_CANCEL),
    ),
    "locked": (
        facts(booked=Booked.RESERVED),
        LATE,
        {},
        ("Trop tard pour annuler depuis le mercredi 25 novembre, 9 h.", RULE_TO_CANCEL),
    ),
    "to cancel": (
        facts(booked=Booked.RESERVED),
        EARLY,
        {"wish": Wish.CANCEL},
        ("Annulation au panier.", "Recochez pour garder ce jour."),
    ),
    "to cancel, lost": (
        facts(booked=Booked.RESERVED),
        LATE,
        {"wish": Wish.CANCEL},
        (f"{LOST}Annulation au panier.", "Recochez pour garder ce jour."),
    ),
    "too late": (facts(), BETWEEN, {}, ("Trop tard depuis le mardi 24 novembre, 9 h.", RULE_TO_BOOK)),
    "full": (facts(places_left=0), EARLY, {}, ("Complet.", "Toutes les places sont prises.")),
    "waiting": (facts(places_left=0), EARLY, {"rank": 1}, ("Complet.", "Toutes les places sont prises.")),
    "not enrolled": (
        facts(is_enrolled=False),
        EARLY,
        {},
        ("Pas d’inscription pour Lucia.", "L’inscription se demande à la mairie."),
    ),
    "closed": (facts(CLOSED), EARLY, {}, ("Fermé.", "Sortie de toute l’école.")),
    "not online": (facts(NOT_ONLINE), EARLY, {}, ("Pas de réservation en ligne.", "Contactez la mairie.")),
    "unclear": (
        facts(UNCLEAR),
        EARLY,
        {},
        ("À demander à la mairie.", "Le règlement de ce service ne permet pas de répondre ici."),
    ),
    "awaiting the agent": (facts(booked=Booked.RESERVED, is_asked=True), EARLY, {}, ("", "")),
    "over": (facts(), OVER, {}, ("", "")),
}


@pytest.mark.parametrize(("known", "at", "more", "said"), BUBBLES.values(), ids=BUBBLES.keys())
def test_a_square_says_until_when_or_why_not(known, at, more, said):
    shown = square(known, at=at, **more)

    words = square_sentences(shown, rule=known.rule, product_name="Repas", child_name="Lucia")

    assert tuple(map(plain, words)) == said


def test_no_exclamation_and_every_sentence_ends():
    texts = [plain(text) for pair in REFUSALS.values() for text in pair if text != "Vacances de Noël"]

    assert [text for text in texts if "!" in text or not text.endswith(".")] == []


def test_who_what_when():
    assert plain(on_day("Lucia", "Étude", date(2026, 12, 3))) == "Lucia, étude, jeudi 3 décembre"

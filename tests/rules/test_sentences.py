"""The sentences families read, to the letter. Spaces that hold words together are shown here as plain ones."""

from dataclasses import replace
from datetime import date, datetime, time
from itertools import combinations, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.catalog.rules.absences import AbsenceClause, Cause, Certificate, CountedIn, Notice
from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT, Act, ActTimes, Count, Late, OpeningWave
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule, FamilyBlock
from marelle.domain.catalog.rules.closings import Circumstance, Closing, Direction, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    LAST_MINUTE,
    MIDNIGHT,
    Boundary,
    DateList,
    Deadline,
    LastSchoolDay,
    MonthCutoff,
    Never,
    Obstacle,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
    Window,
    WindowDates,
)
from marelle.domain.catalog.rules.days import DayRule
from marelle.domain.catalog.rules.price_steps import PLAIN, PriceStep
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Requires, TooFew, WholeWeek
from marelle.domain.catalog.rules.sentences import (
    audience_in_words,
    billed_in_words,
    block_in_words,
    clause_in_words,
    closing_in_words,
    cutoff_in_words,
    last_moment_in_words,
    late_in_words,
    opening_in_words,
    price_in_words,
    quota_in_words,
)
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.reservations.rules.decisions import Booked, Reason, Refusal, Wish
from marelle.domain.reservations.rules.sentences import (
    on_day,
    refusal_sentence,
    rule_sentence,
    square_sentences,
    steps_in_words,
    until,
)
from marelle.domain.reservations.rules.squares import square
from tests.rules.strategies import SHAPES, closings, cutoffs
from tests.rules.test_decisions import BETWEEN, CLOSED, EARLY, LATE, NOT_ONLINE, OVER, UNCLEAR, facts

PARIS = ZoneInfo("Europe/Paris")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
NINE = time(9)
LT, LE = Boundary
NO_WEEKEND = frozenset({Obstacle.WEEKEND})
NO_DAY_OFF = frozenset(Obstacle)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def wall(*when):
    return datetime(*when)  # noqa: DTZ001  a moment of the authority's clocks, as règlements write them


ALL_OFF = "samedis, dimanches, jours fériés, ponts, jours de vacances scolaires et jours où la mairie est fermée"
CUTOFFS = {
    Never(): "pas en ligne",
    SameDay(time(8, 30)): "le jour même avant 8 h 30",
    SameDay(NINE, LE): "le jour même jusqu’à 9 h inclus",
    SameDay(NINE, LT, MIDNIGHT): "le jour même, à partir de 0 h et avant 9 h",
    SameDay(NINE, LE, time(7, 5)): "le jour même, à partir de 7 h 05 et jusqu’à 9 h inclus",
    Offset(0, Unit.DAY, NINE): "le jour du service avant 9 h",
    Offset(0, Unit.DAY, NINE, LT, NO_WEEKEND): (
        "le jour du service (0 jour avant, sans compter les samedis et dimanches) avant 9 h"
    ),
    Offset(0, Unit.WORKING_DAY, NINE): "le jour du service (0 jour ouvré avant) avant 9 h",
    Offset(0, Unit.HOUR, NINE): "le jour du service (0 heure avant) avant 9 h",
    Offset(0, Unit.CLEAR_DAY, NINE): "la veille (0 jour franc avant) avant 9 h",
    Offset(1, Unit.DAY, NINE): "la veille avant 9 h",
    Offset(1, Unit.DAY, time(12), LE): "la veille jusqu’à midi inclus",
    Offset(1, Unit.DAY): "la veille avant le début de cette journée (0 h)",
    Offset(1, Unit.DAY, MIDNIGHT, LE): "la veille jusqu’à 0 h inclus",
    Offset(1, Unit.DAY, LAST_MINUTE): "la veille avant 23 h 59",
    Offset(1, Unit.DAY, LAST_MINUTE, LE): "la veille jusqu’à la fin de la journée",
    Offset(1, Unit.DAY, NINE, LT, NO_WEEKEND): "1 jour avant, sans compter les samedis et dimanches, avant 9 h",
    Offset(2, Unit.DAY, NINE): "2 jours avant, avant 9 h",
    Offset(2, Unit.DAY, NINE, LT, NO_DAY_OFF): f"2 jours avant, sans compter les {ALL_OFF}, avant 9 h",
    Offset(2, Unit.WEEKDAY, NINE): "2 jours de semaine avant, avant 9 h",
    Offset(1, Unit.WORKING_DAY, NINE): "1 jour ouvré avant, avant 9 h",
    Offset(3, Unit.WORKING_DAY, NINE): "3 jours ouvrés avant, avant 9 h",
    Offset(8, Unit.CLEAR_DAY, LAST_MINUTE, LE): "8 jours francs avant, jusqu’à la fin de la journée",
    Offset(1, Unit.SCHOOL_DAY, NINE): "le jour de classe précédent avant 9 h",
    Offset(1, Unit.SCHOOL_DAY, NINE, LT, frozenset({Obstacle.BRIDGE_DAY})): (
        "1 jour de classe avant, sans compter les ponts, avant 9 h"
    ),
    Offset(2, Unit.SCHOOL_DAY, NINE): "2 jours de classe avant, avant 9 h",
    Offset(1, Unit.HOUR): "plus de 1 heure avant le début de la journée (0 h)",
    Offset(48, Unit.HOUR): "plus de 48 heures avant le début de la journée (0 h)",
    Offset(48, Unit.HOUR, MIDNIGHT, LE): "au moins 48 heures avant le début de la journée (0 h)",
    Offset(24, Unit.HOUR, time(8, 30), LE, NO_WEEKEND): (
        "au moins 24 heures avant 8 h 30 ce jour-là, sans compter les heures des samedis et dimanches"
    ),
    WeekCutoff(THU, time(12), boundary=LE): "le jeudi de la semaine d’avant, jusqu’à midi inclus",
    WeekCutoff(SUN, time(20, 5), 2): "le dimanche, 2 semaines avant, avant 20 h 05",
    WeekdayTable(((MON, FRI, NINE), (TUE, FRI, NINE), (THU, TUE, NINE)), LT): (
        "le vendredi précédent avant 9 h pour le lundi et le mardi ; le mardi précédent avant 9 h pour le jeudi"
    ),
    WeekdayTable(((WED, MON, NINE),), LE): "le lundi précédent jusqu’à 9 h inclus pour le mercredi",
    MonthCutoff(20): "jusqu’au 20 du mois d’avant",
    MonthCutoff(1): "jusqu’au 1ᵉʳ du mois d’avant",
    MonthCutoff(15, 2): "jusqu’au 15, 2 mois avant",
    MonthCutoff(15, 0): "jusqu’au 15 du mois même",
    MonthCutoff(20, 1, MIDNIGHT, LT): "avant le 20 du mois d’avant",
    MonthCutoff(20, 1, LAST_MINUTE, LT): "le 20 du mois d’avant, avant 23 h 59",
    MonthCutoff(20, 1, MIDNIGHT, LE): "le 20 du mois d’avant, jusqu’à 0 h inclus",
    MonthCutoff(20, 3, NINE, LT): "le 20, 3 mois avant, avant 9 h",
    DateList(((2026, 11, date(2026, 10, 20)), (2026, 12, date(2026, 11, 1)))): (
        "jusqu’au 20 octobre 2026 pour novembre 2026 ; jusqu’au 1ᵉʳ novembre 2026 pour décembre 2026"
    ),
    DateList(((2026, 11, date(2026, 10, 20)),), MIDNIGHT, LT): "avant le 20 octobre 2026 pour novembre 2026",
    DateList(((2026, 11, date(2026, 10, 20)),), NINE, LE): ("le 20 octobre 2026 jusqu’à 9 h inclus pour novembre 2026"),
    Window((WindowDates(date(2026, 12, 21), date(2026, 12, 31), wall(2026, 12, 1, 23, 59)),)): (
        "jusqu’au 1ᵉʳ décembre 2026 pour la période du 21 décembre 2026 au 31 décembre 2026"
    ),
    Window(
        (
            WindowDates(date(2026, 12, 21), date(2026, 12, 21), wall(2026, 12, 4, 9), wall(2026, 11, 2, 0)),
            WindowDates(date(2027, 2, 8), date(2027, 2, 12), wall(2027, 1, 15)),
        ),
        LT,
    ): (
        "à partir du 2 novembre 2026 à 0 h et le 4 décembre 2026 avant 9 h pour le 21 décembre 2026 ; "
        "avant le 15 janvier 2027 pour la période du 8 février 2027 au 12 février 2027"
    ),
    LastSchoolDay(1, NINE): "le dernier jour de classe avant les vacances, avant 9 h",
    LastSchoolDay(2, LAST_MINUTE, LE): (
        "l’avant-dernier jour de classe avant les vacances, jusqu’à la fin de la journée"
    ),
    LastSchoolDay(3, NINE): "le 3ᵉ jour de classe avant les vacances, en comptant à rebours, avant 9 h",
}


@pytest.mark.parametrize(("cutoff", "words"), CUTOFFS.items(), ids=CUTOFFS.values())
def test_a_rule_in_words(cutoff, words):
    assert plain(cutoff_in_words(cutoff)) == words


ANNOUNCED = Window((WindowDates(date(2026, 12, 21), date(2026, 12, 21), wall(2026, 12, 4, 9), wall(2026, 11, 2, 8)),))
LAST_MOMENTS = {
    Offset(1, Unit.DAY, NINE): "la veille avant 9 h",
    SameDay(NINE, LT, time(7)): "le jour même avant 9 h (7 h, heure d’ouverture, est ici sans effet)",
    ANNOUNCED: (
        "le 4 décembre 2026 jusqu’à 9 h inclus pour le 21 décembre 2026 "
        "(le 2 novembre 2026 à 8 h, date d’ouverture, est ici sans effet)"
    ),
}


@pytest.mark.parametrize(("cutoff", "words"), LAST_MOMENTS.items(), ids=LAST_MOMENTS.values())
def test_an_opening_that_decides_nothing_is_said_to(cutoff, words):
    assert plain(last_moment_in_words(cutoff)) == words


OPENINGS = {
    wall(2026, 6, 1, 8): "le lundi 1ᵉʳ juin 2026 à 8 h",
    wall(2026, 6, 1): "le lundi 1ᵉʳ juin 2026 à 0 h",
    Offset(30, Unit.DAY, NINE): "30 jours avant, à partir de 9 h",
    Offset(1, Unit.DAY, MIDNIGHT, LE): "la veille dès 0 h",
    Offset(48, Unit.HOUR): "à partir de 48 heures avant le début de la journée (0 h)",
    Offset(48, Unit.HOUR, NINE, LE): "dès 48 heures avant 9 h ce jour-là",
    MonthCutoff(15): "le 15 du mois d’avant, dès 23 h 59",
    MonthCutoff(15, 1, MIDNIGHT, LT): "le 15 du mois d’avant, à partir de 0 h",
}


@pytest.mark.parametrize(("opens", "words"), OPENINGS.items(), ids=OPENINGS.values())
def test_an_opening_in_words(opens, words):
    assert plain(opening_in_words(opens)) == words


EVE = Offset(1, Unit.DAY, NINE)
CLOSINGS = {
    Closing(EVE): "la veille avant 9 h",
    Closing(
        EVE,
        (
            Replacement(Circumstance(When.PUBLIC_HOLIDAY_IN_WEEK, MON), Offset(2, Unit.DAY, NINE)),
            Replacement(Circumstance(When.FIRST_WEEK), Never()),
        ),
    ): (
        "la veille avant 9 h ; si le lundi de la semaine est férié, 2 jours avant, avant 9 h ; "
        "pour la semaine de la rentrée, pas en ligne"
    ),
    Closing(EVE, (Replacement(Circumstance(When.AFTER_PUBLIC_HOLIDAY), SameDay(NINE)),)): (
        "la veille avant 9 h ; si le jour d’avant est férié, le jour même avant 9 h"
    ),
    Closing(EVE, (Replacement(Circumstance(When.FIRST_SCHOOL_DAY), LastSchoolDay(1, NINE)),)): (
        "la veille avant 9 h ; pour le jour de la rentrée, le dernier jour de classe avant les vacances, avant 9 h"
    ),
    Closing(EVE, (Replacement(Circumstance(When.SCHOOL_HOLIDAYS), SameDay(NINE)),)): (
        "la veille avant 9 h ; pour un jour de vacances scolaires, le jour même avant 9 h"
    ),
    Closing(EVE, (), ((Obstacle.PUBLIC_HOLIDAY, Direction.BEFORE),)): (
        "la veille avant 9 h ; si la limite tombe un jour férié, elle est avancée au jour précédent, à la même heure"
    ),
    Closing(
        EVE,
        (),
        (
            (Obstacle.WEEKEND, Direction.BEFORE),
            (Obstacle.BRIDGE_DAY, Direction.AFTER),
            (Obstacle.SCHOOL_HOLIDAY, Direction.BEFORE),
        ),
    ): (
        "la veille avant 9 h ; si la limite tombe un samedi, un dimanche ou un jour de vacances scolaires, elle est "
        "avancée au jour précédent, à la même heure ; si la limite tombe un jour de pont, elle est reportée au jour "
        "suivant, à la même heure"
    ),
}


@pytest.mark.parametrize(("closing", "words"), CLOSINGS.items(), ids=CLOSINGS.values())
def test_a_closing_with_its_exceptions_and_moves(closing, words):
    assert plain(closing_in_words(closing)) == words


PRICES = {
    FULL_PRICE: ("au prix ordinaire", "est facturé au prix ordinaire"),
    NOTHING_DUE: ("rien", "n’est pas facturé"),
    PriceRule(PriceKind.PART, 50): ("la moitié du prix", "est facturé la moitié du prix"),
    PriceRule(PriceKind.PART, 30): ("30 % du prix", "est facturé 30 % du prix"),
    PriceRule(PriceKind.MORE_PERCENT, 50): ("au prix majoré de 50 %", "est facturé au prix majoré de 50 %"),
    PriceRule(PriceKind.MORE, 150): ("avec 1,50 € de plus", "est facturé avec 1,50 € de plus"),
    PriceRule(PriceKind.INSTEAD, 500): ("5,00 €", "est facturé 5,00 €"),
}


@pytest.mark.parametrize(("price", "words"), PRICES.items(), ids=[words for words, _billed in PRICES.values()])
def test_a_changed_price_in_words(price, words):
    assert (plain(price_in_words(price)), plain(billed_in_words(price))) == words


def test_families_in_words():
    names = {"agents": "Agents de la commune"}
    waves = [OpeningWave(audience, EVE) for audience in (EVERYONE, RESIDENT, NON_RESIDENT, "agents", "qf1")]

    assert [audience_in_words(wave, names) for wave in waves] == [
        "pour toutes les familles",
        "pour les familles de la commune",
        "pour les familles qui n’habitent pas la commune",
        "pour les familles de la catégorie « Agents de la commune »",
        "pour les familles de la catégorie « qf1 »",
    ]


LATES = {
    "always": (Late(PriceRule(PriceKind.MORE, 150)), ("le jour est facturé avec 1,50 € de plus",)),
    "tolerated": (
        Late(FULL_PRICE, free_first=Count(3, Per.SCHOOL_YEAR)),
        (
            "le jour est facturé au prix ordinaire",
            "les 3 premières fois par année scolaire pour un même enfant, le prix reste pourtant ordinaire",
        ),
    ),
    "only": (
        Late(NOTHING_DUE, only_first=Count(1, Per.PERIOD)),
        (
            "le jour n’est pas facturé",
            "ce prix ne vaut que la première fois par période pour un même enfant ; ensuite, le prix est ordinaire",
        ),
    ),
}


@pytest.mark.parametrize(("late", "words"), LATES.values(), ids=LATES.keys())
def test_what_comes_after_the_limit(late, words):
    assert tuple(map(plain, late_in_words(late))) == words


QUOTAS = {
    AtMost(1, Per.WEEK): "un enfant vient au plus 1 jour par semaine",
    AtMost(3, Per.MONTH): "un enfant vient au plus 3 jours par mois",
    AtLeast(2, Per.PERIOD): (
        "dans chaque période où un enfant vient, il faut réserver au moins 2 jours, "
        "ou tous les jours ouverts s’il y en a moins"
    ),
    WholeWeek(): (
        "pendant les vacances scolaires, tous les jours ouverts d’une semaine se réservent ensemble, ou aucun"
    ),
    Excludes(("etude", "gouter")): "un jour ne se réserve pas avec « Étude » ou « gouter » le même jour",
    Requires(("etude",)): "un jour ne se réserve qu’avec « Étude » le même jour",
}


@pytest.mark.parametrize(("quota", "words"), QUOTAS.items(), ids=QUOTAS.values())
def test_a_quota_in_words(quota, words):
    assert plain(quota_in_words(quota, {"etude": "Étude"})) == words


BLOCKS = {
    BlockRule(BlockKind.UNPAID): (
        "une famille qui a une facture impayée ne peut pas réserver ; il lui faut d’abord régler ses factures"
    ),
    BlockRule(BlockKind.UNPAID, 5000): (
        "une famille qui a plus de 50,00 € de factures impayées ne peut pas réserver ; "
        "il lui faut d’abord régler ses factures"
    ),
    BlockRule(BlockKind.INCOMPLETE_FILE): (
        "une famille dont le dossier est incomplet ne peut pas réserver ; il lui faut d’abord le compléter"
    ),
    BlockRule(BlockKind.MISSING_DOCUMENT): (
        "une famille à qui il manque un document, quel qu’il soit, ne peut pas réserver ; il lui faut d’abord l’envoyer"
    ),
    BlockRule(BlockKind.MISSING_DOCUMENT, document="Assurance\nscolaire"): (
        "une famille à qui il manque le document « Assurance scolaire » ne peut pas réserver ; "
        "il lui faut d’abord l’envoyer"
    ),
}


@pytest.mark.parametrize(("block", "words"), BLOCKS.items(), ids=BLOCKS.values())
def test_a_block_in_words(block, words):
    assert plain(block_in_words(block)) == words


CLAUSES = {
    AbsenceClause(): "dans tous les cas",
    AbsenceClause(causes=(Cause.ILLNESS,)): "à ces conditions : maladie",
    AbsenceClause(causes=(Cause.STRIKE, Cause.OUTING), in_time=True): (
        "à ces conditions : grève ou sortie de l’école ; mairie prévenue dans le délai pour annuler"
    ),
    AbsenceClause(causes=(Cause.EXCEPTIONAL, Cause.ABSENT_TEACHER, Cause.CLOSURE)): (
        "à ces conditions : événement exceptionnel, enseignant absent ou fermeture du service"
    ),
    AbsenceClause(causes=(Cause.OTHER,), told=Notice(SameDay(NINE))): (
        "à ces conditions : autre cause ; mairie prévenue, pour chaque jour d’absence, le jour même avant 9 h"
    ),
    AbsenceClause(told=Notice(EVE, of_first_day=True)): (
        "à ces conditions : mairie prévenue, pour le premier jour d’absence, la veille avant 9 h"
    ),
    AbsenceClause(told=Notice(Never())): (
        "à ces conditions : mairie prévenue pour chaque jour d’absence, ce que le règlement ne permet jamais"
    ),
    AbsenceClause(certificate=Certificate()): "à ces conditions : justificatif remis, sans délai fixé",
    AbsenceClause(certificate=Certificate(48)): (
        "à ces conditions : justificatif remis dans un délai de 48 heures après avoir prévenu"
    ),
    AbsenceClause(certificate=Certificate(1, Unit.WORKING_DAY)): (
        "à ces conditions : justificatif remis dans un délai de 1 jour ouvré après le premier jour d’absence"
    ),
    AbsenceClause(minimum=4): "à ces conditions : absence d’au moins 4 jours réservés de suite",
    AbsenceClause(minimum=4, counted_in=CountedIn.SCHOOL_DAY): (
        "à ces conditions : absence d’au moins 4 jours de classe de suite"
    ),
    AbsenceClause(minimum=4, counted_in=CountedIn.DAY): (
        "à ces conditions : absence d’au moins 4 jours de suite, tous les jours comptant"
    ),
    AbsenceClause(asked_within_days=15): (
        "à ces conditions : demande écrite reçue au plus tard 15 jours après le premier jour d’absence"
    ),
    AbsenceClause(from_day=4): "à ces conditions : à partir du 4ᵉ jour d’absence",
    AbsenceClause(to_day=3): "à ces conditions : du 1ᵉʳ au 3ᵉ jour d’absence",
    AbsenceClause(from_day=2, to_day=2): "à ces conditions : le 2ᵉ jour d’absence seulement",
}


@pytest.mark.parametrize(("clause", "words"), CLAUSES.items(), ids=CLAUSES.values())
def test_the_conditions_of_an_absence(clause, words):
    assert plain(clause_in_words(clause)) == words


# --------------------------------------------------------------------------------- no two rules are said the same way
HOURS = (MIDNIGHT, time(9), time(12), LAST_MINUTE)
SIDES = tuple(product(HOURS, Boundary))
SKIPS = (frozenset(), NO_WEEKEND, frozenset({Obstacle.PUBLIC_HOLIDAY}), NO_DAY_OFF)
MONTHS_PUBLISHED = ((2026, 11, date(2026, 10, 20)), (2026, 12, date(2026, 11, 20)))
SPANS = (
    WindowDates(date(2026, 12, 21), date(2026, 12, 31), wall(2026, 12, 1, 9)),
    WindowDates(date(2026, 12, 21), date(2026, 12, 21), wall(2026, 12, 1)),
    WindowDates(date(2026, 12, 21), date(2026, 12, 31), wall(2026, 12, 1, 9), wall(2026, 11, 1)),
)
EVERY_KIND = (
    Never(),
    *(SameDay(at, side, start) for at, side in SIDES for start in (None, *HOURS) if start is None or start < at),
    *(Offset(n, unit, at, side, skip) for n in (0, 1, 2) for unit in Unit for at, side in SIDES for skip in SKIPS),
    *(WeekCutoff(day, at, weeks, side) for day in (MON, FRI) for weeks in (1, 2, 3) for at, side in SIDES),
    *(
        WeekdayTable(cells, side)
        for side in Boundary
        for size in (1, 2)
        for days in combinations((MON, TUE, WED), size)
        for cells in product(*(((day, weekday, at) for weekday in (MON, FRI) for at in HOURS) for day in days))
    ),
    *(MonthCutoff(day, months, at, side) for day in (1, 20) for months in (0, 1, 2) for at, side in SIDES),
    *(
        DateList(rows, at, side)
        for rows in (MONTHS_PUBLISHED, MONTHS_PUBLISHED[:1], MONTHS_PUBLISHED[1:])
        for at, side in SIDES
    ),
    *(Window((span,), side) for span in SPANS for side in Boundary),
    *(LastSchoolDay(count, at, side) for count in (1, 2, 3, 4) for at, side in SIDES),
)


@pytest.mark.parametrize("say", [cutoff_in_words, last_moment_in_words, opening_in_words])
def test_of_thousands_of_limits_no_two_are_said_the_same_way(say):
    said = {}
    for cutoff in EVERY_KIND:
        said.setdefault(say(cutoff), set()).add(cutoff)

    assert {type(cutoff) for cutoff in EVERY_KIND} == set(SHAPES)
    assert [both for both in said.values() if len(both) > 1] == []


@given(cutoffs, cutoffs)
def test_two_limits_are_not_said_the_same_way(one, other):
    assert (cutoff_in_words(one) == cutoff_in_words(other)) is (one == other)
    assert (last_moment_in_words(one) == last_moment_in_words(other)) is (one == other)
    assert (opening_in_words(one) == opening_in_words(other)) is (one == other)


@given(closings, closings)
def test_two_closings_are_not_said_the_same_way(one, other):
    assert (closing_in_words(one) == closing_in_words(other)) is (one == other)


@given(closings, st.data())
def test_a_closing_with_one_part_changed_is_not_said_the_same_way(closing, data):
    other = data.draw(closings)
    parts = data.draw(st.sets(st.sampled_from(["cutoff", "replacements", "moves"]), min_size=1))
    changed = replace(closing, **{part: getattr(other, part) for part in parts})

    assert (closing_in_words(closing) == closing_in_words(changed)) is (closing == changed)


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
    assert plain(rule_sentence("Étude", Closing(cutoff), wish)) == sentence


RULE = DayRule(
    date(2026, 11, 26),
    datetime(2026, 11, 26, 13, 30, tzinfo=PARIS),
    book=ActTimes(Act(Closing(Offset(1, Unit.SCHOOL_DAY, NINE))), None),
    cancel=ActTimes(Act(Closing(SameDay(NINE))), None),
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
        "Le règlement ne permet pas de répondre ici.",
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
    (Refusal(Reason.ELSEWHERE), Wish.RESERVE): (
        "Jour de l’autre foyer.",
        "C’est lui qui réserve ce jour. Pour l’avoir, proposez-lui un échange.",
    ),
    (Refusal(Reason.AWAITED), Wish.RESERVE): (
        "Déjà en liste d’attente.",
        "Une place est déjà attendue ce jour-là pour Lucia.",
    ),
    (Refusal(Reason.ALREADY_RESERVED), Wish.RESERVE): ("Déjà réservé.", "Ce jour est déjà enregistré."),
    (Refusal(Reason.ALREADY_ASKED), Wish.CANCEL): ("Annulation déjà demandée.", "La mairie doit répondre."),
    (Refusal(Reason.TOLD_ABSENT), Wish.CANCEL): (
        "Absence signalée.",
        "Retirez d’abord l’absence que vous avez signalée.",
    ),
    (Refusal(Reason.NOT_RESERVED), Wish.CANCEL): ("Rien à annuler.", "Ce jour n’est plus réservé."),
    (Refusal(Reason.NOT_OPEN, until=SINCE), Wish.RESERVE): (
        "Pas encore ouvert : réservable à partir du mardi 24 novembre, 9 h.",
        "Revenez à ce moment-là.",
    ),
    (Refusal(Reason.NOT_OPEN), Wish.RESERVE): (
        "Pas ouvert à votre famille.",
        "Ces réservations sont ouvertes à d’autres catégories de familles.",
    ),
    (Refusal(Reason.BLOCKED, block=FamilyBlock(BlockKind.UNPAID, 12_345)), Wish.RESERVE): (
        "Réservations suspendues.",
        "123,45 € restent à payer : réglez vos factures pour réserver.",
    ),
    (Refusal(Reason.BLOCKED, block=FamilyBlock(BlockKind.INCOMPLETE_FILE)), Wish.RESERVE): (
        "Réservations suspendues.",
        "Votre dossier est incomplet : complétez-le auprès de la mairie pour réserver.",
    ),
    (Refusal(Reason.BLOCKED, block=FamilyBlock(BlockKind.MISSING_DOCUMENT)), Wish.RESERVE): (
        "Réservations suspendues.",
        "Il manque un document à votre dossier : envoyez-le à la mairie pour réserver.",
    ),
    (Refusal(Reason.BLOCKED, block=FamilyBlock(BlockKind.MISSING_DOCUMENT, document="Assurance")), Wish.RESERVE): (
        "Réservations suspendues.",
        "Il manque « Assurance » à votre dossier : envoyez-le à la mairie pour réserver.",
    ),
    (Refusal(Reason.AT_MOST, quota=AtMost(3, Per.WEEK)), Wish.RESERVE): (
        "Déjà 3 jours cette semaine-là.",
        "C’est le maximum. Pour changer, retirez d’abord un autre jour.",
    ),
    (Refusal(Reason.EXCLUDED, detail="« Goûter »"), Wish.RESERVE): (
        "Pas le même jour.",
        "Repas ne se réserve pas avec « Goûter » le même jour.",
    ),
    (Refusal(Reason.REQUIRED, detail="« Goûter »"), Wish.RESERVE): (
        "Avec « Goûter » seulement.",
        "Réservez d’abord « Goûter » pour ce jour.",
    ),
    (Refusal(Reason.NEEDED, detail="Étude"), Wish.CANCEL): (
        "Nécessaire ce jour-là.",
        "« Étude » en dépend : retirez d’abord « Étude ».",
    ),
    (Refusal(Reason.WITHOUT_PARTNER), Wish.RESERVE): (
        "Le changement n’est plus possible.",
        "Rien n’a changé : ce jour reste comme il était.",
    ),
    (Refusal(Reason.NEW_PRICE), Wish.RESERVE): (
        "Le prix a changé.",
        "Le délai est passé, ou un tarif a changé : voyez le nouveau prix.",
    ),
    (Refusal(Reason.TOO_FEW, lack=TooFew(AtLeast(3, Per.MONTH), (date(2027, 5, 27),), 2)), Wish.RESERVE): (
        "Au moins 3 jours ce mois-là.",
        "Il manque 2 jours à côté de : jeu. 27 mai. Ajoutez-en, ou retirez ceux-là.",
    ),
    (Refusal(Reason.TOO_FEW, lack=TooFew(WholeWeek(), (date(2027, 3, 1),), 1)), Wish.RESERVE): (
        "La semaine entière ou rien.",
        "Pendant les vacances, la semaine se réserve entière. Il manque 1 jour à côté de : lun. 1ᵉʳ mars.",
    ),
}


@pytest.mark.parametrize(("given", "said"), REFUSALS.items(), ids=[said[1] for said in REFUSALS.values()])
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
    "reserved": (
        facts(booked=Booked.RESERVED),
        EARLY,
        {},
        (MODIFIABLE, "Décochez pour demander l’annulation, la mairie répond."),
    ),
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
        ("À demander à la mairie.", "Le règlement ne peut pas être lu."),
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


def test_the_steps_of_a_price_are_said_one_after_the_other():
    steps = [PriceStep("Quotient 742 → tranche 3", 310), PriceStep("Réservation hors délai", 100)]

    assert steps_in_words(steps) == (
        "Quotient 742 → tranche 3 : 3,10\N{NO-BREAK SPACE}€ · Réservation hors délai : 1,00\N{NO-BREAK SPACE}€"
    )
    assert steps_in_words([PriceStep(PLAIN, 385)]) == "3,85\N{NO-BREAK SPACE}€"

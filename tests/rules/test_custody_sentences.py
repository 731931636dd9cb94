"""What the terms of a shared custody say: as a home reads them, and as the town hall does."""

from __future__ import annotations

from datetime import date, time

from marelle.domain.reservations.rules.custody import (
    Booking,
    CustodyTerms,
    HolidayShare,
    Packages,
    Role,
    SummerShare,
    Weeks,
)
from marelle.domain.reservations.rules.custody_sentences import Homes, double_weeks_in_words, terms_in_words

FIRST, SECOND = Homes.seen_from(Role.FIRST), Homes.seen_from(Role.SECOND)
YEARS = "chez vous les années paires, dans l’autre foyer les années impaires."
SERVICES = {3: "Cantine"}


def plain(sentences):
    """Return them with ordinary spaces."""
    return [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in sentences]


def test_the_usual_terms_are_said_to_a_home_without_a_word_of_the_other_one():
    assert plain(terms_in_words(CustodyTerms(), FIRST, services=SERVICES)) == [
        "Semaines paires chez vous, semaines impaires dans l’autre foyer.",
        "Passage le vendredi à 16 h 30 ; ce jour-là compte pour le foyer que l’enfant quitte.",
        f"Petites vacances par moitié : la première {YEARS}",
        f"Vacances d’été par moitié : la première {YEARS}",
        "Chaque foyer réserve et paie ses jours.",
        "Forfaits au mois ou à l’année : payés par vous.",
    ]


def test_each_home_reads_the_same_terms_turned_round():
    terms = CustodyTerms(
        weeks=Weeks.FROM_DAY,
        since=date(2027, 1, 4),
        changeover=0,
        changeover_at=time(8, 30),
        holidays=HolidayShare.WHOLE,
        summer=SummerShare.FORTNIGHTS,
        first_half_even=False,
        long_weekends=True,
        booking=Booking.EITHER,
        packages=Packages.HALVES,
        services=((3, Role.SECOND), (4, Role.FIRST)),
    )
    assert plain(terms_in_words(terms, SECOND, services=SERVICES)) == [
        "Une semaine sur deux dans l’autre foyer, à partir du lundi 4 janvier 2027.",
        "Passage le lundi à 8 h 30 ; ce jour-là compte pour le foyer où l’enfant arrive.",
        "Petites vacances entières : chez vous les années paires, dans l’autre foyer les années impaires.",
        f"Vacances d’été par quinzaines : la première {YEARS}",
        "Jour férié ou pont accolé à un week-end : il suit ce week-end.",
        "Chaque foyer peut réserver tous les jours : celui qui réserve paie.",
        "Cantine, quel que soit le jour : réservé et payé par vous.",
        "Forfaits au mois ou à l’année : partagés par moitié.",
    ]


def test_the_town_hall_reads_the_names_and_weeks_that_never_change():
    terms = CustodyTerms(
        weeks=Weeks.SAME,
        first_even=False,
        holidays=HolidayShare.AS_WEEKS,
        summer=SummerShare.AS_WEEKS,
        packages=Packages.SECOND,
    )
    assert plain(terms_in_words(terms, Homes.named("Roux", "Marchand"), services={})) == [
        "Semaines ordinaires toujours chez Roux.",
        "Petites vacances : comme les semaines ordinaires.",
        "Vacances d’été : comme les semaines ordinaires.",
        "Chaque foyer réserve et paie ses jours.",
        "Forfaits au mois ou à l’année : payés par Marchand.",
    ]


def test_a_year_of_53_weeks_is_told_in_the_months_where_it_comes():
    winter = {"first": date(2026, 12, 1), "last": date(2027, 1, 31)}
    (said,) = plain(double_weeks_in_words(CustodyTerms(), FIRST, **winter))
    assert said.startswith("Année de 53 semaines : à partir du lundi 28 décembre 2026, deux semaines impaires")
    assert said.endswith("toutes deux dans l’autre foyer.")
    assert "toutes deux chez vous" in double_weeks_in_words(CustodyTerms(first_even=False), FIRST, **winter)[0]
    assert double_weeks_in_words(CustodyTerms(), FIRST, first=date(2026, 9, 1), last=date(2026, 11, 30)) == ()

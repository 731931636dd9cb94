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
from marelle.domain.reservations.rules.custody_sentences import (
    Changes,
    Homes,
    Passing,
    changes_in_words,
    double_weeks_in_words,
    of_name,
    terms_in_words,
)

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


class TestWhatWouldChange:
    DAYS = (date(2026, 12, 7), date(2026, 12, 8))

    def test_days_and_what_is_reserved_of_them_are_said_to_each_home(self):
        changes = Changes(
            passing={
                Role.FIRST: Passing(self.DAYS, (("Repas", 2), ("Étude", 1))),
                Role.SECOND: Passing(self.DAYS[:1], (("Repas", 1),), staying=1),
            },
            until=date(2027, 8, 31),
            is_new=False,
        )
        assert plain(changes_in_words(changes, FIRST, is_calendar=True)) == [
            "Jusqu’au 31 août 2027, 2 jours passent chez vous.",
            "3 réservations déjà faites suivent : Repas (2) et Étude (1). Elles seront sur vos factures.",
            "Jusqu’au 31 août 2027, 1 jour passe dans l’autre foyer.",
            "1 réservation déjà faite suit : Repas (1). Elle sera sur les factures de l’autre foyer.",
            "1 réservation payée d’avance ne change pas : elle reste à qui l’a payée.",
        ]
        assert plain(changes_in_words(changes, SECOND, is_calendar=False))[:2] == [
            "1 jour passe chez vous.",
            "1 réservation déjà faite suit : Repas (1). Elle sera sur vos factures.",
        ]

    def test_a_first_calendar_takes_days_from_nobody(self):
        first = Changes({Role.FIRST: Passing(self.DAYS, (), staying=2)}, until=self.DAYS[1], is_new=True)
        assert changes_in_words(first, FIRST, is_calendar=False) == (
            "2 jours sont chez vous.",
            "2 réservations payées d’avance ne changent pas : elles restent à qui les a payées.",
        )

    def test_who_asks_for_days_does_not_learn_what_the_other_home_reserved_of_them(self):
        changes = Changes(
            passing={
                Role.FIRST: Passing(self.DAYS, (("Repas", 2),), staying=1),
                Role.SECOND: Passing((), (("Étude", 1),)),
            },
            until=self.DAYS[1],
            is_new=False,
        )
        assert plain(changes_in_words(changes, FIRST, is_calendar=False, unseen=Role.FIRST)) == [
            "2 jours passent chez vous.",
            "Ce qui est déjà réservé de ces jours suivra, et sera sur vos factures ; sauf ce qui est payé d’avance.",
            "1 réservation déjà faite suit : Étude (1). Elle sera sur les factures de l’autre foyer.",
        ]
        nothing = Changes({Role.FIRST: Passing((), (("Repas", 2),))}, until=self.DAYS[1], is_new=False)
        assert changes_in_words(nothing, FIRST, is_calendar=False, unseen=Role.FIRST) == (
            "Aucun jour ne change de foyer.",
        )

    def test_nothing_is_said_too(self):
        nothing = Changes({Role.FIRST: Passing((), ())}, until=self.DAYS[1], is_new=False)
        assert changes_in_words(nothing, FIRST, is_calendar=True) == ("Aucun jour ne change de foyer.",)


def test_a_first_name_is_elided_as_one_says_it():
    names = ("Lucia", "Alvaro", "Élodie", "Hélène", "Yves", "Yann", "Ömer", "李")
    assert [of_name(name) for name in names] == [
        "de Lucia",
        "d’Alvaro",
        "d’Élodie",
        "d’Hélène",
        "d’Yves",
        "de Yann",
        "d’Ömer",
        "de 李",
    ]

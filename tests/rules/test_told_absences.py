"""An absence told after the deadline: who may tell it, how long it is, and what it comes to, in words."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.catalog.rules.absences import (
    AbsenceClause,
    AbsenceRules,
    Cause,
    Certificate,
    CountedIn,
    Notice,
)
from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline, Never, Offset, SameDay, Unit
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.reservations.rules.absences import (
    NotTold,
    Told,
    Untold,
    certifying,
    facts_of,
    read_absence,
    spell_of,
    telling,
    withdrawing,
)
from marelle.domain.reservations.rules.decisions import Booked, Reason, Refusal, Wish, decide
from marelle.domain.reservations.rules.sentences import (
    billed_shortly,
    by_then,
    may_tell_sentence,
    reading_sentence,
    told_sentence,
    untold_sentence,
)
from marelle.domain.reservations.rules.squares import Seen
from marelle.foundation.school_days import Calendar, NamedDays
from tests.rules.test_decisions import (
    BETWEEN,
    CANCEL_BY,
    CLOSED,
    END,
    LATE,
    NOT_ONLINE,
    OVER,
    PARIS,
    UNCLEAR,
    facts,
    paris,
    rule,
)

RESERVED = facts(booked=Booked.RESERVED)
LAST_MOMENT = paris(2026, 12, 27, 23, 59)  # thirty-one days after the day

TELLINGS = {
    "too late to cancel": (RESERVED, LATE, None, None),
    "too late to cancel, seen absent": (RESERVED, OVER, Seen.ABSENT, None),
    "never online": (facts(NOT_ONLINE, booked=Booked.RESERVED), BETWEEN, None, None),
    "once the service is over": (RESERVED, OVER, None, None),
    "the thirty-first day after": (RESERVED, LAST_MOMENT, None, None),
    "the thirty-second day after": (
        RESERVED,
        LAST_MOMENT + timedelta(minutes=1),
        None,
        NotTold(Untold.TOO_LONG_AGO),
    ),
    "while one can still cancel": (RESERVED, BETWEEN, None, NotTold(Untold.CANCEL_INSTEAD, until=CANCEL_BY)),
    "while another product depends on it": (
        facts(booked=Booked.RESERVED, needed_by="Étude"),
        BETWEEN,
        None,
        NotTold(Untold.CANCEL_INSTEAD, until=CANCEL_BY, refusal=Refusal(Reason.NEEDED, detail="Étude")),
    ),
    "not reserved": (facts(), LATE, None, NotTold(Untold.NOT_RESERVED)),
    "only held": (facts(booked=Booked.HELD), LATE, None, NotTold(Untold.HELD)),
    "the other home reserved": (
        facts(booked=Booked.RESERVED, is_other_home=True),
        LATE,
        None,
        NotTold(Untold.OTHER_HOME),
    ),
    "a cancellation is asked for": (facts(booked=Booked.RESERVED, is_asked=True), LATE, None, NotTold(Untold.ASKED)),
    "told already": (facts(booked=Booked.RESERVED, is_told=True), LATE, None, NotTold(Untold.ALREADY_TOLD)),
    "seen there": (RESERVED, OVER, Seen.PRESENT, NotTold(Untold.WAS_PRESENT)),
    "closed that day": (facts(CLOSED, booked=Booked.RESERVED), LATE, None, NotTold(Untold.CLOSED)),
    "no rule that can be read": (
        facts(UNCLEAR, booked=Booked.RESERVED),
        LATE,
        None,
        NotTold(Untold.UNCLEAR, refusal=Refusal(Reason.UNCLEAR, detail=UNCLEAR.unclear)),
    ),
}


@pytest.mark.parametrize(("known", "at", "seen", "no"), TELLINGS.values(), ids=TELLINGS.keys())
def test_an_absence_may_be_told(known, at, seen, no):
    assert telling(known, at=at, seen=seen) == no


TOLD = facts(booked=Booked.RESERVED, is_told=True)
CERTIFYINGS = {
    "told": (TOLD, LATE, None, None),
    "told, seen absent": (TOLD, OVER, Seen.ABSENT, None),
    "told, then seen there": (TOLD, OVER, Seen.PRESENT, NotTold(Untold.WAS_PRESENT)),
    "not told": (RESERVED, OVER, None, None),
    "not told, months ago": (RESERVED, LAST_MOMENT + timedelta(days=90), None, None),
    "not told, seen there": (RESERVED, OVER, Seen.PRESENT, NotTold(Untold.WAS_PRESENT)),
    "while one can still cancel": (RESERVED, BETWEEN, None, NotTold(Untold.CANCEL_INSTEAD, until=CANCEL_BY)),
    "only held": (facts(booked=Booked.HELD), LATE, None, NotTold(Untold.HELD)),
}


@pytest.mark.parametrize(("known", "at", "seen", "no"), CERTIFYINGS.values(), ids=CERTIFYINGS.keys())
def test_a_certificate_may_cover_a_day(known, at, seen, no):
    assert certifying(known, at=at, seen=seen) == no


@given(minutes=st.integers(0, 60 * 24 * 40), is_online=st.booleans())
def test_at_any_moment_a_reserved_day_is_cancelled_or_told_absent_never_both(minutes, is_online):
    at = paris(2026, 11, 24, 0) + timedelta(minutes=minutes)
    reserved = RESERVED if is_online else facts(NOT_ONLINE, booked=Booked.RESERVED)

    may_cancel = not decide(reserved, Wish.CANCEL, at=at).is_refused
    may_tell = telling(reserved, at=at) is None

    assert (may_cancel, may_tell) != (True, True)
    assert may_cancel or may_tell or at > LAST_MOMENT


WITHDRAWALS = {
    "before the service is over": (facts(booked=Booked.RESERVED, is_told=True), END - timedelta(minutes=1), None),
    "at its end": (facts(booked=Booked.RESERVED, is_told=True), END, NotTold(Untold.SERVICE_OVER)),
    "not told": (RESERVED, LATE, NotTold(Untold.NOT_TOLD)),
    "told by the other home": (
        facts(booked=Booked.RESERVED, is_told=True, is_other_home=True),
        LATE,
        NotTold(Untold.OTHER_HOME),
    ),
}


@pytest.mark.parametrize(("known", "at", "no"), WITHDRAWALS.values(), ids=WITHDRAWALS.keys())
def test_a_telling_may_be_withdrawn(known, at, no):
    assert withdrawing(known, at=at) == no


def test_every_reason_not_to_tell_has_its_words():
    said = {untold_sentence(NotTold(reason, until=CANCEL_BY)) for reason in Untold} | {
        untold_sentence(NotTold(Untold.CANCEL_INSTEAD))
    }

    assert len(said) == len(Untold) + 1
    assert all(first.endswith(".") and second for first, second in said)


def test_before_the_limit_one_is_told_to_cancel_and_until_when():
    first, second = untold_sentence(NotTold(Untold.CANCEL_INSTEAD, until=CANCEL_BY))

    assert first == "Il est encore temps d’annuler."
    assert plain(second).startswith("Annulable jusqu’au mercredi 25 novembre, 9 h inclus. Décochez ce jour")
    assert untold_sentence(NotTold(Untold.CANCEL_INSTEAD))[0] == "Ce jour s’annule."


# ------------------------------------------------------------------------------------------------- how long it is

MON, TUE, THU, FRI = (date(2026, 11, day) for day in (23, 24, 26, 27))
NEXT_MON, NEXT_TUE = date(2026, 11, 30), date(2026, 12, 1)
AFTER_HOLIDAYS, LAST_DAY = date(2027, 1, 4), date(2026, 12, 18)
EVERY_DAY = (MON, TUE, THU, FRI, NEXT_MON, NEXT_TUE, LAST_DAY, AFTER_HOLIDAYS)
CALENDAR = Calendar(
    school_holidays=(NamedDays("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),),
    public_holidays=(NamedDays("Un jour férié", FRI, FRI),),
)
AT = paris(2026, 11, 23, 8, 40)


def ill(*days, cause=Cause.ILLNESS, at=AT, **papers):
    return {day: Told(cause, at, **papers) for day in days}


SPELLS = {
    "alone": (MON, ill(MON), (), (MON,)),
    "the last of two": (TUE, ill(MON, TUE), (), (MON, TUE)),
    "the first of two": (MON, ill(MON, TUE), (), (MON, TUE)),
    "in the middle": (TUE, ill(MON, TUE, THU), (), (MON, TUE, THU)),
    "a day she came breaks it": (THU, ill(MON, THU), (), (THU,)),
    "a day seen absent joins it": (THU, ill(MON, THU), (TUE,), (MON, TUE, THU)),
    "over a weekend": (NEXT_MON, ill(FRI, NEXT_MON), (), (FRI, NEXT_MON)),
    "not over the holidays": (AFTER_HOLIDAYS, ill(LAST_DAY, AFTER_HOLIDAYS), (), (AFTER_HOLIDAYS,)),
    "nor into them": (LAST_DAY, ill(LAST_DAY, AFTER_HOLIDAYS), (), (LAST_DAY,)),
    "another cause is another absence": (TUE, {**ill(MON, cause=Cause.STRIKE), **ill(TUE)}, (), (TUE,)),
    "and so is one after": (MON, {**ill(MON), **ill(TUE, cause=Cause.STRIKE)}, (), (MON,)),
    "seen absent only, whatever the others' causes": (TUE, ill(MON), (TUE,), (MON, TUE)),
    "a day she was not expected counts": (date(2026, 11, 25), ill(date(2026, 11, 25)), (), (date(2026, 11, 25),)),
}


@pytest.mark.parametrize(("day", "told", "missed", "days"), SPELLS.values(), ids=SPELLS.keys())
def test_an_absence_is_days_expected_one_after_the_other(day, told, missed, days):
    assert spell_of(day, expected=EVERY_DAY, told=told, missed=missed).days == days


def test_a_week_apart_is_the_same_absence_and_a_day_more_is_not():
    mondays = (MON, MON + timedelta(7), MON + timedelta(15))

    assert spell_of(MON, expected=mondays, told=ill(*mondays)).days == mondays[:2]


def test_it_is_counted_in_days_reserved_days_of_class_and_days():
    spell = spell_of(THU, expected=EVERY_DAY, told=ill(MON, TUE, THU, FRI, NEXT_MON))

    assert (spell.rank(MON), spell.rank(THU), spell.rank(NEXT_MON)) == (1, 3, 5)
    # Friday is a public holiday here, and there is no class on Wednesday.
    assert dict(spell.lasted(CALENDAR)) == {CountedIn.SERVICE_DAY: 5, CountedIn.SCHOOL_DAY: 4, CountedIn.DAY: 8}


def known(day, told, **more):
    return facts_of(day, expected=EVERY_DAY, told=told, calendar=CALENDAR, zone=PARIS, **more)


def test_the_facts_of_a_day_are_its_own_and_those_of_its_absence():
    later = paris(2026, 11, 24, 8)
    found = known(TUE, {**ill(MON), **ill(TUE, at=later)})

    assert (found.day, found.first_day, found.rank, found.cause) == (TUE, MON, 2, Cause.ILLNESS)
    assert (found.told_at, found.first_told_at, found.asked_at) == (later, AT, later)
    assert found.certificate_at is None
    assert dict(found.lasted)[CountedIn.DAY] == 2


def test_a_request_written_apart_counts_from_its_own_moment():
    assert known(MON, ill(MON, asked_at=LATE)).asked_at == LATE


def test_a_certificate_covers_the_days_told_by_the_evening_it_came():
    came = paris(2026, 11, 24, 0)
    told = {
        **ill(MON, certificate_at=came),
        **ill(TUE, at=paris(2026, 11, 24, 18)),
        **ill(THU, at=paris(2026, 11, 25, 8)),
    }

    assert [known(day, told).certificate_at for day in (MON, TUE, THU)] == [came, came, None]


def test_a_day_has_its_own_certificate_first():
    own, other = paris(2026, 11, 25, 9), paris(2026, 11, 24, 9)
    told = {**ill(MON, certificate_at=other), **ill(TUE, certificate_at=own)}

    assert known(TUE, told).certificate_at == own


# ---------------------------------------------------------------------------------------------- what it comes to

NOTICE = Notice(SameDay(time(9, 30)))
TWO_DAYS = Certificate(48, Unit.HOUR)
TOWN = AbsenceRules(
    (
        AbsenceClause(NOTHING_DUE, (Cause.STRIKE,)),
        AbsenceClause(NOTHING_DUE, (Cause.ILLNESS,), told=NOTICE, certificate=TWO_DAYS),
        AbsenceClause(NOTHING_DUE, (Cause.ILLNESS,), from_day=3),
    )
)
HALF = PriceRule(PriceKind.PART, 50)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def said(rules, told, *, day=MON, at=None, cancel_by=None):
    reading = read_absence(
        rules, known(day, told), at=at or told[day].told_at, cancel_by=cancel_by, calendar=CALENDAR, zone=PARIS
    )
    return plain(reading_sentence(reading, zone=PARIS))


LIMIT = Deadline(paris(2026, 11, 20, 9), Boundary.BEFORE)
READINGS = {
    "a certificate is awaited, to the minute": (
        TOWN,
        ill(MON),
        {},
        "Non facturé si un certificat arrive au plus tard mercredi 25 novembre, 8 h 40, sinon facturé.",
    ),
    "it came": (TOWN, ill(MON, certificate_at=AT + timedelta(hours=48)), {}, "Non facturé."),
    "it came too late": (
        TOWN,
        ill(MON, certificate_at=AT + timedelta(hours=48, minutes=1)),
        {"at": paris(2026, 11, 26, 8)},
        "Facturé : un certificat devait arriver au plus tard mercredi 25 novembre, 8 h 40.",
    ),
    "it never came": (
        TOWN,
        ill(MON),
        {"at": paris(2026, 11, 26, 8)},
        "Facturé : un certificat devait arriver au plus tard mercredi 25 novembre, 8 h 40.",
    ),
    "told too late": (
        TOWN,
        ill(MON, at=paris(2026, 11, 23, 9, 30)),
        {},
        "Facturé : le délai pour prévenir était 9 h 30.",
    ),
    "told the day after": (
        AbsenceRules((AbsenceClause(NOTHING_DUE, told=Notice(Offset(1, Unit.DAY, time(17)))),)),
        ill(MON),
        {},
        "Facturé : le délai pour prévenir était le dimanche 22 novembre, 17 h.",
    ),
    "after the limit to cancel, which it had to be told by": (
        AbsenceRules((AbsenceClause(HALF, in_time=True),)),
        ill(MON),
        {"cancel_by": LIMIT},
        "Facturé : le délai pour prévenir était le vendredi 20 novembre, 9 h.",
    ),
    "where no limit to cancel is": (AbsenceRules((AbsenceClause(HALF, in_time=True),)), ill(MON), {}, "Facturé."),
    "the third day": (TOWN, ill(MON, TUE, THU, at=paris(2026, 11, 23, 10)), {"day": THU}, "Non facturé."),
    "another cause": (TOWN, ill(MON, cause=Cause.OTHER), {}, "Facturé."),
    "a strike": (TOWN, ill(MON, cause=Cause.STRIKE), {}, "Non facturé."),
    "a certificate without a limit": (
        AbsenceRules((AbsenceClause(HALF, certificate=Certificate()),)),
        ill(MON),
        {},
        "Facturé la moitié du prix si un certificat arrive, sinon facturé.",
    ),
    "a certificate within days": (
        AbsenceRules((AbsenceClause(certificate=Certificate(2, Unit.DAY)),)),
        ill(MON),
        {},
        "Non facturé si un certificat arrive au plus tard mercredi 25 novembre, sinon facturé.",
    ),
    "a notice of the same price changes nothing": (
        AbsenceRules((AbsenceClause(FULL_PRICE, told=NOTICE),)),
        ill(MON, at=paris(2026, 11, 23, 10)),
        {},
        "Facturé.",
    ),
    "a notice that is never possible": (
        AbsenceRules((AbsenceClause(NOTHING_DUE, told=Notice(Never())),)),
        ill(MON),
        {},
        "Facturé.",
    ),
    "two notices missed, the first of them is said": (
        AbsenceRules((AbsenceClause(NOTHING_DUE, told=NOTICE, in_time=True),)),
        ill(MON, at=paris(2026, 11, 23, 10)),
        {"cancel_by": LIMIT},
        "Facturé : le délai pour prévenir était le vendredi 20 novembre, 9 h.",
    ),
    "a notice of a clause after the one that decides": (
        AbsenceRules((AbsenceClause(HALF), AbsenceClause(NOTHING_DUE, told=NOTICE))),
        ill(MON, at=paris(2026, 11, 23, 10)),
        {},
        "Facturé la moitié du prix.",
    ),
    "a notice for another cause": (
        AbsenceRules((AbsenceClause(NOTHING_DUE, (Cause.STRIKE,), told=NOTICE),)),
        ill(MON, at=paris(2026, 11, 23, 10)),
        {},
        "Facturé.",
    ),
    "no clause at all": (AbsenceRules(), ill(MON), {}, "Facturé."),
    "told for the first day in time, for the second late": (
        AbsenceRules((AbsenceClause(NOTHING_DUE, told=Notice(SameDay(time(9, 30)), of_first_day=True)),)),
        {**ill(MON), **ill(TUE, at=paris(2026, 11, 24, 12))},
        {"day": TUE},
        "Non facturé.",
    ),
    "a notice that no calendar can place": (
        AbsenceRules((AbsenceClause(NOTHING_DUE, told=Notice(Offset(400, Unit.SCHOOL_DAY, time(9)))),)),
        ill(MON),
        {},
        "Ce qui est facturé est à demander à la mairie : le règlement ne permet pas de répondre ici.",
    ),
}


@pytest.mark.parametrize(("rules", "told", "more", "sentence"), READINGS.values(), ids=READINGS.keys())
def test_what_a_told_day_comes_to(rules, told, more, sentence):
    assert said(rules, told, **more) == sentence


def test_a_reading_says_whether_a_certificate_is_awaited():
    def reading(told):
        return read_absence(TOWN, known(MON, told), at=AT, cancel_by=None, calendar=CALENDAR, zone=PARIS)

    assert reading(ill(MON)).is_awaited
    assert not reading(ill(MON, certificate_at=AT)).is_awaited


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (NOTHING_DUE, "Non facturé"),
        (FULL_PRICE, "Facturé"),
        (HALF, "Facturé la moitié du prix"),
        (PriceRule(PriceKind.INSTEAD, 299), "Facturé 2,99 €"),
    ],
)
def test_what_is_billed_in_a_word(price, words):
    assert plain(billed_shortly(price)) == words


def test_both_sides_of_a_limit_are_told_apart():
    moment = paris(2026, 11, 25, 8, 40)

    assert plain(by_then(Deadline(moment, Boundary.BEFORE), PARIS)) == "avant mercredi 25 novembre, 8 h 40"
    assert plain(by_then(Deadline(moment, Boundary.UNTIL), PARIS)) == "au plus tard mercredi 25 novembre, 8 h 40"


def test_when_it_was_told():
    assert plain(told_sentence(AT)) == "Prévenu lundi 23 novembre, 8 h 40."


def test_a_square_too_late_to_cancel_says_the_rule_then_asks():
    assert plain(may_tell_sentence("Repas", rule())) == "Repas : s’annule la veille avant 9 h. Absence imprévue ?"
    assert may_tell_sentence("Repas", UNCLEAR) == "Absence imprévue ?"

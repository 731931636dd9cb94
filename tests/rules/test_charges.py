"""What a home owes: the corners that the scenarios (`tests/scenarios/facturation`) do not say."""

from dataclasses import replace
from datetime import date

import pytest

from marelle.domain.billing.rules.charges import (
    EVERY_CHILD,
    Charge,
    Helped,
    Kind,
    Name,
    Trouble,
    widest,
)
from marelle.domain.billing.rules.differences import differences
from marelle.domain.catalog.rules.price_steps import PriceStep
from marelle.domain.catalog.rules.pricing import NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import (
    Bracket,
    ByBracket,
    ByCount,
    Cap,
    Change,
    Condition,
    Counted,
    Fixed,
    LatePickup,
    Package,
    Scope,
    Tariff,
)
from marelle.domain.reservations.rules.delivered import What
from marelle.domain.reservations.rules.homes import Enrolled, Measured
from marelle.foundation.periods import Period
from tests.rules.billing_scenarios import CALENDAR
from tests.rules.billing_town import (
    CANTEEN,
    EVENING,
    JULY,
    LEA,
    NOVEMBER,
    SEPTEMBER,
    TOM,
    Family,
    flat,
    good,
    goods,
    lived,
    nov,
    said,
)

DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))
MONTH = Package("mois", "Forfait", Fixed(2000), per=Per.MONTH)
YEAR = Package("annee", "Année", Fixed(10_000), per=Per.SCHOOL_YEAR)
CARD = Package("carte", "Carte", Fixed(1000), sessions=2)


def under(formula, child=LEA, first=SEPTEMBER, last=JULY, **more):
    return Enrolled(child, CANTEEN + 100, first, last, formula, **more)


# ---------------------------------------------------------------------------------------------------- what must be read
@pytest.mark.parametrize(
    ("tariffs", "first", "last"),
    [
        ([flat()], NOVEMBER.starts_on, NOVEMBER.ends_on),
        ([None], NOVEMBER.starts_on, NOVEMBER.ends_on),
        ([flat(caps=(Cap(1, Per.WEEK),))], date(2026, 10, 26), date(2026, 12, 6)),
        (
            [flat(changes=(Change("4 jours", -10, when=Condition((), Counted.DAYS_OF_WEEK, 4)),))],
            date(2026, 10, 26),
            date(2026, 12, 6),
        ),
        ([flat(caps=(Cap(1, Per.SCHOOL_YEAR),))], SEPTEMBER, date(2027, 8, 31)),
        # The year begins on a Tuesday, and ends on one: the weeks at both ends are whole.
        ([flat(caps=(Cap(1, Per.WEEK), Cap(1, Per.SCHOOL_YEAR)))], date(2026, 8, 31), date(2027, 9, 5)),
        ([flat(packages=(MONTH,))], NOVEMBER.starts_on, NOVEMBER.ends_on),
        ([flat(packages=(CARD,))], SEPTEMBER, date(2027, 8, 31)),
    ],
)
def test_whole_spans_are_read_where_a_tariff_counts_over_them(tariffs, first, last):
    assert widest([good(*tariffs)], NOVEMBER, CALENDAR) == Period(first, last)


# ------------------------------------------------------------------------------------------------------------- the days
def test_a_tariff_that_cannot_be_read_is_named_and_bills_nothing():
    account = Family(goods(good(None))).account([lived(*nov(2, 3), late_minutes=30)])

    assert account.charges == []
    assert [(one.trouble, one.days) for one in account.noted] == [(Trouble.NO_TARIFF, nov(2, 3))]


def test_what_is_not_sold_here_is_not_billed():
    assert Family(goods(good(flat()))).account([lived(*nov(2), product=999)]).charges == []


def test_days_around_the_period_are_read_and_not_billed():
    account = Family(goods(good(flat()))).account([lived(date(2026, 10, 31), *nov(30), date(2026, 12, 1))])

    assert said(account.charges) == [("day", LEA, [30], 300)]


def test_troubles_of_days_around_the_period_are_not_named():
    account = Family(goods(good(flat())), enrolled=(under("", first=nov(2)[0]),)).account([lived(date(2026, 10, 30))])

    assert (account.charges, account.noted) == ([], [])


def test_nothing_stays_due_of_a_cancellation_that_costs_nothing():
    assert Family(goods(good(flat()))).account([lived(*nov(2), what=What.CANCELLED, due=0)]).charges == []
    assert Family(goods(good(flat()))).account([lived(*nov(2), what=What.CANCELLED)]).charges == []


def test_a_cancellation_is_due_to_those_who_left_too():
    family = Family(goods(good(flat())), enrolled=(under("", last=date(2026, 10, 1)),))

    assert said(family.account([lived(*nov(2), what=What.CANCELLED, due=150)]).charges) == [("day", LEA, [2], 150)]


def test_a_cancellation_is_due_whatever_tariff_or_package_there_was():
    cancelled = [lived(*nov(2), what=What.CANCELLED, due=150)]
    not_voted = Family(goods(good((date(2026, 12, 1), flat()))))
    left = Family(goods(good(flat(packages=(replace(MONTH, is_for_all=True),)))), enrolled=(under("mois", TOM),))

    assert said(not_voted.account(cancelled).charges) == [("day", LEA, [2], 150)]
    assert ("day", LEA, [2], 150) in said(left.account(cancelled).charges)


def test_a_day_paid_on_booking_keeps_its_price():
    family = Family(goods(good(flat())))
    charges = family.account([lived(*nov(2), due=250), lived(*nov(3), due=300)]).charges

    assert said(charges) == [("day", LEA, [2], 250), ("day", LEA, [3], 300)]
    assert [step.label for charge in charges for step in charge.steps] == ["Prix fixé à la réservation", "Prix"]


def test_an_absence_from_a_day_paid_on_booking_gives_it_back():
    charges = Family(goods(good(flat()))).account([lived(*nov(2), what=What.TOLD, due=250, rule=NOTHING_DUE)]).charges

    assert [(charge.cents, [step.cents for step in charge.steps]) for charge in charges] == [(0, [250, -250])]


def test_a_rule_on_a_price_that_nobody_knows_is_not_billed():
    rules = {
        "half": (PriceRule(PriceKind.PART, 50), None),
        "instead": (PriceRule(PriceKind.INSTEAD, 500), 500),
        "nothing": (NOTHING_DUE, 0),
    }
    tariff = Tariff(ByBracket((Bracket(Fixed(200)),)))
    for rule, cents in rules.values():
        account = Family(goods(good(tariff))).account([lived(*nov(2), what=What.ABSENT, rule=rule)])

        assert [charge.cents for charge in account.charges] == ([] if cents is None else [cents])
        assert [one.trouble for one in account.noted] == ([Trouble.NO_QUOTIENT] if cents is None else [])


def test_each_late_departure_is_charged_in_its_tariff():
    tariff = flat(late_pickup=LatePickup(500, 15, grace=5))
    family = Family(goods(good(tariff, (nov(3)[0], flat()))))

    assert said(family.account([lived(*nov(2, 3), late_minutes=20)]).charges)[-1] == ("late_pickup", LEA, [2], 1000)
    assert [one for one in said(family.account([lived(*nov(2), late_minutes=5)]).charges) if one[0] != "day"] == []


def test_siblings_are_counted_in_the_activities_of_the_service_only():
    together = Tariff(ByCount(Counted.SIBLINGS_PRESENT, (Fixed(300), Fixed(200))))
    products = goods(good(together), good(flat(), pk=EVENING), replace(good(flat(), pk=103), activity=999))
    facts = [
        lived(*nov(2, 3, 5)),
        lived(*nov(3), child=TOM, product=EVENING),
        lived(*nov(5), child=TOM, product=103, what=What.UNBOOKED),
        lived(*nov(2), child=TOM, product=EVENING, what=What.ABSENT),
    ]
    found = said(Family(products, enrolled=(*Family(products).home.enrolled,)).account(facts).charges)

    assert [one for one in found if one[1] == LEA] == [("day", LEA, [2, 5], 300), ("day", LEA, [3], 200)]


def test_a_quotient_that_was_the_same_or_of_another_month_is_not_named():
    tariff = Tariff(ByBracket((Bracket(Fixed(200)),)))
    products = goods(good(tariff), good(flat(), pk=EVENING))
    facts = [lived(date(2026, 10, 5), *nov(2, 3)), lived(*nov(2), product=EVENING)]
    same = (Measured(nov(3)[0], 500_00), Measured(SEPTEMBER, 500_00))
    older = (Measured(date(2026, 10, 20), 500_00), Measured(SEPTEMBER, 900_00))

    for measures in (same, older):
        assert Family(products, measures=measures).account(facts).noted == []


def test_days_that_two_tariffs_price_alike_are_one_charge_the_same_in_whatever_order_they_are_read():
    family = Family(goods(good(flat(), (nov(5)[0], flat(late_pickup=LatePickup(500, 15))))))
    facts = [lived(*nov(3)), lived(*nov(6))]

    (charge,) = family.account(facts).charges
    assert charge.days == nov(3, 6)
    assert family.account(facts[::-1]).charges == [charge]


def test_a_tariff_that_changed_before_is_not_named_nor_for_who_came_after_only():
    changed = good(flat(), (nov(5)[0], flat(310)))
    before = good(flat(), (date(2026, 10, 20), flat(310)))

    assert Family(goods(changed)).account([lived(*nov(6, 9))]).noted == []
    assert Family(goods(before)).account([lived(date(2026, 10, 5), *nov(6, 9))]).noted == []
    (noted,) = Family(goods(changed)).account([lived(*nov(3)), lived(*nov(6), what=What.ABSENT)]).noted
    assert (noted.trouble, noted.days) == (Trouble.TARIFF_CHANGED, nov(6))


# --------------------------------------------------------------------------------------------------------- the packages
def test_a_package_without_a_price_is_named():
    package = replace(MONTH, amount=ByBracket((Bracket(Fixed(2000)),)))
    family = Family(goods(good(flat(packages=(package,)))), enrolled=(under("mois"),))
    account = family.account([])

    assert account.charges == []
    assert [(one.trouble, one.child, one.days) for one in account.noted] == [(Trouble.NO_QUOTIENT, LEA, nov(1))]


def test_a_package_is_of_those_under_it_and_of_the_tariff_then_in_force():
    offered = good(flat(packages=(MONTH,)), (nov(1)[0], flat(packages=(replace(MONTH, amount=Fixed(2500)),))), None)
    family = Family(
        goods(offered, good(flat(), pk=EVENING)),
        enrolled=(
            under("mois", first=date(2026, 10, 1)),
            under("autre", TOM),
            Enrolled(TOM, EVENING + 100, SEPTEMBER, JULY, "mois"),
        ),
    )

    assert said(family.account([]).charges) == [("package", LEA, [1], 2500)]
    assert [charge.cents for charge in family.account([], Period(date(2026, 10, 1), date(2026, 10, 31))).charges] == [
        2000
    ]


def test_days_that_a_package_does_not_include_are_paid():
    package = replace(MONTH, includes_days=False)
    family = Family(goods(good(flat(packages=(package,)))), enrolled=(under("mois"),))

    assert said(family.account([lived(*nov(2))]).charges) == [("day", LEA, [2], 300), ("package", LEA, [1], 2000)]


def test_a_late_departure_is_due_on_a_day_of_a_package():
    tariff = flat(packages=(MONTH,), late_pickup=LatePickup(500, 15))
    family = Family(goods(good(tariff)), enrolled=(under("mois"),))

    assert [one[0] for one in said(family.account([lived(*nov(2), late_minutes=3)]).charges)] == [
        "late_pickup",
        "package",
    ]


def test_a_package_of_the_family_is_due_once():
    package = replace(MONTH, scope=Scope.FAMILY)
    family = Family(
        goods(good(flat(packages=(package,)))), enrolled=(under("mois", TOM, first=nov(9)[0]), under("mois"))
    )

    assert said(family.account([]).charges) == [("package", EVERY_CHILD, [1], 2000)]


def test_a_year_keeps_the_quotient_with_which_it_began():
    package = replace(
        YEAR, amount=ByBracket((Bracket(Fixed(9000), 500_00), Bracket(Fixed(12_000)))), installments=(9, 11)
    )
    family = Family(
        goods(good(flat(packages=(package,)))),
        enrolled=(under("annee"),),
        measures=(Measured(date(2026, 10, 1), 900_00), Measured(SEPTEMBER, 400_00)),
    )

    assert said(family.account([]).charges) == [("package", LEA, [1], 4500)]


def test_installments_stop_when_the_child_leaves_and_go_on_when_it_comes_back():
    package = replace(YEAR, installments=(9, 11, 1, 3))
    away = under("annee", last=date(2026, 10, 15))
    back = under("annee", first=date(2027, 2, 1))
    months = [Period(date(2026, 11, 1), date(2026, 11, 30)), Period(date(2027, 3, 1), date(2027, 3, 31))]
    products = goods(good(flat(packages=(package,))))

    assert [said(Family(products, (away,)).account([], month).charges) for month in months] == [[], []]
    assert [one[3] for month in months for one in said(Family(products, (away, back)).account([], month).charges)] == [
        2500,
        2500,
    ]


def test_an_installment_of_a_half_month_is_that_of_its_month():
    family = Family(goods(good(flat(packages=(replace(YEAR, installments=(9, 11)),)))), enrolled=(under("annee"),))
    halves = [Period(*nov(1, 15)), Period(*nov(16, 30)), Period(*nov(1, 15))]

    assert [[one.total for one in family.bill([], half)] for half in halves] == [[5000], [], []]


def test_a_card_of_the_family_counts_all_its_children():
    card = replace(CARD, scope=Scope.FAMILY)
    family = Family(goods(good(flat(packages=(card,)))), enrolled=(under("carte"), under("carte", TOM)))
    facts = [lived(*nov(2, 3)), lived(*nov(2), child=TOM)]

    assert said(family.account(facts).charges) == [("package", EVERY_CHILD, [2, 3], 1000)]


def test_two_cards_begun_the_same_day_are_one_line():
    card = replace(CARD, sessions=1, scope=Scope.FAMILY)
    family = Family(goods(good(flat(packages=(card,)))), enrolled=(under("carte"), under("carte", TOM)))
    (charge,) = family.bill([lived(*nov(2)), lived(*nov(2), child=TOM)])

    assert (charge.cents, charge.label) == (2000, "Carte, 2 cartes")
    assert sum(step.cents for step in charge.steps) == 2000
    assert family.bill([lived(*nov(2)), lived(*nov(2), child=TOM)]) == []


def test_a_card_is_for_those_under_it_while_it_is_sold():
    tariff = flat(packages=(CARD, MONTH))
    products = goods(good((nov(3)[0], tariff), (nov(9)[0], flat()), (nov(12)[0], None)))
    enrolled = (under("carte", last=nov(20)[0]), under("autre", TOM))
    facts = [lived(*nov(2, 3, 10, 13, 23)), lived(*nov(3), child=TOM)]

    packages = [one for one in said(Family(products, enrolled).account(facts).charges) if one[0] == "package"]
    assert packages == [("package", LEA, [3], 1000)]


def test_a_card_begun_before_the_period_is_not_begun_again():
    family = Family(goods(good(flat(packages=(replace(CARD, sessions=3),)))), enrolled=(under("carte"),))

    assert family.account([lived(date(2026, 10, 5), *nov(2, 3))]).charges == []


# ------------------------------------------------------------------------------------------------------------- the caps
def test_a_cap_voted_in_the_middle_of_its_span_counts_from_then_on():
    capped = flat(caps=(Cap(1000, Per.MONTH),))
    other = flat(400, caps=(Cap(5000, Per.WEEK),))
    family = Family(goods(good(other, (nov(9)[0], capped), (nov(23)[0], flat()))))
    charges = family.account([lived(*nov(2, 3, 9, 10, 12, 24))]).charges

    # 3,00 + 3,00 + 3,00 since the ninth… what came before counts where its tariff has a cap too.
    assert [(one[2], one[3]) for one in said(charges) if one[0] == "cap"] == [([9], -100), ([10, 12], -300)]


def test_a_cap_of_the_family_leaves_less_for_aids_to_help():
    tariff = flat(600, caps=(Cap(1000, Per.MONTH, Scope.FAMILY),))
    family = Family(goods(good(tariff)), aids=(Helped("bon", "Bon", 9, SEPTEMBER, JULY, cents=600),))
    charges = family.bill([lived(*nov(2)), lived(*nov(2, 3), child=TOM)])

    assert family.total == 0
    assert -sum(charge.total for charge in charges if charge.name.kind is Kind.AID) == 1000


def test_a_cap_reached_before_the_period_takes_off_all_of_it():
    family = Family(goods(good(flat(300, caps=(Cap(500, Per.SCHOOL_YEAR),)))))
    facts = [lived(date(2026, 10, 5), date(2026, 10, 6), *nov(2))]

    assert said(family.account(facts).charges) == [("cap", LEA, [2], -300), ("day", LEA, [2], 300)]


def test_a_cap_of_the_family_is_taken_off_those_who_come_that_day():
    tariff = flat(600, caps=(Cap(500, Per.MONTH, Scope.FAMILY),))
    family = Family(goods(good(tariff)), aids=(Helped("bon", "Bon", 9, SEPTEMBER, JULY, cents=600),))
    family.bill([lived(*nov(3)), lived(*nov(2), child=TOM)])

    assert (family.total, family.billed[Name(Kind.AID, TOM, CANTEEN, "bon")]) == (0, {nov(2)[0]: -500})
    assert Name(Kind.AID, LEA, CANTEEN, "bon") not in family.billed


# ------------------------------------------------------------------------------------------------------------- the aids
def test_an_aid_is_for_its_days_its_child_and_its_service():
    products = goods(good(flat()), good(flat(), pk=EVENING, service=2))
    facts = [lived(*nov(2, 3)), lived(*nov(2), child=TOM), lived(*nov(2), product=EVENING)]
    aids = {
        "all": (Helped("a", "A", 9, SEPTEMBER, JULY, cents=100), 4),
        "child": (Helped("a", "A", 9, SEPTEMBER, JULY, cents=100, child=TOM), 1),
        "service": (Helped("a", "A", 9, SEPTEMBER, JULY, percent=10, service=2), 1),
        "days": (Helped("a", "A", 9, *nov(3, 3), cents=100), 1),
        "nothing": (Helped("a", "A", 9, SEPTEMBER, JULY), 0),
    }
    for aid, count in aids.values():
        charges = Family(products, aids=(aid,)).account(facts).charges
        assert sum(len(one.days) for one in charges if one.name.kind is Kind.AID) == count


def test_an_aid_takes_nothing_off_what_is_free():
    family = Family(goods(good(flat(0))), aids=(Helped("a", "A", 9, SEPTEMBER, JULY, cents=100),))

    assert said(family.account([lived(*nov(2))]).charges) == [("day", LEA, [2], 0)]


# ------------------------------------------------------------------------------------------------ what is still to bill
def test_what_was_invoiced_by_hand_is_never_taken_back():
    manual = Name(Kind.MANUAL, EVERY_CHILD, 0, "m1")
    family = Family(goods(good(flat())), billed={manual: {nov(5)[0]: 500}})

    assert family.left([]) == []


def test_what_was_invoiced_of_other_days_or_products_stays():
    names = {
        Name(Kind.DAY, LEA, CANTEEN): {date(2026, 10, 5): 300, date(2026, 12, 1): 300},
        Name(Kind.PACKAGE, LEA, 999, "mois"): {date(2026, 10, 1): 2000},
        Name(Kind.PACKAGE, LEA, CANTEEN, "disparu"): {date(2026, 10, 20): 2000},
        Name(Kind.PACKAGE, LEA, CANTEEN, "carte"): {date(2026, 10, 1): 1000},
        Name(Kind.CAP, LEA, CANTEEN, "month"): {date(2026, 10, 1): -100, date(2026, 12, 1): -100},
        Name(Kind.PACKAGE, LEA, EVENING, "mois"): {date(2026, 10, 1): 1000},
    }
    products = goods(good(flat(packages=(MONTH, CARD))), good((SEPTEMBER, None), pk=EVENING))

    assert Family(products, enrolled=(under(""),), billed=names).left([]) == []


def test_a_package_no_longer_due_comes_back_in_any_month_of_its_year():
    family = Family(goods(good(flat(packages=(YEAR,)))), enrolled=(under("annee"),))
    family.bill([], Period(SEPTEMBER, date(2026, 9, 30)))
    family.enrolled = (under(""),)

    assert said(family.bill([])) == [("package", LEA, [1], -10_000)]
    assert family.total == 0


def test_what_comes_back_of_two_tariffs_is_two_lines():
    name = Name(Kind.DAY, LEA, CANTEEN)
    products = goods(good(flat(), (nov(16)[0], flat())))
    family = Family(products, billed={name: dict.fromkeys(nov(12, 13, 16), 300)})

    assert [charge.days for charge in family.left([])] == [nov(12, 13), nov(16)]


def test_an_aid_that_comes_back_is_that_of_who_paid_it():
    name = Name(Kind.AID, LEA, CANTEEN, "bon")
    back = {
        payers: differences(
            [],
            {name: {nov(2)[0]: -100}},
            period=NOVEMBER,
            goods=goods(good(flat())),
            calendar=CALENDAR,
            third_payers=dict(payers),
        )[0]
        for payers in ((("bon", 9),), ())
    }

    assert [(charge.cents, charge.third_payer) for charge in back.values()] == [(100, 9), (100, None)]


def test_what_caps_take_off_later_days_counts_where_they_were_invoiced():
    beyond = Charge(
        Name(Kind.CAP, LEA, CANTEEN, "month"), nov(20, 23), -100, "Repas, plafond", (PriceStep("Plafond", -100),)
    )
    of_all = replace(beyond, name=Name(Kind.CAP, EVERY_CHILD, CANTEEN, "month"))
    other = replace(beyond, name=Name(Kind.CAP, TOM, CANTEEN, "month"))
    billed = {
        Name(Kind.DAY, LEA, CANTEEN): {nov(20)[0]: 300},
        Name(Kind.DAY, LEA, EVENING): {nov(23)[0]: 300},
        Name(Kind.LATE_PICKUP, LEA, CANTEEN): {nov(23)[0]: 300},
    }
    found = differences(
        [],
        billed,
        period=Period(*nov(1, 15)),
        goods=goods(good(flat())),
        calendar=CALENDAR,
        beyond=[beyond, of_all, other],
    )

    assert [(charge.name.child, charge.days) for charge in found] == [(LEA, nov(20)), (EVERY_CHILD, nov(20))]


def test_a_line_changed_twice_is_corrected_each_time():
    family = Family(goods(good(flat())))
    half, full = PriceRule(PriceKind.PART, 50), None
    totals = []
    for rule in (full, half, NOTHING_DUE, full):
        family.bill([lived(*nov(2, 3), what=What.TOLD, rule=rule)])
        totals.append(family.total)

    assert totals == [600, 300, 0, 600]

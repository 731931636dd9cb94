"""From charges to the lines and sums of an invoice."""

from dataclasses import replace

from marelle.domain.billing.rules.charges import EVERY_CHILD, Charge, Helped, Kind, Name
from marelle.domain.billing.rules.drafts import draft_of
from marelle.domain.catalog.rules.price_steps import PriceStep
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import Cap, Component
from tests.rules.billing_town import CANTEEN, EVENING, JULY, LEA, SEPTEMBER, TOM, Family, flat, good, goods, lived, nov

MEAL = Component("7067", "Repas", cents=100)
CARE = Component("7066", "Garde", is_childcare=True, is_cesu=True)


def draft(family, charges, **more):
    return draft_of(charges, family.products, order=[LEA, TOM], **more)


def test_nothing_to_invoice_is_no_draft():
    family = Family(goods(good(flat())))

    assert draft(family, []) is None
    assert draft(family, [Charge(Name(Kind.DAY, LEA, CANTEEN), (), 300, "Repas", ())]) is None


def test_lines_are_by_child_product_kind_and_day_and_what_is_of_all_comes_last():
    tariff = flat(caps=(Cap(500, Per.MONTH),))
    family = Family(
        goods(good(flat(), pk=EVENING), good(tariff)), aids=(Helped("a", "Bon", 9, SEPTEMBER, JULY, cents=10),)
    )
    facts = [
        lived(*nov(2, 3), child=TOM),
        lived(*nov(5)),
        lived(*nov(2), product=EVENING),
    ]
    manual = Charge(Name(Kind.MANUAL, EVERY_CHILD, 0, "m"), nov(1), 50, "Badge", (PriceStep("Badge", 50),))
    found = draft(family, [manual, *family.account(facts).charges], reasons={"m": "Perdu"})

    assert [(line.charge.name.child, line.label) for line in found.lines] == [
        (LEA, "Repas"),
        (LEA, "Bon"),
        (LEA, "Repas"),
        (LEA, "Bon"),
        (TOM, "Repas"),
        (TOM, "Repas, plafond par mois"),
        (TOM, "Bon"),
        (EVERY_CHILD, "Badge"),
    ]
    assert [line.reason for line in found.lines][-1] == "Perdu"
    assert (found.first_day, found.last_day) == (nov(1)[0], nov(5)[0])


def test_revenue_is_before_aids_and_childcare_after_them():
    family = Family(
        goods(good(flat(components=(MEAL, CARE)))), aids=(Helped("a", "Bon", 9, SEPTEMBER, JULY, cents=150),)
    )
    found = draft(family, family.account([lived(*nov(2, 3))]).charges)

    assert (found.total, found.revenue, found.third_parties) == (300, {"7066": 400, "7067": 200}, {9: 300})
    # The aid pays the meal first: 0,50 of its 1,50 is off the childcare.
    assert (found.childcare, found.cesu) == (300, 300)


def test_an_aid_that_nobody_pays_is_less_revenue():
    family = Family(goods(good(flat())), aids=(Helped("a", "Bon", 9, SEPTEMBER, JULY, cents=100),))
    charges = [replace(charge, third_payer=None) for charge in family.account([lived(*nov(2))]).charges]
    found = draft(family, charges)

    assert (found.total, found.revenue, found.third_parties) == (200, {"7067": 200}, {})


def test_codes_and_payers_that_come_to_nothing_are_not_said():
    family = Family(goods(good(flat())))
    charges = [Charge(Name(Kind.DAY, child, CANTEEN), nov(2), cents, "Repas", ()) for child, cents in ((1, 5), (2, -5))]
    found = draft(family, charges)

    assert (found.total, found.revenue, len(found.lines)) == (0, {}, 2)


def test_what_is_corrected_is_shared_as_the_new_price_less_the_old_one():
    family = Family(goods(good(flat(components=(MEAL, CARE)))))
    name = Name(Kind.DAY, LEA, CANTEEN)
    charge = Charge(name, nov(2, 3), -250, "Repas", (), (MEAL, CARE), before=300, is_correction=True)
    found = draft(family, [charge])

    assert found.lines[0].label == "Régularisation : repas"
    assert [(share.code, share.cents) for share in found.lines[0].shares] == [("7067", -100), ("7066", -400)]
    assert (found.total, found.childcare) == (-500, -400)


def test_what_comes_back_has_the_name_and_the_codes_of_its_product():
    family = Family(goods(good(flat(components=(MEAL, CARE)))))
    name = Name(Kind.DAY, LEA, CANTEEN)
    found = draft(family, [Charge(name, nov(2), -300, "", (), before=300, is_correction=True)])

    assert (found.lines[0].label, found.revenue) == ("Régularisation : repas", {"7066": -200, "7067": -100})


def test_what_comes_back_of_a_product_no_longer_sold_is_said_plainly():
    charges = [
        Charge(Name(Kind.DAY, LEA, CANTEEN), nov(2), -300, "", (PriceStep("Déjà facturé", -300),), before=300,
               is_correction=True),
    ]  # fmt: skip
    found = draft_of(charges, {}, order=[])

    assert (found.lines[0].label, found.revenue) == ("Régularisation : déjà facturé", {"7067": -300})
    assert found.lines[0].steps == (PriceStep("Déjà facturé", -300),)
    before = draft_of(charges, goods(good((JULY, flat()))), order=[])
    assert before.revenue == {"7067": -300}

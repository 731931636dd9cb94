"""The billing scenarios again, through the database: reservations, attendance, runs, issue, ledger."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from marelle.domain.billing.models import Aid, Invoice, ManualCharge, PayerAccount
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.catalog.models import Activity, Product, Reglement, Service, Tariff
from marelle.domain.catalog.rules.pricing import PriceKind
from marelle.domain.families.models import FamilyQuotient
from marelle.domain.reservations.models import Absence, Attendance, CancellationRequest, Enrollment, Reservation
from marelle.domain.reservations.rules.delivered import What
from marelle.foundation.actors import SYSTEM
from marelle.foundation.money import in_amount
from marelle.foundation.writes import permitted
from tests.domain.billing_town import (
    assert_ledger_holds,
    drafted,
    issue_all,
    make_regie,
    morning_after,
    owed,
    wallet,
)
from tests.factories.town import make_authority, make_child, make_class, make_facility, make_family, make_holiday
from tests.rules.billing_scenarios import (
    CALENDAR,
    OF_ALL,
    YEAR,
    amount,
    expected_in_words,
    same_spaces,
    scenarios_of,
)
from tests.rules.test_billing_scenarios import FILES

pytestmark = pytest.mark.django_db

SCENARIOS = [scenario for path in FILES for scenario in scenarios_of(path) if scenario.in_database]
BEFORE = datetime(2026, 8, 20, 8, tzinfo=UTC)
IN_WORDS = {
    "no_quotient": "quotient non fourni",
    "not_enrolled": "pas inscrit",
    "tariff_changed": "tarif changé",
    "quotient_changed": "quotient changé",
}


def price(rule):
    """Write a rule as règlements do."""
    if rule.kind in {PriceKind.FULL, PriceKind.NOTHING}:
        return rule.kind.value
    is_percent = rule.kind in {PriceKind.PART, PriceKind.MORE_PERCENT}
    return {rule.kind.value: rule.value if is_percent else in_amount(rule.value)}


class Town:
    """The town of a scenario."""

    def __init__(self, scenario, in_scope):
        self.scenario = scenario
        self.authority = make_authority()
        in_scope(self.authority)
        self.regie = make_regie(self.authority, number_pattern="{exercice}-CA-00-{numero}")
        for holiday in CALENDAR.school_holidays:
            make_holiday(self.authority, holiday.name, holiday.starts_on, holiday.ends_on)
        self.facility = make_facility(self.authority)
        self.family = make_family(self.authority, "Clairon")
        with permitted("factory"):
            self.family.is_resident = "non_resident" not in scenario.audiences
            self.family.categories = sorted(scenario.audiences - {"resident", "non_resident"})
            self.family.save()
        self.children = {
            name: make_child(
                self.family,
                name,
                birth_date=child.birth_date,
                school_class=make_class(self.facility, child.level, level=child.level) if child.level else None,
            )
            for name, child in scenario.children.items()
        }
        self.offer()
        self.payer = None
        self.aids, self.manual, self.quotients = (), (), None

    def offer(self):
        self.services, self.products = {}, {}
        with permitted("factory"):
            for place, one in enumerate(self.scenario.products.values()):
                if one.service not in self.services:
                    self.services[one.service] = Service.objects.create(
                        authority=self.authority, name=one.service, code=f"s{place}", regie=self.regie
                    )
                activity = Activity.objects.create(
                    authority=self.authority,
                    code=f"a{place}",
                    name=one.name,
                    service=self.services[one.service],
                    facility=self.facility,
                    starts_on=YEAR.starts_on,
                    ends_on=YEAR.ends_on,
                    term_weekdays=[0, 1, 3, 4],
                    holiday_weekdays=[],
                    position=place,
                )
                self.products[one.code] = Product.objects.create(
                    authority=self.authority,
                    code=f"p{place}",
                    activity=activity,
                    name=one.name,
                    noun=one.noun,
                    plural=one.noun,
                    position=place,
                )
                for voted in one.tariffs:
                    Tariff.objects.create(
                        authority=self.authority,
                        product=self.products[one.code],
                        valid_from=voted.valid_from,
                        rules=voted.written,
                    )
            for child, code, span, formula, options in self.scenario.enrolled:
                Enrollment.objects.create(
                    authority=self.authority,
                    child=self.children[child],
                    activity=self.products[code].activity,
                    starts_on=span.starts_on,
                    ends_on=span.ends_on,
                    formula=formula,
                    options=list(options),
                )

    def becomes(self, step):
        """Write the facts of a step in the place of those before."""
        with permitted("factory"):
            for model in (Absence, CancellationRequest, Attendance, Reservation, Reglement):
                model.objects.all().delete()
            self.rule(step)
            for fact in step.facts:
                for day in fact.days:
                    self.live(fact, day)
            if step.quotients != self.quotients:
                FamilyQuotient.objects.all().delete()
                for day, value in step.quotients.items():
                    FamilyQuotient.objects.create(
                        authority=self.authority,
                        family=self.family,
                        value_cents=value,
                        valid_from=day,
                        source="declared",
                        recorded_at=BEFORE,
                    )
                self.quotients = step.quotients
            self.help(step)
            for one in step.manual[len(self.manual) :]:
                ManualCharge.objects.create(
                    authority=self.authority,
                    payer=self.payer_account(),
                    child=self.children[one.child] if one.child else None,
                    date=one.day,
                    label=one.label,
                    cents=one.cents,
                    reason=one.reason,
                    code=one.code,
                    is_childcare=one.is_childcare,
                    added_at=BEFORE,
                )
            self.manual = step.manual
            self.authority.catalog_version += 1
            self.authority.save(update_fields=["catalog_version"])

    def rule(self, step):
        for code, product in self.products.items():
            rules = {one.what: one.rule for one in step.facts if one.product == code and one.rule is not None}
            written = {
                "book": {"closes": {"shape": "never"}},
                "cancel": "same",
                "absence": {"otherwise": price(rules[What.TOLD])} if What.TOLD in rules else {},
            }
            if What.ABSENT in rules:
                written["absence"]["no_show"] = price(rules[What.ABSENT])
            if What.UNBOOKED in rules:
                written["unbooked"] = price(rules[What.UNBOOKED])
            Reglement.objects.create(
                authority=self.authority, activity=product.activity, valid_from=YEAR.starts_on, rules=written
            )

    def live(self, fact, day):
        child, product = self.children[fact.child], self.products[fact.product]
        of = {"authority": self.authority, "child": child, "product": product, "date": day}
        if fact.what is not What.UNBOOKED:
            booked = Reservation.objects.create(
                **of,
                family=self.family,
                state="cancelled" if fact.what is What.CANCELLED else "reserved",
                timing="on_time",
                reserved_at=BEFORE,
                price_rule=fact.booked.code if fact.booked else "",
            )
        seen = {What.ABSENT: "absent", What.UNBOOKED: "present"}.get(fact.what)
        if seen or fact.minutes is not None or fact.late:
            Attendance.objects.create(
                **of, state=seen or "present", minutes=fact.minutes, late_minutes=fact.late, recorded_at=BEFORE
            )
        if fact.what is What.TOLD:
            Absence.objects.create(
                authority=self.authority,
                reservation=booked,
                cause="other",
                told_at=datetime.combine(day, time(7), UTC),
            )
        if fact.what is What.CANCELLED:
            CancellationRequest.objects.create(
                authority=self.authority,
                reservation=booked,
                asked_at=BEFORE,
                state="accepted",
                decided_at=BEFORE,
                is_refunded=True,
                due_cents=fact.due,
            )

    def help(self, step):
        if step.aids == self.aids:
            return
        Aid.objects.update(withdrawn_at=BEFORE)
        for one in step.aids:
            payer, _ = PayerAccount.objects.get_or_create(
                authority=self.authority, regie=self.regie, family=None, name=one.payer
            )
            Aid.objects.create(
                authority=self.authority,
                family=self.family,
                payer=payer,
                label=one.label,
                cents=one.cents,
                percent=one.percent,
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                child=self.children[one.child] if one.child else None,
                service=self.services[one.service] if one.service else None,
            )
        self.aids = step.aids

    def payer_account(self):
        found = PayerAccount.objects.filter(family=self.family).first()
        return found or PayerAccount.objects.create(
            authority=self.authority, regie=self.regie, family=self.family, name="Clairon"
        )

    def in_words(self, invoice, expected):
        names = {child.pk: name for name, child in self.children.items()}
        products = {product.pk: product.name for product in self.products.values()}
        payers = dict(PayerAccount.objects.values_list("pk", "name"))
        lines = list(invoice.lines.order_by("position")) if invoice else []
        childs = [names.get(line.child_id, OF_ALL) for line in lines]
        said = {
            "lignes": [
                f"{child} · {line.label} · {line.quantity} × {amount(line.unit_cents)} = {amount(line.total_cents)}"
                for child, line in zip(childs, lines, strict=True)
            ],
            "étapes": {
                f"{child} · {line.label}": [f"{label} : {amount(cents)}" for label, cents in line.steps]
                for child, line in zip(childs, lines, strict=True)
                if f"{child} · {line.label}" in (expected.get("étapes") or {})
            },
            "total": amount(invoice.total_cents if invoice else 0),
            "recettes": {code: amount(cents) for code, cents in (invoice.revenue if invoice else {}).items()},
            "garde": amount(invoice.childcare_cents if invoice else 0),
            "cesu": amount(invoice.cesu_cents if invoice else 0),
            "tiers": {
                payers[int(pk)]: amount(cents) for pk, cents in (invoice.third_parties if invoice else {}).items()
            },
            "à vérifier": sorted(
                f"{names[child]} · {products[product]} · {IN_WORDS[trouble]} · {len(days)} j"
                for trouble, child, product, days in (invoice.notes if invoice else [])
            ),
        }
        return {key: same_spaces(said[key]) for key in expected if key in said}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_comes_out_of_the_database_as_written(scenario, in_scope):
    town = Town(scenario, in_scope)
    clock = datetime.combine(max(step.period.ends_on for step in scenario.steps), time(8), UTC)
    for place, step in enumerate(scenario.steps):
        at = max(clock, morning_after(step.period.ends_on)) + timedelta(hours=place)
        town.becomes(step)
        for cents in step.paid:
            record_payment(town.payer_account(), cents=cents, means="card", date=at.date(), by=SYSTEM, at=at)
        run = drafted(
            town.regie,
            days=(step.period.starts_on, step.period.ends_on),
            services=[town.services[name].pk for name in step.services],
            carried_below=step.carried_below,
            at=at,
        )
        draft = Invoice.objects.filter(run=run).first()
        where = f"{scenario.where}, facturation de la ligne {step.line}"
        assert town.in_words(draft, step.expected) == expected_in_words(step.expected), where

        issue_all(run, at=at)
        if "état" in step.expected:
            draft.refresh_from_db()
            assert draft.state == step.expected["état"], where
        payer = town.payer_account()
        if "solde" in step.expected:
            assert amount(owed(payer)) == step.expected["solde"], where
        if "avance" in step.expected:
            assert amount(wallet(payer)) == step.expected["avance"], where
        assert_ledger_holds()

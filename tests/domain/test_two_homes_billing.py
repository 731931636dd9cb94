"""What two homes of a child are billed: each its days and its share, together what one home would have been."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from marelle.domain.billing.models import Invoice, InvoiceLine, PayerAccount
from marelle.domain.billing.operations.certificates import certify_illness
from marelle.domain.catalog.models import Reglement
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Custody
from marelle.domain.families.operations.blocks import put_block
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.reservations.models import Attendance, CancellationRequest, Reservation
from marelle.domain.reservations.operations.by_agents import cancel_for_family
from marelle.domain.reservations.operations.custody import UnableToSettleCustodyError
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.queries.delivered import delivered
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.custody import Booking, CustodyTerms, Packages
from marelle.domain.reservations.rules.decisions import Reason, Wish
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.money import in_amount
from marelle.foundation.periods import Period
from marelle.foundation.writes import permitted
from tests.domain.billing_town import assert_ledger_holds, billed, drafted, owed
from tests.domain.shared_home import (
    BY_QUOTIENT,
    COMES,
    IN_AUGUST,
    JULY,
    MONTHS,
    SCHOOL_DAYS,
    SEPTEMBER,
    SharedHome,
    whole_year,
)
from tests.rules.two_homes_laws import custody_terms

pytestmark = pytest.mark.django_db

FILE = Path(__file__).resolve().parents[1] / "scenarios" / "garde" / "une-annee.yaml"
SCENARIOS = {one["titre"]: one for one in YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["scénarios"]}


def at_eight(day):
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def play(town, scenario):
    """Live the year of a scenario, but for its illness."""
    town.settle(town.terms(scenario["garde"]))
    town.book(whole_year())
    if swap := scenario.get("échange"):
        town.exchange(swap["donne"], swap["prend"], at=at_eight(swap["le"]))
    if change := scenario.get("change"):
        at = at_eight(change["le"])
        town.settle(town.terms(change["garde"]), change["le"], at=at.replace(day=at.day - 5))
    if alone := scenario.get("chez elle seule"):
        change_custody(town.lea, [town.hers], starts_on=alone, by=SYSTEM, at=at_eight(alone))
        with permitted("factory"):
            Reservation.objects.filter(family=town.his, date__gte=alone).update(family=town.hers)
    if ill := scenario.get("malade"):
        for child, homes in ((town.lea, (town.hers, town.his)), (town.double, (town.alone,))):
            for family in homes:
                at = at_eight(ill["au"])
                certify_illness(
                    child,
                    family=family,
                    first_day=ill["du"],
                    last_day=ill["au"],
                    received_at=at,
                    by=SYSTEM,
                    at=at,
                )


@pytest.mark.parametrize("title", SCENARIOS)
def test_a_year_comes_to_what_one_home_would_have_paid(title, in_scope):
    scenario, town = SCENARIOS[title], SharedHome(in_scope)
    play(town, scenario)

    packages = {town.hers.pk: [0, 0], town.his.pk: [0, 0]}
    for month in MONTHS:
        drafts = town.drafts(month)
        town.assert_both_pay_what_one_would(drafts, day=month.starts_on)
        for family, sums in packages.items():
            for charge in drafts[family].account.charges:
                if charge.name.kind in {"package", "package_refund"}:
                    sums[charge.name.kind == "package_refund"] += charge.total

    said = [in_amount(due) + (f" - {in_amount(-back)}" if back else "") for due, back in packages.values()]
    assert said == list(scenario["attendu"].values())


def test_the_year_is_issued_to_two_payers_who_each_owe_their_own(in_scope):
    town = SharedHome(in_scope)
    play(town, SCENARIOS["Tout ce qui arrive dans une année"])

    for month in MONTHS[:3]:
        days = (month.starts_on, month.ends_on)
        expected = {family: one.draft.total for family, one in town.drafts(month).items() if one.draft is not None}
        issued = billed(town.regie, days=days)
        assert {one.family_id: one.total_cents for one in issued} == expected
        assert {one.payer.family_id for one in issued} == set(expected)
        # Nothing more is due by either: not the half of the other one.
        again = town.drafts(month)
        assert [one.draft for one in again.values()] == [None, None, None]

    payers = {payer.family_id: owed(payer) for payer in PayerAccount.objects.filter(family__isnull=False)}
    assert payers[town.hers.pk] + payers[town.his.pk] == payers[town.alone.pk]
    for line in InvoiceLine.objects.filter(invoice__family__in=(town.hers, town.his)):
        said = f"{line.label} {line.steps} {line.reason}"
        assert not any(word in said for word in ("Roy", "Clairon", "foyer", "garde"))
    assert_ledger_holds()


def test_who_pays_the_packages_is_corrected_when_it_is_settled_afterwards(in_scope):
    town = SharedHome(in_scope)
    town.settle(CustodyTerms(packages=Packages.FIRST))
    september = (MONTHS[0].starts_on, MONTHS[0].ends_on)
    billed(town.regie, days=september)

    # The judge had said so in August; the town hall learns it in October.
    town.settle(CustodyTerms(packages=Packages.HALVES), at=at_eight(date(2026, 10, 5)))
    corrected = billed(town.regie, days=september, at=at_eight(date(2026, 10, 6)))

    assert {one.family_id: one.total_cents for one in corrected} == {
        town.hers.pk: -1000 - 1250,
        town.his.pk: 1000 + 1250,
    }
    assert_ledger_holds()


def test_a_day_that_one_home_has_given_back_is_in_the_draft_of_the_home_that_pays_the_package(in_scope):
    town = SharedHome(in_scope)
    town.settle(CustodyTerms(packages=Packages.FIRST))
    his = next(day for day in SCHOOL_DAYS if day.weekday() == 0 and town.homes()[day, "soir"] == town.his.pk)
    town.book([(his, "soir")])
    run = drafted(town.regie, days=(MONTHS[0].starts_on, MONTHS[0].ends_on))
    before = Invoice.objects.get(run=run, family=town.hers).total_cents

    certify_illness(
        town.lea, family=town.his, first_day=his, last_day=his, received_at=run.started_at, by=SYSTEM, at=run.started_at
    )

    assert Invoice.objects.get(run=run, family=town.hers).total_cents == before - 151
    assert not Invoice.objects.filter(run=run, family=town.his).exists()


class TestEachItsPrice:
    TUESDAY, THURSDAY = date(2026, 9, 8), date(2026, 9, 10)

    @pytest.fixture
    def town(self, in_scope):
        meal = {
            "price": {
                "by": "situation",
                "cases": [{"for": ["non_resident"], "price": "9,00"}],
                "otherwise": BY_QUOTIENT,
            }
        }
        town = SharedHome(in_scope, {"repas": meal})
        town.known(town.his, quotient=900_00)
        # Weeks of even numbers are hers: 37 is his.
        town.settle(CustodyTerms(changeover=0, changeover_at=time(8), services=()))
        return town

    def prices(self, town):
        return {
            family: [(charge.cents, charge.days) for charge in one.account.charges]
            for family, one in town.drafts(MONTHS[0]).items()
        }

    def test_a_day_is_priced_by_the_quotient_and_the_residence_of_the_home_that_answers_for_it(self, town):
        town.book([(date(2026, 9, 3), "repas"), (self.TUESDAY, "repas")])
        town.known(town.his, quotient=900_00, is_resident=False)

        assert self.prices(town)[town.hers.pk] == [(213, (date(2026, 9, 3),))]
        assert self.prices(town)[town.his.pk] == [(900, (self.TUESDAY,))]

    def test_a_day_that_changes_hands_is_priced_for_who_takes_it(self, town):
        town.book([(self.TUESDAY, "repas"), (self.THURSDAY, "repas")])
        mine = Reservation.objects.filter(child=town.lea)
        with permitted("factory"):
            mine.update(price_cents=437, price_rule="more 100")
            asked = CancellationRequest.objects.create(
                authority=town.authority, reservation=mine.get(date=self.TUESDAY), asked_at=IN_AUGUST
            )

        town.exchange([], [self.TUESDAY], at=IN_AUGUST)

        taken, left = mine.get(date=self.TUESDAY), mine.get(date=self.THURSDAY)
        # The règlement made one euro more of the booking: whoever has the day owes it.
        assert (taken.family, taken.price_cents, taken.surcharge_cents) == (town.hers, 313, 100)
        assert (left.family, left.price_cents) == (town.his, 437)
        asked.refresh_from_db()
        assert (asked.state, asked.reason) == ("refused", "Ce jour n’est plus un de vos jours.")
        assert self.prices(town)[town.hers.pk] == [(313, (self.TUESDAY,))]

    def test_of_a_day_taken_then_cancelled_without_refund_who_took_it_owes_its_own_price(self, town):
        town.book([(self.TUESDAY, "repas")])
        town.exchange([], [self.TUESDAY], at=IN_AUGUST)
        taken = Reservation.objects.get(child=town.lea)

        cancel_for_family(taken, reason="Trop tard", is_refunded=False, by=SYSTEM, at=at_eight(self.TUESDAY))

        assert self.prices(town)[town.hers.pk] == [(213, (self.TUESDAY,))]
        assert self.prices(town)[town.his.pk] == []

    def test_a_day_that_both_cancelled_too_late_is_left_due_once_whatever_is_billed_together(self, town):
        town.book([(self.TUESDAY, "repas")])
        with permitted("factory"):
            Reservation.objects.filter(child=town.lea).delete()
            for family, due in ((town.hers, 150), (town.his, 200), (town.hers, 200)):
                row = Reservation.objects.create(
                    authority=town.authority,
                    child=town.lea,
                    product=town.products["repas"],
                    family=family,
                    date=self.TUESDAY,
                    state="cancelled",
                    timing="on_time",
                    reserved_at=IN_AUGUST,
                )
                CancellationRequest.objects.create(
                    authority=town.authority,
                    reservation=row,
                    asked_at=IN_AUGUST,
                    decided_at=IN_AUGUST,
                    state="accepted",
                    is_refunded=True,
                    due_cents=due,
                )

        def left_due(*families):
            found = delivered(
                [family.pk for family in families],
                products=[town.products["repas"].pk],
                first=self.TUESDAY,
                last=self.TUESDAY,
                offer=town.offer,
                at=IN_AUGUST,
            )
            return {family: [(str(one.what), one.due) for one in each] for family, each in found.items()}

        # The most, and of two alike the first one.
        assert left_due(town.hers, town.his) == left_due(town.his) == {town.his.pk: [("cancelled", 200)]}
        assert left_due(town.hers) == {}
        with permitted("factory"):
            Attendance.objects.create(
                authority=town.authority,
                child=town.lea,
                product=town.products["repas"],
                date=self.TUESDAY,
                state="present",
                recorded_at=IN_AUGUST,
            )
        # The child came after all: the day is paid once, by itself.
        assert {one for each in left_due(town.hers, town.his).values() for one in each} == {("unbooked", None)}

    def test_a_certificate_told_by_one_home_prices_its_days_again_and_no_other(self, town):
        town.book([(date(2026, 9, 3), "repas"), (self.TUESDAY, "repas")])

        certify_illness(
            town.lea,
            family=town.his,
            first_day=date(2026, 9, 1),
            last_day=self.TUESDAY,
            received_at=at_eight(self.TUESDAY),
            by=SYSTEM,
            at=at_eight(self.TUESDAY),
        )

        assert self.prices(town)[town.hers.pk] == [(213, (date(2026, 9, 3),))]
        assert self.prices(town)[town.his.pk] == [(0, (self.TUESDAY,))]

    def test_what_one_owes_and_where_it_lives_opens_or_shuts_nothing_to_the_other(self, town):
        with permitted("factory"):
            rules = {
                "book": {
                    "closes": {"shape": "same_day", "time": "08:00"},
                    "opens": [
                        {"for": "resident", "at": "2026-08-01 08:00"},
                        {"for": "everyone", "at": "2026-12-01 08:00"},
                    ],
                },
                "cancel": "same",
                "blocked_if": [{"kind": "unpaid", "above": "10,00"}],
            }
            Reglement.objects.update(rules=rules)
            town.authority.catalog_version += 1
            town.authority.save(update_fields=["catalog_version"])
        put_block(town.hers, "unpaid", amount_cents=50_00, by=SYSTEM, at=IN_AUGUST)
        town.known(town.his, is_resident=True)
        assert reasons(town, town.hers, date(2026, 9, 3)) == {Reason.BLOCKED}
        assert reasons(town, town.his, self.TUESDAY) == set()

        town.known(town.his, is_resident=False)
        assert reasons(town, town.his, self.TUESDAY) == {Reason.NOT_OPEN}


class TestSiblings:
    """A brother who lives with her, a little sister who lives with him, Léa between them and between both."""

    @pytest.fixture
    def town(self, in_scope):
        changes = [{"name": "Fratrie", "amount": "-0,50", "when": {"rank_present": {"least": 2}}}]
        town = SharedHome(
            in_scope,
            {
                "repas": {"price": {"by": "rank", "prices": ["4,00", "3,00", "2,00"]}},
                "soir": {"price": "3,00", "changes": changes},
            },
        )
        town.settle(CustodyTerms(changeover=0, changeover_at=time(8)))
        self.brother = town.child(town.hers, "Noé", date(2015, 1, 1))
        self.sister = town.child(town.his, "Zoé", date(2020, 1, 1))
        return town

    def book(self, town, child, family, code, day):
        with permitted("factory"):
            Reservation.objects.create(
                authority=town.authority,
                child=child,
                product=town.products[code],
                family=family,
                date=day,
                state="reserved",
                timing="on_time",
                reserved_at=IN_AUGUST,
            )

    def cents(self, town, family):
        charges = town.drafts(MONTHS[0])[family.pk].account.charges
        return {(charge.name.child, day): charge.cents for charge in charges for day in charge.days}

    def test_a_shared_child_has_its_rank_in_both_homes_whoever_has_the_day(self, town):
        hers, his = date(2026, 9, 3), date(2026, 9, 8)
        town.book([(hers, "repas"), (his, "repas")])
        self.book(town, self.sister, town.his, "repas", hers)
        self.book(town, self.brother, town.hers, "repas", his)

        # Second at hers after her brother, the eldest at his; it counts for its sister on her days too.
        assert self.cents(town, town.hers) == {(town.lea.pk, hers): 300, (self.brother.pk, his): 400}
        assert self.cents(town, town.his) == {(town.lea.pk, his): 400, (self.sister.pk, hers): 300}

    def test_who_comes_that_day_is_who_comes_from_that_home(self, town):
        hers = date(2026, 9, 3)
        town.book([(hers, "soir")])
        self.book(town, self.brother, town.hers, "soir", hers)
        self.book(town, self.sister, town.his, "soir", hers)

        # Léa comes with her brother. At his, her sister comes alone: Léa does not come from there that day.
        assert self.cents(town, town.hers) == {(self.brother.pk, hers): 300, (town.lea.pk, hers): 250}
        assert self.cents(town, town.his) == {(self.sister.pk, hers): 300}

    def test_the_price_that_a_home_is_shown_is_the_one_that_it_is_billed(self, town):
        hers = date(2026, 9, 3)
        town.book([(hers, "soir")])
        self.book(town, self.brother, town.hers, "soir", hers)
        planning = planned(town, town.his, [town.lea, self.sister], hers, "soir")

        assert planning.tariff_price(DayKey(self.sister.pk, town.products["soir"].pk, hers)).cents == 300
        planning = planned(town, town.hers, [town.lea, self.brother], hers, "soir")
        assert planning.tariff_price(DayKey(town.lea.pk, town.products["soir"].pk, hers)).cents == 250


def test_a_child_of_two_homes_asks_no_statement_more(in_scope):
    town = SharedHome(in_scope)
    town.settle(CustodyTerms(packages=Packages.HALVES))
    town.book(whole_year()[:40])

    def asked():
        with CaptureQueriesContext(connection) as queries:
            town.drafts(MONTHS[0])
        return len(queries)

    few = asked()
    for name in ("Noé", "Zoé", "Isé"):
        child = town.child(town.hers, name)
        with permitted("factory"):
            Custody.objects.create(authority=town.authority, child=child, family=town.his, starts_on=date(2020, 1, 1))

    assert asked() == few
    assert few <= 12


def planned(town, family, children, day, code):
    return read_planning(
        [ChildFacts(child.pk, child.birth_date) for child in children],
        [town.offer.product_by_pk[town.products[code].pk]],
        day,
        day,
        offer=town.offer,
        family=family.pk,
        user=None,
    )


def reasons(town, family, day):
    """Say why a home cannot reserve a meal for Léa."""
    offer = offer_of(town.authority)
    product = offer.product_by_pk[town.products["repas"].pk]
    planning = read_planning(
        [ChildFacts(town.lea.pk, town.lea.birth_date)], [product], day, day, offer=offer, family=family.pk, user=None
    )
    decision = planning.decision(DayKey(town.lea.pk, product.pk, day), Wish.RESERVE, at=IN_AUGUST)
    return {no.reason for no in decision.refusals}


# ----------------------------------------------------------------------------------------------- whatever was settled
@st.composite
def years(draw):
    """Terms, days booked, terms that change, days exchanged: each a place among the days of school."""
    days = st.integers(0, len(SCHOOL_DAYS) - 1)
    return {
        "terms": draw(st.lists(st.tuples(custody_terms(), st.sampled_from(Booking)), min_size=1, max_size=3)),
        "changes": sorted(draw(st.sets(days, min_size=2, max_size=2))),
        "booked": draw(st.sets(st.tuples(days, st.sampled_from(list(COMES))), min_size=1, max_size=40)),
        "exchanged": draw(st.lists(st.tuples(days, st.integers(2, 30)), max_size=4)),
        "by": draw(st.randoms(use_true_random=False)),
    }


def live_any_year(town, year):
    """Settle, book, settle again and exchange days, as far as the operations agree to."""
    services = list(town.services.values())
    for place, (terms, booking) in enumerate(year["terms"]):
        always = tuple((services[key].pk, role) for key, role in terms.services)
        said = replace(terms, booking=booking, services=always)
        if not place:
            town.settle(said)
            town.book((SCHOOL_DAYS[day], code) for day, code in year["booked"])
            _book_by_either(town, year["by"])
        else:
            starts_on = SCHOOL_DAYS[year["changes"][place - 1]]
            town.settle(said, starts_on, at=at_eight(starts_on - timedelta(days=3)))
    for place, before in year["exchanged"]:
        day = SCHOOL_DAYS[place]
        at = at_eight(day - timedelta(days=before))
        for gives, takes in (([day], []), ([], [day])):
            with suppress(UnableToSettleCustodyError):
                town.exchange(gives, takes, at=at)
                break


def _book_by_either(town, choices):
    """Have the other home reserve some of the days that either may."""
    homes = responsible_homes([town.lea.pk], first=SEPTEMBER, last=JULY, authority=town.authority.pk)
    services = {town.products[code].pk: service.pk for code, service in town.services.items()}
    with permitted("factory"):
        for row in Reservation.objects.filter(child=town.lea).order_by("pk"):
            other = town.his if row.family_id == town.hers.pk else town.hers
            if homes.may_reserve(other.pk, town.lea.pk, row.date, services[row.product_id]) and choices.random() < 0.5:
                Reservation.objects.filter(pk=row.pk).update(family=other)


def each_day_is_billed_once_to_who_answers_for_it(*, examples):
    """Try so many years: each day is billed once, to the home that answers for it, and all comes to one price."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(years())
    def tried(year):
        with ExitStack() as stack:
            town = SharedHome(lambda authority: stack.enter_context(tenancy.scope({authority.pk})))
            live_any_year(town, year)
            homes = responsible_homes([town.lea.pk], first=SEPTEMBER, last=JULY, authority=town.authority.pk)
            services = {town.products[code].pk: service.pk for code, service in town.services.items()}
            for row in Reservation.objects.filter(child=town.lea):
                assert homes.may_reserve(row.family_id, town.lea.pk, row.date, services[row.product_id])
            for first, last in ((SEPTEMBER, date(2026, 12, 31)), (date(2027, 1, 1), JULY)):
                town.assert_both_pay_what_one_would(town.drafts(Period(first, last)), day=first)

    tried()


def test_each_day_of_any_year_is_billed_once_to_who_answers_for_it():
    each_day_is_billed_once_to_who_answers_for_it(examples=3)

"""Two files of one family become one: all of it moves, nothing issued changes, nothing is lost that nobody chose."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Count, Sum

from marelle.domain.authorities.operations import Said
from marelle.domain.billing.models import BillingRun, Invoice, InvoiceLine, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.payers import open_account
from marelle.domain.billing.queries.accounts import payers_of_family
from marelle.domain.billing.queries.family_invoices import entitled
from marelle.domain.billing.queries.ledger import balances_of, ledger_faults
from marelle.domain.families.models import (
    Child,
    Custody,
    DifferentFamilies,
    Family,
    Guardian,
    HealthRecord,
    Membership,
)
from marelle.domain.families.operations.files import save_family_rows
from marelle.domain.families.operations.uniting import say_different
from marelle.domain.families.queries import children_of, memberships_of
from marelle.domain.families.queries.doubles import Alike, doubles
from marelle.domain.families.queries.searching import families_found
from marelle.domain.families.rules.merging import Obstacle, Side
from marelle.domain.onboarding.queries.imports import family_facts
from marelle.domain.payments.models import DirectDebit, DirectDebitMandate, PaymentAttempt, RefundRequest
from marelle.domain.payments.queries.paying import wallets_left
from marelle.domain.procedures.operations.uniting import (
    Choices,
    UnableToUniteError,
    follow_family,
    merge_children,
    merge_families,
)
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    Basket,
    BasketLine,
    CancellationRequest,
    Enrollment,
    Place,
    Reservation,
)
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.letters.models import Letter
from marelle.letters.uniting import unite_letters
from tests.domain.household import AGENT, FRIDAY, NOW, THURSDAY, TUESDAY, Household, taken
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation, make_user
from tests.house.whole_town import make_whole_town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

# Each key to a family, one of its people or its account with a régie, and what a union makes of it. A new one is
# decided here and in the operation. It goes to the one that is kept:
MOVES = {
    "families.Guardian.family",
    "families.Custody.family",
    "families.Custody.child",
    "families.Membership.family",
    "families.Membership.guardian",
    "families.AddressChange.family",
    "families.Block.family",
    "families.SupportingDocument.family",
    "families.SupportingDocument.child",
    "families.Invitation.family",
    "families.Invitation.guardian",
    "families.MembershipCode.family",
    "families.MembershipCode.guardian",
    "families.JoinRequest.family",
    "families.ProposedChange.family",
    "families.ProposedChange.guardian",
    "families.ProposedChange.child",
    "families.PickupPerson.family",
    "families.PickupChild.child",
    "families.Consent.family",
    "families.Consent.child",
    "families.FileConfirmation.family",
    "families.FamilyQuotient.family",
    "families.HealthRecord.child",
    "families.ChildPhoto.child",
    "reservations.Confirmation.family",
    "reservations.Reservation.family",
    "reservations.Reservation.child",
    "reservations.WaitingListEntry.family",
    "reservations.WaitingListEntry.child",
    "reservations.Enrollment.child",
    "reservations.SharedCustody.child",
    "reservations.SharedCustody.first_home",
    "reservations.SharedCustody.second_home",
    "reservations.CustodyProposal.child",
    "reservations.CustodyProposal.from_home",
    "reservations.CustodyProposal.to_home",
    "reservations.CustodyDay.child",
    "reservations.CustodyDay.family",
    "reservations.CustodyTurn.child",
    "reservations.CustodyTurn.family",
    "reservations.CustodyTurn.beside",
    "reservations.Attendance.child",
    "reservations.AttendanceMark.child",
    "news.MessageRecipient.family",
    "news.MessageRecipient.guardian",
    "news.LostAddress.family",
    "billing.PayerAccount.family",
    "billing.Aid.family",
    "billing.Aid.child",
    "billing.ManualCharge.child",
    # Of what is issued, whose file it is in alone: the database lets it follow the file, and nothing else of it.
    "billing.Invoice.family",
    "billing.InvoiceLine.child",
    "billing.CollectionHold.family",
    "payments.PaymentAttempt.family",
    "payments.DirectDebitMandate.family",
    "payments.RefundRequest.family",
    "procedures.Application.family",
    "procedures.Application.guardian",
    "procedures.ApplicationChild.child",
    "letters.Letter.family",
    "letters.Letter.guardian",
}
# It is dropped: what was about to be asked, and that two files are different.
GOES = {
    "reservations.Basket.family",
    "reservations.BasketLine.child",
    "families.DifferentFamilies.first",
    "families.DifferentFamilies.second",
}
# Those that had been united with it before are united with the other.
FOLLOWS = {"families.Family.merged_into", "families.Guardian.merged_into", "families.Child.merged_into"}
# The words of its own name, which the database writes for the row that is left; the search passes it by.
STAYS = {"families.SearchEntry.family"}
# Of an account that ended in another one of the same régie. Both are the family's: what was written stays as it was.
MOVES_OF_ACCOUNT = {"billing.ManualCharge.payer", "payments.DirectDebitMandate.payer"}
FOLLOWS_OF_ACCOUNT = {"billing.PayerAccount.merged_into"}
STAYS_OF_ACCOUNT = {
    "billing.Aid.payer",
    "billing.Invoice.payer",
    "billing.Posting.payer",
    "billing.LedgerEntry.payer",
    "billing.FollowedAccount.payer",
    "billing.Debtor.payer",
    "billing.CollectionOrder.payer",
    "payments.PaymentAttempt.payer",
    "payments.DirectDebit.payer",
    "payments.Receipt.payer",
    "payments.RefundRequest.payer",
}


def keys_to(*models):
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.is_relation and field.related_model in models
    }


def pointing_to(row):
    """Return by which keys rows still point to this one."""
    return {
        name
        for name in keys_to(type(row))
        if apps.get_model(name.rpartition(".")[0])._default_manager.filter(**{name.rpartition(".")[2]: row.pk}).exists()
    }


def unite(ended, kept, **choices):
    return merge_families(ended.pk, kept.pk, Choices(**choices), by=AGENT, at=NOW, machine=NOW)


def unite_two(ended, kept, **choices):
    return merge_children(Choices(children={ended.pk: kept.pk}, **choices), by=AGENT, at=NOW)


def settle(town):
    """Leave nothing under way in a whole town: no attempt, no run, no debit, no request for money."""
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        PaymentAttempt.objects.exclude(state="paid").update(state="expired", ended_at=NOW)
        Invoice.objects.filter(state="draft").delete()
        BillingRun.objects.update(state="abandoned")
        DirectDebit.objects.update(state="returned")
        RefundRequest.objects.exclude(state="paid").update(state="withdrawn")


@pytest.fixture
def town():
    row = make_authority()
    with tenancy.scope({row.pk}):
        yield row


class TestEveryKey:
    def test_each_key_to_a_family_or_its_people_has_its_fate(self):
        assert keys_to(Family, Guardian, Child) == MOVES | GOES | FOLLOWS | STAYS

    def test_each_key_to_an_account_with_a_regie_has_its_fate(self):
        assert keys_to(PayerAccount) == MOVES_OF_ACCOUNT | FOLLOWS_OF_ACCOUNT | STAYS_OF_ACCOUNT

    @pytest.mark.parametrize("has_account", [False, True], ids=["its account is theirs", "they have one there"])
    def test_nothing_of_a_rich_file_is_left_on_it(self, has_account):
        town = make_whole_town("Ici")
        settle(town)
        with tenancy.scope({town.authority.pk}):
            ended, child, guardian = town.home.family, town.child, town.guardian
            kept = make_family(town.authority, "Quenneville-Roy")
            twin = make_child(kept, "Ysoline", products=(town.meal,), birth_date=child.birth_date, diet="sans porc")
            with permitted("factory"):
                other = Guardian.objects.create(
                    authority=town.authority, family=kept, first_name="Ombeline", last_name="Roy"
                )
                if has_account:
                    PayerAccount.objects.create(
                        authority=town.authority, regie=town.payer.regie, family=kept, name="Quenneville-Roy"
                    )
            first = town.home.family.guardians.exclude(pk=guardian.pk).get()
            same = {guardian.pk: other.pk, first.pk: kept.guardians.exclude(pk=other.pk).get().pk}
            full = pointing_to(ended) | pointing_to(child) | pointing_to(guardian) | pointing_to(first)
            assert full >= MOVES | GOES | STAYS
            printed = list(
                Invoice.objects.filter(state="issued")
                .order_by("pk")
                .values("number", "total_cents", "payer", "payer_name")
            )
            sums = LedgerEntry.objects.filter(payer__family__in=[ended, kept]).values("account")
            before = list(sums.annotate(sum=Sum("cents")).order_by("account"))

            assert unite(
                ended, kept, guardians=same, children={child.pk: twin.pk},
                health={child.pk: Side.KEPT},
            )  # fmt: skip
            kept_key = follow_family(ended.pk, by=AGENT, at=NOW, machine=NOW)
            unite_letters(ended.pk, kept_key, by=AGENT, at=NOW)

            # The guardians who were noted twice are all that is left of it, with its own words.
            assert pointing_to(ended) == STAYS | {"families.Guardian.family"}
            assert dict(Guardian.objects.filter(family=ended).values_list("pk", "merged_into")) == same
            assert pointing_to(child) == set()
            assert pointing_to(guardian) == set()
            assert HealthRecord.objects.get(child=twin).allergies == "sans arachide"
            assert printed == list(
                Invoice.objects.filter(state="issued")
                .order_by("pk")
                .values("number", "total_cents", "payer", "payer_name")
            )
            assert before == list(sums.annotate(sum=Sum("cents")).order_by("account"))
            assert [fault.what for fault in ledger_faults() if fault.what == "a posting does not sum to zero"] == []
            if has_account:
                assert DirectDebitMandate.objects.get().payer.merged_into_id is None
                assert balances_of([town.payer.pk])[town.payer.pk].wallet == 0

    def test_again_does_nothing_and_what_had_ended_ends_there_no_more(self, town):
        one, two, three = (make_family(town, name) for name in ("Roy", "Roy", "Roy"))

        assert unite(one, two)
        lines = AuditEntry.objects.count()
        assert not unite(one, two)
        assert AuditEntry.objects.count() == lines
        assert unite(two, three)

        assert set(Family.objects.filter(pk__in=[one.pk, two.pk]).values_list("merged_into", flat=True)) == {three.pk}
        with pytest.raises(UnableToUniteError) as error:
            unite(three, one)
        assert error.value.why == (Obstacle.GONE,)


class TestPeople:
    def test_a_guardian_of_the_same_name_is_one_and_her_two_accounts_act_for_her(self, town):
        first, second = make_user(), make_user()
        ended, kept = make_family(town, "Roy", user=first), make_family(town, "Roy", user=second)
        with permitted("factory"):
            ended.guardians.update(phone="06 12 34 56 78", email="maria@exemple.fr")
            kept.guardians.update(email="roy@exemple.fr")

        unite(ended, kept)

        guardian = Guardian.objects.get(family=kept)
        assert (guardian.phone, guardian.email) == ("06 12 34 56 78", "roy@exemple.fr")
        assert {row.user_id for row in Membership.objects.filter(guardian=guardian)} == {first.pk, second.pk}
        assert [row.family_id for row in memberships_of(first.pk)] == [kept.pk]

    def test_what_both_say_is_chosen_and_what_one_says_is_kept(self, town):
        ended, kept = make_family(town, "Roi"), make_family(town, "Roy")
        with permitted("factory"):
            Family.objects.filter(pk=ended.pk).update(address="1 rue Haute", phone="06 11 11 11 11", is_resident=False)
            Family.objects.filter(pk=kept.pk).update(address="2 rue Basse")

        unite(ended, kept, taken=frozenset({"address"}))

        kept.refresh_from_db()
        assert (kept.name, kept.address, kept.phone, kept.is_resident) == (
            "Roy", "1 rue Haute", "06 11 11 11 11", True,
        )  # fmt: skip
        assert families_found("Roy", authority=town.pk).families == (kept.pk,)

    def test_an_account_that_acts_for_two_people_is_asked_about(self, town):
        user = make_user()
        ended, kept = make_family(town, "Roy", user=user), make_family(town, "Durand", user=user)
        mine, theirs = ended.guardians.get(), kept.guardians.get()

        with pytest.raises(UnableToUniteError) as error:
            unite(ended, kept)
        assert error.value.why == (Obstacle.TWO_PEOPLE,)

        assert unite(ended, kept, guardians={mine.pk: theirs.pk})

    def test_health_is_never_lost_without_a_choice(self, town):
        ended, kept = make_family(town, "Roy"), make_family(town, "Roy")
        one, other = (
            make_child(ended, "Zoé", allergies="arachide"),
            make_child(kept, "Zoé", allergies="œuf", diet="sans porc"),
        )
        pairs = {one.pk: other.pk}

        with pytest.raises(UnableToUniteError) as error:
            unite(ended, kept, children=pairs)
        assert error.value.why == (Obstacle.HEALTH_TO_CHOOSE,)
        assert Child.objects.filter(merged_into__isnull=False).count() == 0

        unite(ended, kept, children=pairs, health={one.pk: Side.BOTH})

        record = HealthRecord.objects.get()
        assert (record.child_id, record.allergies, record.diet) == (other.pk, "œuf\narachide", "sans porc")

    def test_a_child_of_two_homes_noted_twice_lives_with_both(self, town):
        mother, father = make_family(town, "Roy"), make_family(town, "Durand")
        one, other = make_child(mother, "Zoé"), make_child(father, "Zoé")

        assert unite_two(one, other)
        assert not unite_two(one, other)

        assert set(Custody.objects.values_list("child", "family")) == {(other.pk, mother.pk), (other.pk, father.pk)}
        assert [child.pk for child in children_of(mother.pk, on=NOW.date())] == [other.pk]
        assert families_found("Zoé", authority=town.pk).scores.keys() == {mother.pk, father.pk}

    def test_three_homes_are_one_too_many(self, town):
        homes = [make_family(town, name) for name in ("Roy", "Durand", "Martin")]
        one, other = make_child(homes[0], "Zoé"), make_child(homes[1], "Zoé")
        with permitted("factory"):
            Custody.objects.create(authority=town, child=other, family=homes[2], starts_on=date(2021, 1, 1))

        with pytest.raises(UnableToUniteError) as error:
            unite_two(one, other)

        assert error.value.why == (Obstacle.TOO_MANY_HOMES,)

    def test_a_child_who_is_not_in_the_files_is_not_united(self, town):
        ended, kept, others = (make_family(town, name) for name in ("Roy", "Roy", "Durand"))
        one, stranger = make_child(ended, "Zoé"), make_child(others, "Zoé")

        with pytest.raises(UnableToUniteError) as error:
            unite(ended, kept, children={one.pk: stranger.pk})

        assert error.value.why == (Obstacle.WRONG_PAIR,)


class TestDays:
    @pytest.fixture
    def twice(self, town):
        meal = make_product(town, capacity=10)
        ended, kept = Household(town, "Roy"), Household(town, "Roy")
        one = make_child(ended.family, "Zoé", products=(meal,), enrolled=(date(2026, 9, 1), date(2026, 12, 18)))
        other = make_child(kept.family, "Zoé", products=(meal,), enrolled=(date(2026, 11, 1), date(2027, 7, 3)))
        return ended, kept, one, other, meal

    def test_a_day_reserved_twice_is_reserved_once_and_given_back_once(self, twice):
        ended, kept, one, other, meal = twice
        first = make_reservation(one, meal, TUESDAY, family=ended.family)
        late = make_reservation(other, meal, TUESDAY, family=kept.family, reserved_at=NOW)
        make_reservation(one, meal, THURSDAY, family=ended.family)
        with permitted("factory"):
            Absence.objects.create(authority_id=late.authority_id, reservation=late, cause="illness", told_at=NOW)

        unite(ended.family, kept.family, children={one.pk: other.pk})

        assert set(Reservation.objects.active().values_list("pk", "child", "family", "date")) == {
            (first.pk, other.pk, kept.family.pk, TUESDAY),
            (Reservation.objects.get(date=THURSDAY).pk, other.pk, kept.family.pk, THURSDAY),
        }
        late.refresh_from_db()
        assert late.state == "cancelled"
        assert CancellationRequest.objects.get(reservation=late).is_refunded
        assert Absence.objects.get().reservation_id == first.pk
        assert (taken(meal, TUESDAY), taken(meal, THURSDAY)) == (1, 1)
        (enrolled,) = Enrollment.objects.filter(starts_on__gte=date(2026, 11, 1))
        (before,) = Enrollment.objects.filter(starts_on__lt=date(2026, 11, 1))
        assert (before.child_id, before.starts_on, before.ends_on) == (other.pk, date(2026, 9, 1), date(2026, 10, 31))
        assert (enrolled.child_id, enrolled.ends_on) == (other.pk, date(2027, 7, 3))

    def test_what_was_seen_of_the_child_is_kept_and_a_basket_is_shown_again(self, twice):
        ended, kept, one, other, meal = twice
        with permitted("factory"):
            for child, state in ((one, "present"), (other, "absent")):
                Attendance.objects.create(
                    authority=meal.authority, child=child, product=meal, date=NOW.date(), state=state, recorded_at=NOW
                )
        ended.wish(one, meal, FRIDAY)
        kept.wish(other, meal, FRIDAY)

        unite(ended.family, kept.family, children={one.pk: other.pk})

        assert [(row.child_id, row.state) for row in Attendance.objects.all()] == [(other.pk, "present")]
        assert [row.family_id for row in Basket.objects.all()] == [kept.family.pk]
        assert [line.child_id for line in BasketLine.objects.all()] == [other.pk]

    @pytest.mark.parametrize("seed", range(6))
    def test_whatever_was_reserved_nothing_is_lost_nor_counted_twice(self, town, seed):
        """Random files of one family: each day of each child stays reserved, once, and each place is counted."""
        drawn = random.Random(seed)
        products = [make_product(town, name=name, capacity=20) for name in ("Repas", "Garderie")]
        homes, regie = [make_family(town, "Roy") for _ in range(2)], make_regie(town)
        days = [date(2026, 11, 23) + timedelta(days=more) for more in (0, 1, 3, 4, 7, 8)]
        children = [
            [make_child(home, name, products=tuple(products)) for name in drawn.sample(["Zoé", "Léo", "Tom"], k=2)]
            for home in homes
        ]
        for home, own in zip(homes, children, strict=True):
            issue = drawn.random() < 0.7
            for child in own:
                for product in products:
                    for day in drawn.sample(days, k=3):
                        make_reservation(
                            child, product, day, family=home, reserved_at=NOW - timedelta(minutes=drawn.randrange(900))
                        )
            if issue:
                issue_invoice(home, regie, cents=drawn.randrange(100, 900))
        named = {(child.first_name, row.product_id, row.date) for own in children for child in own
                 for row in Reservation.objects.filter(child=child)}  # fmt: skip
        pairs = {one.pk: other.pk for one in children[0] for other in children[1] if one.first_name == other.first_name}
        owed = sum(balance.owed for balance in balances_of(PayerAccount.objects.values_list("pk", flat=True)).values())

        unite(homes[0], homes[1], children=pairs)

        active = Reservation.objects.active()
        assert {(row.child.first_name, row.product_id, row.date) for row in active} == named
        assert active.count() == len(named)
        assert set(active.values_list("family", flat=True)) == {homes[1].pk}
        assert Place.objects.count() == len(named)
        assert not Custody.objects.values("child", "family").annotate(count=Count("pk")).filter(count__gt=1).exists()
        assert ledger_faults() == []
        accounts = payers_of_family(homes[1].pk)
        assert sum(one.owed for one in balances_of([one.pk for one in accounts]).values()) == owed


class TestMoney:
    @pytest.fixture
    def both(self, town):
        """Two files with an account at the same régie, an unpaid invoice each, and money ahead."""
        homes, regie = [Household(town, "Roy") for _ in range(2)], make_regie(town)
        invoices = [
            issue_invoice(home.family, regie, cents=cents) for home, cents in zip(homes, (1200, 500), strict=True)
        ]
        return homes, invoices

    def test_nothing_issued_changes_and_the_family_owes_the_sum(self, both):
        (ended, kept), (old, new) = both

        unite(ended.family, kept.family)

        old.refresh_from_db()
        assert (old.family_id, old.payer.merged_into_id, old.payer.family_id) == (
            kept.family.pk, new.payer_id, kept.family.pk,
        )  # fmt: skip
        balances = balances_of([one.pk for one in payers_of_family(kept.family.pk)])
        assert sum(one.owed for one in balances.values()) == 1700
        assert ledger_faults() == []
        assert entitled(kept.user, memberships_of(kept.user)).families == {kept.family.pk}

    def test_money_ahead_passes_by_one_posting_that_sums_to_zero(self, both):
        (ended, kept), (old, new) = both
        record_payment(old.payer, cents=2000, means="cheque", date=NOW.date(), by=AGENT, at=NOW)
        assert balances_of([old.payer_id])[old.payer_id] == (0, 800)

        unite(ended.family, kept.family)

        posting = Posting.objects.get(kind="union")
        entries = LedgerEntry.objects.filter(posting=posting).order_by("cents")
        assert list(entries.values_list("account", "payer", "cents")) == [
            ("wallet", new.payer_id, -800), ("wallet", old.payer_id, 800),
        ]  # fmt: skip
        assert balances_of([old.payer_id, new.payer_id]) == {old.payer_id: (0, 0), new.payer_id: (500, 800)}
        assert [(one.payer.pk, one.cents) for one in wallets_left([kept.family.pk])] == [(new.payer_id, 800)]
        # Whatever comes next is written on the account that goes on.
        assert open_account(kept.family, new.regie, by=AGENT, at=NOW).pk == new.payer_id
        assert ledger_faults() == []

    def test_the_database_refuses_any_other_move_of_what_is_issued(self, both, town):
        (ended, kept), (old, _new) = both
        for change in (
            lambda: Invoice.objects.filter(pk=old.pk).update(family=kept.family),
            lambda: Invoice.objects.filter(pk=old.pk).update(payer_name="Autre"),
            lambda: InvoiceLine.objects.filter(invoice=old).update(label="Autre"),
            lambda: InvoiceLine.objects.filter(invoice=old).update(child=make_child(ended.family, "Léo")),
        ):
            with pytest.raises(IntegrityError), permitted("factory"), transaction.atomic():
                change()

    @pytest.mark.parametrize("what", ["attempt", "draft", "debit", "refund"])
    def test_what_is_under_way_is_waited_for(self, what):
        town = make_whole_town("Ici")
        with tenancy.scope({town.authority.pk}):
            kept = make_family(town.authority, "Quenneville")
            with permitted("factory"):
                PayerAccount.objects.create(
                    authority=town.authority, regie=town.payer.regie, family=kept, name="Quenneville"
                )
                if what == "attempt":
                    PaymentAttempt.objects.filter(purpose="trial").update(family=kept)
                else:
                    PaymentAttempt.objects.exclude(state="paid").update(state="expired", ended_at=NOW)
                if what != "draft":
                    Invoice.objects.filter(state="draft").delete()
                if what != "debit":
                    DirectDebit.objects.update(state="returned")
                if what != "refund":
                    RefundRequest.objects.exclude(state="paid").update(state="withdrawn")

            with pytest.raises(UnableToUniteError) as error:
                unite(town.home.family, kept)

        expected = {
            "attempt": Obstacle.PAYING,
            "draft": Obstacle.BILLING,
            "debit": Obstacle.DEBITING,
            "refund": Obstacle.REFUNDING,
        }
        assert error.value.why == (expected[what],)


class TestAlike:
    def test_files_of_one_child_or_one_guardian_are_shown_until_somebody_says_no(self, town):
        one, two, three = (make_family(town, name) for name in ("Roy", "Roi", "Roy"))
        make_child(one, "Zoé", birth_date=date(2018, 5, 6))
        with permitted("factory"):
            Child.objects.filter(pk=make_child(two, "Zoe Marie", birth_date=date(2018, 5, 6)).pk).update(
                last_name="ROY"
            )
            for family in (one, three):
                family.guardians.update(phone="06 12 34 56 78")
        make_child(three, "Zoé", birth_date=date(2019, 5, 6))

        assert [(row.first.pk, row.second.pk, row.why) for row in doubles(town.pk)] == [
            (one.pk, two.pk, (Alike.CHILD,)),
            (one.pk, three.pk, (Alike.GUARDIAN,)),
        ]

        say_different(two, one, by=AGENT, at=NOW)
        unite(three, one)

        assert doubles(town.pk) == []
        assert DifferentFamilies.objects.count() == 1

    def test_the_homes_of_one_child_are_not_alike(self, town):
        one, two = make_family(town, "Roy"), make_family(town, "Durand")
        child = make_child(one, "Zoé")
        with permitted("factory"):
            Custody.objects.create(authority=town, child=child, family=two, starts_on=date(2021, 1, 1))

        assert doubles(town.pk) == []


def test_a_file_that_is_loaded_or_imported_again_does_not_bring_back_what_ended(town):
    ended, kept = make_family(town, "Roy"), make_family(town, "Roy")
    one, other = make_child(ended, "Zoé"), make_child(kept, "Zoé")
    unite(ended, kept, children={one.pk: other.pk})

    for model, row in ((Family, ended), (Child, one)):
        said = [Said((row.code,), {"public_id": "autre"})]
        assert dict(save_family_rows(town, model, said, by=AGENT, at=NOW).rows) == {}

    known = family_facts(town, on=NOW.date())
    assert [each.key for each in known.children] == [other.pk]
    assert [each.key for each in known.families] == [kept.pk]
    assert [each.family for each in known.guardians] == [kept.pk]


def test_the_journal_says_it_in_keys_and_the_letters_that_waited_follow(town):
    ended, kept = make_family(town, "Roy"), make_family(town, "Roy")
    with permitted("factory"):
        Letter.objects.create(
            authority=town, kind="place_freed", object_key=1, family=ended, subject="Une place", queued_at=NOW
        )
        late = make_user()

    unite(ended, kept)
    with permitted("factory"):
        # Written by somebody who had begun before the file ended.
        guardian = Guardian.objects.create(authority=town, family=ended, first_name="Ada", last_name="Roy")
        Membership.objects.create(authority=town, family=ended, user=late, guardian=guardian, joined_at=NOW)
    assert follow_family(ended.pk, by=AGENT, at=NOW, machine=NOW) == kept.pk
    unite_letters(ended.pk, kept.pk, by=AGENT, at=NOW)

    assert Letter.objects.get().family_id == kept.pk
    assert Membership.objects.get(user=late).family_id == kept.pk
    assert follow_family(kept.pk, by=AGENT, at=NOW, machine=NOW) is None
    line = AuditEntry.objects.get(verb="merge_families")
    assert (line.object_key, line.details["ended"], line.details["moved"]["memberships"]) == (kept.pk, ended.pk, 1)
    assert "Roy" not in str(list(AuditEntry.objects.values()))
    assert Posting.objects.count() == 0

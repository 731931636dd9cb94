"""Two accounts of one person become one: what moves, what stays as it was written, what goes; nothing is forgotten."""

from __future__ import annotations

import inspect
import json

import pytest
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client, Token
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth import authenticate
from django.core import mail
from django.db.models import BigIntegerField
from django.test import RequestFactory
from procrastinate.contrib.django import app

from marelle.domain.accounts.models import (
    Agent,
    EmailChange,
    Grant,
    Identity,
    SecurityEvent,
    Session,
    SiteConsent,
    User,
)
from marelle.domain.accounts.queries import accounts_now, accounts_of, agent_names
from marelle.domain.billing.models import FollowedAccount, HiddenInvoice
from marelle.domain.families.models import Guardian, JoinRequest, Membership
from marelle.domain.payments.models import PaymentAttempt, RefundRequest
from marelle.domain.payments.queries.merging import holding_of
from marelle.domain.payments.rules.merging import Obstacle
from marelle.domain.procedures.operations.erasure import erase_account
from marelle.domain.procedures.operations.merging import AccountGoneError, UnableToMergeError, merge_accounts
from marelle.domain.reservations.models import Basket, BasketLine
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.letters.models import Letter
from marelle.letters.own_data import as_json, own_data
from marelle.letters.sending import hand_over, prepare, send
from marelle.letters.writing import Draft, words
from tests.domain.household import NOW, TUESDAY, Household
from tests.factories.joining import make_join_request
from tests.factories.town import make_agent, make_authority, make_child, make_family, make_product, make_user
from tests.house.whole_town import make_whole_town
from tests.web.account.people import letters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

# Each key to an account, and what a merge makes of it. A new one is decided here and in the operation.
# A right, or something to be done: it goes to the account that is kept.
MOVES = {
    "accounts.Agent.user",
    "families.Membership.user",
    "families.JoinRequest.user",
    "reservations.Basket.user",
    "reservations.Confirmation.user",
    "billing.FollowedAccount.user",
    "billing.HiddenInvoice.user",
    "payments.PaymentAttempt.user",
    "procedures.Application.applicant",
}
# What opened the account that ends, or was about its security.
GOES = {
    "account.EmailAddress.user",
    "mfa.Authenticator.user",
    "accounts.Session.user",
    "accounts.SecurityEvent.user",
    "accounts.EmailChange.user",
    "accounts.SiteConsent.user",
    "accounts.Identity.user",
    "allauth_idp_oidc.Client.owner",
    "allauth_idp_oidc.Token.user",
}
# The accounts that it had taken over itself are taken over by the other.
FOLLOWS = {"accounts.User.merged_into"}
# Who did something, or was written to: as it was, frozen for most by the database. What reads it follows the account.
STAYS = {
    "families.ChildPhoto.uploaded_by",
    "families.SupportingDocument.uploaded_by",
    "families.JoinRequest.answered_by",
    "families.AddressChange.recorded_by",
    "families.ProposedChange.proposed_by",
    "families.ProposedChange.decided_by",
    "families.PickupPerson.added_by",
    "families.ConsentText.published_by",
    "families.Consent.answered_by",
    "families.FileConfirmation.confirmed_by",
    "families.FamilyQuotient.recorded_by",
    "reservations.CancellationRequest.decided_by",
    "news.FamilyMessage.written_by",
    "news.FamilyMessage.sent_by",
    "reservations.Attendance.recorded_by",
    "reservations.AttendanceMark.recorded_by",
    "reservations.Absence.told_by",
    "reservations.FreedPlace.freed_by",
    "reservations.PlaceOffer.offered_by",
    "reservations.SharedCustody.settled_by",
    "reservations.CustodyProposal.asked_by",
    "reservations.CustodyProposal.answered_by",
    "reservations.CustodyProposal.decided_by",
    "reservations.CustodyDay.set_by",
    "reservations.Disruption.declared_by",
    "reservations.Disruption.undone_by",
    "billing.ManualCharge.added_by",
    "billing.BillingRun.started_by",
    "billing.BillingRun.issued_by",
    "billing.Posting.by",
    "billing.Reminder.sent_by",
    "billing.CollectionHold.put_by",
    "billing.CollectionBatch.prepared_by",
    "billing.CollectionBatch.exported_by",
    "billing.PaidBeforeTitle.dealt_by",
    "billing.CollectionReturn.taken_by",
    "payments.CashCount.counted_by",
    "payments.BankDeposit.prepared_by",
    "payments.BankDeposit.handed_by",
    "payments.RegieHandover.recorded_by",
    "payments.DirectDebitMandate.signed_by",
    "payments.DirectDebitBatch.prepared_by",
    "payments.DirectDebitBatch.sent_by",
    "payments.MandateAmendment.amended_by",
    "payments.Receipt.given_by",
    "payments.TransferBatch.made_by",
    "payments.TransferBatch.sent_by",
    "payments.RefundRequest.asked_by",
    "payments.RefundRequest.decided_by",
    "payments.BankStatement.imported_by",
    "payments.StatementLine.sorted_by",
    "procedures.ProcedureVersion.published_by",
    "procedures.Application.decided_by",
    "procedures.ChangesAsked.asked_by",
    "procedures.Message.written_by",
    "procedures.AgentNote.written_by",
    "onboarding.Import.checked_by",
    "onboarding.Import.applied_by",
    "letters.Letter.reader",
    "billing.ApiToken.made_by",
}


def keys_to_an_account():
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model is User:
                yield model, field.name


def counted(user):
    """Return how many rows point to an account (key), by the name of the key."""
    with tenancy.every_authority():
        return {
            f"{model._meta.label}.{name}": count
            for model, name in keys_to_an_account()
            if (count := model._default_manager.filter(**{name: user}).count())
        }


def merge(ended, kept, *, keep_session=None):
    ended, kept = (getattr(one, "pk", one) for one in (ended, kept))
    merge_accounts(
        ended,
        kept,
        keep_session=keep_session,
        site="account",
        device="Firefox sur Windows",
        by=Actor(ActorKind.FAMILY, kept),
        at=clock.machine_now(),
    )


def open_one(email="deux@exemple.fr", password="trois petits chats verts"):
    with permitted("factory"):
        return User.objects.create_user(email, password)


def is_let_in(email, password="trois petits chats verts"):
    return authenticate(RequestFactory().get("/"), email=email, password=password) is not None


def all_of(user):
    """Give an account (key) something of every kind that only accounts have."""
    with permitted("factory"):
        EmailAddress.objects.create(user_id=user, email="autre@exemple.fr", verified=True)
        Authenticator.objects.create(user_id=user, type="totp", data={"secret": "x"})
        Session.objects.create(
            session_key=f"cle{user}", session_data="", expire_date=clock.machine_now(), user_id=user, seen_at=NOW
        )
        SecurityEvent.objects.create(user_id=user, kind="app_added", happened_at=NOW)
        EmailChange.objects.create(
            user_id=user, old_email="a@exemple.fr", new_email="b@exemple.fr", asked_at=NOW, expires_at=NOW
        )
        Identity.objects.create(
            user_id=user, provider="franceconnect", issuer="https://fc", subject=f"s{user}", linked_at=NOW
        )
        SiteConsent.objects.create(user_id=user, client="ailleurs", scopes="openid", given_at=NOW)
        client = Client.objects.create(id=f"client{user}", name="Ailleurs", owner_id=user)
        Token.objects.create(type=Token.Type.ACCESS_TOKEN, hash=f"h{user}", client=client, user_id=user)
        former = User.objects.create_user("avant@exemple.fr", None, is_active=False)
        former.merged_into_id = user
        former.save()


class TestEveryKey:
    def test_each_key_to_an_account_has_its_fate(self):
        assert {f"{model._meta.label}.{name}" for model, name in keys_to_an_account()} == (
            MOVES | GOES | FOLLOWS | STAYS
        )

    def test_plain_keys_are_the_journal_s(self):
        """A key without a foreign key is not found by walking those: its name would say whose it is."""
        plain = {
            f"{model._meta.label}.{field.name}"
            for model in apps.get_models()
            if model.__module__.startswith("marelle.")
            for field in model._meta.local_fields
            if isinstance(field, BigIntegerField)
            and not field.is_relation
            and {"user", "account", "actor", "reader", "by"} & set(field.name.split("_"))
        }

        assert plain == {"foundation.AuditEntry.actor_key"}

    def test_tasks_that_name_an_account_write_to_it_by_a_letter_that_follows_it(self):
        naming = {
            name
            for name, task in app.tasks.items()
            if {"user", "account", "reader"} & set(inspect.signature(task.func).parameters)
        }

        assert naming <= {"letters.membership_ended"}

    @pytest.mark.parametrize("whose", ["parent", "agent"])
    def test_what_moves_moves_what_goes_is_gone_and_the_rest_is_as_it_was_written(self, whose):
        town, elsewhere = make_whole_town("Ici"), make_authority("Ailleurs")
        ended = town.home.user if whose == "parent" else town.agent.user_id
        kept = make_user()
        make_family(elsewhere, "Roy", user=kept)
        all_of(ended)
        make_join_request(elsewhere, User.objects.get(pk=ended))
        with permitted("factory"), tenancy.every_authority():
            # A trial waits for nobody here.
            PaymentAttempt.objects.filter(user=ended, state="created").update(state="expired", ended_at=NOW)
        before = counted(ended)

        merge(ended, kept)

        after, new = counted(ended), counted(kept)
        assert {name: count for name, count in before.items() if name in STAYS} == after
        assert {name: new[name] for name in before if name in MOVES - {"families.Membership.user"}} == {
            name: before[name] for name in before if name in MOVES - {"families.Membership.user"}
        }
        assert new["families.Membership.user"] == before.get("families.Membership.user", 0) + 1
        assert not GOES & after.keys()
        assert new["accounts.User.merged_into"] == 2
        if whose == "parent":
            assert before.keys() >= (MOVES - {"accounts.Agent.user"}) | GOES | FOLLOWS
        else:
            assert "accounts.Agent.user" in before


class TestTheAccountThatEnds:
    def test_it_signs_in_no_more_and_its_address_is_nobody_s(self):
        one, two = open_one("un@exemple.fr"), open_one("deux@exemple.fr")

        merge(one, two)

        one = User.objects.get(pk=one.pk)
        assert (one.email, one.is_active, one.merged_into_id) == (
            f"compte-efface-{one.public_id}@marelle.invalid",
            False,
            two.pk,
        )
        assert not is_let_in("un@exemple.fr")
        assert is_let_in("deux@exemple.fr")
        assert not User.objects.filter(email="un@exemple.fr").exists()

    def test_every_session_of_both_ends_but_the_one_that_is_kept(self):
        one, two = make_user(), make_user()
        with permitted("factory"):
            for key, user in (("un", one), ("deux", two), ("ici", two)):
                Session.objects.create(
                    session_key=key, session_data="", expire_date=NOW, user=user, seen_at=NOW, site="family"
                )

        merge(one, two, keep_session="ici")

        assert list(Session.objects.values_list("session_key", flat=True)) == ["ici"]

    def test_a_chain_of_merges_leads_to_the_last(self):
        one, two, three = make_user(), make_user(), make_user()

        merge(one, two)
        merge(two, three)

        assert accounts_now({one.pk, two.pk, three.pk}) == dict.fromkeys((one.pk, two.pk, three.pk), three.pk)
        assert accounts_of(three.pk) == [three.pk, one.pk, two.pk]

    def test_the_one_that_is_kept_may_be_erased_afterwards(self):
        one, two = make_user(), make_user()
        merge(one, two)

        assert erase_account(two, by=Actor(ActorKind.FAMILY, two.pk), at=NOW)

    @pytest.mark.parametrize("which", ["itself", "ended before", "erased"])
    def test_a_closed_account_or_the_same_is_not_merged(self, which):
        one, two = make_user(), make_user()
        if which == "ended before":
            merge(one, make_user())
        if which == "erased":
            erase_account(one, by=Actor(ActorKind.FAMILY, one.pk), at=NOW)
        before = AuditEntry.objects.count()

        with pytest.raises(AccountGoneError):
            merge(one, one if which == "itself" else two)
        with pytest.raises(AccountGoneError):
            merge(two, two if which == "itself" else one)
        assert AuditEntry.objects.count() == before

    def test_a_change_of_address_that_either_waited_for_is_abandoned(self):
        one, two = make_user(), make_user()
        facts = {"old_email": "a@exemple.fr", "new_email": "b@exemple.fr", "asked_at": NOW, "expires_at": NOW}
        with permitted("factory"):
            for user in (one, two):
                EmailChange.objects.create(user=user, **facts)

        merge(one, two)

        assert not EmailChange.objects.exists()


class TestFamilies:
    def test_one_account_acts_for_both(self):
        here, there = make_authority("Ici"), make_authority("Ailleurs")
        one, two = make_user(), make_user()
        make_family(here, "Roy", user=one)
        make_family(there, "Roy", user=two)

        merge(one, two)

        assert [row.authority.name for row in holding_of(two.pk).memberships] == ["Ailleurs", "Ici"]
        assert holding_of(one.pk).memberships == ()

    def test_two_guardians_of_one_family_stay_two_people(self):
        town = make_authority()
        one, two = make_user(), make_user()
        family = make_family(town, "Roy", user=one)
        with permitted("factory"), tenancy.scope({town.pk}):
            other = Guardian.objects.create(authority=town, family=family, first_name="Paul", last_name="Roy")
            Membership.objects.create(authority=town, user=two, family=family, guardian=other, joined_at=NOW)

        with pytest.raises(UnableToMergeError) as error:
            merge(one, two)

        (against,) = error.value.why
        assert (against.obstacle, against.where) == (Obstacle.TWO_GUARDIANS, family.pk)
        assert User.objects.filter(is_active=True).count() == 2

    def test_two_accounts_of_one_guardian_act_for_her_once(self):
        town = make_authority()
        one, two = make_user(), make_user()
        family = make_family(town, "Roy", user=one)
        with permitted("factory"), tenancy.scope({town.pk}):
            guardian = family.guardians.get()
            Membership.objects.create(authority=town, user=two, family=family, guardian=guardian, joined_at=NOW)

        merge(one, two)

        with tenancy.scope({town.pk}):
            assert [row.user_id for row in family.memberships.all()] == [two.pk]

    def test_the_journal_of_the_town_says_who_took_over(self):
        town = make_authority()
        one, two = make_user(), make_user()
        family = make_family(town, "Roy", user=one)

        merge(one, two)

        line = AuditEntry.objects.get(verb="move_membership")
        assert (line.authority_key, line.details) == (
            town.pk,
            {"former": one.pk, "user": two.pk, "family": family.pk},
        )
        assert AuditEntry.objects.get(verb="close_account").details == {"into": two.pk}
        assert AuditEntry.objects.order_by("pk").last().verb == "merge_accounts"

    def test_of_two_requests_to_one_town_one_waits_and_the_others_follow(self):
        here, there = make_authority("Ici"), make_authority("Ailleurs")
        one, two = make_user(), make_user()
        for town, user in ((here, one), (here, two), (there, one)):
            make_join_request(town, user)
        make_join_request(here, one, state="refused", answered_at=NOW)

        merge(one, two)

        with tenancy.every_authority():
            rows = JoinRequest.objects.order_by("authority", "state").values_list("authority", "state", "user")
        assert list(rows) == [(here.pk, "refused", two.pk), (here.pk, "waiting", two.pk), (there.pk, "waiting", two.pk)]


class TestPosts:
    def test_a_post_goes_with_its_grants(self):
        town = make_authority()
        agent, two = make_agent(town, "Nadia", "manage_billing"), make_user()

        merge(agent.user, two)

        with tenancy.scope({town.pk}):
            assert Agent.objects.get(user=two).pk == agent.pk
            assert Grant.objects.filter(agent__user=two).values_list("role", flat=True).get() == "manage_billing"

    def test_two_posts_of_one_town_are_not_added_up(self):
        town = make_authority()
        one, two = make_agent(town, "Nadia", "manage_billing"), make_agent(town, "Nadia", "administer")

        with pytest.raises(UnableToMergeError) as error:
            merge(one.user, two.user)

        assert [one.obstacle for one in error.value.why] == [Obstacle.TWO_POSTS]

    def test_a_closed_post_stays_and_its_name_too(self):
        town = make_authority()
        closed, at_work = make_agent(town, "Nadia F.", "view_day"), make_agent(town, "Nadia Ferrand", "view_day")
        with permitted("factory"), tenancy.scope({town.pk}):
            Agent.objects.filter(pk=closed.pk).update(is_active=False)

        merge(closed.user, at_work.user)

        with tenancy.scope({town.pk}):
            names = agent_names([closed.user_id, at_work.user_id])
        assert names == {closed.user_id: "Nadia F.", at_work.user_id: "Nadia Ferrand"}
        with pytest.raises(AccountGoneError):
            merge(at_work.user, closed.user)

    def test_an_open_post_does_not_go_over_a_closed_one(self):
        town = make_authority()
        closed, at_work = make_agent(town, "Nadia F.", "administer"), make_agent(town, "Nadia", "view_day")
        with permitted("factory"), tenancy.scope({town.pk}):
            Agent.objects.filter(pk=closed.pk).update(is_active=False)

        with pytest.raises(UnableToMergeError) as error:
            merge(at_work.user, closed.user)

        assert [one.obstacle for one in error.value.why] == [Obstacle.CLOSED_POST]

    def test_what_she_did_before_still_bears_her_name(self):
        town = make_authority()
        agent, two = make_agent(town, "Nadia", "view_day"), make_user()
        merge(agent.user, two)

        with tenancy.scope({town.pk}):
            assert agent_names([agent.user_id, two.pk, make_user().pk]) == {agent.user_id: "Nadia", two.pk: "Nadia"}


class TestBaskets:
    """Both accounts of one guardian have a basket for the family: there is one in the end."""

    @pytest.fixture
    def homes(self):
        town = make_authority()
        meal = make_product(town)
        first = Household(town, "Roy")
        child = make_child(first.family, "Zoé", products=(meal,))
        second = Household(town, "Autre")
        second.family, second.user = first.family, make_user().pk
        with permitted("factory"), tenancy.scope({town.pk}):
            guardian = first.family.guardians.get()
            Membership.objects.create(
                authority=town, user_id=second.user, family=first.family, guardian=guardian, joined_at=NOW
            )
        with tenancy.scope({town.pk}):
            yield first, second, child, meal

    def test_alone_it_moves_with_its_lines(self, homes):
        first, second, child, meal = homes
        first.wish(child, meal, TUESDAY)
        key = first.content.key

        merge(first.user, second.user)

        assert len(second.lines) == 1
        assert second.content.key == key

    def test_before_an_empty_one_it_moves(self, homes):
        first, second, child, meal = homes
        first.wish(child, meal, TUESDAY)
        second.wish(child, meal, TUESDAY)
        second.wish(child, meal, TUESDAY, wanted=False)
        assert second.lines == {}

        merge(first.user, second.user)

        assert len(second.lines) == 1
        assert Basket.objects.count() == 1

    def test_before_a_full_one_it_is_dropped(self, homes):
        first, second, child, meal = homes
        first.wish(child, meal, TUESDAY)
        second.wish(child, meal, TUESDAY)
        kept = second.content.key

        merge(first.user, second.user)

        assert (Basket.objects.get().key, BasketLine.objects.count()) == (kept, 1)


def test_what_both_followed_is_followed_once_and_the_rest_too():
    town = make_whole_town("Ici")
    two = make_user()
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        (row,) = FollowedAccount.objects.all()
        FollowedAccount.objects.create(authority=town.authority, user=two, payer=row.payer, followed_at=NOW)

    merge(row.user_id, two)

    with tenancy.scope({town.authority.pk}):
        assert list(FollowedAccount.objects.values_list("user", flat=True)) == [two.pk]


def test_what_both_hid_is_hidden_once_and_the_rest_too():
    town = make_whole_town("Ici")
    two = make_user()
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        HiddenInvoice.objects.create(authority=town.authority, user=two, invoice=town.invoice, hidden_at=NOW)

    merge(town.home.user, two)

    with tenancy.scope({town.authority.pk}):
        assert list(HiddenInvoice.objects.values_list("user", flat=True)) == [two.pk]


@pytest.mark.parametrize("who", ["ended", "kept"])
def test_a_payment_under_way_is_waited_for(who):
    town = make_whole_town("Ici")
    two = make_user()
    payer = town.home.user if who == "ended" else two.pk
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        PaymentAttempt.objects.create(
            authority=town.authority,
            purpose="top_up",
            user_id=payer,
            family=town.home.family,
            regie=town.attempt.regie,
            payer=town.payer,
            gateway="payfip",
            mode="production",
            number="123456",
            reference="2026ENCOURS",
            exercice=2026,
            label="Porte-monnaie",
            cents=2000,
            state="redirected",
            created_at=NOW,
        )

    with pytest.raises(UnableToMergeError) as error:
        merge(town.home.user, two)

    assert [one.obstacle for one in error.value.why] == [Obstacle.PAYING]
    with tenancy.every_authority():
        assert Membership.objects.filter(user=town.home.user).exists()


class TestHerOwnData:
    def test_what_she_did_with_the_account_that_ended_is_hers(self):
        town = make_whole_town("Ici")
        former, two = town.home.user, make_user()
        with permitted("factory"), tenancy.scope({town.authority.pk}):
            assert RefundRequest.objects.filter(asked_by=former).exists()
        before = json.loads(as_json(own_data(User.objects.get(pk=former), at=NOW)))
        merge(former, two)

        after = json.loads(as_json(own_data(User.objects.get(pk=two.pk), at=NOW)))

        (home_before,), (home_after,) = before["familles"], after["familles"]
        assert home_after == home_before
        assert len(after["compte"]["accounts.User"]["lignes"]) == 1
        assert len(after["compte"]["foundation.AuditEntry"]["lignes"]) >= len(
            before["compte"].get("foundation.AuditEntry", {"lignes": []})["lignes"]
        )


class TestLetters:
    def test_both_addresses_are_told(self):
        one, two = open_one("un@exemple.fr"), open_one("deux@exemple.fr")

        merge(one, two)

        first, second = sorted(letters(), key=lambda letter: letter.to)
        assert (first.to, second.to) == (["deux@exemple.fr"], ["un@exemple.fr"])
        assert "Deux comptes réunis en un" in first.body
        assert "Firefox sur Windows" in first.body
        assert "deux@exemple.fr" in second.body
        assert SecurityEvent.objects.get().kind == SecurityEvent.Kind.ACCOUNTS_MERGED

    def test_the_queue_and_the_journal_hold_no_address(self):
        from procrastinate.contrib.django.models import ProcrastinateJob

        merge(open_one("un@exemple.fr"), open_one("deux@exemple.fr"))

        held = str(list(ProcrastinateJob.objects.values())) + str(list(AuditEntry.objects.values()))
        assert "exemple.fr" not in held

    def test_a_letter_to_the_account_that_ended_goes_to_the_other_once(self):
        town = make_whole_town("Ici")
        former, two = town.home.user, open_one("deux@exemple.fr")
        by = Actor(ActorKind.SYSTEM)
        draft = Draft("Objet", (words("Bonjour"),), "La mairie", ())
        facts = {"about": 1, "family": town.home.family, "by": by, "at": NOW}
        with tenancy.scope({town.authority.pk}):
            (queued,) = prepare(Letter.Kind.CHANGE_DECIDED, subject="Objet", reader=former, **facts)
            merge(former, two)
            mail.outbox.clear()

            assert hand_over(queued, draft, by=by, at=NOW)
            assert [message.to for message in mail.outbox] == [["deux@exemple.fr"]]

            send(Letter.Kind.REFUND_DECIDED, draft, reader=former, **facts)
            send(Letter.Kind.REFUND_DECIDED, draft, reader=two.pk, **facts)
        assert [message.to for message in mail.outbox] == [["deux@exemple.fr"]] * 2

    def test_a_letter_to_all_the_family_that_waited_reaches_her_once(self):
        town = make_whole_town("Ici")
        former, two = town.home.user, open_one("deux@exemple.fr")
        by = Actor(ActorKind.SYSTEM)
        draft = Draft("Objet", (words("Bonjour"),), "La mairie", ())
        facts = {"about": 1, "family": town.home.family, "by": by, "at": NOW}
        with tenancy.scope({town.authority.pk}):
            prepare(Letter.Kind.PLACE_FREED, subject="Objet", reader=None, **facts)
            merge(former, two)
            mail.outbox.clear()

            send(Letter.Kind.PLACE_FREED, draft, reader=None, **facts)

        assert [message.to for message in mail.outbox] == [["deux@exemple.fr"]]

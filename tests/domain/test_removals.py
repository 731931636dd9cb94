"""A guardian's access is removed: she is out, stays out whatever way she tries, and hears of it once."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import connection

from marelle.domain.accounts.models import User
from marelle.domain.authorities.operations import Said
from marelle.domain.families.models import (
    AccessRemoval,
    CalendarFeed,
    Custody,
    Family,
    Guardian,
    Invitation,
    JoinRequest,
    Membership,
    MembershipCode,
    RemovedMembership,
)
from marelle.domain.families.operations.feeds import renew_calendar_feed
from marelle.domain.families.operations.files import save_family_rows
from marelle.domain.families.operations.joining import (
    AccessRemovedError,
    NewPerson,
    No,
    NotJoined,
    UnableToJoinError,
    accept_join,
    accept_joins,
    ask_to_join,
    complete_activation,
    invite,
    issue_codes,
    join_by_code,
)
from marelle.domain.families.operations.removals import (
    UnableToRemoveError,
    UnableToRestoreError,
    restore_access,
)
from marelle.domain.families.queries.joining import sure_matches
from marelle.domain.families.rules.merging import Obstacle as UnableToUnite
from marelle.domain.families.rules.removals import REMOVED
from marelle.domain.families.rules.ways_in import Uninvited
from marelle.domain.news.queries.recipients import homes_of
from marelle.domain.news.rules.recipients import Channel, Standing, recipient_now, recipients_of
from marelle.domain.payments.rules.merging import Obstacle
from marelle.domain.procedures.operations.merging import UnableToMergeError, merge_accounts
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.domain.procedures.operations.uniting import (
    Choices,
    UnableToUniteError,
    merge_children,
    merge_families,
)
from marelle.domain.procedures.queries.shutting_out import removing
from marelle.domain.reservations.models import Basket
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import ways_in
from marelle.letters.models import Letter
from marelle.letters.own_data import as_json, own_data
from marelle.letters.sending import hand_over, prepare, send
from marelle.letters.writing import Draft, words
from tests.domain.household import NOW, THURSDAY, Household
from tests.factories.applications import pickup_of
from tests.factories.joining import make_code, make_guardian, make_invitation, make_join_request
from tests.factories.procedures import make_draft, make_procedure, make_service_in_charge
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_family,
    make_product,
    make_reservation,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
DRAFT = Draft("Repas réservés", (words("Jeudi."),), "La mairie", ())


class Home(Household):
    """A family of two guardians, each with an account: Karim, who is to be kept out, and Inès."""

    def __init__(self, authority):
        super().__init__(authority, "Roy")
        with permitted("test"):
            self.karim = self.family.guardians.get()
            self.karim.first_name, self.karim.email, self.karim.phone = "Karim", "karim@exemple.fr", "06 11 22 33 44"
            self.karim.save()
            self.ines = make_guardian(authority, "Inès", family=self.family, name="Roy", phone="06 55 66 77 88")
            self.other = make_user("ines@exemple.fr")
            Membership.objects.create(
                authority=authority, user=self.other, family=self.family, guardian=self.ines, joined_at=NOW
            )
        self.account = User.objects.get(pk=self.user)
        self.child = make_child(self.family, "Lucia", products=(make_product(authority),))
        self.agent = Actor(ActorKind.AGENT, make_agent(authority).user_id)

    def remove(self, **more):
        more = {"kind": "court_order", "words": "Ordonnance du juge", **more}
        return remove_access(self.karim, **more, by=self.agent, at=NOW, machine=clock.machine_now())

    def members(self):
        return set(Membership.objects.filter(family=self.family).values_list("user_id", flat=True))


@pytest.fixture
def home(in_scope):
    authority = make_authority()
    in_scope(authority)
    return Home(authority)


class TestRemoving:
    def test_all_that_lets_him_in_ends_and_what_is_reserved_stays(self, home):
        meal = make_product(home.authority)
        child = make_child(home.family, "Max", products=(meal,))
        kept = make_reservation(child, meal, THURSDAY, family=home.family)
        home.wish(child, meal, THURSDAY.replace(day=27))
        make_code(home.karim)
        make_invitation(home.karim)
        renew_calendar_feed(home.family.memberships.get(user=home.user), by=home.by, at=clock.machine_now())
        asked = make_join_request(
            home.authority, home.account, child_first_name="Lucia", child_last_name=home.child.last_name,
            child_birth_date=home.child.birth_date,
        )  # fmt: skip

        said = removing(Guardian.objects.select_related("family").get(pk=home.karim.pk), on=NOW.date())
        removal = home.remove()

        assert (said.has_link, said.has_code, said.basket_days, said.requests) == (True, True, 1, 1)
        assert [one.pk for one in said.others] == [home.ines.pk]
        assert home.members() == {home.other.pk}
        assert not Basket.objects.filter(user=home.user).exists()
        assert not CalendarFeed.objects.exists()
        assert not MembershipCode.objects.filter(revoked_at=None).exists()
        assert not Invitation.objects.filter(revoked_at=None).exists()
        asked.refresh_from_db()
        assert (asked.state, asked.reason) == (JoinRequest.State.REFUSED, REMOVED)
        kept.refresh_from_db()
        assert kept.state == "reserved"
        assert list(RemovedMembership.objects.values_list("removal", "user")) == [(removal.pk, home.user)]
        with pytest.raises(UnableToRemoveError):
            home.remove()

    def test_the_reason_is_unreadable_in_the_database_and_in_no_journal(self, home):
        removal = home.remove()

        with connection.cursor() as cursor:
            cursor.execute("SELECT words FROM families_accessremoval WHERE id = %s", [removal.pk])
            assert "Ordonnance" not in cursor.fetchone()[0]
        line = AuditEntry.objects.get(verb="remove_access")
        assert line.object_key == home.karim.pk
        assert "Ordonnance" not in str(line.details)
        assert "court" not in str(line.details)

    def test_addresses_of_the_family_that_are_his_are_cleared_or_replaced(self, home):
        with permitted("test"):
            Family.objects.filter(pk=home.family.pk).update(
                email="Karim@exemple.fr", phone="0611223344", other_phone="01 64 04 30 10"
            )

        home.remove(addresses={"email": "foyer@exemple.fr", "phone": "+33 6 11 22 33 44", "other_phone": "06"})

        said = Family.objects.get(pk=home.family.pk)
        # A number that is his again is nobody's; one that never was his stays.
        assert (said.email, said.phone, said.other_phone) == ("foyer@exemple.fr", "", "01 64 04 30 10")


class TestNoWayBack:
    def test_neither_by_the_code_nor_by_the_link_of_another_guardian(self, home):
        third = make_guardian(home.authority, "Paul", family=home.family, name="Roy")
        code, link = make_code(third).code, make_invitation(third)
        home.remove()
        at = clock.machine_now()

        for way_in in (
            lambda: join_by_code(home.account, code, by=home.by, at=at),
            lambda: complete_activation(link, user=home.account, password="", phone="", by=home.by, at=at),
        ):
            with pytest.raises(UnableToJoinError) as error:
                way_in()
            assert error.value.no is No.REMOVED
        assert home.members() == {home.other.pk}

    def test_nor_by_a_new_account_at_an_address_that_was_his_whatever_was_erased_since(self, home):
        code = make_code(make_guardian(home.authority, "Paul", family=home.family, name="Roy")).code
        home.remove()
        with permitted("test"):
            Guardian.objects.filter(pk=home.karim.pk).update(email="")

        with pytest.raises(UnableToJoinError) as error:
            join_by_code(make_user("karim@exemple.fr"), code, by=home.by, at=clock.machine_now())
        assert error.value.no is No.REMOVED

    def test_nor_is_he_sent_a_link_or_a_code_nor_is_another_at_his_address(self, home):
        twin = make_guardian(home.authority, "Paul", family=home.family, name="Roy", email="karim@exemple.fr")
        home.remove()
        keys, at = [home.karim.pk, twin.pk], clock.machine_now()

        invited = invite(keys, days=14, again=True, by=home.agent, at=at)
        coded = issue_codes(keys, "letter", days=14, by=home.agent, at=at)

        for done in (invited, coded):
            assert (done.count, done.why_not) == (0, {Uninvited.REMOVED: 2})

    def test_nor_by_asking_which_is_answered_at_once_and_shown_to_agents(self, home):
        home.remove()
        asked = {
            "authority": home.authority.pk,
            "who": NewPerson("K.", "Roy", ""),
            "child_last_name": home.child.last_name,
            "child_birth_date": home.child.birth_date,
            "words": "",
            "by": home.by,
            "at": clock.machine_now(),
        }

        refused = ask_to_join(home.account, child_first_name="Lucia", **asked)
        assert (refused.state, refused.reason, refused.family_id) == ("refused", REMOVED, home.family.pk)

        # A child of another name and day is looked at by an agent, who cannot choose that family.
        asked |= {"child_birth_date": home.child.birth_date.replace(year=2011), "child_last_name": "Ndiaye"}
        waiting = ask_to_join(home.account, child_first_name="Awa", **asked)
        assert waiting.state == "waiting"
        with pytest.raises(AccessRemovedError):
            accept_join(
                waiting, guardian=None, family=home.family, on=NOW.date(), by=home.agent, at=clock.machine_now()
            )

    @pytest.mark.parametrize("how", ["account", "address", "guardian"])
    def test_nor_among_several_requests_accepted_at_once(self, home, how):
        """Who asks has an account of his, or his address at that of another; or bears his name and telephone."""
        with permitted("test"):
            # He never had an account: the one that waits is not refused with the removal.
            home.family.memberships.filter(guardian=home.karim).delete()
        account = {
            "account": home.account,
            "address": make_user("KARIM@exemple.fr"),
            "guardian": make_user("neuf@exemple.fr"),
        }[how]
        asked = make_join_request(
            home.authority, account, first_name="Karim", last_name=home.karim.last_name, phone=home.karim.phone,
            child_first_name="Lucia", child_last_name=home.child.last_name, child_birth_date=home.child.birth_date,
        )  # fmt: skip
        if how == "account":
            # It asked for a child of nowhere then, whose name it corrects now: it waits still.
            with permitted("test"):
                home.family.memberships.create(
                    authority=home.authority, user=account, guardian=home.karim, joined_at=NOW
                )
            home.remove()
            with permitted("test"):
                JoinRequest.objects.filter(pk=asked.pk).update(state="waiting", reason="", answered_at=None)
        else:
            assert sure_matches([asked], on=NOW.date()).sure == {asked.pk: home.karim}
            home.remove()

        found = sure_matches([asked], on=NOW.date())
        done = accept_joins({asked.pk: home.karim.public_id}, on=NOW.date(), by=home.agent, at=clock.machine_now())

        assert (found.sure, found.kept_out) == ({}, {asked.pk})
        assert (done.done, done.left) == ((), {asked.pk: NotJoined.REMOVED})
        assert home.members() == {home.other.pk}
        asked.refresh_from_db()
        assert asked.state == "waiting"

    def test_and_in_the_other_home_of_the_child_he_is_looked_at_alone(self, home):
        elsewhere = make_guardian(
            home.authority, "Karim", name=home.karim.last_name, phone=home.karim.phone, email="karim@exemple.fr"
        )
        with permitted("test"):
            home.child.custodies.create(authority=home.authority, family=elsewhere.family, starts_on=NOW.date())
        home.remove()
        asked = make_join_request(
            home.authority, make_user("karim@exemple.fr"), first_name="Karim", last_name=home.karim.last_name,
            child_first_name="Lucia", child_last_name=home.child.last_name, child_birth_date=home.child.birth_date,
        )  # fmt: skip

        assert sure_matches([asked], on=NOW.date()) == ({}, {asked.pk})
        # By another account, of which nothing is known but what it says, and that the other home confirms.
        with permitted("test"):
            Guardian.objects.filter(pk=home.karim.pk).update(phone="", email="")
            asked.user, asked.phone = make_user("neuf@exemple.fr"), home.karim.phone
            asked.save()
        assert sure_matches([asked], on=NOW.date()) == ({}, {asked.pk})
        restore_access(AccessRemoval.objects.get(), by=home.agent, at=clock.machine_now())
        assert sure_matches([asked], on=NOW.date()) == ({asked.pk: elsewhere}, frozenset())

    def test_nor_by_a_file_of_the_authority(self, home):
        home.remove()
        said = [
            Said((home.user, home.family.pk), {"guardian_id": home.ines.pk}, {"joined_at": NOW}),
            Said((make_user("neuf@exemple.fr").pk, home.family.pk), {"guardian_id": home.karim.pk}, {"joined_at": NOW}),
            Said((make_user("karim@exemple.fr").pk, home.family.pk), {"guardian_id": home.ines.pk}, {"joined_at": NOW}),
        ]

        save_family_rows(home.authority, Membership, said, by=SYSTEM, at=NOW)

        assert home.members() == {home.other.pk}

    def test_nor_into_another_file_of_the_child_by_a_file_of_the_authority(self, home):
        """Two ways to say half of it: he comes where Lucia is, or Lucia where he is."""
        with permitted("test"):
            hers = make_guardian(home.authority, "Karim", name="Roy-Diaz").family
            home.child.custodies.create(authority=home.authority, family=hers, starts_on=NOW.date())
        his = make_family(home.authority, "Diaz", user=home.account)
        new = make_user("neuf@exemple.fr")
        in_hers = Said((new.pk, hers.pk), {"guardian_id": hers.guardians.get().pk}, {"joined_at": NOW})
        in_his = Said((home.child.pk, his.pk, NOW.date()), {"ends_on": None}, {})
        removal = home.remove()

        for count in (0, 1):
            save_family_rows(home.authority, Membership, [in_hers], by=SYSTEM, at=NOW)
            save_family_rows(home.authority, Custody, [in_his], by=SYSTEM, at=NOW)
            assert Membership.objects.filter(family=hers).count() == count
            assert Custody.objects.filter(family=his).count() == count
            if not count:
                restore_access(removal, by=home.agent, at=clock.machine_now())

    def test_nor_in_another_account_of_his(self, home):
        home.remove()
        new = make_user()

        merge_accounts(
            home.user, new.pk, keep_session=None, site="account", device="", by=SYSTEM, at=clock.machine_now()
        )

        code = make_code(make_guardian(home.authority, "Paul", family=home.family, name="Roy")).code
        with pytest.raises(UnableToJoinError) as error:
            join_by_code(new, code, by=home.by, at=clock.machine_now())
        assert error.value.no is No.REMOVED

    def test_nor_by_taking_over_the_account_of_the_other_guardian(self, home):
        home.remove()

        with pytest.raises(UnableToMergeError) as error:
            merge_accounts(
                home.user, home.other.pk, keep_session=None, site="account", device="", by=SYSTEM,
                at=clock.machine_now(),
            )  # fmt: skip

        assert [(one.obstacle, one.where) for one in error.value.why] == [(Obstacle.REMOVED, home.family.pk)]

    def test_nor_when_his_file_is_united_with_another_where_he_has_access(self, home):
        twice = make_family(home.authority, "Roy", user=home.account)
        hers = twice.guardians.get()
        home.remove()

        merge_families(
            home.family.pk, twice.pk, Choices(guardians={home.karim.pk: hers.pk}), by=home.agent, at=NOW,
            machine=clock.machine_now(),
        )  # fmt: skip

        assert set(Membership.objects.filter(family=twice).values_list("user_id", flat=True)) == {home.other.pk}
        removal = AccessRemoval.objects.get(lifted_at=None)
        assert (removal.family_id, removal.guardian_id) == (twice.pk, hers.pk)
        assert RemovedMembership.objects.get().user_id == home.user

    def test_nor_with_another_account_at_his_address_in_that_file(self, home):
        twice = make_family(home.authority, "Roy", user=make_user("karim@exemple.fr"))
        home.remove()

        merge_families(home.family.pk, twice.pk, Choices(), by=home.agent, at=NOW, machine=clock.machine_now())

        assert set(Membership.objects.filter(family=twice).values_list("user_id", flat=True)) == {home.other.pk}

    def test_nor_by_a_second_card_of_the_child_that_is_made_one_with_the_first(self, home):
        own = make_family(home.authority, "Roy", user=home.account)
        card = make_child(own, "Lucia")
        home.remove()
        pair = Choices(children={card.pk: home.child.pk})

        for choices in (pair, Choices(children={home.child.pk: card.pk})):
            with pytest.raises(UnableToUniteError) as error:
                merge_children(choices, by=home.agent, at=NOW)
            assert error.value.why == (UnableToUnite.REMOVED,)

        # United with the file itself, he is kept out of both.
        merge_families(own.pk, home.family.pk, pair, by=home.agent, at=NOW, machine=clock.machine_now())
        assert home.members() == {home.other.pk}


class TestLetters:
    def test_what_was_queued_for_him_is_not_sent_and_what_comes_goes_to_the_other(self, home):
        facts = {"about": 1, "family": home.family, "by": SYSTEM, "at": NOW}
        queued = prepare(Letter.Kind.BASKET_CONFIRMED, subject="", reader=home.user, guardian=None, **facts) + prepare(
            Letter.Kind.INVITATION, subject="", reader=None, guardian=home.karim.pk, **facts
        )
        home.remove()

        assert [hand_over(letter, DRAFT, by=SYSTEM, at=NOW) for letter in queued] == [False, False]
        # His own confirmation, his own address, everybody's invoice.
        assert send(Letter.Kind.ABSENCE_TOLD, DRAFT, reader=home.user, **facts) == 1
        assert send(Letter.Kind.JOINED, DRAFT, guardian=home.karim.pk, **facts) == 0
        assert send(Letter.Kind.INVOICE_ISSUED, DRAFT, **facts) == 1
        assert {to for letter in mail.outbox for to in letter.to} == {"ines@exemple.fr"}

    def test_nor_does_the_family_s_own_address_that_became_his_again(self, home):
        home.remove()
        with permitted("test"):
            Membership.objects.filter(family=home.family).delete()
            Family.objects.filter(pk=home.family.pk).update(email="karim@exemple.fr")

        family = Family.objects.get(pk=home.family.pk)
        assert send(Letter.Kind.INVOICE_ISSUED, DRAFT, about=1, family=family, by=SYSTEM, at=NOW) == 0

    def test_he_is_told_once_that_it_is_so_and_not_why(self, home):
        membership = home.family.memberships.get(user=home.user)
        home.remove()

        ways_in.membership_ended(
            authority=home.authority.pk, family=home.family.pk, user=home.user, membership=membership.pk
        )

        (letter,) = mail.outbox
        assert letter.to == [home.account.email]
        assert "retiré" in letter.body
        assert "juge" not in letter.body

    def test_messages_of_the_town_hall_reach_him_neither_by_mail_nor_by_text(self, home):
        with permitted("test"):
            Family.objects.filter(pk=home.family.pk).update(phone="06.11.22.33.44")
        home.remove()
        with permitted("test"):  # an import wrote it again
            Family.objects.filter(pk=home.family.pk).update(phone="0611223344", email="karim@exemple.fr")
            Guardian.objects.filter(pk=home.ines.pk).update(phone="")

        found = homes_of([home.family.pk])[home.family.pk]

        told = recipients_of(found, set(Channel))
        assert {(one.guardian, one.standing) for one in told} == {
            (home.ines.pk, Standing.GOOD),
            (None, Standing.NO_ADDRESS),
        }
        # Chosen before, sent after.
        for channel in Channel:
            assert recipient_now(found, guardian=home.karim.pk, channel=channel).standing is Standing.NO_ADDRESS

    def test_what_he_downloads_says_nothing_of_the_family_any_more(self, home):
        make_service_in_charge(home.authority)
        procedure = make_procedure(home.authority)
        make_draft(home.family, procedure, pickup_of(home.child))
        before = as_json(own_data(home.account, at=NOW))
        home.remove()

        after = as_json(own_data(home.account, at=NOW))

        for told in (home.family.name, home.child.first_name, "Jeanne Martin"):
            assert told in before
            assert told not in after


class TestRestoring:
    def test_what_was_ended_is_given_back_and_nothing_more(self, home):
        with permitted("test"):
            Family.objects.filter(pk=home.family.pk).update(email="karim@exemple.fr")
        make_code(home.karim)
        since = home.family.memberships.get(user=home.user).joined_at
        renew_calendar_feed(home.family.memberships.get(user=home.user), by=home.by, at=clock.machine_now())
        removal = home.remove()

        assert restore_access(removal, by=home.agent, at=clock.machine_now()) == 1

        assert home.family.memberships.get(user=home.user).joined_at == since
        assert Family.objects.get(pk=home.family.pk).email == ""
        assert not MembershipCode.objects.filter(revoked_at=None).exists()
        assert not CalendarFeed.objects.exists()
        with pytest.raises(UnableToRestoreError):
            restore_access(removal, by=home.agent, at=clock.machine_now())
        with tenancy.every_authority():
            assert home.remove().pk != removal.pk

"""Links, codes and requests: who comes to act for whom, once, and what is left when it does not work."""

from __future__ import annotations

import json
from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.people import AccountExistsError, ask_for_account, open_account
from marelle.domain.families.models import Child, Family, Guardian, Invitation, JoinRequest, Membership, MembershipCode
from marelle.domain.families.operations.joining import (
    AlreadyAnsweredError,
    AlreadyAskedError,
    NewPerson,
    No,
    UnableToAcceptError,
    UnableToInviteError,
    UnableToJoinError,
    accept_join,
    ask_for_link,
    ask_to_join,
    complete_activation,
    end_membership,
    invite,
    issue_codes,
    join_by_code,
    mark_returned,
    note_opened,
    refuse_join,
    revoke_ways_in,
    send_again,
)
from marelle.domain.families.queries.joining import (
    children_at_school,
    codes_to_print,
    good_invitation,
    guardians_by_way,
    proposals_for,
    way_in_rows,
)
from marelle.domain.families.rules.codes import in_groups
from marelle.domain.families.rules.likeness import Likeness
from marelle.domain.families.rules.ways_in import Uninvited, Way
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import ways_in as tasks
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError
from tests.factories.joining import make_code, make_guardian, make_invitation, make_join_request
from tests.factories.town import make_authority, make_child, make_class, make_facility, make_family, make_user

pytestmark = [pytest.mark.django_db]

PASSWORD = "trois petits chats verts"


def now():
    return {"by": SYSTEM, "at": clock.machine_now()}


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    return authority


def queued(task):
    return list(ProcrastinateJob.objects.filter(task_name=task).order_by("pk").values_list("args", flat=True))


def live_links(guardian):
    return list(Invitation.objects.filter(guardian=guardian, done_at=None, revoked_at=None))


class TestInviting:
    def test_a_guardian_with_an_address_is_sent_a_link_of_which_the_database_holds_a_digest_only(self, town):
        guardian = make_guardian(town)

        done = invite([guardian.pk], days=14, again=False, **now())

        (link,) = live_links(guardian)
        assert (done.count, done.why_not) == (1, {})
        assert link.expires_at - link.created_at == timedelta(days=14)
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(i)::text FROM families_invitation i")
            assert link.token not in cursor.fetchone()[0]
        assert link.token not in json.dumps(queued("letters.invitations"))
        assert queued("letters.invitations") == [{"authority": town.pk, "invitations": [link.pk]}]
        assert good_invitation(token=link.token, at=clock.machine_now()) == link

    def test_those_with_an_account_or_no_address_and_those_who_share_one_are_not(self, town):
        family = make_family(town)
        member = family.guardians.get()
        first = make_guardian(town, "Ana", email="ensemble@exemple.fr")
        second = make_guardian(town, "Bob", family=first.family, email="Ensemble@exemple.fr")
        nowhere = make_guardian(town, email="")

        done = invite([one.pk for one in (member, first, second, nowhere)], days=14, again=True, **now())

        assert done.count == 1
        assert done.why_not == {Uninvited.MEMBER: 1, Uninvited.SHARED_ADDRESS: 1, Uninvited.NO_ADDRESS: 1}
        assert (len(live_links(first)), live_links(second)) == (1, [])

    def test_a_second_mass_sending_leaves_in_peace_those_who_were_written_to(self, town):
        guardian = make_guardian(town)
        invite([guardian.pk], days=14, again=False, **now())

        done = invite([guardian.pk], days=14, again=False, **now())

        assert (done.count, done.why_not) == (0, {Uninvited.ALREADY_INVITED: 1})

    def test_a_link_sent_again_ends_the_one_before(self, town):
        guardian = make_guardian(town)
        before = make_invitation(guardian)

        send_again(before, days=14, **now())

        (after,) = live_links(guardian)
        assert after.token != before.token
        assert good_invitation(token=before.token, at=clock.machine_now()) is None
        assert good_invitation(token=after.token, at=clock.machine_now()) == after

    def test_a_link_that_is_over_or_came_back_is_sent_again(self, town):
        over, returned = make_guardian(town), make_guardian(town)
        make_invitation(over, days=-1)
        make_invitation(returned, returned_at=clock.machine_now())

        done = invite([over.pk, returned.pk], days=14, again=False, **now())

        assert done.count == 2

    def test_nobody_is_sent_a_link_again_once_an_account_acts(self, town):
        guardian = make_guardian(town)
        link = make_invitation(guardian)
        join_by_code(make_user(), make_code(guardian).code, **now())

        with pytest.raises(UnableToInviteError) as refused:
            send_again(link, days=14, **now())
        assert refused.value.why is Uninvited.MEMBER

    def test_many_links_are_a_few_messages_and_few_statements(self, town):
        guardians = [make_guardian(town, f"Prénom {number}") for number in range(120)]
        with CaptureQueriesContext(connection) as counted:
            invite([one.pk for one in guardians], days=14, again=False, **now())

        assert [len(args["invitations"]) for args in queued("letters.invitations")] == [50, 50, 20]
        assert len(counted) < 20

    def test_guardians_of_another_authority_are_not_reached(self, town):
        elsewhere = make_guardian(make_authority("Ailleurs"))

        assert invite([elsewhere.pk], days=14, again=True, **now()).count == 0


class TestActivating:
    def test_a_link_opens_an_account_at_its_address_which_acts_for_the_guardian(self, town):
        guardian = make_guardian(town, email="Lea.Martin@exemple.fr")
        link = make_invitation(guardian)
        code = make_code(guardian)

        membership = complete_activation(link, user=None, password=PASSWORD, phone="06 12 34 56 78", **now())

        assert membership.user.email == "lea.martin@exemple.fr"
        assert membership.user.check_password(PASSWORD)
        guardian.refresh_from_db()
        link.refresh_from_db()
        code.refresh_from_db()
        assert (guardian.phone, membership.guardian) == ("06 12 34 56 78", guardian)
        assert link.done_at is not None
        assert link.revoked_at is None
        assert code.revoked_at is not None
        assert queued("letters.joined") == [{"authority": town.pk, "membership": membership.pk}]

    @pytest.mark.parametrize("is_signed_in", [True, False])
    def test_a_link_used_twice_serves_the_first_time_only(self, town, is_signed_in):
        link = make_invitation(make_guardian(town))
        complete_activation(link, user=None, password=PASSWORD, phone="", **now())

        with pytest.raises(UnableToJoinError) as refused:
            complete_activation(link, user=make_user() if is_signed_in else None, password=PASSWORD, phone="", **now())
        assert refused.value.no is No.NOT_GOOD
        assert Membership.objects.count() == 1

    @pytest.mark.parametrize(
        "ended", [{"days": 0}, {"revoked_at": clock.machine_now()}, {"done_at": clock.machine_now()}]
    )
    def test_a_link_that_is_over_revoked_or_done_opens_nothing(self, town, ended):
        link = make_invitation(make_guardian(town), **ended)

        with pytest.raises(UnableToJoinError):
            complete_activation(link, user=None, password=PASSWORD, phone="", **now())
        assert good_invitation(token=link.token, at=clock.machine_now()) is None
        assert not User.objects.exists()

    def test_a_link_sent_to_an_address_that_was_corrected_opens_nothing(self, town):
        guardian = make_guardian(town, email="faute@exemple.fr")
        link = make_invitation(guardian)
        with permitted("test"):
            Guardian.objects.filter(pk=guardian.pk).update(email="juste@exemple.fr")

        with pytest.raises(UnableToJoinError):
            complete_activation(link, user=None, password=PASSWORD, phone="", **now())
        assert good_invitation(token=link.token, at=clock.machine_now()) is None

    def test_an_address_that_has_an_account_signs_in_first_and_the_link_is_not_spent(self, town):
        owner = make_user("lea@exemple.fr")
        link = make_invitation(make_guardian(town, email="lea@exemple.fr"))

        with pytest.raises(AccountExistsError):
            complete_activation(link, user=None, password="un autre mot de passe", phone="", **now())
        assert good_invitation(token=link.token, at=clock.machine_now()) == link

        membership = complete_activation(link, user=owner, password="", phone="", **now())
        assert membership.user == owner
        assert User.objects.count() == 1
        owner.refresh_from_db()
        assert not owner.check_password("un autre mot de passe")

    def test_another_account_that_is_signed_in_is_attached_and_no_second_one_made(self, town):
        user = make_user("autre@exemple.fr")
        link = make_invitation(make_guardian(town, email="lea@exemple.fr"))

        complete_activation(link, user=user, password="", phone="", **now())

        assert list(User.objects.values_list("email", flat=True)) == ["autre@exemple.fr"]

    def test_the_account_of_one_parent_does_not_take_the_others_link(self, town):
        user = make_user()
        family = make_family(town, user=user)
        link = make_invitation(make_guardian(town, "Paul", family=family))

        with pytest.raises(UnableToJoinError) as refused:
            complete_activation(link, user=user, password="", phone="", **now())
        assert refused.value.no is No.ALREADY_IN_FAMILY
        assert good_invitation(token=link.token, at=clock.machine_now()) == link

    def test_an_empty_phone_leaves_the_one_that_is_known(self, town):
        guardian = make_guardian(town, phone="01 02 03 04 05")

        complete_activation(make_invitation(guardian), user=None, password=PASSWORD, phone="", **now())

        guardian.refresh_from_db()
        assert guardian.phone == "01 02 03 04 05"

    def test_opening_is_noted_once(self, town):
        link = make_invitation(make_guardian(town))
        note_opened(link, **now())
        link.refresh_from_db()
        first = link.opened_at

        note_opened(link, **now())

        link.refresh_from_db()
        assert link.opened_at == first
        assert AuditEntry.objects.filter(verb="open_invitation").count() == 1


class TestCodes:
    def test_a_code_is_typed_in_small_letters_with_spaces(self, town):
        guardian = make_guardian(town)
        issue_codes([guardian.pk], "letter", days=60, **now())
        code = MembershipCode.objects.get()
        user = make_user()

        membership = join_by_code(user, f" {in_groups(code.code).lower().replace('-', ' ')} ", **now())

        assert (membership.user, membership.guardian) == (user, guardian)
        code.refresh_from_db()
        assert code.used_at is not None

    def test_the_database_holds_no_code_and_its_digest_cannot_be_tried_out_without_the_key(self, town, settings):
        code = make_code(make_guardian(town))
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(c)::text FROM families_membershipcode c")
            assert code.code not in cursor.fetchone()[0]
        drawn, digest = code.code, code.code_digest
        settings.SECRET_KEY = "une autre clé"
        code.keep_digest()
        assert code.code != drawn
        assert code.code_digest != digest

    def wrong_codes(self, town):
        """Return a code for each way to be wrong."""
        ended = {"revoked_at": clock.machine_now()}
        used = make_guardian(town)
        spent = make_code(used)
        join_by_code(make_user(), spent.code, **now())
        return {
            "unknown": "2222-2222-2222",
            "malformed": "OIL",
            "expired": make_code(make_guardian(town), days=0).code,
            "revoked": make_code(make_guardian(town), **ended).code,
            "used": spent.code,
        }

    def test_every_code_that_does_not_serve_is_refused_alike_at_the_same_cost(self, town):
        said = {}
        for why, code in self.wrong_codes(town).items():
            user = make_user()
            with CaptureQueriesContext(connection) as counted, pytest.raises(UnableToJoinError) as refused:
                join_by_code(user, code, **now())
            said[why] = (refused.value.no, len(counted))

        assert len(set(said.values())) == 1, said
        assert next(iter(said.values()))[0] is No.NOT_GOOD

    def test_a_code_of_another_town_brings_into_that_town(self, town):
        there = make_authority("Ailleurs")
        guardian = make_guardian(there)
        code = make_code(guardian)

        with pytest.raises(UnableToJoinError):
            join_by_code(make_user(), code.code, **now())
        with tenancy.every_authority():
            assert join_by_code(make_user(), code.code, **now()).authority_id == there.pk

    def test_a_new_code_ends_the_one_before_and_who_has_an_account_gets_none(self, town):
        guardian = make_guardian(town)
        before = make_code(guardian)
        member = make_family(town).guardians.get()

        done = issue_codes([guardian.pk, member.pk], "letter", days=60, **now())

        assert (done.count, done.why_not) == (1, {Uninvited.MEMBER: 1})
        with pytest.raises(UnableToJoinError):
            join_by_code(make_user(), before.code, **now())

    def test_by_mail_a_code_needs_an_address_by_letter_it_does_not(self, town):
        nowhere = make_guardian(town, email="")

        assert issue_codes([nowhere.pk], "mail", days=60, **now()).why_not == {Uninvited.NO_ADDRESS: 1}
        assert issue_codes([nowhere.pk], "letter", days=60, **now()).count == 1
        assert queued("letters.membership_codes") == []

    def test_a_revoked_code_and_link_open_nothing(self, town):
        guardian = make_guardian(town)
        code, link = make_code(guardian), make_invitation(guardian)

        assert revoke_ways_in(guardian, **now())
        assert not revoke_ways_in(guardian, **now())

        with pytest.raises(UnableToJoinError):
            join_by_code(make_user(), code.code, **now())
        assert good_invitation(token=link.token, at=clock.machine_now()) is None

    def test_an_account_that_has_the_family_does_not_spend_the_code_of_the_other_guardian(self, town):
        user = make_user()
        family = make_family(town, user=user)
        code = make_code(make_guardian(town, "Paul", family=family))

        with pytest.raises(UnableToJoinError) as refused:
            join_by_code(user, code.code, **now())
        assert refused.value.no is No.ALREADY_IN_FAMILY
        assert join_by_code(make_user(), code.code, **now()).family == family

    def test_codes_to_print_are_the_letters_that_can_still_be_typed(self, town):
        good = make_code(make_guardian(town))
        make_code(make_guardian(town), delivery="mail")
        make_code(make_guardian(town), days=0)

        assert list(codes_to_print(Family.objects.all(), at=clock.machine_now())) == [good]
        assert next(iter(codes_to_print(Family.objects.all(), at=clock.machine_now()))).code == good.code


class TestRemoving:
    def test_an_account_loses_its_family_at_once_and_nothing_else_changes(self, town):
        user = make_user()
        family = make_family(town, user=user)
        other = make_family(town, "Autre", user=user)
        make_child(family)

        assert end_membership(Membership.objects.get(family=family), **now())

        assert list(Membership.objects.filter(user=user).values_list("family", flat=True)) == [other.pk]
        assert Guardian.objects.filter(family=family).exists()
        assert User.objects.filter(pk=user.pk, is_active=True).exists()
        assert len(queued("letters.membership_ended")) == 1
        line = AuditEntry.objects.get(verb="end_membership")
        assert line.details == {"user": user.pk}

    def test_twice_is_once(self, town):
        make_family(town)
        membership = Membership.objects.get()
        end_membership(membership, **now())

        assert not end_membership(membership, **now())

    def test_the_guardian_may_be_invited_again(self, town):
        guardian = make_family(town).guardians.get()
        with permitted("test"):
            Guardian.objects.filter(pk=guardian.pk).update(email="nouvelle@exemple.fr")
        end_membership(Membership.objects.get(), **now())

        assert invite([guardian.pk], days=14, again=False, **now()).count == 1


def ask(user, authority, **changed):
    said = {
        "who": NewPerson("Paul", "Durand", ""),
        "child_first_name": "Zoé",
        "child_last_name": "Durand",
        "child_birth_date": date(2018, 5, 6),
        "words": "J’ai emménagé en octobre.",
        **changed,
    }
    return ask_to_join(user, authority=authority.pk, **said, **now())


class TestRequests:
    def test_a_request_waits_its_words_encrypted_and_one_at_a_time(self, town):
        user = make_user()
        ask(user, town)

        with pytest.raises(AlreadyAskedError):
            ask(user, town)
        with connection.cursor() as cursor:
            cursor.execute("SELECT words FROM families_joinrequest")
            assert "emménagé" not in cursor.fetchone()[0]
        assert JoinRequest.objects.get().words == "J’ai emménagé en octobre."

    def test_the_likeliest_families_are_proposed_first_and_the_accounts_own_are_not(self, town):
        user = make_user("paul@exemple.fr")
        by_address = make_guardian(town, email="Paul@exemple.fr").family
        same = make_guardian(town, name="Durand").family
        make_child(same, "Zoe", birth_date=date(2018, 5, 6))
        close = make_guardian(town, name="Dupont").family
        make_child(close, "Zoé", birth_date=date(2018, 5, 6))
        make_child(make_guardian(town, name="Nul").family, "Ali", birth_date=date(2018, 5, 6))
        own = make_family(town, "Durand", user=user)
        make_child(own, "Zoé", birth_date=date(2018, 5, 6))

        found = proposals_for(ask(user, town))

        assert [(one.family, one.likeness) for one in found] == [
            (same, Likeness.SAME),
            (close, Likeness.CLOSE),
            (by_address, Likeness.NONE),
        ]
        assert [one.has_the_address for one in found] == [False, False, True]

    def test_a_guardian_who_has_an_account_is_shown_and_not_offered(self, town):
        family = make_family(town, "Durand")
        make_child(family, "Zoé", birth_date=date(2018, 5, 6))
        other = make_guardian(town, "Paul", family=family, name="Durand")

        (found,) = proposals_for(ask(make_user(), town))

        assert (found.guardians, found.members) == ((other,), (family.guardians.exclude(pk=other.pk).get(),))

    def test_accepting_attaches_the_account_to_the_guardian_chosen(self, town):
        guardian = make_guardian(town)
        user = make_user()
        request = ask(user, town)
        make_invitation(guardian)

        membership = accept_join(request, guardian=guardian, family=None, on=date(2026, 11, 23), **now())

        assert (membership.user, membership.guardian) == (user, guardian)
        request.refresh_from_db()
        assert (request.state, request.family) == ("accepted", guardian.family)
        assert live_links(guardian) == []
        with pytest.raises(AlreadyAnsweredError):
            refuse_join(request, reason="non", **now())

    def test_accepting_adds_a_guardian_to_a_family(self, town):
        family = make_family(town, "Durand")
        user = make_user("paul@exemple.fr")

        membership = accept_join(ask(user, town), guardian=None, family=family, on=date(2026, 11, 23), **now())

        added = membership.guardian
        assert (added.first_name, added.last_name, added.email, added.family) == (
            "Paul", "Durand", "paul@exemple.fr", family,
        )  # fmt: skip
        assert Family.objects.count() == 1

    def test_accepting_with_neither_opens_a_family_with_the_child(self, town):
        user = make_user()

        membership = accept_join(ask(user, town), guardian=None, family=None, on=date(2026, 11, 23), **now())

        child = Child.objects.get()
        custody = child.custodies.get()
        assert (child.first_name, child.last_name, child.birth_date) == ("Zoé", "Durand", date(2018, 5, 6))
        assert (custody.family, custody.starts_on) == (membership.family, date(2026, 11, 23))
        assert membership.family.name == "Durand"

    def test_what_does_not_hold_any_more_is_refused_and_writes_nothing(self, town):
        user = make_user()
        family = make_family(town, user=user)
        taken = make_family(town, "Autre").guardians.get()
        free = make_guardian(town, "Paul", family=family, name="Durand")
        request = ask(user, town)

        for chosen in ({"guardian": taken, "family": None}, {"guardian": free, "family": None}):
            with pytest.raises(UnableToAcceptError):
                accept_join(request, **chosen, on=date(2026, 11, 23), **now())
        with pytest.raises(UnableToAcceptError):
            accept_join(request, guardian=None, family=family, on=date(2026, 11, 23), **now())
        request.refresh_from_db()
        assert request.state == "waiting"
        assert Guardian.objects.count() == 3

    def test_refusing_says_why_by_a_letter(self, town):
        request = ask(make_user("paul@exemple.fr"), town)

        refuse_join(request, reason="Appelez-nous pour vérifier.", **now())
        tasks.join_refused(authority=town.pk, request=request.pk)

        (letter,) = mail.outbox
        assert letter.to == ["paul@exemple.fr"]
        assert "Appelez-nous pour vérifier." in letter.body


class TestLetters:
    def test_the_link_goes_to_the_guardian_once_and_the_row_says_when(self, town):
        guardian = make_guardian(town, email="lea@exemple.fr")
        link = make_invitation(guardian, sent_at=None)

        for _time in range(2):
            tasks.invitations(authority=town.pk, invitations=[link.pk])

        (letter,) = mail.outbox
        link.refresh_from_db()
        assert letter.to == ["lea@exemple.fr"]
        assert f"http://compte.localhost/compte/activation/{link.token}/" in letter.body
        assert link.sent_at is not None
        assert Letter.objects.get().guardian == guardian

    def test_what_the_mail_server_refuses_has_not_left_and_is_tried_again(self, town, monkeypatch):
        refused, taken = make_guardian(town, email="non@exemple.fr"), make_guardian(town, email="oui@exemple.fr")
        links = [make_invitation(one, sent_at=None) for one in (refused, taken)]
        send = mail.EmailMultiAlternatives.send

        def reject(message, **options):
            if message.to == ["non@exemple.fr"]:
                raise SMTPRecipientsRefused({"non@exemple.fr": (550, b"unknown")})
            return send(message, **options)

        monkeypatch.setattr(mail.EmailMultiAlternatives, "send", reject)
        with pytest.raises(UnableToSendError) as trouble:
            tasks.invitations(authority=town.pk, invitations=[link.pk for link in links])

        assert "non@exemple.fr" not in str(trouble.value)
        ways = [row.way for row in way_in_rows([refused, taken], at=clock.machine_now())]
        assert ways == [Way.NOT_SENT, Way.SENT]
        monkeypatch.setattr(mail.EmailMultiAlternatives, "send", send)
        tasks.invitations(authority=town.pk, invitations=[link.pk for link in links])
        assert [letter.to for letter in mail.outbox] == [["oui@exemple.fr"], ["non@exemple.fr"]]
        assert way_in_rows([refused], at=clock.machine_now())[0].way is Way.SENT

    def test_a_link_that_ended_before_it_left_stays(self, town):
        links = [
            make_invitation(make_guardian(town), sent_at=None, revoked_at=clock.machine_now()),
            make_invitation(make_guardian(town), sent_at=None, days=0),
        ]

        tasks.invitations(authority=town.pk, invitations=[link.pk for link in links])

        assert mail.outbox == []

    def test_a_code_goes_to_the_address_it_was_made_for(self, town):
        guardian = make_guardian(town, email="lea@exemple.fr")
        code = make_code(guardian, delivery="mail")
        moved = make_guardian(town)
        wrong = make_code(moved, delivery="mail")
        with permitted("test"):
            Guardian.objects.filter(pk=moved.pk).update(email="ailleurs@exemple.fr")

        for _time in range(2):
            tasks.membership_codes(authority=town.pk, codes=[code.pk, wrong.pk])

        (letter,) = mail.outbox
        assert letter.to == ["lea@exemple.fr"]
        assert in_groups(code.code) in letter.body

    def test_both_the_account_and_the_known_address_learn_that_somebody_came_in(self, town):
        guardian = make_guardian(town, email="connue@exemple.fr")
        membership = join_by_code(make_user("compte@exemple.fr"), make_code(guardian).code, **now())

        for _time in range(2):
            tasks.joined(authority=town.pk, membership=membership.pk)

        assert sorted(letter.to[0] for letter in mail.outbox) == ["compte@exemple.fr", "connue@exemple.fr"]
        assert all("Ce n’est pas vous ?" in letter.body for letter in mail.outbox)
        (warning,) = [letter for letter in mail.outbox if letter.to == ["connue@exemple.fr"]]
        assert "compte@exemple.fr" not in warning.body

    def test_one_letter_is_enough_for_one_address(self, town):
        membership = complete_activation(
            make_invitation(make_guardian(town)), user=None, password=PASSWORD, phone="", **now()
        )

        tasks.joined(authority=town.pk, membership=membership.pk)

        assert len(mail.outbox) == 1

    def test_the_account_that_lost_a_family_is_told(self, town):
        user = make_user("paul@exemple.fr")
        make_family(town, "Durand", user=user)
        end_membership(Membership.objects.get(), **now())

        tasks.membership_ended(**queued("letters.membership_ended")[0])

        assert mail.outbox[0].to == ["paul@exemple.fr"]
        assert "Durand" in mail.outbox[0].subject


class TestAskingByAddress:
    @pytest.mark.parametrize("asked", [ask_for_account, ask_for_link])
    def test_what_is_done_at_once_is_the_same_for_every_address_and_the_queue_names_nobody(self, town, asked):
        make_user("connue@exemple.fr")
        make_invitation(make_guardian(town, email="attendue@exemple.fr"))
        counts = set()
        for address in ("connue@exemple.fr", "attendue@exemple.fr", "inconnue@exemple.fr"):
            with CaptureQueriesContext(connection) as counted:
                asked(address, **now())
            counts.add(len(counted))

        assert len(counts) == 1
        assert "exemple.fr" not in json.dumps(list(ProcrastinateJob.objects.values_list("args", flat=True)))
        assert mail.outbox == []

    def test_a_free_address_gets_a_link_and_a_taken_one_learns_it_has_an_account(self, town):
        make_user("connue@exemple.fr")
        for address in ("Libre@exemple.fr", "connue@exemple.fr"):
            ask_for_account(address, **now())
        for args in queued("letters.account_asked"):
            tasks.account_asked(**args)

        free, taken = mail.outbox
        assert free.to == ["libre@exemple.fr"]
        assert "/compte/creer/" in free.body
        assert "libre" not in free.body
        assert taken.subject == "Vous avez déjà un compte"
        assert "/compte/creer/" not in taken.body

    def test_a_link_is_sent_again_by_every_authority_that_wrote_to_the_address(self, town):
        there = make_authority("Ailleurs")
        guardians = [make_guardian(one, email="lea@exemple.fr") for one in (town, there)]
        for guardian, days in zip(guardians, (14, -3), strict=True):
            make_invitation(guardian, days=days)
        ask_for_link("Lea@exemple.fr", **now())

        tasks.link_asked(**queued("letters.link_asked")[0])

        assert sorted(args["authority"] for args in queued("letters.invitations")) == sorted([town.pk, there.pk])
        assert mail.outbox == []

    @pytest.mark.parametrize(
        ("address", "subject"),
        [
            ("connue@exemple.fr", "Votre compte est déjà actif"),
            ("rien@exemple.fr", "Aucune activation à cette adresse"),
        ],
    )
    def test_an_address_without_a_link_learns_what_to_do(self, town, address, subject):
        make_user("connue@exemple.fr")
        ask_for_link(address, **now())

        tasks.link_asked(**queued("letters.link_asked")[0])

        assert [(letter.to, letter.subject) for letter in mail.outbox] == [([address], subject)]

    def test_an_account_is_opened_once(self, town):
        user = open_account("Lea@exemple.fr", PASSWORD, **now())

        assert user.email == "lea@exemple.fr"
        with pytest.raises(AccountExistsError):
            open_account("lea@exemple.fr", "un autre mot de passe", **now())
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


class TestTheList:
    @pytest.mark.parametrize(
        ("way", "found"),
        [
            ("tous", ["code", "lien", "membre", "raté", "revenu", "rien", "vieux"]),
            ("sans", ["code", "lien", "raté", "revenu", "rien", "vieux"]),
            ("rien", ["revenu", "rien", "vieux"]),
            ("attente", ["code", "lien", "raté"]),
            ("revenus", ["raté", "revenu"]),
            ("comptes", ["membre"]),
        ],
    )
    def test_guardians_are_found_by_where_they_stand(self, town, way, found):
        at = clock.machine_now()
        names = {
            name: make_guardian(town, name, name=name) for name in ("rien", "lien", "vieux", "revenu", "raté", "code")
        }
        make_invitation(names["lien"])
        make_invitation(names["vieux"], days=-1)
        make_invitation(names["revenu"], returned_at=at)
        make_invitation(names["raté"], sent_at=None, failed_at=at)
        make_code(names["code"])
        with permitted("test"):
            make_family(town, "membre").guardians.update(first_name="membre")

        listed = guardians_by_way(Family.objects.all(), way, at=at)

        assert sorted(one.first_name for one in listed) == found

    def test_many_rows_cost_as_few_statements_as_one(self, town):
        guardians = [make_guardian(town) for _ in range(12)]
        for guardian in guardians:
            make_invitation(guardian)
            make_code(guardian)

        def statements(some):
            with CaptureQueriesContext(connection) as counted:
                way_in_rows(some, at=clock.machine_now())
            return len(counted)

        assert statements(guardians) == statements(guardians[:1]) == 4

    def test_marking_a_letter_returned_needs_a_link_that_waits(self, town):
        guardian = make_guardian(town)
        assert not mark_returned(guardian, **now())
        make_invitation(guardian)

        assert mark_returned(guardian, **now())
        assert way_in_rows([guardian], at=clock.machine_now())[0].way is Way.RETURNED

    def test_children_are_read_with_their_class(self, town):
        classroom = make_class(make_facility(town), "CP")
        family = make_family(town)
        child = make_child(family, school_class=classroom)

        assert children_at_school([family.pk], on=date(2026, 11, 23)) == {family.pk: [child]}


def test_a_request_in_a_factory_waits(town):
    assert make_join_request(town, make_user()).state == "waiting"

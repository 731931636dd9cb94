"""An account tied to an identity: one to one, told to its owner, never the last way in, gone with the account."""

from __future__ import annotations

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from marelle.domain.accounts.models import Identity, SecurityEvent
from marelle.domain.accounts.operations.identities import (
    LastWayInError,
    UnableToLinkError,
    link_identity,
    note_identity_used,
    unlink_identity,
)
from marelle.domain.accounts.operations.people import close_account
from marelle.domain.accounts.queries import accounts_tied_to, agents_at, identities_of, identity_of
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories.town import make_agent, make_authority, make_user

ISSUER, SUBJECT = "https://app.franceconnect.gouv.fr/api/v2", "abcdefv1"
WHERE = {"site": "account", "device": "Firefox sur Linux", "by": SYSTEM}


def link(user, subject=SUBJECT, issuer=ISSUER, provider="franceconnect"):
    return link_identity(user.pk, provider, issuer, subject, **WHERE, at=clock.machine_now())


def unlink(user, provider="franceconnect", **more):
    return unlink_identity(user.pk, provider, **WHERE, **more, at=clock.machine_now())


def without_password(user):
    with permitted("factory"):
        user.set_unusable_password()
        user.save()
    return user


@pytest.mark.django_db
class TestOneToOne:
    def test_the_same_again_is_the_same_and_told_once(self):
        user = make_user()

        assert link(user).pk == link(user).pk
        assert [event.kind for event in SecurityEvent.objects.all()] == ["franceconnect_linked"]
        assert identity_of(ISSUER, SUBJECT).user == user

    def test_a_subject_is_of_one_account(self):
        link(make_user())
        with pytest.raises(UnableToLinkError) as no:
            link(make_user())

        assert no.value.is_taken
        assert Identity.objects.count() == 1

    def test_an_account_has_one_subject_of_an_issuer(self):
        user = make_user()
        link(user)
        with pytest.raises(UnableToLinkError) as no:
            link(user, "autrev1")

        assert not no.value.is_taken
        assert link(user, issuer="https://pc.exemple.fr/api/v2", provider="proconnect")

    def test_the_same_subject_of_another_issuer_is_somebody_else(self):
        link(make_user())

        assert identity_of("https://ailleurs.exemple.fr", SUBJECT) is None
        assert link(make_user(), issuer="https://ailleurs.exemple.fr")

    def test_the_journal_names_nobody(self):
        link(make_user())

        assert SUBJECT not in str(list(AuditEntry.objects.values()))

    def test_when_it_served_is_noted(self):
        identity = link(make_user())
        at = clock.machine_now()
        note_identity_used(identity, by=SYSTEM, at=at)

        assert identities_of(identity.user_id).get().last_used_at == at


@pytest.mark.django_db
class TestUntying:
    def test_it_is_told_and_may_be_tied_again(self):
        user = make_user()
        with permitted("factory"):
            user.set_password("trois petits chats verts")
            user.save()
        link(user)

        assert unlink(user)
        assert not unlink(user)
        assert accounts_tied_to("franceconnect", [user.pk]) == set()
        assert list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
            "franceconnect_linked",
            "franceconnect_unlinked",
        ]
        assert link(user, "nouveauv1")

    def test_never_the_last_way_in_but_by_an_agent(self):
        user = without_password(make_user())
        link(user)
        with pytest.raises(LastWayInError):
            unlink(user)

        assert Identity.objects.exists()
        assert unlink(user, may_be_last=True)

    def test_another_identity_or_a_passkey_is_a_way_in(self):
        user = without_password(make_user())
        link(user)
        link(user, issuer="https://pc.exemple.fr/api/v2", provider="proconnect")
        assert unlink(user)
        with permitted("factory"):
            user.authenticator_set.create(type="webauthn", data={})

        assert unlink(user, "proconnect")

    def test_an_application_of_codes_alone_is_none(self):
        user = without_password(make_user())
        link(user)
        with permitted("factory"):
            user.authenticator_set.create(type="totp", data={})
        with pytest.raises(LastWayInError):
            unlink(user)

    def test_it_goes_with_the_account(self):
        user = make_user()
        link(user)
        close_account(user, by=SYSTEM, at=clock.machine_now())

        assert not Identity.objects.exists()

    def test_the_operator_unties_too(self, capsys):
        user = make_user("nadia@exemple.fr")
        link(user, issuer="https://pc.exemple.fr/api/v2", provider="proconnect")
        call_command("forget_identity", "proconnect", "Nadia@exemple.fr")
        call_command("forget_identity", "proconnect", "nadia@exemple.fr")

        assert capsys.readouterr().out.splitlines() == ["Le compte est détaché.", "Ce compte n'était pas relié."]
        with pytest.raises(CommandError, match="Aucun compte"):
            call_command("forget_identity", "proconnect", "personne@exemple.fr")


@pytest.mark.django_db
def test_agents_are_found_by_their_authoritys_siret_and_never_by_an_empty_one():
    town, other = make_authority(siret="21770154900016"), make_authority(siret="")
    here, elsewhere = make_agent(town, "Nadia", user=make_user("nadia@exemple.fr")), make_agent(other, "Victor")
    with tenancy.every_authority():
        assert list(agents_at("21770154900016", email=" NADIA@exemple.fr ")) == [here]
        assert list(agents_at("21770154900016", user=here.user_id)) == [here]
        assert not agents_at("21770154900016", user=elsewhere.user_id).exists()
        assert not agents_at("", user=elsewhere.user_id).exists()
        assert not agents_at("21770154900016", email="").exists()


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_tie_the_same_identity_at_once():
    users = [make_user(), make_user()]
    start, said = threading.Barrier(2), []

    def tie(user):
        try:
            start.wait()
            link(user)
            said.append("tied")
        except UnableToLinkError as error:
            said.append("taken" if error.is_taken else "?")
        finally:
            connection.close()

    threads = [threading.Thread(target=tie, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["taken", "tied"]
    assert (Identity.objects.count(), SecurityEvent.objects.count()) == (1, 1)

"""A town opens its space: by a link that serves once, ready to be set up, seen by nobody yet."""

from argparse import Namespace
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate

from marelle.commands import open_town as command
from marelle.commands.refusal import Refused
from marelle.domain.accounts.models import Agent, Grant, User
from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Holiday
from marelle.domain.onboarding.models import OpeningLink
from marelle.domain.onboarding.operations.opening import (
    FirstAdministrator,
    NewTown,
    OpeningLinkUsedError,
    SlugTakenError,
    make_opening_link,
    open_authority,
)
from marelle.domain.onboarding.queries.opening import ForWhom, link_of, whom_for
from marelle.domain.procedures.models import Procedure
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from tests.factories.town import make_user

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOW = {"by": SYSTEM, "at": AT}
TOWN = NewTown("Saint-Denis", "commune", "974", "", contact={"phone": "02 62 00 00 10"})
ANA = FirstAdministrator("Ana Hoarau", "Ana.Hoarau@exemple.re", "quatre petits margouillats")


def test_it_has_a_calendar_procedures_and_one_administrator_and_is_not_public():
    authority = open_authority(TOWN, ANA, **HOW)

    assert (authority.slug, authority.is_open, authority.timezone) == ("saint-denis", False, "Indian/Reunion")
    assert "--light-accent" in authority.palette_css
    with tenancy.scope({authority.pk}):
        assert Holiday.objects.filter(name="Abolition de l’esclavage").exists()
        assert Procedure.objects.filter(is_open=True).count() == 12
        agent = Agent.objects.get()
        assert (agent.name, agent.user.email) == ("Ana Hoarau", "ana.hoarau@exemple.re")
        assert list(Grant.objects.values_list("role", "facility", "service_code")) == [("administer", None, "")]
    assert User.objects.get().check_password(ANA.password)


def test_a_link_opens_one_town_and_names_nobody_in_the_database():
    token = make_opening_link(ForWhom("Ana@exemple.re", " Ana Hoarau "), **HOW)
    assert whom_for(token) == ForWhom("ana@exemple.re", "Ana Hoarau")

    open_authority(TOWN, ANA, link=token, **HOW)

    assert link_of(token).opened == "saint-denis"
    with pytest.raises(OpeningLinkUsedError):
        open_authority(TOWN, ANA, link=token, **HOW)
    assert Authority.objects.count() == 1
    kept = str(list(OpeningLink.objects.values())) + str(list(AuditEntry.objects.values()))
    assert "exemple.re" not in kept
    assert "Hoarau" not in kept


def test_a_link_that_was_not_made_here_opens_nothing():
    token = make_opening_link(ForWhom(), **HOW)

    assert whom_for(token + "x") is None
    assert link_of(token + "x") is None
    with pytest.raises(OpeningLinkUsedError):
        open_authority(TOWN, ANA, link=token + "x", **HOW)


def test_an_address_that_has_an_account_keeps_its_password():
    user = make_user("ana.hoarau@exemple.re")
    before = User.objects.get(pk=user.pk).password

    open_authority(TOWN, ANA, **HOW)

    assert User.objects.get().password == before
    assert authenticate(username="ana.hoarau@exemple.re", password=ANA.password) is None


def test_a_name_in_addresses_is_taken_once():
    open_authority(TOWN, ANA, **HOW)

    with pytest.raises(SlugTakenError):
        open_authority(NewTown("Autre", "commune", "93", "C", slug="saint-denis"), ANA, **HOW)
    assert open_authority(NewTown("Saint-Denis", "commune", "93", "C"), ANA, **HOW).slug == "saint-denis-93"


def test_links_that_nobody_can_follow_are_forgotten_at_the_next_one():
    make_opening_link(ForWhom(), **HOW)
    used = make_opening_link(ForWhom(), **HOW)
    open_authority(TOWN, ANA, link=used, **HOW)

    make_opening_link(ForWhom(), by=SYSTEM, at=AT + timedelta(days=3))
    assert OpeningLink.objects.count() == 2
    make_opening_link(ForWhom(), by=SYSTEM, at=AT + timedelta(days=200))
    assert OpeningLink.objects.count() == 1


def test_the_command_prints_a_link_and_refuses_what_is_no_address(capsys):
    assert command.run(Namespace(email="ana@exemple.re", name="Ana")) == 0

    link = capsys.readouterr().out.split()[-1]
    assert link.startswith("http")
    assert whom_for(link.rstrip("/").rpartition("/")[2]) == ForWhom("ana@exemple.re", "Ana")
    with pytest.raises(Refused, match="n’est pas une adresse e-mail"):
        command.run(Namespace(email="ana", name=""))

"""From what the town hall sends to the family's space: the link of a letter, and the code after an account."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.families.models import Invitation, Membership, MembershipCode
from marelle.domain.families.rules.codes import in_groups
from marelle.foundation import tenancy
from marelle.jobs import ways_in as tasks
from tests.factories.joining import make_guardian
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_product,
    make_user,
)
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

PASSWORD = "trois petits chats verts"


class Town:
    """A family of two guardians without an account, and an agent."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="dammartin")
        school = make_facility(self.authority)
        meal = make_product(self.authority, facility=school)
        self.lea = make_guardian(self.authority, "Léa", email="lea@exemple.fr")
        self.paul = make_guardian(self.authority, "Paul", family=self.lea.family, email="")
        make_child(self.lea.family, "Zoé", products=(meal,), school_class=make_class(school, "CE2"))
        self.agent = make_agent(self.authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))

    def inside(self):
        return tenancy.scope({self.authority.pk})

    def members(self):
        with self.inside():
            return sorted(Membership.objects.values_list("user__email", "guardian__first_name"))


@pytest.fixture
def town(with_password):
    return Town(with_password)


def do(task, name):
    """Do what was queued last under this name."""
    task(**ProcrastinateJob.objects.filter(task_name=name).order_by("-pk").first().args)


def path_in_last_letter(start):
    return re.search(rf"http://[^/\s]+({start}\S+)", mail.outbox[-1].body)[1]


def looked_at(person):
    if person.has_scripts:
        person.finds_nothing_with_axe()


WALKS = [pytest.param(PHONE, True, id="phone"), pytest.param(DESK, False, id="desk, no scripts")]
# The second shows nothing of its pages that the one of an account that is created does not.
MOSTLY = [WALKS[0], pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture)]


@pytest.mark.parametrize(("viewport", "scripts"), MOSTLY)
def test_the_town_hall_activates_and_the_family_follows_the_link(town, person, viewport, scripts):
    agent = person("mairie", viewport=viewport, scripts=scripts)
    agent.is_known(town.agent.user)
    agent.opens("/dammartin/familles/acces/")
    agent.page.get_by_role("checkbox", name="Choisir Léa Martin, famille Martin").check()
    looked_at(agent)
    agent.clicks_on(agent.page.get_by_role("button", name="Envoyer un lien", exact=True))
    agent.sees("1 lien en route.")
    do(tasks.invitations, "letters.invitations")

    parent = person(viewport=viewport, scripts=scripts)
    page = parent.page
    parent.opens(path_in_last_letter("/compte/activation/"))
    looked_at(parent)
    parent.clicks_on(page.get_by_role("button", name="Continuer"))
    page.get_by_role("heading", name="Complétez les informations demandées").wait_for()
    parent.clicks_on(page.get_by_role("button", name="Enregistrer"))
    parent.sees("Ce champ est obligatoire.")
    looked_at(parent)
    page.get_by_label("Téléphone").fill("06 12 34 56 78")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    parent.clicks_on(page.get_by_role("button", name="Enregistrer"))
    parent.sees("C’est fait : votre compte donne accès à la famille Martin")
    looked_at(parent)
    assert town.members() == [("lea@exemple.fr", "Léa")]
    parent.opens("/dammartin/reservations/")
    parent.sees("Zoé")

    stranger = person(viewport=viewport, scripts=scripts)
    stranger.opens(path_in_last_letter("/compte/activation/"))
    stranger.page.get_by_role("heading", name="Ce lien ne sert plus").wait_for()
    looked_at(stranger)
    stranger.clicks_on(stranger.page.get_by_role("link", name="Recevoir de nouveau mon lien"))
    stranger.page.get_by_role("heading", name="Recevoir de nouveau mon lien").wait_for()
    looked_at(stranger)

    agent.opens("/dammartin/familles/acces/?etat=comptes")
    agent.sees("Compte actif depuis le")
    with town.inside():
        assert Invitation.objects.get().done_at is not None


@pytest.mark.parametrize(("viewport", "scripts"), WALKS)
def test_an_account_is_created_then_the_code_of_a_paper_letter_is_typed(town, person, viewport, scripts):
    agent = person("mairie", viewport=viewport, scripts=scripts)
    agent.is_known(town.agent.user)
    agent.opens("/dammartin/familles/acces/")
    agent.page.get_by_role("checkbox", name="Choisir Paul Martin, famille Martin").check()
    agent.clicks_on(agent.page.get_by_role("button", name="Code par courrier"))
    agent.sees("1 code à imprimer")
    agent.page.get_by_role("link", name="Ouvrir les lettres").wait_for()
    looked_at(agent)
    with town.inside():
        code = in_groups(MembershipCode.objects.get().code)

    parent = person(viewport=viewport, scripts=scripts)
    page = parent.page
    parent.opens("/compte/connexion/")
    parent.clicks_on(page.get_by_role("link", name="Créer un compte"))
    page.get_by_role("heading", name="Créer un compte").wait_for()
    looked_at(parent)
    page.get_by_label("Adresse e-mail").fill("paul@exemple.fr")
    parent.clicks_on(page.get_by_role("button", name="Recevoir le lien"))
    page.get_by_role("heading", name="Regardez vos courriels").wait_for()
    looked_at(parent)
    do(tasks.account_asked, "letters.account_asked")
    parent.opens(path_in_last_letter("/compte/creer/"))
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    looked_at(parent)
    parent.clicks_on(page.get_by_role("button", name="Enregistrer"))
    page.get_by_role("heading", name="J’ai un code").wait_for()
    page.get_by_label("Code d’adhésion").fill("2222 2222 2222")
    parent.clicks_on(page.get_by_role("button", name="Enregistrer"))
    parent.sees("Ce code ne peut pas servir")
    looked_at(parent)
    page.get_by_label("Code d’adhésion").fill(code.lower())
    parent.clicks_on(page.get_by_role("button", name="Enregistrer"))
    parent.sees("C’est fait : votre compte donne accès à la famille Martin")
    assert town.members() == [("paul@exemple.fr", "Paul")]


@pytest.mark.parametrize(("viewport", "scripts"), MOSTLY)
def test_without_a_code_an_account_asks_and_an_agent_attaches_it(town, person, with_password, viewport, scripts):
    user = with_password(make_user("lea.perso@exemple.fr"))
    parent = person(viewport=viewport, scripts=scripts)
    page = parent.page
    parent.opens("/compte/rejoindre/")
    parent.signs_in(user)
    parent.clicks_on(page.get_by_role("link", name="Je n’ai pas de code"))
    page.get_by_label("Commune ou collectivité").select_option("dammartin")
    page.get_by_label("Prénom de l’enfant").fill("Zoe")
    page.get_by_label("Nom de l’enfant", exact=True).fill("Martin")
    page.get_by_label("Date de naissance de l’enfant").fill("2017-04-09")
    page.get_by_label("Votre prénom").fill("Léa")
    page.get_by_label("Votre nom").fill("Martin")
    looked_at(parent)
    parent.clicks_on(page.get_by_role("button", name="Envoyer ma demande"))
    parent.sees("Mes demandes de rattachement")
    looked_at(parent)

    agent = person("mairie", viewport=viewport, scripts=scripts)
    agent.is_known(town.agent.user)
    agent.opens("/dammartin/familles/")
    agent.clicks_on(agent.page.get_by_role("link", name="1 demande de rattachement"))
    agent.page.get_by_role("heading", name="Demandes de rattachement").wait_for()
    looked_at(agent)
    agent.clicks_on(agent.page.get_by_role("link", name="Léa Martin"))
    agent.sees("Même enfant")
    looked_at(agent)
    agent.clicks_on(agent.page.get_by_text("Léa Martin, famille Martin"))
    agent.clicks_on(agent.page.get_by_role("button", name="Rattacher ce compte"))
    agent.sees("Le compte est rattaché.")
    assert town.members() == [("lea.perso@exemple.fr", "Léa")]

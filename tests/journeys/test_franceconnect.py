"""FranceConnect in front of a parent: tied to her account the first time, then a way in, a quotient, and a way out."""

from __future__ import annotations

import re
import threading
from copy import deepcopy

import pytest

from marelle.connectors.quotient.client import ApiParticulier
from marelle.domain.accounts.models import Identity
from marelle.domain.families.models import FamilyQuotient
from marelle.foundation import tenancy
from standins.api_particulier.cases import known_cases
from standins.api_particulier.server import Server
from standins.franceconnect.profiles import FRANCECONNECT
from tests.factories.town import make_authority, make_family, make_user
from tests.franceconnect import as_franceconnect, closed, served
from tests.journeys.conftest import WITH_AND_WITHOUT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def franceconnect(live_server, settings):
    port = live_server.thread.port
    server = served(FRANCECONNECT, base=f"http://compte.localhost:{port}")
    caf = Server(known_cases(None), franceconnect=server.url)
    threading.Thread(target=caf.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.FRANCECONNECT = as_franceconnect(server)
    settings.QUOTIENT_BY_FRANCECONNECT = ApiParticulier(caf.url, whole_seconds=5)
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] = [*policy["DIRECTIVES"]["form-action"], server.url]
    settings.CONTENT_SECURITY_POLICY = policy
    yield server
    closed(caf)
    closed(server)


@pytest.fixture
def elena(with_password):
    town = make_authority(slug="dammartin", siret="21770154900016")
    user = with_password(make_user("elena@exemple.fr"))
    make_family(town, user=user)
    return user


def pressed(parent, name, role="button"):
    parent.clicks_on(parent.page.get_by_role(role, name=name, exact=isinstance(name, str)))


def looked_at(parent):
    if parent.has_scripts:
        parent.finds_nothing_with_axe()


@pytest.mark.parametrize("scripts", WITH_AND_WITHOUT)
def test_the_first_time_then_each_time_then_her_quotient(person, franceconnect, elena, scripts):
    parent = person("famille", scripts=scripts)
    page = parent.page
    parent.opens("/dammartin/profil/")
    looked_at(parent)
    pressed(parent, "S’identifier avec FranceConnect")
    parent.sees("DOUBLURE de FranceConnect")
    looked_at(parent)
    pressed(parent, re.compile("Elena SANCHEZ"))
    parent.sees("Première fois avec FranceConnect")
    looked_at(parent)
    pressed(parent, "Se connecter pour relier", "link")
    parent.signs_in(elena)
    parent.sees("Relier FranceConnect à ce compte ?")
    looked_at(parent)
    pressed(parent, "Relier")
    # She is where she was going before she said who she is.
    parent.sees("Numéro de dossier")
    page.wait_for_url("**//famille.localhost*/**")
    assert Identity.objects.get().user == elena

    pressed(parent, "Récupérer mon quotient avec FranceConnect", "link")
    parent.sees("Quotient enregistré")
    looked_at(parent)
    pressed(parent, "Récupérer mon quotient avec FranceConnect")
    pressed(parent, re.compile("Elena SANCHEZ"))
    parent.sees(re.compile("votre quotient est de 742"))
    looked_at(parent)
    with tenancy.every_authority():
        assert FamilyQuotient.objects.get().value_cents == 742_00
    pressed(parent, "Revenir à mon profil", "link")
    parent.sees(re.compile("742 depuis le"))

    parent.opens("/compte/securite/", "compte")
    parent.sees("Détacher FranceConnect")
    looked_at(parent)
    parent.opens("/dammartin/profil/")
    parent.clicks_on(page.locator("main").get_by_role("button", name="Se déconnecter"))
    assert [one.path.partition("?")[0] for one in franceconnect.heard][-1] == "/api/v2/session/end"

    parent.opens("/dammartin/profil/")
    pressed(parent, "S’identifier avec FranceConnect")
    pressed(parent, "Annuler et revenir au service")
    parent.sees("Vous avez annulé")
    looked_at(parent)
    pressed(parent, "Recommencer avec FranceConnect")
    pressed(parent, re.compile("Elena SANCHEZ"))
    parent.sees("Numéro de dossier")

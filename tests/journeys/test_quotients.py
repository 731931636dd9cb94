"""An agent and a family's quotient: asked of the CAF and noted, or noted with its proof, without scripts too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from marelle.connectors.quotient.client import ApiParticulier
from marelle.domain.families.models import FamilyQuotient
from marelle.foundation import tenancy
from tests.api_particulier import TOKEN, api, cases  # noqa: F401  fixtures
from tests.factories.papers import pdf
from tests.factories.town import make_agent, make_authority, make_family, make_user
from tests.journeys.conftest import DESK, PHONE, WITH_AND_WITHOUT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def nadia(with_password, person, settings, api):  # noqa: F811  the fixture
    """Sit an agent down at a family's page, in a town that is plugged to the stand-in."""
    settings.QUOTIENT_SOURCE = ApiParticulier(api.url, TOKEN)
    authority = make_authority(slug="dammartin", siret="21770154900016")
    user = with_password(make_user("nadia@exemple.fr"))
    make_agent(authority, "Nadia Ferrand", user=user)
    family = make_family(authority)

    def sat(*, viewport=DESK, scripts=True):
        somebody = person("mairie", viewport=viewport, scripts=scripts)
        somebody.is_known(user)
        somebody.opens(f"/dammartin/familles/{family.public_id}/")
        somebody.page.wait_for_url(lambda address: "/compte/" not in address)
        return somebody

    sat.authority = authority
    return sat


def noted(authority):
    with tenancy.scope({authority.pk}):
        return list(FamilyQuotient.objects.order_by("pk").values_list("value_cents", "source"))


def asks(somebody, name):
    page = somebody.page
    somebody.clicks_on(page.locator("#demander summary"))
    page.get_by_label("Nom de naissance").fill(name)
    page.get_by_label("Prénoms").fill("Elena")
    page.get_by_label("Date de naissance").fill("12/03/1984")
    page.get_by_label("Féminin").check()
    page.get_by_label("En France").check()
    page.get_by_label("Commune de naissance").fill("77288")
    somebody.clicks_on(page.get_by_role("button", name="Demander le quotient"))


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture),
        pytest.param(DESK, True, id="desk", marks=pytest.mark.torture),
        pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
    ],
)
def test_an_agent_asks_reads_and_notes_what_the_caf_answered(nadia, viewport, scripts):
    somebody = nadia(viewport=viewport, scripts=scripts)
    asks(somebody, "Sanchez")
    somebody.sees("La CAF donne un quotient de 742, pour novembre 2026.")
    if scripts:
        somebody.finds_nothing_with_axe()
    assert noted(nadia.authority) == []

    somebody.clicks_on(somebody.page.locator("#reponse").get_by_role("button", name="Noter ce quotient"))

    somebody.sees("Noté : quotient 742 à partir du 01/11/2026.")
    assert noted(nadia.authority) == [(742_00, "api")]
    somebody.opens_every_fold("#quotient")
    somebody.sees("Aucun justificatif n’est à demander")
    if scripts:
        somebody.finds_nothing_with_axe()


def test_nobody_found_is_said_and_what_was_typed_stays(nadia):
    somebody = nadia()
    asks(somebody, "Inconnue")

    somebody.sees("La CAF et la MSA ne trouvent personne sous cette identité.")
    expect(somebody.page.get_by_label("Nom de naissance")).to_have_value("Inconnue")
    somebody.finds_nothing_with_axe()


@pytest.mark.parametrize("scripts", WITH_AND_WITHOUT)
def test_an_unusual_quotient_is_noted_with_its_proof_once_confirmed(nadia, scripts):
    somebody = nadia(scripts=scripts)
    page = somebody.page
    proof = {"name": "attestation.pdf", "mimeType": "application/pdf", "buffer": pdf()}

    def notes():
        page.locator("#noter-document").set_input_files(proof)
        somebody.clicks_on(page.locator("#noter").get_by_role("button", name="Noter ce quotient"))

    somebody.clicks_on(page.locator("#noter summary"))
    page.get_by_label("Quotient familial").fill("6000")
    page.get_by_label("Justificatif, joint ou vu").check()
    notes()
    somebody.sees("Choisissez de nouveau le fichier")
    if scripts:
        somebody.finds_nothing_with_axe()
    page.get_by_label("J’ai vérifié").check()
    notes()

    somebody.sees("Noté : quotient 6000")
    assert noted(nadia.authority) == [(6000_00, "document")]
    somebody.clicks_on(page.locator("#quotient summary").first)
    with page.expect_download() as download:
        somebody.clicks_on(page.locator("#quotient").get_by_role("link", name="attestation.pdf"))
    assert download.value.suggested_filename == "attestation.pdf"

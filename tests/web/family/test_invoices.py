"""Mes factures, without scripts: what is owed and paid at all one's authorities, and nobody else's."""

from __future__ import annotations

import re
from datetime import date

import pytest

from marelle.domain.billing.models import HiddenInvoice
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from tests.factories.invoices import hand_over, issue_invoice, make_regie, pay
from tests.factories.town import (
    make_authority,
    make_child,
    make_family,
    make_product,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TWELVE_DAYS, SIX_DAYS = date(2026, 12, 5), date(2026, 11, 29)


@pytest.fixture
def town():
    return make_authority("Collectivité Démo")


@pytest.fixture
def user(family_site):
    user = make_user("pauline@exemple.fr")
    family_site.force_login(user)
    return user


@pytest.fixture
def family(town, user):
    return make_family(town, "Claironi", user=user)


@pytest.fixture
def regie(town):
    return make_regie(town)


def text_of(response) -> str:
    assert response.status_code == 200
    found = response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(re.sub(r"</?(?:b|small|span|label|p|dd|dt)\b[^>]*>", "", found).split())


def listed(site, town, query: str = "", tab: str = "") -> str:
    return text_of(site.get(f"/{town.slug}/factures/{tab}{query}"))


def test_the_two_invoices_of_the_flyer(family_site, family, town, regie, user):
    elsewhere = make_authority("Commune de JolieVille")
    other = make_regie(
        elsewhere, "Régie périscolaire", number_pattern="{exercice}-A4-00-{numero}", invoice_title="by_date"
    )
    care = make_product(elsewhere, name="Accueil", service=make_service(elsewhere, "Service périscolaire"))
    meal = make_product(town, service=make_service(town, "Service 2"))
    first = issue_invoice(family, regie, cents=11520, payer="CLAIRONI PAULINE", product=meal)
    home = make_family(elsewhere, "Claironi", user=user)
    issue_invoice(home, other, cents=8200, payer="M CASSEREAU PE", product=care, due_on=SIX_DAYS)

    said = listed(family_site, town)

    assert "Collectivité Démo – Service 2" in said
    assert "facture n° 1 de CLAIRONI PAULINE — 12 jours avant échéance — (réf : 2026-CA-00-1)" in said
    assert "Commune de JolieVille – Service périscolaire" in said
    assert "Facture du 02/11/2026 pour M CASSEREAU PE — 6 jours avant échéance — (réf : 2026-A4-00-1)" in said
    assert "Factures à payer (2)" in said
    assert "Chaque commune a sa propre caisse" in said
    ticked = listed(family_site, town, f"?facture={first.public_id}")
    assert "Montant à payer 115,20 €" in ticked

"""A parent signs a mandate on a phone: a wrong key first, then the right one, and the copy to keep."""

from __future__ import annotations

import pytest

from tests.factories.banks import make_creditor
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_authority, make_family, make_user
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


def test_a_mandate_is_signed_on_a_phone(with_password, person):
    user = with_password(make_user("pauline@exemple.fr"))
    town = make_authority("Collectivité Démo", slug="demo")
    regie = make_regie(town)
    make_creditor(regie)
    issue_invoice(make_family(town, "Claironi", user=user), regie)
    parent = person(viewport=PHONE)
    page = parent.page
    parent.is_known(user)
    parent.opens("/demo/factures/")
    parent.clicks_on(page.get_by_role("link", name="Prélèvement automatique"))
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("link", name="Mettre en place le prélèvement"))
    parent.finds_nothing_with_axe()

    page.get_by_label("IBAN").fill("FR76 3000 6000 0112 3456 7890 188")
    page.get_by_label("Adresse du titulaire").fill("2, rue Haute")
    page.get_by_label("Signé à").fill("Dammartin")
    page.get_by_label("Je signe ce mandat de prélèvement").check()
    parent.clicks_on(page.get_by_role("button", name="Signer le mandat"))
    parent.sees("sa clé de contrôle ne correspond pas")
    parent.finds_nothing_with_axe()
    page.get_by_label("IBAN").fill("FR76 3000 6000 0112 3456 7890 189")
    parent.clicks_on(page.get_by_role("button", name="Signer le mandat"))
    parent.sees("Votre mandat est signé.")
    parent.sees("FR76 •••• 0189")
    parent.finds_nothing_with_axe()

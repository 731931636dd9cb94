"""A family comes to pay: found, cashed, its receipt given; the cash counted, then deposited and locked."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from marelle.domain.payments.models import BankDeposit, Receipt
from marelle.foundation import clock, tenancy
from tests.domain.regie_town import Till, assert_accounts_hold
from tests.factories.town import make_agent, make_authority, make_user
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MORNING = datetime(2026, 12, 3, 9, tzinfo=UTC)


def test_a_payment_is_cashed_counted_and_deposited(with_password, person):
    with clock.visiting(MORNING):
        authority = make_authority(slug="dammartin")
        with tenancy.scope({authority.pk}):
            till = Till(authority)
            till.act(ceiling=1000)
            till.invoice(till.family("Benali"), cents=5000)
        user = with_password(make_user("nadia@exemple.fr"))
        make_agent(authority, "Nadia Ferrand", user=user)
        somebody = person("mairie", viewport=PHONE)
        page = somebody.page

        def press(name):
            somebody.clicks_on(page.get_by_role("button", name=re.compile(name)).first)

        somebody.is_known(user)
        somebody.opens("/dammartin/encaissements/")
        page.get_by_role("heading", name="Encaissements").wait_for()
        somebody.finds_nothing_with_axe()
        somebody.clicks_on(page.get_by_role("link", name="Encaisser", exact=True))
        page.get_by_label("Nom de la famille ou numéro de facture").fill("benali")
        press("Chercher")
        somebody.clicks_on(page.get_by_role("link", name="Benali"))
        somebody.finds_nothing_with_axe()
        page.get_by_label("Moyen de paiement").select_option("cash")
        press("Encaisser et donner la quittance")
        somebody.sees("Quittance n° 2026-0001")
        somebody.opens_every_fold()
        somebody.finds_nothing_with_axe()

        somebody.opens(f"/dammartin/encaissements/regies/{till.regie.code}/caisse/")
        somebody.sees("L’encaisse maximale est dépassée.")
        page.get_by_label("Billets de 50,00").fill("1")
        press("Noter ce qui est compté")
        somebody.sees("La caisse est juste")
        somebody.opens_every_fold()
        somebody.finds_nothing_with_axe()
        somebody.clicks_on(page.get_by_role("link", name="Versements"))
        somebody.finds_nothing_with_axe()
        press("Préparer le bordereau")
        somebody.sees("Bordereau V-2026-0001")
        somebody.finds_nothing_with_axe()
        press("Noter le versement")
        somebody.sees("est versé : il ne change plus")
        somebody.finds_nothing_with_axe()
        for path in (
            "reste-a-recouvrer/",
            f"regies/{till.regie.code}/regisseurs/",
            f"regies/{till.regie.code}/en-ligne/",
        ):
            somebody.opens(f"/dammartin/encaissements/{path}")
            somebody.opens_every_fold()
            somebody.finds_nothing_with_axe()
        with tenancy.scope({authority.pk}):
            assert Receipt.objects.get().deposit == BankDeposit.objects.get(state="handed_over")
            assert_accounts_hold()

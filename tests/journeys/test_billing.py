"""A month closed: the days nobody ticked, drafts, review, a correction, approval, invoices; without scripts too."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import BillingRun, Invoice
from marelle.domain.catalog.models import Service
from marelle.domain.reservations.models import Attendance
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted
from marelle.jobs.tasks import go_on_billing
from tests.factories.invoices import make_regie
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DECEMBER = datetime(2026, 12, 3, 9, tzinfo=UTC)
DAYS = (date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9))


@pytest.fixture
def nadia(with_password, person):
    """Sit down an agent who bills, in December, in a town where one day of November was not ticked."""
    with clock.visiting(DECEMBER):
        authority = make_authority(slug="dammartin", siret="21770154900016")
        regie = make_regie(authority, number_pattern="{exercice}-CA-00-{numero}")
        canteen = make_service(authority, "Cantine", regie=regie)
        meal = make_product(authority, service=canteen, facility=make_facility(authority))
        for name in ("Benali", "Sanchez-Cordoves"):
            family = make_family(authority, name)
            child = make_child(family, "Lucia", products=(meal,))
            for day in DAYS:
                make_reservation(child, meal, day, family=family)
                if day != DAYS[-1]:
                    with permitted("factory"), tenancy.scope({authority.pk}):
                        Attendance.objects.create(
                            authority=authority,
                            child=child,
                            product=meal,
                            date=day,
                            state="present",
                            recorded_at=DECEMBER,
                        )
        user = with_password(make_user("nadia@exemple.fr"))
        make_agent(authority, "Nadia Ferrand", user=user)
        assert Authority.objects.count() == 1

        def sat(**how):
            somebody = person("mairie", **how)
            somebody.is_known(user)
            somebody.opens("/dammartin/facturation/")
            somebody.page.wait_for_url(lambda address: "/compte/" not in address)
            return somebody

        sat.authority = authority
        yield sat


def work(authority):
    """Do what the worker does."""
    with tenancy.scope({authority.pk}):
        run = BillingRun.objects.latest("pk").pk
        assert Service.objects.exists()
    go_on_billing(authority=authority.pk, run=run)


def press(somebody, name):
    somebody.clicks_on(somebody.page.get_by_role("button", name=re.compile(name)).first)


def reads_pays_and_corrects(somebody, axe):
    """Open the first invoice, record its payment, look whether there is anything to correct, read the account."""
    page = somebody.page
    somebody.clicks_on(page.get_by_role("link", name="Benali", exact=True))
    somebody.sees("Facture 2026-CA-00-1")
    somebody.opens_every_fold()
    axe()
    page.get_by_label("Montant reçu").fill("16,55")
    page.get_by_label("Moyen de paiement").select_option("cheque")
    press(somebody, "Enregistrer le paiement")
    somebody.sees("Paiement de 16,55 € enregistré.".replace(" €", "\N{NO-BREAK SPACE}€"))
    somebody.clicks_on(page.get_by_role("link", name="Corriger…"))
    somebody.sees("Il n’y a rien à corriger.")
    axe()
    somebody.clicks_on(page.locator(".back a"))
    somebody.clicks_on(page.get_by_role("link", name="Compte de la famille"))
    page.wait_for_url("**/facturation/familles/**")
    somebody.sees("rien à payer")
    somebody.opens_every_fold()
    axe()


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(PHONE, False, id="phone, no scripts"),
        pytest.param(DESK, True, id="desk", marks=pytest.mark.torture),
    ],
)
def test_a_month_closed(nadia, viewport, scripts):
    somebody = nadia(viewport=viewport, scripts=scripts)
    page = somebody.page

    def axe():
        if scripts:
            somebody.finds_nothing_with_axe()

    axe()
    somebody.clicks_on(page.get_by_role("link", name="Préparer une facturation"))
    somebody.sees("Jours sans pointage")
    somebody.sees("lun. 9 nov.")
    axe()
    page.get_by_label("Reporter les petites sommes").uncheck()
    press(somebody, "Préparer les brouillons")
    somebody.sees("Préparation des brouillons")
    axe()
    work(nadia.authority)
    if not scripts:
        somebody.clicks_on(page.get_by_role("link", name="Actualiser"))
    # With scripts the page sees by itself that the worker is done.
    page.get_by_role("heading", name="Brouillons").wait_for()
    somebody.sees("2 factures, novembre 2026")
    axe()

    somebody.clicks_on(page.get_by_role("link", name="Benali", exact=True))
    # Both pages name the family: what is only on the draft says that it has come.
    page.wait_for_url("**/familles/**")
    somebody.sees("Corriger")
    somebody.opens_every_fold()
    axe()
    page.get_by_label("Libellé").fill("Badge perdu")
    page.locator("#ligne-amount").fill("5,00")
    page.locator("#ligne-reason").fill("Perdu le 12 novembre")
    press(somebody, "Ajouter la ligne")
    somebody.sees("La ligne est ajoutée.")
    somebody.clicks_on(page.locator(".back a"))

    somebody.clicks_on(page.get_by_role("link", name="Approuver…"))
    somebody.sees("de 2026-CA-00-1 à 2026-CA-00-2, exercice 2026")
    axe()
    press(somebody, "Émettre 2 factures")
    somebody.sees("Émission des factures")
    work(nadia.authority)
    if not scripts:
        somebody.clicks_on(page.get_by_role("link", name="Actualiser"))
    page.get_by_role("heading", name="Factures", exact=True).wait_for()
    axe()

    reads_pays_and_corrects(somebody, axe)
    with tenancy.scope({nadia.authority.pk}):
        assert list(Invoice.objects.issued().order_by("sequence").values_list("number", "total_cents")) == [
            ("2026-CA-00-1", 1655),
            ("2026-CA-00-2", 1155),
        ]


def test_the_reference_is_shown_while_it_is_typed(nadia):
    somebody = nadia(viewport=DESK)
    somebody.clicks_on(somebody.page.get_by_role("link", name="Réglages des régies"))
    somebody.finds_nothing_with_axe()
    somebody.clicks_on(somebody.page.get_by_role("link", name="Régie scolaire", exact=True))
    somebody.finds_nothing_with_axe()

    somebody.page.get_by_label("Référence des factures").fill("{exercice}/{numero:4}")

    somebody.sees("2026/0001")

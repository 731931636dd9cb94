"""A month closed from its checklist: attendance, warnings, drafts, issue, the deposit; screens are counted."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from marelle.domain.billing.models import BillingRun, Invoice
from marelle.domain.payments.models import BankDeposit
from marelle.domain.reservations.models import Attendance
from marelle.foundation import clock, tenancy
from marelle.jobs.tasks import go_on_billing
from tests.domain.regie_town import Till, assert_accounts_hold
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
from tests.journeys.conftest import DESK
from tests.journeys.test_new_town import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MORNING = datetime(2026, 12, 3, 9, tzinfo=UTC)
DAYS = (date(2026, 11, 5), date(2026, 11, 6))
MOST_SCREENS, MOST_CLICKS = 20, 20


def work(authority):
    """Do what the worker does."""
    with tenancy.scope({authority.pk}):
        run = BillingRun.objects.latest("pk").pk
    go_on_billing(authority=authority.pk, run=run)


def test_a_month_is_closed_from_its_checklist(with_password, person):  # noqa: PLR0915  a walk
    with clock.visiting(MORNING):
        authority = make_authority(slug="dammartin", siret="21770154900016")
        with tenancy.scope({authority.pk}):
            till = Till(authority)
            canteen = make_service(authority, "Cantine", regie=till.regie)
            meal = make_product(authority, service=canteen, facility=make_facility(authority))
            for name in ("Benali", "Sanchez-Cordoves"):
                family = make_family(authority, name)
                child = make_child(family, "Lucia", products=(meal,))
                for day in DAYS:
                    make_reservation(child, meal, day, family=family)
            # What was cashed at the desk this month, for a month before.
            before = till.invoice(till.family("Ledoux"), cents=2000)
            till.cash(before, 2000)
        user = with_password(make_user("nadia@exemple.fr"))
        make_agent(authority, "Nadia Ferrand", user=user)
        somebody = person("mairie", viewport=DESK)
        somebody.is_known(user)
        nadia = Walk(somebody)
        page = somebody.page

        def goes_back():
            nadia.presses("Clôture de novembre 2026", role="link")
            page.get_by_role("heading", name="Clôture du mois").wait_for()

        somebody.opens("/dammartin/facturation/cloture/")
        nadia.looks("Novembre 2026")
        somebody.sees("4 présences à pointer, sur 2 jours.")
        for day in DAYS:
            nadia.presses("Pointer le premier jour", role="link")
            page.wait_for_url(f"**/{day}/**")
            nadia.presses("Tous les autres sont là")
            somebody.sees("Tout est envoyé à")
            goes_back()
        somebody.sees("Chaque jour est pointé.")

        nadia.presses("Préparer les brouillons", role="link")
        somebody.sees("Tout est prêt.")
        page.get_by_label("Reporter les petites sommes").uncheck()
        nadia.presses("Préparer les brouillons")
        somebody.sees("Préparation des brouillons")
        work(authority)
        page.get_by_role("heading", name="Brouillons").wait_for()
        somebody.sees("2 factures, novembre 2026")
        nadia.presses("Approuver…", role="link")
        nadia.presses(re.compile("Émettre 2 factures"))
        somebody.sees("émission")
        work(authority)
        page.get_by_text("Émis", exact=True).first.wait_for()
        goes_back()
        somebody.sees("2 factures émises.")

        nadia.presses(re.compile("^Verser"), role="link")
        nadia.presses(re.compile("Préparer le bordereau"))
        somebody.sees("Bordereau V-2026-0001")
        nadia.presses("Noter le versement")
        somebody.sees("est versé : il ne change plus")
        goes_back()
        nadia.looks("Rien n’attend d’être versé.")
        somebody.sees("Mois fermé")

        with tenancy.scope({authority.pk}):
            assert Attendance.objects.filter(state="present").count() == 4
            assert Invoice.objects.issued().filter(run__isnull=False).count() == 2
            assert BankDeposit.objects.get().state == "handed_over"
            assert_accounts_hold()
    clicks = somebody.clicks
    print(f"a month closed, from attendance to the deposit: {nadia.screens} screens, {clicks} clicks")
    assert nadia.screens <= MOST_SCREENS
    assert clicks <= MOST_CLICKS

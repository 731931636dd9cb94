"""The proof of an absence that comes once the other home is invoiced: what happens, what agents read of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.accounts.models import Grant
from marelle.domain.billing.models import BillingRun, Invoice, InvoiceLine, PayerAccount
from marelle.domain.billing.queries.overtaken import overtaken_before
from marelle.domain.catalog.models import Reglement
from marelle.domain.procedures.models import Application, AppliedEffect
from marelle.domain.procedures.queries.ready import ready_content
from marelle.domain.reservations.models import Absence, Reservation
from marelle.domain.reservations.rules.custody import CustodyTerms, Packages
from marelle.foundation import clock
from marelle.foundation.writes import permitted
from tests.domain.billing_town import assert_ledger_holds, billed, drafted, owed
from tests.domain.shared_home import RULES, SCHOOL_DAYS, SharedHome
from tests.factories.applications import make_sent
from tests.factories.procedures import make_procedure
from tests.factories.town import make_agent
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marelle.config.urls_office")]

IN_SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
IN_OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
FIFTH = datetime(2026, 10, 5, 8, tzinfo=UTC)
# An illness is given back on proof; the paper comes within two days, whenever it is typed.
ILLNESS = {
    **RULES,
    "absence": {
        "clauses": [{"causes": ["illness"], "certificate": {"within": 48, "unit": "hour"}, "bills": "nothing"}],
        "otherwise": "full",
    },
}
OTHER_HOME = (
    "La facture de l’autre foyer de Léa (septembre 2026) est déjà émise. La prochaine facturation ne la change pas :"
)


@pytest.fixture
def town(in_scope):
    """She pays the packages; he had Léa on a Monday evening of September, of which both were invoiced."""
    town = SharedHome(in_scope)
    with permitted("factory"):
        Reglement.objects.update(rules=ILLNESS)
        town.authority.catalog_version += 1
        town.authority.save(update_fields=["catalog_version"])
    town.settle(CustodyTerms(packages=Packages.FIRST))
    homes = town.homes()
    town.day = next(day for day in SCHOOL_DAYS if day.weekday() == 0 and homes[day, "soir"] == town.his.pk)
    town.book([(town.day, "soir"), (town.day, "repas")])
    town.agent = make_agent(town.authority)
    town.client = signed_in(town.agent)
    town.at = lambda path: f"/{town.authority.slug}/{path}"
    billed(town.regie, days=IN_SEPTEMBER)
    town.hers_of_september = Invoice.objects.get(family=town.hers, state="issued")
    with clock.visiting(FIFTH):
        yield town


def tell(town, child, code="soir", **fields):
    """Note that his home told an illness on the very morning."""
    reservation = Reservation.objects.get(child=child, product=town.products[code], date=town.day)
    with permitted("factory"):
        told_at = datetime(town.day.year, town.day.month, town.day.day, 5, tzinfo=UTC)
        return Absence.objects.create(
            authority=town.authority, reservation=reservation, told_at=told_at, **{"cause": "illness", **fields}
        )


def prove(town, absence, client=None):
    """Record the paper, that came the day after; return the screen that says it."""
    form = {"received_on": (town.day + timedelta(days=1)).isoformat(), "received_time": "05:00"}
    client = client or town.client
    response = client.post(town.at(f"absences/{absence.public_id}/certificat/"), form)
    assert response.status_code == 303
    return client.get(response["Location"])


def link_to(answer, invoice):
    return BeautifulSoup(answer.content, "html.parser").find("a", href=lambda url: url and invoice.public_id in url)


def test_it_is_said_where_it_is_recorded_and_stays_until_an_agent_corrects_the_invoice(town):
    hers = town.hers_of_september
    absence = tell(town, town.lea)
    before = ProcrastinateJob.objects.count()

    answer = prove(town, absence)

    said = body(answer)
    assert "Certificat enregistré : Léa, soir" in said
    assert "Une facture déjà émise est à corriger : voyez sous l’absence." in said
    assert f"{OTHER_HOME} corrigez-la. Corriger {hers.number}" in said
    # Neither home is written to: what each reads is its own invoices.
    assert ProcrastinateJob.objects.count() == before

    # The next run does not do it: it judges its own days.
    october = drafted(town.regie, days=IN_OCTOBER)
    assert not InvoiceLine.objects.filter(invoice__run=october, kind="package_refund").exists()

    # Whoever bills reads it, before the run, in its review, in the closing of September: each leads to the invoice.
    for screen in (
        "facturation/preparer/?mois=2026-10",
        f"facturation/{october.public_id}/",
        "facturation/cloture/?mois=2026-09",
    ):
        answer = town.client.get(town.at(screen))
        assert f"{hers.number}, Clairon" in body(answer)
        assert "absence signalée par son autre foyer" in body(answer)
        link = link_to(answer, hers)["href"]

    shown = body(town.client.get(link))
    assert "Forfait du soir, jour rendu" in shown
    assert "1,51 €" in shown
    done = town.client.post(link, {"expected": "-151", "reason": "Justificatif d’absence"})
    assert done.status_code == 303
    credit = Invoice.objects.get(corrects=hers)
    assert (credit.family_id, credit.total_cents) == (town.hers.pk, -151)
    assert owed(PayerAccount.objects.get(family=town.hers)) == hers.total_cents - 151
    assert_ledger_holds()

    # Nothing of his home is on what hers reads; and nothing is left to do.
    for line in credit.lines.all():
        assert not any(word in f"{line.label} {line.steps} {line.reason}" for word in ("Roy", "foyer", "garde"))
    assert OTHER_HOME not in body(town.client.get(town.at("absences/")))
    assert hers.number not in body(town.client.get(town.at(f"facturation/{october.public_id}/")))
    assert "Aucun certificat n’est attendu." in body(town.client.get(town.at("facturation/cloture/?mois=2026-09")))


def test_a_run_over_the_same_days_corrects_it_and_is_not_said_not_to(town):
    prove(town, tell(town, town.lea))
    assert town.hers_of_september.number not in body(town.client.get(town.at("facturation/preparer/?mois=2026-09")))

    (again,) = billed(town.regie, days=IN_SEPTEMBER, at=FIFTH)

    assert (again.family_id, again.total_cents) == (town.hers.pk, -151)
    assert OTHER_HOME not in body(town.client.get(town.at("absences/")))


def test_drafts_in_review_of_both_homes_are_made_again_at_once_and_none_is_while_the_worker_drafts(town):
    homes = town.homes()
    of_october = [day for day in SCHOOL_DAYS if day.month == 10 and day.weekday() == 0]
    town.day = next(day for day in of_october if homes[day, "soir"] == town.his.pk)
    town.book([(town.day, "soir"), (town.day, "repas")])
    evening, meal = tell(town, town.lea), tell(town, town.lea, "repas")
    later = datetime(2026, 11, 2, 9, tzinfo=UTC)
    with clock.visiting(later):
        run = drafted(town.regie, days=IN_OCTOBER)
        before = {one.family_id: one.total_cents for one in run.invoices.all()}
        with permitted("factory"):
            BillingRun.objects.filter(pk=run.pk).update(state="drafting")
        refused = town.client.post(
            town.at(f"absences/{meal.public_id}/certificat/"), {"received_on": str(town.day + timedelta(days=1))}
        )
        assert (refused.status_code, "Réessayez dans quelques minutes" in body(refused)) == (409, True)
        assert not Absence.objects.filter(certificate_at__isnull=False).exists()
        with permitted("factory"):
            BillingRun.objects.filter(pk=run.pk).update(state="review")

        prove(town, evening)
        form = {"choisi": [meal.public_id], "received_on": str(town.day + timedelta(days=1)), "received_time": "05:00"}
        form["vu"] = f"{form['received_on']} 05:00:00"
        assert town.client.post(town.at("absences/ensemble/"), form).status_code == 303

    after = {one.family_id: one.total_cents for one in run.invoices.all()}
    assert after[town.hers.pk] == before[town.hers.pk] - 151
    assert after.get(town.his.pk, 0) == before[town.his.pk] - 213
    assert after[town.alone.pk] == before[town.alone.pk]


def test_its_own_invoice_that_is_out_is_said_too(town):
    answer = prove(town, tell(town, town.lea, "repas"))

    his = Invoice.objects.get(family=town.his, state="issued")
    assert "La facture de ce foyer (septembre 2026) est déjà émise." in body(answer)
    assert link_to(answer, his) is not None
    assert link_to(answer, town.hers_of_september) is None


def test_who_does_not_bill_reads_that_the_regie_corrects_it_and_neither_number_nor_way(town):
    client = signed_in(make_agent(town.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS))

    answer = prove(town, tell(town, town.lea), client)

    assert f"{OTHER_HOME} la régie doit la corriger." in body(answer)
    assert town.hers_of_september.number not in body(answer)
    assert link_to(answer, town.hers_of_september) is None


def test_a_paper_that_changes_nothing_is_not_spoken_of(town):
    absence = tell(town, town.lea, cause="other")
    said = body(prove(town, absence))
    assert "Certificat enregistré" in said
    assert "déjà émise" not in said


def test_a_request_that_is_accepted_says_it_to_its_agent_and_not_to_the_home_that_asked(town):
    procedure = make_procedure(town.authority, "certificat", **{**ready_content("certificat"), "documents": []})
    asked = {"child": [town.lea.public_id], "first_day": [str(town.day)], "last_day": [str(town.day)]}
    sent = make_sent(town.his, procedure, asked, at=datetime.combine(town.day, FIFTH.time(), UTC))
    sent = Application.objects.get(pk=sent.pk)
    form = {"decision": "approve", "expected": sent.revision, **{name: said[0] for name, said in asked.items()}}

    answer = town.client.post(town.at(f"demandes/{sent.public_id}/decision/"), form, follow=True)

    said = body(answer)
    assert f"{OTHER_HOME} corrigez-la. Corriger {town.hers_of_september.number}" in said
    told = AppliedEffect.objects.get().done
    assert "Non facturé." in told
    assert not any(word in told for word in ("autre foyer", "Clairon", town.hers_of_september.number))
    # His own meal was given back by a credit note at once.
    assert Invoice.objects.filter(family=town.his, kind="credit_note").exists()


def test_many_invoices_ask_as_little_as_one(town):
    def asked():
        with CaptureQueriesContext(connection) as statements:
            found = overtaken_before(
                {one.pk for one in town.services.values()},
                first=IN_SEPTEMBER[0],
                last=IN_SEPTEMBER[1],
                offer=town.offer,
                at=FIFTH,
            )
        return len(found), len(statements)

    paper = datetime.combine(town.day, FIFTH.time(), UTC)
    children = [town.double, *(town.child(town.alone, name, date(2018, 1, 1)) for name in ("Noé", "Ali"))]
    with permitted("factory"):
        for child in children[1:]:
            for code in ("soir", "repas"):
                Reservation.objects.create(
                    authority=town.authority,
                    child=child,
                    product=town.products[code],
                    family=town.alone,
                    date=town.day,
                    state="reserved",
                    timing="on_time",
                    reserved_at=paper,
                )
    billed(town.regie, days=IN_SEPTEMBER, at=FIFTH)
    assert asked() == (0, 1)
    tell(town, town.lea, certificate_at=paper)
    asked()
    one, few = asked()
    for child in children:
        for code in ("soir", "repas"):
            tell(town, child, code, certificate_at=paper)
    tell(town, town.lea, "repas", certificate_at=paper)

    many, questions = asked()

    assert (one, many) == (1, 8)
    assert questions == few, "the families of a run are judged again together"

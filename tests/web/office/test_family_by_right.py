"""What a family's page holds depends on the rights of who opens it: what they do not open is not in the page."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.families.models import FamilyQuotient, Guardian, SupportingDocument
from marelle.domain.families.rules.quotients import in_words
from marelle.domain.reservations.models import Enrollment
from marelle.foundation import files, tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import NOW
from tests.factories import town
from tests.factories.invoices import issue_invoice, make_regie
from tests.house.asking import make_applications
from tests.web.office.conftest import THURSDAY, signed_in
from tests.web.office.test_day import add_child, body

pytestmark = pytest.mark.urls("marelle.config.urls_office")

HEALTH, HEALTH_PAPER = "noisettes-secretes", "certificat-secret.pdf"
QUOTIENT, QUOTIENT_PAPER = in_words(123_456), "attestation-caf-secrete.pdf"
MARKS = {HEALTH: "see_health", HEALTH_PAPER: "see_health", QUOTIENT: "see_quotient", QUOTIENT_PAPER: "see_quotient"}
READERS = ("read_families", "manage_reservations", "administer")


def keep_paper(office, kind, name, child=None):
    with permitted("factory"):
        SupportingDocument.objects.create(
            authority=office.authority,
            family=office.family,
            child=child,
            kind=kind,
            name=name,
            content_type="application/pdf",
            stored_as=files.store(b"%PDF-1.7"),
            size=8,
            uploaded_at=NOW,
            is_health=child is not None,
        )


@pytest.fixture
def known(office, in_scope):
    """A family with all that only some may know."""
    in_scope(office.authority)
    child = add_child(office, diet="", allergies=HEALTH)
    town.make_reservation(child, office.meal, THURSDAY, family=office.family)
    with permitted("factory"):
        FamilyQuotient.objects.create(
            authority=office.authority,
            family=office.family,
            value_cents=123_456,
            valid_from=date(2026, 9, 1),
            source="document",
            recorded_at=NOW,
        )
    keep_paper(office, "allergie", HEALTH_PAPER, child)
    keep_paper(office, "quotient", QUOTIENT_PAPER)
    office.url = office.at(f"familles/{office.family.public_id}/")
    return office


def opened(known, *roles, facility=None):
    agent = town.make_agent(known.authority, "Bastien Roy", *roles)
    if facility is not None:
        with permitted("factory"), tenancy.scope({known.authority.pk}):
            Grant.objects.filter(agent=agent).update(facility=facility)
    return signed_in(agent)


@pytest.mark.parametrize("reader", READERS)
def test_health_and_the_quotient_are_only_where_their_right_is(known, reader):
    for more in ((), ("see_health",), ("see_quotient",), ("see_health", "see_quotient")):
        page = opened(known, reader, *more).get(known.url).content.decode()

        assert "Maria" in page
        assert {mark: mark in page for mark in MARKS} == {mark: right in more for mark, right in MARKS.items()}


def test_who_may_not_read_families_opens_none(known):
    for role in {*Grant.Role.values} - {*READERS}:
        client = opened(known, role)

        assert client.get(known.url).status_code == 403
        assert client.get(known.at("familles/"), {"nom": "maria"}).status_code == 403


def test_who_only_reads_has_no_form_and_writes_nothing(known):
    client = opened(known, "read_families")
    page = client.get(known.url).content.decode()

    assert "jeudi 26 novembre" in body(client.get(known.url))
    main = page[page.index("<main") : page.index("</main")]
    assert "<form" not in main
    assert client.post(f"{known.url}inscriptions/", {}).status_code == 403
    assert client.post(f"{known.url}blocages/", {}).status_code == 403


def test_health_stays_within_the_places_of_its_right(known, in_scope):
    other = town.make_facility(known.authority, "École du Bourg")
    agent = town.make_agent(known.authority, "Inès Roy", "read_families", "see_health")
    with permitted("factory"):
        Grant.objects.filter(agent=agent, role="see_health").update(facility=other)
    client = signed_in(agent)

    page = client.get(known.url).content.decode()

    assert HEALTH not in page
    assert HEALTH_PAPER not in page


@pytest.mark.parametrize(("kind", "right"), [("allergie", "see_health"), ("quotient", "see_quotient")])
def test_a_paper_is_handed_over_to_who_may_know_of_it(known, kind, right):
    paper = SupportingDocument.objects.get(kind=kind)
    url = f"{known.url}justificatifs/{paper.public_id}/"

    refused = opened(known, "manage_reservations").get(url)
    assert refused.status_code == 303
    assert paper.name not in str(refused.headers)
    assert opened(known, "manage_reservations", right).get(url).status_code == 200


def test_a_quotient_is_noted_by_who_sees_it(known):
    refused = opened(known, "manage_reservations").post(
        f"{known.url}quotients/", {"value": "500", "valid_from": "2026-11-01", "source": "declared"}
    )

    assert refused.status_code == 303
    assert FamilyQuotient.objects.count() == 1


def test_a_child_is_enrolled_from_its_family(known):
    center = town.make_facility(known.authority, "Centre des Ormes")
    service = town.make_service(known.authority, "Mercredis", code="mercredis")
    day = town.make_product(known.authority, service=service, facility=center)
    child = known.family.custodies.get().child
    sent = {"child": child.public_id, "activity": day.activity.public_id, "starts_on": "2026-11-25"}

    assert known.client.post(f"{known.url}inscriptions/", sent).status_code == 303
    enrollment = Enrollment.objects.get(activity=day.activity_id)
    assert (enrollment.child_id, enrollment.starts_on) == (child.pk, date(2026, 11, 25))
    refused = known.client.post(f"{known.url}inscriptions/", sent | {"starts_on": "2020-01-01"})
    assert refused.status_code == 409
    assert "sortent de la période" in body(refused)
    assert known.client.post(f"{known.url}inscriptions/", sent | {"child": "x"}).status_code == 422


class TestANumber:
    @pytest.fixture
    def numbered(self, known):
        invoice = issue_invoice(known.family, make_regie(known.authority, has_billing=True))
        document = SupportingDocument.objects.get(kind="quotient")
        child = known.family.custodies.get().child
        home = SimpleNamespace(family=known.family, user=known.family.memberships.get().user_id)
        with permitted("factory"):
            made = make_applications(known.authority, home=home, child=child, document=document, agent=known.agent)
        return SimpleNamespace(invoice=invoice, application=made.application)

    @pytest.mark.parametrize("typed", ["{0.number}", "{0.sequence}", "{0.public_reference}"])
    def test_of_an_invoice_leads_to_it_who_bills(self, known, numbered, typed):
        wanted = {"nom": typed.format(numbered.invoice).zfill(2)}
        link = f"/factures/{numbered.invoice.public_id}/"

        assert (
            link in opened(known, "manage_billing", "read_families").get(known.at("familles/"), wanted).content.decode()
        )
        assert link not in opened(known, "manage_reservations").get(known.at("familles/"), wanted).content.decode()

    def test_of_an_application_leads_to_it_who_answers(self, known, numbered):
        wanted = {"nom": f"n° {numbered.application.number}"}
        link = f"/demandes/{numbered.application.public_id}/"

        assert link in known.client.get(known.at("familles/"), wanted).content.decode()
        assert link not in opened(known, "read_families").get(known.at("familles/"), wanted).content.decode()

    def test_the_page_of_a_family_lists_what_it_asked_and_what_it_owes(self, known, numbered):
        whole = known.client.get(known.url).content.decode()
        reader = opened(known, "read_families").get(known.url).content.decode()

        for words in (f"/demandes/{numbered.application.public_id}/", numbered.invoice.number):
            assert words in whole
            assert words not in reader


def test_a_page_reads_as_few_times_for_many(known):
    def statements():
        with CaptureQueriesContext(connection) as counted:
            assert known.client.get(known.url).status_code == 200
        return len(counted)

    def add_guardian(name):
        with permitted("factory"):
            Guardian.objects.create(authority=known.authority, family=known.family, first_name=name, last_name="Roux")

    add_guardian("Ana")  # without an account: how she may get one is read
    statements()
    few = statements()
    for number in range(3):
        child = add_child(known, first_name=f"Enfant {number}", allergies="lait")
        town.make_reservation(child, known.meal, THURSDAY, family=known.family)
        add_guardian(f"Ana {number}")
        keep_paper(known, "allergie", f"certificat {number}.pdf", child)

    assert statements() == few

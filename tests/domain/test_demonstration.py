"""The demonstration: who lives there, and the invoices of flyer 3, one of every kind, whatever the day of the visit."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.db.models import F

from marelle.commands import load as command
from marelle.commands.demonstration.people import PEOPLE
from marelle.domain.accounts.models import Agent, User
from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.queries.family_invoices import entitled, entitled_online, invoices_of
from marelle.domain.billing.rules.standing import Stand
from marelle.domain.catalog.models import Slot
from marelle.domain.families.models import Child, Guardian, Invitation, JoinRequest, Membership, MembershipCode
from marelle.domain.families.queries.joining import proposals_for
from marelle.domain.news.models import Menu
from marelle.domain.onboarding.operations.loading import load
from marelle.domain.onboarding.queries.authority_file.reading import read_file
from marelle.domain.payments.queries.without_account import Payable, find_for_payment
from marelle.domain.procedures.models import Application, AppliedEffect, Procedure, ServiceInCharge
from marelle.domain.reservations.models import CancellationRequest, Reservation, WaitingListEntry
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.money import cents_from
from tests.conftest import MONDAY_MORNING
from tests.domain.test_load import assert_places_are_counted

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(lasting):
    """The demonstration, loaded once on a Monday of term."""
    command.load_demonstration()


@pytest.fixture
def demonstration(loaded):
    with tenancy.every_authority():
        yield


def test_the_demonstration_lives(demonstration):
    assert list(Authority.objects.order_by("slug").values_list("slug", flat=True)) == [
        "collectivite-demo", "dammartin-sur-tigeaux", "jolieville",
    ]  # fmt: skip
    assert_places_are_counted()
    dammartin = Authority.objects.get(slug="dammartin-sur-tigeaux")
    assert dammartin.logo_type == "image/svg+xml"
    assert "cantine et étude surveillée de Dammartin-sur-Tigeaux" in dammartin.announcement
    births = dict(
        Child.objects.filter(authority=dammartin, code__startswith="D-0001").values_list("first_name", "birth_date")
    )
    assert births == {
        "Alvaro": date(2006, 11, 14),
        "Sofia": date(2011, 5, 20),
        "Lucia": date(2017, 4, 9),
        "Mateo": date(2020, 10, 22),
    }
    full = Slot.objects.filter(
        authority=dammartin, template__code="etude", taken=F("capacity"), date__gt=MONDAY_MORNING.date()
    )
    assert full.count() == 1
    assert WaitingListEntry.objects.filter(slot=full.get()).count() == 2
    assert CancellationRequest.objects.filter(authority=dammartin, state="pending").count() == 3
    assert Reservation.objects.filter(authority__slug="jolieville", state=Reservation.State.HELD).exists()
    assert Membership.objects.filter(user__email="elena.sanchez@exemple.fr").count() == 2


def test_the_demonstration_is_the_same_every_time_and_loading_its_files_again_changes_nothing(demonstration):
    for name in command.DEMONSTRATION_FILES:
        again = load(read_file(command.DEMONSTRATION / name), accept_passwords=True, by=SYSTEM, at=MONDAY_MORNING)
        assert not again.has_changed
        assert not again.kept


def test_the_people_announced_are_those_of_the_files(demonstration):
    announced = {(email, side) for _, email, side in PEOPLE}
    password = command.demonstration_people()[0][2]
    families = {
        (email, "famille")
        for email in Guardian.objects.filter(memberships__isnull=False).values_list(
            "memberships__user__email", flat=True
        )
        if User.objects.get(email=email).has_usable_password()
    }
    # Who has no family yet, and asks for one.
    families |= {(email, "famille") for email in JoinRequest.objects.values_list("user__email", flat=True)}
    agents = {(email, "mairie") for email in Agent.objects.values_list("user__email", flat=True)}

    assert announced == families | agents
    assert all(User.objects.get(email=email).check_password(password) for _, email, _ in PEOPLE[:1])


def test_the_canteen_has_published_what_it_serves_and_nothing_on_the_days_it_is_shut(demonstration):
    menus = Menu.objects.filter(authority__slug="dammartin-sur-tigeaux", published_at__isnull=False)
    served = Slot.objects.filter(authority__slug="dammartin-sur-tigeaux", template__activity__service__code="cantine")

    days = set(menus.values_list("day", flat=True))
    assert len(days) >= 4
    assert days <= set(served.values_list("date", flat=True))
    # Each week has a meal without meat.
    weeks = {one.isocalendar().week for one in days}
    green = menus.filter(dishes__marks__contains=["vegetarien"]).values_list("day", flat=True)
    assert {one.isocalendar().week for one in green} == weeks


def test_somebody_waits_at_the_door_of_the_demonstration(demonstration):
    (link,) = Invitation.objects.select_related("guardian")
    codes = MembershipCode.objects.order_by("guardian__first_name").values_list("guardian__first_name", flat=True)

    assert link.guardian.first_name == "Karim"
    assert list(codes) == ["Marc", "Maud"]
    assert [one.family.name for one in proposals_for(JoinRequest.objects.get())] == ["Le Goff"]


def seen_by(email, at):
    who = entitled(User.objects.get(email=email).pk)
    with tenancy.scope(who.authorities):
        return invoices_of(who, at=at)


def assert_they_are_those_of_the_flyer_and_one_of_every_kind(day, at):
    by_day, by_number = seen_by("pauline.claironi@exemple.fr", at)
    assert by_number.title.replace("\N{NO-BREAK SPACE}", " ") == "facture n° 154 de CLAIRONI PAULINE"
    assert by_number.invoice.number == f"{by_number.invoice.exercice}-CA-00-154"
    assert (by_number.left_cents, by_number.standing.days) == (115_20, 12)
    assert by_day.title == f"Facture du {day.replace(day=1):%d/%m/%Y} pour M CASSEREAU PE"
    assert by_day.invoice.number == f"{by_day.invoice.exercice}-A4-00-78"
    assert (by_day.left_cents, by_day.standing.days) == (82_00, 6)

    elena = seen_by("elena.sanchez@exemple.fr", at)
    stands = {one.standing.stand for one in elena}
    assert stands >= {Stand.COMING, Stand.LATE, Stand.IN_RECOVERY, Stand.SETTLED, Stand.CREDIT}
    assert [one.left_cents for one in elena if one.is_hidden] == [5_00]
    assert [(one.settled_cents, one.left_cents) for one in elena if one.standing.is_owed and one.settlements] == [
        (20_00, 12_80)
    ]
    assert {one.authority.slug for one in elena} == {"dammartin-sur-tigeaux", "jolieville"}


def test_the_invoices_are_those_of_the_flyer_and_one_of_every_kind(loaded):
    assert_they_are_those_of_the_flyer_and_one_of_every_kind(MONDAY_MORNING.date(), MONDAY_MORNING)


def test_two_invoices_of_the_same_account_come_to_the_selection_of_the_flyer(loaded):
    late, coming = (
        one
        for one in seen_by("elena.sanchez@exemple.fr", MONDAY_MORNING)
        if one.can_be_chosen and one.invoice.label.startswith("Cantine et étude")
    )
    assert (late.standing.days, coming.standing.days) == (-6, 12)
    assert late.left_cents + coming.left_cents == 115_20


def test_the_numbers_of_a_till_follow_one_another(loaded):
    with tenancy.every_authority():
        found: dict[tuple[int, int], list[int]] = {}
        rows = (
            Invoice.objects.issued()
            .filter(sequence__isnull=False)
            .order_by("sequence")
            .values_list("regie", "exercice", "sequence")
        )
        for regie, exercice, sequence in rows:
            found.setdefault((regie, exercice), []).append(sequence)
    assert found
    for sequences in found.values():
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def assert_its_water_is_paid_by_whoever_reads_the_readme(at):
    readme = (settings.ROOT / "README.md").read_text(encoding="utf-8")
    for reference, amount in command.demonstration_invoices():
        found = find_for_payment(reference, cents_from(amount), gateways=settings.GATEWAYS, at=at)
        assert found is not None
        assert found.payable is Payable.ONLINE
        assert reference in readme
        assert amount.replace("\N{NO-BREAK SPACE}", " ") in readme
    who = entitled_online(User.objects.get(email="elena.sanchez@exemple.fr").pk)
    with tenancy.scope(who.authorities):
        found = [one.invoice.number for one in invoices_of(who, at=at) if one.invoice.is_imported]
    assert found == ["EAU-2026-0117"]


def test_its_water_is_paid_by_whoever_reads_the_readme_and_elena_finds_hers(loaded):
    assert_its_water_is_paid_by_whoever_reads_the_readme(MONDAY_MORNING)


def test_families_have_asked_and_each_application_is_where_it_would_be(demonstration):
    told = Application.objects.filter(authority__slug="dammartin-sur-tigeaux").select_related("version__procedure")
    states = {one.version.procedure.code: one.state for one in told}

    assert states == {
        "quotient": "submitted",
        "inscription": "rejected",
        "recuperation": "approved",
        "adresse": "incomplete",
        "message": "submitted",
        "sante": "draft",
    }
    near = told.get(version__procedure__code="quotient")
    assert 0 < (near.silent_on - MONDAY_MORNING.date()).days < 10
    effect = AppliedEffect.objects.get(application__in=told)
    assert "Pauline Claironi" in effect.done
    for slug in ("dammartin-sur-tigeaux", "jolieville"):
        assert Procedure.objects.filter(authority__slug=slug, is_open=True).count() == 12
        assert set(ServiceInCharge.objects.filter(authority__slug=slug).values_list("code", flat=True)) == {
            "enfance",
            "regie",
        }

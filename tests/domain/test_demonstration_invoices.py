"""The invoices of the demonstration: those of flyer 3, and one of every kind, whatever the day of the visit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.commands.load import demonstration_invoices, load_demonstration
from marelle.domain.accounts.models import User
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.queries.family_invoices import entitled, entitled_online, invoices_of
from marelle.domain.billing.rules.standing import Stand
from marelle.domain.payments.queries.without_account import Payable, find_for_payment
from marelle.foundation import clock, tenancy
from marelle.foundation.money import cents_from

pytestmark = pytest.mark.django_db
IN_TERM, ON_HOLIDAY, IN_JANUARY = date(2026, 11, 23), date(2027, 8, 12), date(2027, 1, 4)


def seen_by(email, at):
    who = entitled(User.objects.get(email=email).pk)
    with tenancy.scope(who.authorities):
        return invoices_of(who, at=at)


@pytest.mark.parametrize("day", [IN_TERM, ON_HOLIDAY, IN_JANUARY], ids=["in term", "on holiday", "in January"])
def test_they_are_those_of_the_flyer_and_one_of_every_kind(day):
    at = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    with clock.visiting(at):
        load_demonstration()

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


def test_in_term_two_invoices_of_the_same_account_come_to_the_selection_of_the_flyer():
    at = datetime(2026, 11, 23, 7, tzinfo=UTC)
    with clock.visiting(at):
        load_demonstration()

    late, coming = (
        one
        for one in seen_by("elena.sanchez@exemple.fr", at)
        if one.can_be_chosen and one.invoice.label.startswith("Cantine et étude")
    )
    assert (late.standing.days, coming.standing.days) == (-6, 12)
    assert late.left_cents + coming.left_cents == 115_20


def test_the_numbers_of_a_till_follow_one_another():
    with clock.visiting(datetime(2026, 11, 21, 7, tzinfo=UTC)):
        load_demonstration()

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


@pytest.mark.parametrize("day", [IN_TERM, IN_JANUARY], ids=["in term", "in January"])
def test_its_water_is_paid_by_whoever_reads_the_readme_and_elena_finds_hers(day, settings):
    at = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    with clock.visiting(at):
        load_demonstration()

    readme = (settings.ROOT / "README.md").read_text(encoding="utf-8")
    for reference, amount in demonstration_invoices():
        found = find_for_payment(reference, cents_from(amount), gateways=settings.GATEWAYS, at=at)
        assert found is not None
        assert found.payable is Payable.ONLINE
        assert reference in readme
        assert amount.replace("\N{NO-BREAK SPACE}", " ") in readme
    who = entitled_online(User.objects.get(email="elena.sanchez@exemple.fr").pk)
    with tenancy.scope(who.authorities):
        found = [one.invoice.number for one in invoices_of(who, at=at) if one.invoice.is_imported]
    assert found == ["EAU-2026-0117"]

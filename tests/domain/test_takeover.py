"""A town leaves a former software in the middle of a year: what it knew comes in, and goes back, to the cent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.operations.ledger import pay_from_wallet, record_payment
from marelle.domain.billing.queries.family_invoices import entitled, invoices_of
from marelle.domain.billing.queries.ledger import balances_of, ledger_faults
from marelle.domain.catalog.models import Product, ProductSlot, Slot
from marelle.domain.catalog.queries import forget_offers
from marelle.domain.families.models import Family, Membership
from marelle.domain.onboarding.models import ImportLine
from marelle.domain.onboarding.operations.imports import applying, checking
from marelle.domain.onboarding.queries.imports import kept, lines_of
from marelle.domain.payments.models import DirectDebitMandate
from marelle.domain.payments.operations.mandates import revoke_mandate
from marelle.domain.reservations.models import Attendance, Reservation
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import imports as jobs
from tests.factories.banks import FRENCH, GERMAN, make_creditor
from tests.factories.imports import AT, ON
from tests.factories.invoices import make_regie
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation, make_service

pytestmark = pytest.mark.django_db
AGENT = Actor(ActorKind.AGENT, None)
THURSDAY = date(2026, 11, 26)


class Town:
    """A canteen with three places a day, its régie, two families, and an agent with the files of a former vendor."""

    def __init__(self):
        self.authority = make_authority("Essai")
        self.regie = make_regie(self.authority)
        self.meal = make_product(self.authority, capacity=3)
        self.families = [make_family(self.authority, name) for name in ("Moreau", "Petit")]
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            Family.objects.filter(pk=self.families[0].pk).update(address="1 rue du Bac, 77000 Melun")
        self.lucia, self.noah = (
            make_child(one, name, products=(self.meal,), birth_date=date(2018, 4, 9))
            for one, name in zip(self.families, ("Lucia", "Noah"), strict=True)
        )
        self.codes = [one.code for one in self.families]

    def bring(self, kind, titles, *rows):
        content = "\n".join((titles, *rows)).encode()
        return checking.receive_file(self.authority, content, kind=kind, name="reprise.csv", on=ON, by=AGENT, at=AT)

    def apply(self, whole, *, at=AT, **more):
        checking.ask_to_apply(whole, by=AGENT, at=at, **more)
        with clock.visiting(at):
            jobs.apply.func(authority=self.authority.pk, whole=whole.pk)
        whole.refresh_from_db()
        assert whole.state == "applied", whole.trouble
        return whole

    def undo(self, whole):
        return applying.undo_import(whole, by=AGENT, at=AT + timedelta(hours=2))

    def balance(self, place):
        payer = PayerAccount.objects.get(family=self.families[place], regie=self.regie)
        return tuple(balances_of([payer.pk])[payer.pk])


@pytest.fixture
def town(in_scope):
    found = Town()
    in_scope(found.authority)
    return found


def accounts():
    """Return what each account of the ledger holds."""
    found: dict[str, int] = {}
    for one in LedgerEntry.objects.all():
        found[one.account] = found.get(one.account, 0) + one.cents
    return {name: cents for name, cents in found.items() if cents}


class TestBalances:
    TITLES = "Dossier;Reste à payer;Avance;Solde au"

    def rows(self, town):
        return (
            f"{town.codes[0]};30,50;5;31/08/2026",
            f"{town.codes[1]};;12;31/08/2026",
            "D-9;3;;",
            f"{town.codes[0]};1;;",
        )

    def test_they_are_posted_against_an_a_nouveau_and_the_wallet_takes_the_advance_alone(self, town):
        whole = town.bring("soldes", self.TITLES, *self.rows(town))
        assert whole.counts == {"new": 2, "refused": 2}
        assert not Posting.objects.exists()
        town.apply(whole)
        assert accounts() == {"receivable": 3050, "wallet": -1700, "opening": -1350}
        assert (town.balance(0), town.balance(1)) == ((3050, 500), (0, 1200))
        assert {one.date for one in Posting.objects.all()} == {date(2026, 8, 31)}
        assert ledger_faults() == []
        assert town.bring("soldes", self.TITLES, *self.rows(town)).counts == {"unchanged": 2, "refused": 2}

    def test_undone_the_ledger_is_at_zero_and_they_may_come_again(self, town):
        whole = town.apply(town.bring("soldes", self.TITLES, *self.rows(town)))
        town.undo(whole)
        assert (accounts(), ledger_faults()) == ({}, [])
        assert (town.balance(0), town.balance(1)) == ((0, 0), (0, 0))
        assert Posting.objects.filter(kind="reversal", reverses__kind="opening").count() == 2
        town.apply(town.bring("soldes", self.TITLES, *self.rows(town)))
        assert town.balance(0) == (3050, 500)

    def test_one_that_was_paid_or_spent_since_stays_and_is_said(self, town):
        whole = town.apply(town.bring("soldes", self.TITLES, *self.rows(town)))
        payer = PayerAccount.objects.get(family=town.families[0])
        record_payment(payer, cents=3050, means="cheque", date=ON, by=AGENT, at=AT)
        assert town.balance(0) == (0, 500)
        counts = town.undo(whole)
        assert (counts["undone"], counts["stays"]) == (1, 1)
        assert [one.number for one in ImportLine.objects.filter(left_as="in_use")] == [2]
        assert (town.balance(0), town.balance(1), ledger_faults()) == ((0, 500), (0, 0), [])

    def test_a_total_that_is_not_that_of_the_former_software_stops_everything(self, town):
        whole = town.bring("soldes", self.TITLES, *self.rows(town))
        with pytest.raises(checking.TotalsDifferError) as error:
            checking.ask_to_apply(whole, totals={town.regie.name: 1650}, by=AGENT, at=AT)
        assert (error.value.found, error.value.said) == ({town.regie.name: 1350}, {town.regie.name: 1650})
        whole.refresh_from_db()
        assert whole.state == "checked"
        town.apply(whole, totals={town.regie.name: 1350})


class TestUnpaidInvoices:
    TITLES = "Numéro de facture;Objet;Date;Échéance;Montant;Reste à payer;Dossier"

    def rows(self, town):
        first, second = town.codes
        return (
            f"2026-12;Juin;30/06/2026;31/12/2026;40;15;{first}",
            f"2026-13;Juin;30/06/2026;31/12/2026;9;9;{second}",
            f"2026-12;Encore;30/06/2026;;9;9;{second}",
            f"2026-14;Juin;30/06/2026;;5;9;{second}",
        )

    def test_what_is_left_of_each_is_an_invoice_of_the_family_paid_as_they_are(self, town):
        whole = town.bring("factures-impayees", self.TITLES, *self.rows(town))
        assert whole.counts == {"new": 2, "refused": 2}
        town.apply(whole)
        invoice = Invoice.objects.get(number="2026-12")
        assert (invoice.family_id, invoice.total_cents, invoice.origin) == (town.families[0].pk, 1500, "file")
        assert invoice.label == "Juin (reste dû sur 40,00\u00a0€)"
        (seen,) = invoices_of(entitled(Membership.objects.get(family=town.families[0]).user_id), at=AT)
        assert (seen.title, seen.left_cents, seen.can_be_chosen) == (invoice.label, 1500, True)
        record_payment(invoice.payer, cents=1500, means="card", date=ON, invoices=[invoice], by=AGENT, at=AT)
        assert (town.balance(0), town.balance(1), ledger_faults()) == ((0, 0), (900, 0), [])
        assert not ProcrastinateJob.objects.filter(task_name__startswith="letters.").exists()
        assert town.bring("factures-impayees", self.TITLES, *self.rows(town)).counts == {"unchanged": 2, "refused": 2}

    def test_undone_they_are_withdrawn_but_for_one_that_was_paid(self, town):
        whole = town.apply(town.bring("factures-impayees", self.TITLES, *self.rows(town)))
        invoice = Invoice.objects.get(number="2026-12")
        record_payment(invoice.payer, cents=100, means="card", date=ON, invoices=[invoice], by=AGENT, at=AT)
        counts = town.undo(whole)
        assert (counts["undone"], counts["stays"]) == (1, 1)
        assert Invoice.objects.get(number="2026-13").withdrawn_at is not None
        assert (town.balance(0), town.balance(1), ledger_faults()) == ((1400, 0), (0, 0), [])

    def test_with_a_balance_that_does_not_hold_them_each_cent_is_counted_once(self, town):
        town.apply(town.bring("factures-impayees", self.TITLES, self.rows(town)[0]))
        rows = (f"{town.codes[0]};20;15",)
        whole = town.apply(town.bring("soldes", "Dossier;Reste à payer;Dont factures", *rows))
        assert town.balance(0) == (2000, 0)
        (line,) = map(kept, lines_of(whole))
        assert "Des factures sont reprises aussi" in line.words[-1]

    def test_an_advance_that_came_pays_what_is_left(self, town):
        town.apply(town.bring("soldes", TestBalances.TITLES, f"{town.codes[0]};;20;"))
        town.apply(town.bring("factures-impayees", self.TITLES, self.rows(town)[0]))
        invoice = Invoice.objects.get(number="2026-12")
        pay_from_wallet(invoice.payer, cents=1500, invoices=[invoice], date=ON, by=AGENT, at=AT)
        assert (town.balance(0), ledger_faults()) == ((0, 500), [])


class TestDays:
    TITLES = "Prénom enfant;Nom enfant;Né le;Prestation;Jour"
    LUCIA, NOAH = "Lucia;Moreau;09/04/2018", "Noah;Petit;09/04/2018"

    def day(self, town):
        return Slot.objects.get(activity=town.meal.activity, date=THURSDAY)

    def test_they_take_places_as_ever_and_never_one_too_many(self, town):
        third = make_child(town.families[0], "Paul", products=(town.meal,), birth_date=date(2016, 1, 2))
        make_reservation(third, town.meal, THURSDAY, family=town.families[0])
        fourth = make_child(town.families[1], "Zoé", products=(town.meal,), birth_date=date(2016, 1, 3))
        rows = (
            f"{self.LUCIA};Repas;26/11/2026", f"{self.NOAH};{town.meal.code};26/11/2026",
            "Zoé;Petit;03/01/2016;Repas;26/11/2026", f"{self.LUCIA};Repas;28/11/2026", f"{self.NOAH};Repas;20/11/2026",
        )  # fmt: skip
        whole = town.bring("reservations", self.TITLES, *rows)
        assert [(one.row.verdict, " ".join(one.words)[:8]) for one in map(kept, lines_of(whole))] == [
            ("new", ""), ("new", ""), ("refused", "Complet "), ("refused", "Fermé. P"), ("refused", "Jour : l"),
        ]  # fmt: skip
        town.apply(whole)
        assert (self.day(town).taken, self.day(town).capacity) == (3, 3)
        lucia = Reservation.objects.get(child=town.lucia)
        assert (lucia.state, lucia.timing, lucia.price_cents, lucia.family_id) == (
            "reserved", "on_time", 385, town.families[0].pk,
        )  # fmt: skip
        assert not Reservation.objects.filter(child=fourth).exists()
        assert not ProcrastinateJob.objects.filter(task_name__startswith="letters.").exists()
        assert town.bring("reservations", self.TITLES, *rows).counts == {"unchanged": 2, "refused": 3}

    def test_a_place_that_went_meanwhile_stops_everything(self, town):
        whole = town.bring(
            "reservations", self.TITLES, f"{self.LUCIA};Repas;26/11/2026", f"{self.NOAH};Repas;27/11/2026"
        )
        with permitted("factory"):
            Slot.objects.filter(pk=self.day(town).pk).update(capacity=0)
        checking.ask_to_apply(whole, by=AGENT, at=AT)
        with clock.visiting(AT):
            jobs.apply.func(authority=town.authority.pk, whole=whole.pk)
        whole.refresh_from_db()
        assert (whole.state, whole.trouble) == ("checked", applying.CHANGED_SINCE)
        assert not Reservation.objects.exists()

    def test_two_things_at_the_same_hours_are_not_both_taken(self, town):
        picnic = make_product(town.authority, name="Pique-nique")
        with permitted("factory"):
            template = ProductSlot.objects.get(product=town.meal).template_id
            ProductSlot.objects.filter(product=picnic).update(template=template)
            Product.objects.filter(pk=picnic.pk).update(activity=town.meal.activity)
        forget_offers()
        whole = town.bring(
            "reservations", self.TITLES, f"{self.LUCIA};Repas;26/11/2026", f"{self.LUCIA};Pique-nique;26/11/2026"
        )
        assert whole.counts == {"new": 1, "refused": 1}
        town.apply(whole)

    def test_what_is_paid_on_booking_was_paid_there(self, town):
        prepaid = make_service(town.authority, "Mercredi", payment_mode="prepaid")
        day_off = make_product(town.authority, name="Mercredi", service=prepaid, term_weekdays=(2,))
        make_child(town.families[0], "Paul", products=(day_off,), birth_date=date(2016, 1, 2))
        town.apply(town.bring("reservations", self.TITLES, "Paul;Moreau;02/01/2016;Mercredi;25/11/2026"))
        assert Reservation.objects.get().price_cents == 0

    def test_undone_the_places_are_given_back_but_for_a_day_that_was_lived(self, town):
        whole = town.apply(
            town.bring("reservations", self.TITLES, f"{self.LUCIA};Repas;26/11/2026", f"{self.NOAH};Repas;26/11/2026")
        )
        with permitted("factory"):
            Attendance.objects.create(
                authority=town.authority,
                child=town.noah,
                product=town.meal,
                date=THURSDAY,
                state="present",
                recorded_at=AT,
            )
        counts = town.undo(whole)
        assert (counts["undone"], counts["stays"], self.day(town).taken) == (1, 1, 1)
        assert Reservation.objects.get(child=town.lucia).state == "cancelled"
        assert Reservation.objects.get(child=town.noah).state == "reserved"


class TestMandates:
    TITLES = "RUM;IBAN;Titulaire;Signé le;Dernier prélèvement;Dossier"

    def rows(self, town):
        return (f"RUM/77;{FRENCH};Jeanne Moreau;01/09/2024;05/10/2026;{town.codes[0]}",
                f"RUM/78;{GERMAN};Ève Petit;01/09/2024;05/10/2026;{town.codes[1]}",
                f"RUM/79;{FRENCH[:-1]}0;X;01/09/2024;;{town.codes[1]}")  # fmt: skip

    def test_they_keep_their_reference_and_are_encrypted(self, town):
        make_creditor(town.regie)
        whole = town.bring("mandats", self.TITLES, *self.rows(town))
        # The second family has no address: a mandate says where its payer lives.
        assert whole.counts == {"new": 1, "refused": 2}
        town.apply(whole)
        mandate = DirectDebitMandate.objects.get()
        assert (mandate.rum, mandate.signed_on, mandate.last_used_on, mandate.iban, mandate.state) == (
            "RUM/77", date(2024, 9, 1), date(2026, 10, 5), FRENCH, "active",
        )  # fmt: skip
        assert mandate.address == "1 rue du Bac, 77000 Melun"
        told = repr(list(AuditEntry.objects.values())) + repr(list(ProcrastinateJob.objects.values()))
        assert FRENCH not in told
        assert "letters." not in told
        assert town.bring("mandats", self.TITLES, *self.rows(town)).counts == {"unchanged": 1, "refused": 2}

    def test_without_a_creditor_none_comes(self, town):
        assert town.bring("mandats", self.TITLES, *self.rows(town)).counts == {"refused": 3}

    def test_undone_one_goes_unless_it_was_touched(self, town):
        make_creditor(town.regie)
        rows = self.rows(town)
        town.undo(town.apply(town.bring("mandats", self.TITLES, rows[0])))
        assert not DirectDebitMandate.objects.exists()
        whole = town.apply(town.bring("mandats", self.TITLES, rows[0]))
        revoke_mandate(DirectDebitMandate.objects.get(), by=AGENT, at=AT)
        assert town.undo(whole)["stays"] == 1
        assert DirectDebitMandate.objects.get().state == "revoked"

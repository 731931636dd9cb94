"""A certificate over several days: what the règlement makes of each, to the cent, invoiced or not.

The règlement and the tariff are those that the demonstration publishes for its canteen.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from ruamel.yaml import YAML

from marelle import commands
from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import BillingRun, Invoice, PayerAccount
from marelle.domain.billing.operations.certificates import (
    Certified,
    UnableToCertifyError,
    WhyNotCertified,
    certify_illness,
)
from marelle.domain.billing.operations.corrections import correct
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.prepaid import settle_at_desk
from marelle.domain.catalog.models import Tariff
from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.families.models import Custody, FamilyQuotient
from marelle.domain.reservations.models import Absence, Attendance, Enrollment, Reservation
from marelle.domain.reservations.operations.absences import report_absence
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.queries.reserved_days import reserved_days
from marelle.domain.reservations.rules.absences import Untold
from marelle.foundation.writes import permitted
from tests.domain.billing_town import assert_ledger_holds, billed, drafted, make_regie, owed, started, wallet
from tests.domain.household import AGENT, Household, journal
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation, make_service

pytestmark = pytest.mark.django_db

TOWN = Path(commands.__file__).parent / "demonstration" / "dammartin-sur-tigeaux.yaml"
# Ill from Monday 16 to Friday 20 November; the Wednesday has no school.
MONDAY, TUESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (16, 17, 19, 20))
ILL = (MONDAY, TUESDAY, THURSDAY, FRIDAY)
EARLIER = date(2026, 11, 5)
ON_THE_FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)
THE_NEXT_MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 3, 9, tzinfo=UTC)


def published():
    """Return the règlement and the tariff of the canteen of the demonstration, as they are written there."""
    town = YAML(typ="safe", pure=True).load(TOWN.read_text())
    activity = next(one for one in town["services"] if one["code"] == "cantine")["activities"][0]
    (reglement,) = activity["reglements"]
    (tariff,) = activity["products"][0]["tariffs"]
    return tuple(
        {key: value for key, value in rules.items() if key not in {"valid_from", "resolution"}}
        for rules in (reglement, tariff)
    )


@pytest.fixture
def home(in_scope):
    """A family of quotient 742, whose child ate one day of November and was ill the four of another week."""
    authority = make_authority()
    in_scope(authority)
    regie = make_regie(authority)
    reglement, tariff = published()
    meal = make_product(authority, service=make_service(authority, regie=regie), rules=reglement)
    home = Household(authority)
    with permitted("factory"):
        Tariff.objects.filter(product=meal).update(rules=tariff)
        Authority.objects.filter(pk=authority.pk).update(catalog_version=authority.catalog_version + 1)
        FamilyQuotient.objects.create(
            authority=authority,
            family=home.family,
            value_cents=742_00,
            valid_from=date(2026, 9, 1),
            source="declared",
            recorded_at=DECEMBER,
        )
    home.regie, home.meal = regie, meal
    home.child = make_child(home.family, products=(meal,))
    for day in (EARLIER, *ILL):
        make_reservation(home.child, meal, day, family=home.family)
    return home


def certify(home, first=MONDAY, last=FRIDAY, *, received=ON_THE_FRIDAY, at=THE_NEXT_MONDAY, **other) -> Certified:
    family = other.pop("family", home.family)
    family.refresh_from_db()
    return certify_illness(
        other.pop("child", home.child),
        family=family,
        first_day=first,
        last_day=last,
        received_at=received,
        by=AGENT,
        at=at,
    )


def tell(home, day, *, at, cause=Cause.ILLNESS):
    return report_absence(
        home.child,
        key=DayKey(home.child.pk, home.meal.pk, day),
        family=home.family.pk,
        offer=home.offer,
        cause=cause,
        words="",
        by=home.by,
        at=at,
    )


def eight(day):
    return datetime(day.year, day.month, day.day, 7, tzinfo=UTC)  # 8:00 in Paris


def payer(home):
    return PayerAccount.objects.get(family=home.family)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


class TestBeforeTheInvoice:
    def test_nobody_told_so_the_two_waiting_days_are_due_and_not_the_others(self, home):
        done = certify(home)

        assert (done.absences_recorded, done.certificates_recorded) == (4, 0)
        assert [(one.date, plain(one.sentence)) for one in done.days] == [
            (MONDAY, "Facturé : le délai pour prévenir était 9 h 30."),
            (TUESDAY, "Facturé : le délai pour prévenir était 9 h 30."),
            (THURSDAY, "Non facturé."),
            (FRIDAY, "Non facturé."),
        ]
        assert (done.credit_notes, done.not_possible, done.to_review) == ((), (), ())
        (invoice,) = billed(home.regie)
        assert invoice.total_cents == 3 * 310

    def test_told_in_time_by_the_family_the_certificate_makes_the_first_days_free_too(self, home):
        for day in (MONDAY, TUESDAY):
            tell(home, day, at=eight(day))

        done = certify(home, received=datetime(2026, 11, 17, 17, tzinfo=UTC))

        assert (done.absences_recorded, done.certificates_recorded) == (2, 2)
        assert {plain(one.sentence) for one in done.days} == {"Non facturé."}
        (invoice,) = billed(home.regie)
        assert invoice.total_cents == 310

    def test_a_certificate_after_forty_eight_hours_leaves_the_waiting_days_due(self, home):
        for day in (MONDAY, TUESDAY):
            tell(home, day, at=eight(day))

        done = certify(home, received=datetime(2026, 11, 19, 8, tzinfo=UTC))

        assert [plain(one.sentence) for one in done.days] == [
            "Facturé : un certificat devait arriver au plus tard mercredi 18 novembre, 8 h.",
            "Facturé : un certificat devait arriver au plus tard jeudi 19 novembre, 8 h.",
            "Non facturé.",
            "Non facturé.",
        ]
        (invoice,) = billed(home.regie)
        assert invoice.total_cents == 3 * 310

    def test_it_is_told_when_it_was_received_not_when_an_agent_has_time(self, home):
        certify(home, received=ON_THE_FRIDAY, at=DECEMBER)

        rows = Absence.objects.values_list("told_at", "certificate_at")
        assert set(rows) == {(ON_THE_FRIDAY, ON_THE_FRIDAY)}

    def test_an_absence_of_an_unsaid_cause_becomes_an_illness_another_cause_stays(self, home):
        tell(home, MONDAY, at=eight(MONDAY), cause=Cause.OTHER)
        tell(home, TUESDAY, at=eight(TUESDAY), cause=Cause.STRIKE)

        certify(home, MONDAY, TUESDAY)

        causes = {one.reservation.date: one.cause for one in Absence.objects.select_related("reservation")}
        assert causes == {MONDAY: "illness", TUESDAY: "strike"}

    def test_the_draft_of_a_run_in_review_is_made_again(self, home):
        run = drafted(home.regie)
        assert Invoice.objects.get(run=run).total_cents == 5 * 310

        certify(home)

        assert Invoice.objects.get(run=run).total_cents == 3 * 310

    def test_the_family_is_not_written_to_day_by_day_and_the_journal_says_no_word_of_it(self, home):
        certify(home)

        assert home.posted() == []
        ((verb, details),) = journal()
        assert verb == "record_certificates"
        assert set(details) == {"absences", "told"}


class TestOnceTheInvoiceIsOut:
    def test_a_credit_note_gives_back_what_it_asked_too_much(self, home):
        (invoice,) = billed(home.regie)
        assert invoice.total_cents == 5 * 310

        done = certify(home, received=DECEMBER - timedelta(days=1), at=DECEMBER)

        (credit,) = done.credit_notes
        assert (credit.kind, credit.total_cents, credit.corrects_id) == ("credit_note", -620, invoice.pk)
        assert plain(credit.reason) == "Justificatif d’absence reçu le 2 décembre 2026"
        assert owed(payer(home)) == 930
        assert_ledger_holds()

    def test_a_paid_one_leaves_it_in_the_wallet(self, home):
        billed(home.regie)
        record_payment(payer(home), cents=1550, means="cheque", date=DECEMBER.date(), by=AGENT, at=DECEMBER)

        certify(home, at=DECEMBER)

        assert (owed(payer(home)), wallet(payer(home))) == (0, 620)
        assert_ledger_holds()

    def test_the_same_certificate_again_gives_nothing_more(self, home):
        billed(home.regie)
        certify(home, at=DECEMBER)

        again = certify(home, at=DECEMBER + timedelta(hours=1))

        assert (again.absences_recorded, again.certificates_recorded, again.credit_notes) == (0, 0, ())
        assert len(again.days) == 4
        assert Invoice.objects.issued().count() == 2
        assert billed(home.regie) == []

    def test_days_of_two_months_give_a_credit_note_for_each_invoice(self, home):
        last = date(2026, 11, 30)
        following = [date(2026, 12, day) for day in (1, 3, 4)]
        for day in (last, *following):
            make_reservation(home.child, home.meal, day, family=home.family)
        (november,) = billed(home.regie)
        (december,) = billed(home.regie, days=(date(2026, 12, 1), date(2026, 12, 31)))

        for day in (last, following[0]):
            tell(home, day, at=eight(day))

        received = datetime(2026, 12, 1, 17, tzinfo=UTC)
        done = certify(home, last, following[-1], received=received, at=datetime(2027, 1, 5, 9, tzinfo=UTC))

        assert [(one.corrects_id, one.total_cents) for one in done.credit_notes] == [
            (november.pk, -310),
            (december.pk, -930),
        ]
        assert_ledger_holds()

    def test_a_difference_that_is_not_in_favour_of_the_family_is_left_to_an_agent(self, home):
        (invoice,) = billed(home.regie)
        for day in (6, 9, 10):
            make_reservation(home.child, home.meal, date(2026, 11, day), family=home.family)

        done = certify(home, at=DECEMBER)

        assert (done.credit_notes, done.to_review) == ((), (invoice,))
        assert Invoice.objects.issued().count() == 1

    def test_after_a_correction_it_is_the_first_invoice_that_is_corrected(self, home):
        (invoice,) = billed(home.regie)
        with permitted("factory"):
            Reservation.objects.filter(date=EARLIER).update(state="cancelled")
        correct(invoice, authority=home.authority, reason="Erreur", by=AGENT, at=DECEMBER)

        done = certify(home, at=DECEMBER)

        assert [(one.corrects_id, one.total_cents) for one in done.credit_notes] == [(invoice.pk, -620)]

    def test_a_day_carried_over_from_another_month_is_left_to_an_agent(self, home):
        october = date(2026, 10, 1)
        make_reservation(home.child, home.meal, october, family=home.family)
        assert billed(home.regie, days=(october, date(2026, 10, 31)), carried_below=15_00) == []
        (invoice,) = billed(home.regie)
        assert invoice.total_cents == 6 * 310

        done = certify(home, october, october, at=DECEMBER)

        assert (done.absences_recorded, done.credit_notes, done.to_review) == (1, (), (invoice,))

    @pytest.mark.parametrize("state", ["drafting", "issuing"])
    def test_not_while_the_worker_is_at_it(self, home, state):
        run = started(home.regie)
        with permitted("factory"):
            BillingRun.objects.filter(pk=run.pk).update(state=state)

        with pytest.raises(UnableToCertifyError) as refused:
            certify(home)

        assert refused.value.why is WhyNotCertified.RUN_UNDER_WAY
        assert not Absence.objects.exists()

    def test_a_month_in_which_the_day_is_part_of_a_package_gives_back_what_it_says(self, home):
        package = {"code": "mois", "name": "Forfait du mois", "price": "40,00", "refund": "2,00", "per": "month"}
        with permitted("factory"):
            Enrollment.objects.update(formula="mois")
            Tariff.objects.filter(product=home.meal).update(rules={"price": "3,10", "packages": [package]})
            Authority.objects.filter(pk=home.authority.pk).update(catalog_version=99)
        (invoice,) = billed(Regie.objects.get())
        assert invoice.total_cents == 4000

        done = certify(home, at=DECEMBER)

        assert [one.total_cents for one in done.credit_notes] == [-400]


class TestPaidOnBooking:
    @pytest.fixture
    def centre(self, home):
        reglement, _tariff = published()
        service = make_service(home.authority, name="Centre", payment_mode="prepaid", regie=home.regie)
        home.authority.refresh_from_db()
        home.day = make_product(home.authority, service=service, name="Journée", price_cents=1200, rules=reglement)
        home.other = make_child(home.family, "Sofia", products=(home.day,))
        home.authority.refresh_from_db()
        return home

    def book(self, home, child, day):
        place = make_reservation(
            child, home.day, day, family=home.family, state="held", held_until=DECEMBER, price_cents=1200
        )
        return settle_at_desk(place, authority=home.authority, means="cheque", by=AGENT, at=eight(EARLIER))

    def test_the_days_that_the_reglement_gives_back_come_back_and_no_other(self, centre):
        invoices = {day: self.book(centre, centre.other, day) for day in ILL}
        self.book(centre, centre.other, EARLIER)

        done = certify(centre, child=centre.other)

        assert [(one.corrects_id, one.total_cents) for one in done.credit_notes] == [
            (invoices[THURSDAY].pk, -1200),
            (invoices[FRIDAY].pk, -1200),
        ]
        assert wallet(payer(centre)) == 2400
        assert_ledger_holds()


class TestRefusals:
    def test_days_that_cannot_be_are_told_with_why_and_the_others_are_recorded(self, home):
        with permitted("factory"):
            Attendance.objects.create(
                authority=home.authority,
                child=home.child,
                product=home.meal,
                date=TUESDAY,
                state="present",
                recorded_at=THE_NEXT_MONDAY,
            )
            Reservation.objects.filter(date=THURSDAY).update(state="held", held_until=DECEMBER)
        coming = make_reservation(home.child, home.meal, date(2026, 11, 27), family=home.family)

        done = certify(home, MONDAY, coming.date)

        assert [(one.date, one.reason) for one in done.not_possible] == [
            (TUESDAY, Untold.WAS_PRESENT),
            (THURSDAY, Untold.HELD),
            (coming.date, Untold.CANCEL_INSTEAD),
        ]
        assert (
            done.not_possible[0].sentence
            == "Une présence est notée ce jour-là. Si c’est une erreur, contactez la mairie."
        )
        assert [one.date for one in done.days] == [MONDAY, FRIDAY]

    def test_a_told_day_on_which_the_child_came_after_all_takes_no_certificate(self, home):
        tell(home, MONDAY, at=eight(MONDAY))
        with permitted("factory"):
            Attendance.objects.create(
                authority=home.authority,
                child=home.child,
                product=home.meal,
                date=MONDAY,
                state="present",
                recorded_at=THE_NEXT_MONDAY,
            )

        done = certify(home, MONDAY, MONDAY)

        assert [one.reason for one in done.not_possible] == [Untold.WAS_PRESENT]
        assert Absence.objects.get().certificate_at is None

    def test_what_the_other_home_reserved_is_left_alone(self, home):
        father = make_family(home.authority, "Martin")
        with permitted("factory"):
            Custody.objects.create(
                authority=home.authority, child=home.child, family=father, starts_on=date(2026, 9, 1)
            )
            Reservation.objects.filter(date__in=(THURSDAY, FRIDAY)).update(family=father)

        done = certify(home)

        assert [one.date for one in done.days] == [MONDAY, TUESDAY]
        assert Absence.objects.count() == 2

    def test_a_day_of_last_spring_is_recorded_all_the_same(self, home):
        done = certify(home, at=datetime(2027, 3, 1, 9, tzinfo=UTC))

        assert len(done.days) == 4

    def test_days_on_which_nothing_is_reserved_come_to_nothing(self, home):
        done = certify(home, date(2026, 11, 10), date(2026, 11, 13))

        assert done == Certified(0, 0, (), (), ())
        assert journal() == []

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"last": date(2026, 11, 15)}, WhyNotCertified.REVERSED),
            ({"received": THE_NEXT_MONDAY + timedelta(minutes=1)}, WhyNotCertified.FUTURE),
        ],
    )
    def test_what_makes_no_sense_is_refused_whole(self, home, said, why):
        with pytest.raises(UnableToCertifyError) as refused:
            certify(home, **said)

        assert refused.value.why is why

    def test_a_family_of_another_authority_is_refused(self, home):
        elsewhere = make_authority()
        with pytest.raises(UnableToCertifyError) as refused:
            certify_illness(
                home.child,
                family=make_family(elsewhere),
                first_day=MONDAY,
                last_day=FRIDAY,
                received_at=ON_THE_FRIDAY,
                by=AGENT,
                at=THE_NEXT_MONDAY,
            )

        assert refused.value.why is WhyNotCertified.OTHER_AUTHORITY


class TestWhatItWillTouch:
    def test_the_days_are_read_with_what_is_known_of_them(self, home):
        tell(home, MONDAY, at=eight(MONDAY))
        certify(home, MONDAY, MONDAY)
        with permitted("factory"):
            Attendance.objects.create(
                authority=home.authority,
                child=home.child,
                product=home.meal,
                date=TUESDAY,
                state="absent",
                recorded_at=THE_NEXT_MONDAY,
            )
            Reservation.objects.filter(date=THURSDAY).update(state="held", held_until=DECEMBER)
            Reservation.objects.filter(date=FRIDAY).update(state="cancelled")

        with CaptureQueriesContext(connection) as asked:
            found = reserved_days(home.child, home.family, MONDAY, FRIDAY)

        assert len(asked) == 1
        assert [(one.date, one.told_at, one.certificate_at, one.seen, one.is_held) for one in found] == [
            (MONDAY, eight(MONDAY), ON_THE_FRIDAY, "", False),
            (TUESDAY, None, None, "absent", False),
            (THURSDAY, None, None, "", True),
        ]
        assert (found[0].product_name, found[0].service_name) == ("Repas", "Cantine")

    def test_a_month_asks_as_little_as_a_day(self, home):
        def asked_for(first, last):
            with CaptureQueriesContext(connection) as asked:
                certify(home, first, last, at=DECEMBER)
            return len(asked)

        one = asked_for(EARLIER, EARLIER)

        assert asked_for(MONDAY, FRIDAY) <= one

"""What an acceptance does, for each of the ready procedures: once, whole, and nothing when it is not one."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.billing.models import Invoice
from marelle.domain.families.models import Custody, PickupPerson
from marelle.domain.families.operations.removals import restore_access
from marelle.domain.procedures.models import Application, AppliedEffect
from marelle.domain.procedures.operations.effects.done import UnableToApplyError
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.reviewing import decide
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.domain.procedures.operations.submitting import withdraw_application
from marelle.domain.procedures.rules.states import Decision, State
from marelle.foundation.models import AuditEntry
from tests.factories.joining import make_guardian
from tests.factories.ready_answers import EFFECTIVE, LATER, Asking

pytestmark = pytest.mark.django_db


@pytest.fixture
def asking(in_scope):
    made = Asking()
    in_scope(made.authority)
    return made


def accept(asking, application, **changed):
    return decide(
        application,
        Decision.APPROVE,
        given=asking.accepted(application) | changed,
        expected=application.revision,
        by=asking.agent,
        at=LATER,
    )


@pytest.mark.parametrize("code", EFFECTIVE)
def test_an_acceptance_does_it_once_and_says_what(asking, code):
    application = asking.sent(code)
    before = asking.written()

    done = accept(asking, application)
    after = asking.written()
    accept(asking, application)

    assert done.state == State.APPROVED
    assert after != before
    assert asking.written() == after, "the same acceptance again does nothing more"
    effect = AppliedEffect.objects.get()
    assert effect.done
    assert effect.rows


@pytest.mark.parametrize("code", EFFECTIVE)
@pytest.mark.parametrize("how", ["rejected", "withdrawn"])
def test_what_is_refused_or_withdrawn_changes_nothing(asking, code, how):
    application = asking.sent(code)
    before = asking.written()

    if how == "rejected":
        decide(application, Decision.REJECT, reasons="Non.", expected=application.revision, by=asking.agent, at=LATER)
    else:
        withdraw_application(application, by=asking.home.by, at=LATER)

    assert asking.written() == before
    assert not AppliedEffect.objects.exists()


IMPOSSIBLE = {
    "recuperation": {"children": ["nobody"]},
    "adresse": {"starts_on": ["2031-01-01"]},
    "sante": {"care_plan_until": ["2027-06-30"], "has_care_plan": ["yes"], "care_plan": [""]},
    "inscription": {"starts_on": ["2031-01-01"]},
    "quotient": {"quotient": ["99 999,00"]},
    "remboursement": {"amount": ["900,00"]},
    "contestation": {"credit": ["900,00"]},
    "garde": {"starts_on": ["2001-01-01"]},
    "certificat": {"last_day": ["2026-11-20"]},
}


@pytest.mark.parametrize("code", IMPOSSIBLE)
def test_an_effect_that_is_impossible_decides_nothing(asking, code, django_db_blocker):
    application = asking.sent(code)
    before = asking.written()
    given = asking.accepted(application) | IMPOSSIBLE[code]

    with pytest.raises(Exception) as refused:  # noqa: PT011  of the fields, or of the effect: both say why
        decide(
            application,
            Decision.APPROVE_PARTLY,
            reasons="Voir.",
            given=given,
            expected=application.revision,
            by=asking.agent,
            at=LATER,
        )

    told = getattr(refused.value, "reasons", None) or getattr(refused.value, "faults", None)
    assert told, repr(refused.value)
    django_db_blocker.unblock()
    assert Application.objects.get(pk=application.pk).state == State.SUBMITTED
    assert asking.written() == before


class TestEachEffect:
    def test_a_person_may_fetch_the_child_from_today_when_the_day_asked_for_is_past(self, asking):
        accept(asking, asking.sent("recuperation", starts_on=["2026-11-24"]))

        assert PickupPerson.objects.get().starts_on == date(2026, 11, 27)

    def test_a_child_is_given_no_home_of_who_is_kept_out_of_its_own(self, asking):
        maria = make_guardian(asking.authority, "Maria", family=asking.family, name="Martin")
        removal = remove_access(maria, kind="court_order", by=asking.agent, at=LATER, machine=LATER)
        application = asking.sent("garde")
        before = asking.written()

        with pytest.raises(UnableToApplyError) as refused:
            accept(asking, application)

        assert str(refused.value.reasons[0]).startswith("L’accès de Maria Martin à un dossier de Luca est retiré")
        assert asking.written() == before
        restore_access(removal, by=asking.agent, at=LATER)
        accept(asking, application)
        assert Custody.objects.filter(child=asking.luca, family=asking.other).exists()

    def test_an_allergy_is_added_to_those_known(self, asking):
        accept(asking, asking.sent("sante"))

        assert asking.written()["allergies"] == "Arachide\nŒuf"

    def test_an_allergy_is_said_neither_in_what_was_done_nor_in_the_journal(self, asking):
        accept(asking, asking.sent("sante"))

        assert "Œuf" not in AppliedEffect.objects.get().done
        assert not any("Œuf" in str(line.details) for line in AuditEntry.objects.all())

    def test_a_contested_invoice_is_billed_again_from_what_is_recorded_when_no_amount_is_said(self, asking):
        accept(asking, asking.sent("contestation"), credit=[""])

        (kind, key), *_others = AppliedEffect.objects.get().rows
        assert kind == "invoice"
        assert Invoice.objects.get(pk=key).corrects == asking.invoice

    def test_a_change_by_the_agent_is_an_acceptance_in_part(self, asking):
        application = asking.sent("remboursement")

        with pytest.raises(UnableToWriteError) as refused:
            accept(asking, application, amount=["6,00"])

        assert refused.value.why is WhyNot.CHANGED_WHAT_THEY_ASKED

"""An application from its draft to a decision, and what stands against each step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.domain.procedures.models import Application, AppliedEffect
from marelle.domain.procedures.operations.drafts import save_draft, start_application
from marelle.domain.procedures.operations.refusals import UnableToSubmitError, UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.reviewing import assign, decide, request_changes
from marelle.domain.procedures.operations.submitting import (
    complete_application,
    submit_application,
    withdraw_application,
)
from marelle.domain.procedures.rules.answers import AnswerFault
from marelle.domain.procedures.rules.states import Decision, State
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from tests.domain.household import NOW, Household
from tests.factories.procedures import make_draft, make_procedure
from tests.factories.town import make_agent, make_authority, make_child

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    authority = make_authority()
    with tenancy.scope({authority.pk}):
        yield authority


@pytest.fixture
def home(town):
    return Household(town)


@pytest.fixture
def agent(town):
    return make_agent(town, "Nadia Ferrand")


def answers(child, **more):
    return {
        "children": [child.public_id],
        "person.name": ["Jeanne  Martin"],
        "person.phone": ["0612345678"],
        "starts_on": ["01/12/2026"],
        **more,
    }


@pytest.fixture
def sent(town, home):
    child = make_child(home.family, "Luca")
    draft = make_draft(home.family, make_procedure(town, documents=[]), answers(child))
    return submit_application(draft, by=home.by, at=NOW)


def by(agent):
    return Actor(ActorKind.AGENT, agent.user_id)


def test_a_draft_keeps_what_was_written_right_or_wrong(town, home):
    draft = make_draft(home.family, make_procedure(town), {"starts_on": ["demain"], "forged": ["x"]})

    assert draft.answers == {"starts_on": ["demain"]}
    assert start_application(draft.version.procedure, home.family, None, by=home.by, at=NOW) == draft


def test_an_application_is_refused_with_each_fault_and_each_missing_document(town, home):
    draft = make_draft(home.family, make_procedure(town), {"starts_on": ["demain"], "children": ["nobody"]})

    with pytest.raises(UnableToSubmitError) as refused:
        submit_application(draft, by=home.by, at=NOW)

    assert refused.value.faults == {
        "children": AnswerFault.NOT_OFFERED,
        "person": AnswerFault.MISSING,
        "starts_on": AnswerFault.NOT_A_DAY,
    }
    assert refused.value.missing == ("identity",)
    assert Application.objects.get().state == State.DRAFT


def test_sent_twice_is_sent_once_numbered_acknowledged_and_on_its_clock(home, sent):
    again = submit_application(sent, by=home.by, at=NOW + timedelta(minutes=1))

    assert (again.number, again.state, again.submitted_at) == (1, State.SUBMITTED, NOW)
    assert str(again.silent_on) == "2027-01-23"
    assert again.answers["person.phone"] == ["06 12 34 56 78"]
    assert home.posted().count("letters.application_acknowledged") == 1
    assert [one.child.first_name for one in again.children.all()] == ["Luca"]


def test_an_agent_asks_for_what_is_missing_and_the_family_sends_it(home, sent, agent):
    request_changes(
        sent, "", codes=["person"], due_on=NOW.date() + timedelta(days=10), expected=sent.revision, by=by(agent), at=NOW
    )
    waiting = Application.objects.get()
    assert (waiting.state, waiting.silent_on) == (State.INCOMPLETE, None)

    done = complete_application(
        waiting, {"person.name": ["Jean Martin"], "starts_on": ["02/12/2026"]}, by=home.by, at=NOW + timedelta(days=3)
    )

    assert done.answers["person.name"] == ["Jean Martin"]
    assert done.answers["starts_on"] == ["2026-12-01"], "only what was asked again changes"
    assert str(done.silent_on) == "2027-01-26"


def test_two_agents_do_not_overwrite_each_other(sent, agent):
    assign(sent, agent, expected=sent.revision, by=by(agent), at=NOW)

    with pytest.raises(UnableToWriteError) as refused:
        decide(sent, Decision.APPROVE, expected=sent.revision, by=by(agent), at=NOW)

    assert refused.value.why is WhyNot.CHANGED


def test_accepted_twice_does_its_effect_once(home, sent, agent):
    first = decide(sent, Decision.APPROVE, expected=sent.revision, by=by(agent), at=NOW)
    second = decide(sent, Decision.APPROVE, expected=sent.revision, by=by(agent), at=NOW)

    assert (first.state, second.revision) == (State.APPROVED, first.revision)
    assert AppliedEffect.objects.count() == 1
    assert home.posted().count("letters.application_decided") == 1


def test_what_the_family_asked_is_not_changed_without_saying_so(sent, agent):
    given = sent.answers | {"starts_on": ["2026-12-15"]}
    with pytest.raises(UnableToWriteError) as refused:
        decide(sent, Decision.APPROVE, given=given, expected=sent.revision, by=by(agent), at=NOW)
    assert refused.value.why is WhyNot.CHANGED_WHAT_THEY_ASKED

    done = decide(
        sent,
        Decision.APPROVE_PARTLY,
        reasons="Dès la rentrée.",
        given=given,
        expected=sent.revision,
        by=by(agent),
        at=NOW,
    )

    assert done.accepted["starts_on"] == ["2026-12-15"]


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.APPROVE_PARTLY])
def test_a_refusal_says_why(sent, agent, decision):
    with pytest.raises(UnableToWriteError) as refused:
        decide(sent, decision, reasons="  ", expected=sent.revision, by=by(agent), at=NOW)

    assert refused.value.why is WhyNot.NO_REASON


def test_what_is_withdrawn_is_not_decided(home, sent, agent):
    assert withdraw_application(sent, by=home.by, at=NOW)
    assert not withdraw_application(sent, by=home.by, at=NOW)
    fresh = Application.objects.get()

    with pytest.raises(UnableToWriteError) as refused:
        decide(fresh, Decision.APPROVE, expected=fresh.revision, by=by(agent), at=NOW)

    assert refused.value.why is WhyNot.NOT_OPEN
    assert not AppliedEffect.objects.exists()


def test_a_draft_made_before_a_change_is_read_again_before_it_is_sent(town, home):
    procedure = make_procedure(town, documents=[])
    child = make_child(home.family, "Luca")
    draft = make_draft(home.family, procedure, answers(child))
    make_procedure(town, documents=[], summary="Autre texte")

    with pytest.raises(UnableToWriteError) as refused:
        submit_application(draft, by=home.by, at=NOW)
    assert refused.value.why is WhyNot.PROCEDURE_CHANGED

    save_draft(draft, draft.answers, by=home.by, at=NOW)
    assert submit_application(draft, by=home.by, at=NOW).state == State.SUBMITTED

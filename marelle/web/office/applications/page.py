"""One application before its agent: what is asked, the documents beside it, what was said, the ways to answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from csp.constants import SELF
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.rules.roles import SEE_HEALTH, SEE_QUOTIENT
from marelle.domain.procedures.models import (
    AnswerTemplate,
    AppliedEffect,
    ServiceInCharge,
)
from marelle.domain.procedures.queries.inbox import agents_of_service
from marelle.domain.procedures.queries.offered import names_of, offered_to
from marelle.domain.procedures.queries.story import story_of
from marelle.domain.procedures.rules.answers import filled_text, read_answers
from marelle.domain.procedures.rules.clocks import Silence
from marelle.domain.procedures.rules.definitions import EFFECTS, EffectKind, Writer
from marelle.domain.procedures.rules.secrecy import secret_fields
from marelle.domain.procedures.rules.states import DECIDABLE, OPEN, STATE_WORDS, State
from marelle.domain.procedures.rules.templates import filled
from marelle.foundation.french_dates import in_digits, in_full, listed
from marelle.web.office.applications import wording
from marelle.web.office.applications.fields import AnswersForm
from marelle.web.office.applications.forms import (
    AssignForm,
    ChangesForm,
    MessageForm,
    NoteForm,
    ReasonsForm,
    TransferForm,
)
from marelle.web.office.applications.surroundings import (
    application_or_404,
    hidden_fields,
    is_about_health,
    is_health_open,
    open_health,
    rights_to_read,
    service_page,
    url_of,
)
from marelle.web.office.applications.telling import (
    answer_rows,
    applicant_of,
    changes_of,
    clock_words,
    label_of,
    merged,
    notes_of,
    outcome_of,
    thread_of,
    values_of,
)
from marelle.web.office.applications.viewer import asked_documents, viewer
from marelle.web.office.surroundings import ROLES, office_context, visit_of
from marelle.web.readings import notes_readings, reads_quotient
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.queries.offered import Offered
    from marelle.domain.procedures.rules.answers import Given
    from marelle.domain.procedures.rules.definitions import Definition
    from marelle.web.doors import OfficeVisit

# The time that a family is offered to complete its application.
USUAL_TIME: Final = timedelta(days=15)
PURPOSES: Final = AnswerTemplate.Purpose


@dataclass(frozen=True, slots=True)
class Typed:
    """What an agent had typed when a form did not pass: shown again as it was. `given` is of the acceptance."""

    assigning: AssignForm | None = None
    transferring: TransferForm | None = None
    changing: ChangesForm | None = None
    messaging: MessageForm | None = None
    noting: NoteForm | None = None
    accepting: ReasonsForm | None = None
    refusing: ReasonsForm | None = None
    given: Given | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands against a write: a sentence, why, and what others did since the page was shown."""

    title: str
    reasons: Sequence[str] = ()
    since: Sequence[tuple[str, str]] = ()
    is_conflict: bool = False


@require_safe
@service_page
@notes_readings
def show(request: HttpRequest, application: str) -> HttpResponse:
    """Will show an application."""
    return render_page(request, application_or_404(visit_of(request), application))


@require_POST
@service_page
def health(request: HttpRequest, application: str) -> HttpResponse:
    """Will note that the agent reads the answers about health, then show them."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if is_about_health(found.version.definition):
        if SEE_HEALTH not in rights_to_read(visit, found):
            raise PermissionDenied
        open_health(request, found)
    return SeeOther(url_of(visit, "office_application", found))


def conflict(request: HttpRequest, found: Application, typed: Typed) -> HttpResponse:
    """Will show the page as it stands now, say who did what since it was opened, and keep what was typed."""
    visit = visit_of(request)
    seen = request.POST.get("seen", "")
    after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0  # noqa: PLR2004  a bigint
    since = [wording.event(one, visit.authority.zone) for one in story_of(found, after=after)] if after else []
    problem = Problem(wording.CHANGED, (wording.CHANGED_MORE,), since, is_conflict=True)
    return render_page(request, found, typed=typed, problem=problem, status=HTTPStatus.CONFLICT)


def render_page(
    request: HttpRequest,
    found: Application,
    *,
    typed: Typed | None = None,
    problem: Problem | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Will show an application, fresh from the database, with what was typed in a form that did not pass."""
    visit, typed = visit_of(request), typed or Typed()
    if problem is not None:
        found = application_or_404(visit, found.public_id)
    definition, state = found.version.definition, State(found.state)
    rights = rights_to_read(visit, found)
    hidden = hidden_fields(request, found, rights)
    names = names_of(definition, {**found.answers, **merged(found.answers, found.accepted)}, visit.authority)
    children = [told.child for told in found.children.select_related("child").order_by("child__birth_date", "pk")]
    values = values_of(definition, found.answers, hidden=hidden)
    if found.family_id and _shows_quotient(found, rights):
        reads_quotient(request, found.family_id)
    events = story_of(found)
    templates = _Templates(found, [one.first_name for one in children], visit)
    chosen = templates.chosen(request.GET.get("modele", ""))
    context: dict[str, Any] = {
        "one": found,
        "title": found.version.title,
        "number": wording.number(found.number),
        "received": wording.local_moment_words(found.submitted_at, visit.authority.zone) if found.submitted_at else "",
        "state_word": STATE_WORDS[state],
        "state_tone": wording.LOOKS[state][0],
        "state_icon": wording.LOOKS[state][1],
        "is_open": state in OPEN,
        "problem": problem,
        "kept_words": typed.words if problem is not None and problem.is_conflict else "",
        "seen": events[-1].key if events else 0,
        "asked": filled_text(definition, values, names),
        "answers": answer_rows(definition, values, names, hidden=hidden),
        "hides_health": not is_health_open(request, found, rights),
        "may_open_health": SEE_HEALTH in rights,
        "children": [
            {"name": one.full_name, "birth": in_digits(one.birth_date), "animal": one.animal, "chalk": one.chalk}
            for one in children
        ],
        "family_url": url_of(visit, "office_family", family=found.family.public_id)
        if visit.may(ROLES.MANAGE_RESERVATIONS)
        else "",
        "applicant": applicant_of(found),
        "clock": clock_words(found, definition, visit) if state in OPEN else [],
        "clock_tone": wording.pressure(found.silent_on, on=visit.today),
        "asked_changes": changes_of(found, definition, visit),
        "thread": thread_of(found, visit),
        "notes": notes_of(found, visit),
        "events": [wording.event(one, visit.authority.zone) for one in events],
        "outcome": outcome_of(found, definition, names, visit, hidden=hidden, rights=rights),
        **viewer(request, visit, found, definition, rights=rights),
        **_giving(found, visit, typed),
        "messaging": typed.messaging or MessageForm(initial={"words": chosen.get(PURPOSES.MESSAGE, "")}),
        "noting": typed.noting or NoteForm(),
        "changing": typed.changing or _changes_form(found, definition, visit, chosen.get(PURPOSES.CHANGES, "")),
        "is_changing": typed.changing is not None or PURPOSES.CHANGES in chosen,
        **_deciding(found, visit, typed, chosen=chosen, names=names, hidden=hidden),
        "needs_right": bool(unreadable(definition, rights)),
        "templates": templates.by_purpose,
        "pdf_url": url_of(visit, "office_application_pdf", found),
        "back_url": url_of(visit, "office_applications"),
    }
    page = office_context(visit, "office_applications", **context)
    response = render(request, "office/applications/application.html", page, status=status)
    # A PDF is looked at beside the page: in a frame, of ours alone.
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]  # noqa: SLF001  as django-csp is told
    return response


def unreadable(definition: Definition, rights: frozenset[str]) -> frozenset[str]:
    """Will return the fields (codes) that none of these rights reads: whoever cannot read a request grants nothing."""
    return frozenset(code for code, right in secret_fields(definition).items() if right not in rights)


def _shows_quotient(found: Application, rights: frozenset[str]) -> bool:
    """Will tell whether the page shows a quotient that was recorded by an acceptance."""
    secret = secret_fields(found.version.definition)
    return SEE_QUOTIENT in rights and any(secret.get(code) == SEE_QUOTIENT for code in found.accepted)


def _giving(found: Application, visit: OfficeVisit, typed: Typed) -> dict[str, Any]:
    """Will return the forms that hand an application to somebody."""
    if State(found.state) not in OPEN or found.in_charge is None:
        return {"can_give": False, "others": []}
    services = service_choices(found)
    current = str(found.assigned_to_id) if found.assigned_to_id else ""
    return {
        "can_give": True,
        "me": str(visit.agent.pk),
        "is_mine": found.assigned_to_id == visit.agent.pk,
        "assigning": typed.assigning or AssignForm(agents=agent_choices(found), initial={"agent": current}),
        "is_assigning": typed.assigning is not None,
        "others": services,
        "transferring": typed.transferring or TransferForm(services=services),
        "is_transferring": typed.transferring is not None,
    }


def agent_choices(found: Application) -> list[tuple[str, str]]:
    """Will return the agents to whom an application may be given, by the names of a form."""
    if found.in_charge is None:
        return []
    return [(str(key), name) for key, name in agents_of_service(found.in_charge).values_list("pk", "name")]


def service_choices(found: Application) -> list[tuple[str, str]]:
    """Will return the services to which an application may be handed, by the names of a form."""
    rows = ServiceInCharge.objects.exclude(pk=found.in_charge_id).order_by("name", "pk")
    return list(rows.values_list("code", "name"))


def changes_choices(found: Application, definition: Definition) -> list[tuple[str, str]]:
    """Will return what a family may be asked again: documents, then questions, those that were asked of it."""
    asked = read_answers(definition, found.answers, writer=Writer.FAMILY).asked
    documents = [(one.code, one.label) for one in asked_documents(definition, found.answers)]
    return [*documents, *((code, label_of(definition, code)) for code in asked)]


def _changes_form(found: Application, definition: Definition, visit: OfficeVisit, words: str) -> ChangesForm:
    initial = {"due_on": visit.today + USUAL_TIME, "words": words}
    return ChangesForm(choices=changes_choices(found, definition), initial=initial)


def _deciding(
    found: Application,
    visit: OfficeVisit,
    typed: Typed,
    *,
    chosen: Mapping[str, str],
    names: Mapping[str, str],
    hidden: frozenset[str],
) -> dict[str, Any]:
    """Will return the forms of a decision, or of what silence left to do."""
    definition, state = found.version.definition, State(found.state)
    is_late = state is State.IMPLICITLY_APPROVED and not AppliedEffect.objects.filter(application=found).exists()
    if state not in DECIDABLE and not is_late:
        return {"can_decide": False, "is_late": False}
    given = found.answers if typed.given is None else typed.given
    offered = _with_names(offered_to(definition, found.family, visit.authority, given, on=visit.today), names)
    shown = replace(definition, fields=tuple(one for one in definition.fields if one.code not in hidden))
    answers = AnswersForm(shown, given, offered=offered, faults=typed.faults)
    return {
        "can_decide": not is_late,
        "is_late": is_late,
        "only_answers": definition.silence is Silence.DECIDES_NOTHING,
        "is_late_yes": state is State.IMPLICITLY_REJECTED,
        "effect_words": "" if definition.effect is EffectKind.NOTHING else EFFECTS[definition.effect].label,
        "needs_health": bool(hidden),
        "accepted_form": answers,
        "is_changing_family": answers.has_family_faults or (typed.given is not None and typed.given != found.answers),
        "accepting": typed.accepting or reasons_form("accepter", words=chosen.get(PURPOSES.APPROVE, "")),
        "refusing": typed.refusing or reasons_form("refuser", words=chosen.get(PURPOSES.REJECT, "")),
        "is_refusing": typed.refusing is not None or PURPOSES.REJECT in chosen,
    }


def reasons_form(prefix: str, data: Any = None, words: str = "") -> ReasonsForm:
    """Will return the form of the reasons of a decision, named apart from the other on the page."""
    label = {"accepter": "Vos mots à la famille", "refuser": "Motifs du refus"}[prefix]
    form = ReasonsForm(data, auto_id=f"{prefix}-%s", initial={"reasons": words})
    form.fields["reasons"].label = label
    return form


def _with_names(offered: Offered, names: Mapping[str, str]) -> Offered:
    return replace(offered, names={**names, **offered.names})


class _Templates:
    """The words ready for this procedure, their blanks filled, by what they are for."""

    def __init__(self, found: Application, children: Sequence[str], visit: OfficeVisit) -> None:
        told = {
            "numero": str(found.number or ""),
            "demande": found.version.title,
            "enfants": listed(children),
            "famille": found.family.name,
            "agent": visit.agent.name,
            "service": found.in_charge.name if found.in_charge else "",
            "date_limite": in_full(visit.today + USUAL_TIME, year=True),
        }
        rows = AnswerTemplate.objects.filter(procedure=None) | AnswerTemplate.objects.filter(
            procedure=found.version.procedure_id
        )
        self.all = [(one.purpose, one.public_id, one.title, filled(one.body, told)) for one in rows.order_by("title")]

    @property
    def by_purpose(self) -> dict[str, list[dict[str, str]]]:
        """Will return the templates of each purpose, for the lists of the page."""
        found: dict[str, list[dict[str, str]]] = {one.value: [] for one in PURPOSES}
        for purpose, key, title, body in self.all:
            found[purpose].append({"key": key, "title": title, "body": body})
        return found

    def chosen(self, key: str) -> dict[str, str]:
        """Will return the words of the template that an address names, under what they are for."""
        return {purpose: body for purpose, own, _title, body in self.all if own == key}

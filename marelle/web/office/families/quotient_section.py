"""The quotient of a family on its page: what counts today, the history, and the two ways to note another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core import signing
from django.urls import reverse

from marelle.domain.accounts.queries import agent_names
from marelle.domain.families.models import FamilyQuotient, Guardian
from marelle.domain.families.queries import quotient_history
from marelle.domain.families.rules.quotients import DatedQuotient, in_words, quotient_on
from marelle.foundation.french_dates import in_digits
from marelle.web.office.families import quotient_wording as wording
from marelle.web.office.families.quotient_forms import AnswerForm, AskForm, RecordForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.families.models import Family
    from marelle.domain.families.quotient_source import FoundQuotient, QuotientSource
    from marelle.web.doors import OfficeVisit

ANSWER_SALT: Final = "marelle.office.quotient"
ANSWER_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class QuotientState:
    """What an agent is doing with the quotient: a form that was refused, an answer to confirm, a trouble to read."""

    recording: RecordForm | None = None
    asking: AskForm | None = None
    answering: AnswerForm | None = None
    found: FoundQuotient | None = None
    trouble: str = ""
    guardian: str = ""  # of whom the page proposes to ask (public id)


def source() -> QuotientSource | None:
    """Will return what `config` has plugged in."""
    plugged: QuotientSource | None = settings.QUOTIENT_SOURCE
    return plugged


def signed(found: FoundQuotient, family: Family) -> str:
    """Will return the answer as the agent's page carries it, for this family alone."""
    return signing.dumps([family.pk, found.value_cents, found.provider, found.period], salt=ANSWER_SALT)


def unsigned(token: str, family: Family) -> tuple[int, str, str]:
    """Will return value (cents), provider and period; raises BadSignature when it is not ours, or is too old."""
    of_family, value_cents, provider, period = signing.loads(token, salt=ANSWER_SALT, max_age=ANSWER_SECONDS)
    if of_family != family.pk:
        raise signing.BadSignature
    return value_cents, provider, period


def ask_form(visit: OfficeVisit, family: Family, *, data: Any = None, guardian: str = "") -> AskForm:
    """Will return the form that asks, filled with what is known of `guardian` (public id), or of the first one."""
    guardians = list(Guardian.objects.filter(family=family).order_by("pk"))
    chosen = next((one for one in guardians if one.public_id == guardian), None) or next(iter(guardians), None)
    known = (
        {"guardian": chosen.public_id, "birth_name": chosen.last_name, "first_names": chosen.first_name}
        if chosen
        else {}
    )
    return AskForm(
        data,
        auto_id="demander-%s",
        guardians=[(one.public_id, f"{one.first_name} {one.last_name}") for one in guardians],
        last_year=visit.today.year,
        initial=known,
    )


def quotient_context(visit: OfficeVisit, family: Family, state: QuotientState) -> dict[str, Any]:
    """Will return what the section shows."""
    history = list(quotient_history(family.pk))
    counting = _counting(history, visit)
    names = agent_names({one.recorded_by_id for one in history if one.recorded_by_id})
    at = {"authority": visit.authority.slug, "family": family.public_id}
    first_of_month = visit.today.replace(day=1)
    asking = state.asking or (ask_form(visit, family, guardian=state.guardian) if source() else None)
    return {
        "quotient": {
            "value": in_words(counting.value_cents) if counting else "",
            "since": in_digits(counting.valid_from) if counting else "",
            "history": [_row(one, counting, visit, names, at) for one in history],
            "given": _given(counting, visit),
            "recording": state.recording or RecordForm(auto_id="noter-%s", initial={"valid_from": first_of_month}),
            "is_recording": state.recording is not None,
            "record_url": reverse("office_record_quotient", kwargs=at),
            "asking": asking,
            "is_asking": state.asking is not None or bool(state.guardian) or bool(state.trouble),
            "ask_url": reverse("office_ask_quotient", kwargs=at),
            "ask_for": _others(asking, reverse("office_family", kwargs=at)),
            "trouble": state.trouble,
            "answering": state.answering,
            "answered": wording.answered(state.found) if state.found else "",
            "adults": wording.people_in_words(state.found.adults) if state.found else "",
            "children": wording.people_in_words(state.found.children) if state.found else "",
            "answer_url": reverse("office_record_answer", kwargs=at),
        }
    }


def _others(asking: AskForm | None, family_url: str) -> list[tuple[str, str]]:
    """Will return the guardians whose names the form could start from instead, with the page that does it."""
    if asking is None or asking.is_bound:
        return []
    guardians = asking.fields["guardian"].choices  # type: ignore[attr-defined]
    return [
        (name, f"{family_url}?responsable={guardian}#demander")
        for guardian, name in guardians
        if guardian and guardian != asking.initial.get("guardian")
    ]


def _counting(history: Sequence[FamilyQuotient], visit: OfficeVisit) -> FamilyQuotient | None:
    """Will return the row in force today, as the rule says."""
    rows = {DatedQuotient(one.value_cents, one.valid_from): one for one in history if one.withdrawn_at is None}
    found = quotient_on(visit.today, rows)
    return rows[found] if found else None


def _given(counting: FamilyQuotient | None, visit: OfficeVisit) -> str:
    if counting is None or counting.source != FamilyQuotient.Source.API:
        return ""
    return wording.already_given(counting.provider, _local_day(counting.recorded_at, visit))


def _row(
    one: FamilyQuotient,
    counting: FamilyQuotient | None,
    visit: OfficeVisit,
    names: dict[int, str],
    at: dict[str, str],
) -> dict[str, Any]:
    by = names.get(one.recorded_by_id or 0, "")
    noted = f"Noté le {in_digits(_local_day(one.recorded_at, visit))}" + (f" par {by}" if by else "")
    return {
        "value": in_words(one.value_cents),
        "since": in_digits(one.valid_from),
        "source": wording.source_in_words(one),
        "noted": noted,
        "withdrawn": in_digits(_local_day(one.withdrawn_at, visit)) if one.withdrawn_at else "",
        "counts": one == counting,
        "is_to_come": one.withdrawn_at is None and one.valid_from > visit.today,
        "document_url": reverse("office_document", kwargs={**at, "document": one.document.public_id})
        if one.document
        else "",
        "document": one.document.name if one.document else "",
        "withdraw_url": reverse("office_withdraw_quotient", kwargs={**at, "quotient": one.public_id}),
    }


def _local_day(moment: Any, visit: OfficeVisit) -> Any:
    return moment.astimezone(visit.authority.zone).date()

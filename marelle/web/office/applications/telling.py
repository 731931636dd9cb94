"""What the page of an application tells: answers, words, completions, notes, the decision and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marelle.domain.accounts.queries import agent_names
from marelle.domain.billing.queries.overtaken import overtaken_by
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child
from marelle.domain.procedures.models import AgentNote, AppliedEffect, ChangesAsked, Message
from marelle.domain.procedures.queries.clocks import application_clock
from marelle.domain.procedures.queries.story import people_named
from marelle.domain.procedures.rules.answers import in_words, read_answers
from marelle.domain.procedures.rules.definitions import EffectKind, Writer
from marelle.domain.procedures.rules.secrecy import does_secretly
from marelle.domain.procedures.rules.states import ACCEPTED, State
from marelle.domain.reservations.queries.absences import told_absences
from marelle.foundation.french_dates import in_full, listed
from marelle.web.office.applications import wording
from marelle.web.office.custody.shown import may_settle, pair_of, url_of_child
from marelle.web.office.overtaken_words import overtaken_cards

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.answers import Given, Value
    from marelle.domain.procedures.rules.definitions import Definition
    from marelle.web.doors import OfficeVisit
    from marelle.web.office.overtaken_words import OvertakenCard


def merged(first: Given, second: Given) -> dict[str, list[str]]:
    """Will return what two sides gave under the same names, together."""
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in {*first, *second}}


def values_of(definition: Definition, given: Given, *, hidden: Collection[str]) -> dict[str, Value]:
    """Will read what was given by both sides, once taken already, but the fields (codes) that are `hidden`."""
    return {
        code: value
        for writer in Writer
        for code, value in read_answers(definition, given, writer=writer).values.items()
        if code not in hidden
    }


def answer_rows(
    definition: Definition, values: Mapping[str, Value], names: Mapping[str, str], *, hidden: Collection[str]
) -> list[tuple[str, str]]:
    """Will return each question with its answer in words, empty for one (code) that is `hidden`."""
    rows = []
    for one in definition.fields:
        if one.code in values:
            rows.append((one.label, in_words(one, values[one.code], names)))
        elif one.code in hidden and one.writer is Writer.FAMILY:
            rows.append((one.label, ""))
    return rows


def applicant_of(found: Application) -> str:
    """Will return the name of who asks, empty when nobody knows any more."""
    if found.guardian is not None:
        return f"{found.guardian.first_name} {found.guardian.last_name}"
    key = found.applicant_id
    return people_named(found, {key}).get(key, "") if key else ""


def clock_words(found: Application, definition: Definition, visit: OfficeVisit) -> list[str]:
    """Will say where the time of an open application stands."""
    clock = application_clock(found, visit.authority, at=visit.at)
    return wording.clock_sentences(clock, definition.silence, on=visit.today)


def changes_of(found: Application, definition: Definition, visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return what the family was asked to complete, the first time first."""
    zone = visit.authority.zone
    return [
        {
            "when": wording.local_moment_words(one.asked_at, zone),
            "what": listed([label_of(definition, code) for code in one.codes]),
            "words": one.words,
            "due": in_full(one.due_on, year=True),
            "came": wording.local_moment_words(one.ended_at, zone) if one.ended_at else "",
            "is_over": one.ended_at is None and one.due_on < visit.today,
        }
        for one in ChangesAsked.objects.filter(application=found).order_by("asked_at", "pk")
    ]


def label_of(definition: Definition, code: str) -> str:
    """Will return what a document or a question is called."""
    named = definition.document_of(code) or definition.field_of(code)
    return named.label if named else code


def thread_of(found: Application, visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return what the family and the authority wrote to each other, the first words first."""
    rows = list(Message.objects.filter(application=found).order_by("written_at", "pk"))
    writers = {side: {one.written_by_id for one in rows if one.side == side} for side in Message.Side}
    names = {
        Message.Side.AGENT: agent_names({key for key in writers[Message.Side.AGENT] if key}),
        Message.Side.FAMILY: people_named(found, {key for key in writers[Message.Side.FAMILY] if key}),
    }
    return [
        {
            "is_ours": one.side == Message.Side.AGENT,
            "who": names[Message.Side(one.side)].get(one.written_by_id or 0)
            or ("La mairie" if one.side == Message.Side.AGENT else "La famille"),
            "when": wording.local_moment_words(one.written_at, visit.authority.zone),
            "words": one.words,
        }
        for one in rows
    ]


def notes_of(found: Application, visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return what agents noted between them, the first words first."""
    rows = list(AgentNote.objects.filter(application=found).order_by("written_at", "pk"))
    names = agent_names({one.written_by_id for one in rows if one.written_by_id}) if rows else {}
    return [
        {
            "who": names.get(one.written_by_id or 0, ""),
            "when": wording.local_moment_words(one.written_at, visit.authority.zone),
            "words": one.words,
        }
        for one in rows
    ]


def outcome_of(
    found: Application,
    definition: Definition,
    names: Mapping[str, str],
    visit: OfficeVisit,
    *,
    hidden: Collection[str],
    rights: frozenset[str],
) -> dict[str, Any] | None:
    """Will say what was decided, by whom, why, and what it did; None as long as nothing is.

    The fields (codes) that are `hidden` are left out, and so is what was done when none of the `rights` reads it.
    """
    state = State(found.state)
    if found.decided_at is None:
        return None
    who = agent_names({found.decided_by_id}).get(found.decided_by_id, "") if found.decided_by_id else ""
    effect = AppliedEffect.objects.filter(application=found).first()
    asked = values_of(definition, found.answers, hidden=hidden)
    accepted = values_of(definition, found.accepted, hidden=hidden)
    is_told = does_secretly(definition) in {"", *rights}
    changed = [
        (one.label, in_words(one, accepted[one.code], names))
        for one in definition.fields
        if one.code in accepted and accepted[one.code] != asked.get(one.code)
    ]
    return {
        "when": wording.local_moment_words(found.decided_at, visit.authority.zone),
        "who": who,
        "is_by_silence": state in {State.IMPLICITLY_APPROVED, State.IMPLICITLY_REJECTED},
        "reasons": found.reasons,
        "changed": changed,
        "done": effect.done.splitlines() if effect and is_told else [],
        "follows": _custodies(effect, visit) if effect and is_told else [],
        "overtaken": _overtaken(found, effect, visit) if effect and is_told else [],
        "is_left_to_do": state is State.IMPLICITLY_APPROVED and effect is None,
        "is_accepted": state in ACCEPTED,
    }


def _overtaken(found: Application, effect: AppliedEffect, visit: OfficeVisit) -> list[OvertakenCard]:
    """Will return the invoices that are out, of any home of the child, that the certificate of a request changes."""
    if effect.kind != EffectKind.CERTIFY_ILLNESS:
        return []
    children = [key for name, key in effect.rows if name == "child"]
    offer = offer_of(visit.authority)
    # The certificate was received when the request was.
    proved = told_absences().filter(reservation__child__in=children, certificate_at=found.submitted_at)
    cards = overtaken_cards(visit, overtaken_by(proved, offer=offer, at=visit.at), offer)
    return list({one.words: one for each in cards.values() for one in each}.values())


def _custodies(effect: AppliedEffect, visit: OfficeVisit) -> list[tuple[str, str]]:
    """Will return where the terms of the children who now have two homes are settled, for who may (address, name)."""
    if effect.kind != EffectKind.CHANGE_CUSTODY or not may_settle(visit):
        return []
    children = Child.objects.filter(pk__in=[key for name, key in effect.rows if name == "child"]).order_by("pk")
    pairs = [(child, pair_of(child.pk, today=visit.today)) for child in children]
    return [
        (url_of_child(visit, "office_custody_terms", next(iter(pair.homes.values())), child), child.first_name)
        for child, pair in pairs
        if pair is not None
    ]

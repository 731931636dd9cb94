"""The documents of an application on a page: what is asked for, what is there, what the file already holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.procedures.queries.documents import documents_joined, documents_offered
from marelle.foundation.french_dates import NO_BREAK, without_weekday
from marelle.web.family.applications import wording
from marelle.web.family.applications.finding import url
from marelle.web.family.applications.forms import accepted_types, condition_words, file_name, reuse_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from marelle.domain.families.models import SupportingDocument
    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.definitions import Definition, RequiredDocument
    from marelle.web.doors import FamilyVisit


@dataclass(frozen=True, slots=True)
class JoinedView:
    """A file that is joined: its name, when it came and what it weighs, where it is read and taken away."""

    name: str
    facts: str
    url: str
    away_url: str


@dataclass(frozen=True, slots=True)
class PieceView:
    """A document asked for, with the files that answer it and those that the family's file offers."""

    code: str
    label: str
    accepted: str
    help: str
    is_required: bool
    only_if: str
    depends_on: str
    values: str
    error: str
    joined: Sequence[JoinedView]
    offered: Sequence[tuple[str, str]]
    takes_more: bool
    types: str
    url: str
    file_name: str
    reuse_name: str


@dataclass(frozen=True, slots=True)
class DocumentsView:
    """The whole section: `missing` names what is required whatever is answered, and not there yet.

    `again` names what is there but was sent before the town hall asked for it anew.
    """

    pieces: Sequence[PieceView]
    required: str
    missing: str
    again: str
    refused: str


def documents_view(
    visit: FamilyVisit,
    found: Application,
    definition: Definition,
    *,
    said: Mapping[str, str],
    whole: str = "",
    only: Collection[str] | None = None,
    since: datetime | None = None,
) -> DocumentsView:
    """Will show the documents of an application; `only` keeps to those of these codes, `said` is what is wrong.

    `since` is when they were asked for, if they were asked for anew.
    """
    asked = [one for one in definition.documents if only is None or one.code in only]
    joined: dict[str, list[SupportingDocument]] = {one.code: [] for one in asked}
    fresh = set()
    for row in documents_joined(found):
        if row.code in joined:
            joined[row.code].append(row.document)
            if since is None or row.added_at >= since:
                fresh.add(row.code)
    offered = documents_offered(found, asked, on=visit.today)
    conditions = {one.code: one for one in definition.fields}
    pieces = [
        PieceView(
            code=one.code,
            label=one.label,
            accepted=wording.accepted_words(one),
            help=one.help,
            is_required=one.is_required,
            only_if=condition_words(one.only_if, conditions),
            depends_on=one.only_if.field if one.only_if else "",
            values=" ".join(one.only_if.values) if one.only_if else "",
            error=said.get(one.code, ""),
            joined=[_joined(visit, found, one.code, document) for document in joined[one.code]],
            offered=[(document.public_id, offered_words(visit, document)) for document in offered[one.code]],
            takes_more=len(joined[one.code]) < one.most_files,
            types=accepted_types(one),
            url=url(visit, "application_documents", found, piece=one.code),
            file_name=file_name(one.code),
            reuse_name=reuse_name(one.code),
        )
        for one in asked
    ]
    required = [one for one in asked if one.is_required and one.only_if is None]
    return DocumentsView(
        pieces,
        required=_named(required),
        missing=_named([one for one in required if not joined[one.code]]),
        again=_named([one for one in required if joined[one.code] and one.code not in fresh]),
        refused=whole,
    )


def _named(asked: Sequence[RequiredDocument]) -> str:
    return ", ".join(wording.lower_first(one.label) for one in asked)


def _joined(visit: FamilyVisit, found: Application, code: str, document: SupportingDocument) -> JoinedView:
    return JoinedView(
        name=document.name,
        facts=document_facts(visit, document),
        url=url(visit, "application_document", found, document=document.public_id),
        away_url=url(visit, "application_document_away", found, piece=code, document=document.public_id),
    )


def offered_words(visit: FamilyVisit, document: SupportingDocument) -> str:
    """Will write « Utiliser « carte.pdf », reçu le 3 mars 2026 »."""
    day = document.uploaded_at.astimezone(visit.authority.zone).date()
    return f"Utiliser «{NO_BREAK}{document.name}{NO_BREAK}», reçu le {without_weekday(day, year=True)}"


def document_facts(visit: FamilyVisit, document: SupportingDocument) -> str:
    """Will say what a file weighs, when it came and until when it is valid."""
    day = document.uploaded_at.astimezone(visit.authority.zone).date()
    facts = [wording.weight_words(document.size), f"reçu le {without_weekday(day, year=True)}"]
    if document.valid_until is not None:
        facts.append(f"valable jusqu’au {without_weekday(document.valid_until, year=True)}")
    return ", ".join(facts)

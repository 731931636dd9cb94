"""The documents of an application, one beside the page and the way to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marelle.domain.families.rules.documents import JPEG, PDF, PNG
from marelle.domain.procedures.models import ApplicationDocument
from marelle.domain.procedures.rules.answers import documents_asked
from marelle.domain.procedures.rules.secrecy import right_to_read_document
from marelle.foundation.french_dates import in_digits
from marelle.web.office.applications.surroundings import url_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.answers import Given
    from marelle.domain.procedures.rules.definitions import Definition, RequiredDocument
    from marelle.web.doors import OfficeVisit


def asked_documents(definition: Definition, given: Given) -> Sequence[RequiredDocument]:
    """Will return the documents asked for after these answers."""
    return documents_asked(definition, given)


def documents_joined(found: Application) -> list[ApplicationDocument]:
    """Will return what the family joined, the first joined first."""
    rows = ApplicationDocument.objects.filter(application=found).select_related("document")
    return list(rows.order_by("added_at", "pk"))


def viewer(
    request: HttpRequest, visit: OfficeVisit, found: Application, definition: Definition, *, rights: frozenset[str]
) -> dict[str, Any]:
    """Will return the documents, the one that is looked at (`piece` in the address, else the first), and its neighbors.

    One about health is not drawn by itself: opening it is a reading, which is noted. One that none of the `rights`
    reads has no name and no way to it.
    """
    rows = documents_joined(found)
    asked = request.GET.get("piece", "")
    at = next((rank for rank, one in enumerate(rows) if one.document.public_id == asked), 0)
    pieces = [
        _piece(one, visit, found, definition, rights=rights, is_current=rank == at) for rank, one in enumerate(rows)
    ]
    joined = {one.code for one in rows}
    return {
        "pieces": pieces,
        "piece": pieces[at] if pieces else None,
        "rank": at + 1,
        "previous_piece": pieces[at - 1]["look_url"] if at else "",
        "next_piece": pieces[at + 1]["look_url"] if at + 1 < len(pieces) else "",
        "is_piece_asked": bool(asked),
        "missing": [one.label for one in asked_documents(definition, found.answers) if one.code not in joined],
    }


def _piece(
    one: ApplicationDocument,
    visit: OfficeVisit,
    found: Application,
    definition: Definition,
    *,
    rights: frozenset[str],
    is_current: bool,
) -> dict[str, Any]:
    document, asked = one.document, definition.document_of(one.code)
    is_health = document.is_health or (asked is not None and asked.is_health)
    is_readable = right_to_read_document(document.kind, is_health=is_health) in {"", *rights}
    url = url_of(visit, "office_application_document", found, document=document.public_id)
    page = url_of(visit, "office_application", found)
    until = document.valid_until
    return {
        "label": asked.label if asked else one.code,
        "name": document.name if is_readable else "",
        "is_readable": is_readable,
        "joined": in_digits(one.added_at.astimezone(visit.authority.zone).date()),
        "until": in_digits(until) if until else "",
        "is_expired": until is not None and until < visit.today,
        "is_health": is_health,
        "is_image": document.content_type in {JPEG, PNG},
        "is_pdf": document.content_type == PDF,
        "url": url,
        "shown_url": f"{url}?voir=1",
        "look_url": f"{page}?piece={document.public_id}#pieces",
        "is_current": is_current,
    }

"""What one form brings is kept at once: answers, documents chosen in the family's file, files that are received."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from marelle.domain.families.receiving import UnableToKeepDocumentError
from marelle.domain.procedures.operations.documents import FilledIn, fill_in
from marelle.domain.procedures.operations.refusals import UnableToWriteError
from marelle.domain.procedures.queries.documents import documents_offered
from marelle.domain.procedures.rules.states import State
from marelle.web.documents import received
from marelle.web.family.applications import wording
from marelle.web.family.applications.finding import definition_in_force
from marelle.web.family.applications.forms import file_name, given_from, reuse_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from marelle.domain.families.models import SupportingDocument
    from marelle.domain.families.receiving import CleanDocument
    from marelle.domain.procedures.models import Application, ApplicationDocument
    from marelle.domain.procedures.rules.answers import AnswerFault
    from marelle.domain.procedures.rules.definitions import Definition
    from marelle.web.doors import FamilyVisit


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is said against a form: by question, by document, and on the whole."""

    faults: Mapping[str, AnswerFault] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""

    def __bool__(self) -> bool:
        """Will tell whether there is something."""
        return bool(self.faults or self.documents or self.whole)

    @property
    def status(self) -> int:
        """Will return the status of the page that says it."""
        if self.whole:
            return HTTPStatus.CONFLICT
        return HTTPStatus.UNPROCESSABLE_ENTITY if self else HTTPStatus.OK


def keep(
    request: HttpRequest, visit: FamilyVisit, found: Application, *, taken_away: ApplicationDocument | None = None
) -> Wrong:
    """Will keep all that a form brings that can be: answers, documents chosen in the file, files; and say the rest.

    A file that is refused keeps nothing else back; a script that adds one sends no answer, and none is touched.
    """
    definition = definition_in_force(found)
    added, refused = _files(request, definition)
    is_whole_form = found.state == State.DRAFT and "do-answers" in request.POST
    filled = FilledIn(
        given=given_from(definition, request.POST) if is_whole_form else None,
        reused=_reused(request, visit, found, definition),
        added=added,
        taken_away=taken_away,
    )
    try:
        fill_in(found, filled, by=visit.actor, at=visit.at)
    except UnableToWriteError as error:
        blamed = added[0][0] if len(added) == 1 else ""
        if blamed:
            return Wrong(documents={**refused, blamed: error.why.value})
        return Wrong(documents=refused, whole=error.why.value)
    except UnableToKeepDocumentError as error:
        return Wrong(documents=refused, whole=error.fault.value)
    return Wrong(documents=refused)


def _files(request: HttpRequest, definition: Definition) -> tuple[list[tuple[str, CleanDocument]], dict[str, str]]:
    """Will receive the files of a form, each written anew in a process apart, before anything is locked."""
    added, refused = [], {}
    for one in definition.documents:
        upload = request.FILES.get(file_name(one.code))
        if upload is None:
            continue
        if (upload.size or 0) > one.most_mb * wording.A_MEGABYTE:
            refused[one.code] = f"Ce fichier pèse plus de {one.most_mb} Mo. Choisissez-en un plus léger."
            continue
        try:
            added.append((one.code, received(upload)))
        except ValidationError as error:
            refused[one.code] = error.messages[0]
    return added, refused


def _reused(
    request: HttpRequest, visit: FamilyVisit, found: Application, definition: Definition
) -> dict[str, SupportingDocument]:
    chosen = {one.code: request.POST.get(reuse_name(one.code), "") for one in definition.documents}
    wanted = [one for one in definition.documents if chosen[one.code]]
    offered = documents_offered(found, wanted, on=visit.today)
    return {
        code: document
        for code, documents_of_it in offered.items()
        for document in documents_of_it
        if document.public_id == chosen[code]
    }

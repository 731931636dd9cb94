"""The documents of an application: those that answer it, and those of the family's file that could."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.families.models import SupportingDocument
from marelle.domain.procedures.models import ApplicationDocument, ChangesAsked
from marelle.domain.procedures.rules.answers import documents_asked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet

    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.answers import Given
    from marelle.domain.procedures.rules.definitions import Definition, RequiredDocument

# More of one kind is not read through: the latest ones are what a family looks for.
MOST_OFFERED = 4


def documents_joined(application: Application) -> QuerySet[ApplicationDocument]:
    """Will return what answers an application, the first given first, with the documents."""
    return (
        ApplicationDocument.objects.filter(application=application)
        .select_related("document")
        .order_by("added_at", "pk")
    )


def documents_offered(
    application: Application, asked: Iterable[RequiredDocument], *, on: date
) -> dict[str, list[SupportingDocument]]:
    """Will return, by what is asked for, the documents of the family's file that could answer, the latest first.

    Of the same kind, valid on that day, not joined there already; what is about a child serves for that child alone.
    Two statements at most.
    """
    wanted = list(asked)
    if not wanted:
        return {}
    joined = set(documents_joined(application).values_list("code", "document_id"))
    found = list(
        SupportingDocument.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=on),
            Q(child__isnull=True) | Q(child__applications__application=application),
            family_id=application.family_id,
            kind__in={one.kind for one in wanted},
        ).order_by("-uploaded_at", "-pk")
    )
    return {
        one.code: [
            document for document in found if document.kind == one.kind and (one.code, document.pk) not in joined
        ][:MOST_OFFERED]
        for one in wanted
    }


def missing_documents(application: Application, definition: Definition, given: Given) -> tuple[str, ...]:
    """Will return the codes of the documents that are needed after these answers, and not joined."""
    joined = set(ApplicationDocument.objects.filter(application=application).values_list("code", flat=True))
    return tuple(one.code for one in documents_asked(definition, given) if one.is_required and one.code not in joined)


def still_lacking(application: Application) -> tuple[str, ...]:
    """Will return the codes of the documents that a completion awaits and that were not joined since it was asked."""
    waiting = ChangesAsked.objects.filter(application=application, ended_at__isnull=True).order_by("asked_at", "pk")
    joined = list(ApplicationDocument.objects.filter(application=application).values_list("code", "added_at"))
    documents = {one.code for one in application.version.definition.documents}
    return tuple(
        dict.fromkeys(
            code
            for asked_at, codes in waiting.values_list("asked_at", "codes")
            for code in codes
            if code in documents and not any(known == code and added >= asked_at for known, added in joined)
        )
    )

"""Which application an address names, and the addresses around it: the query that lists is the one that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404
from django.urls import reverse

from marelle.domain.procedures.models import ProcedureVersion
from marelle.domain.procedures.queries.applications import applications_of

if TYPE_CHECKING:
    from marelle.domain.procedures.models import Application
    from marelle.domain.procedures.rules.definitions import Definition
    from marelle.web.doors import FamilyVisit


def application_or_404(visit: FamilyVisit, public_id: str) -> Application:
    """Will return an application of the family, or a draft of this account; raises Http404 for any other."""
    return get_object_or_404(applications_of(visit.family.pk, user=visit.user.pk), public_id=public_id)


def url(visit: FamilyVisit, name: str, application: Application | None = None, **more: str) -> str:
    """Will return an address of the applications at this authority."""
    named = {"application": application.public_id} if application is not None else {}
    return reverse(name, kwargs={"authority": visit.authority.slug, **named, **more})


def definition_in_force(application: Application) -> Definition:
    """Will return what the procedure of a draft says now, which its next write is kept under."""
    version = application.version
    if version.number != version.procedure.current_number:
        version = ProcedureVersion.objects.get(procedure=version.procedure_id, number=version.procedure.current_number)
    return version.definition

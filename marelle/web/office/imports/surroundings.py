"""Who brings files, and what the screens of imports share."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from marelle.domain.onboarding.models import Import
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, reach, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def imports_page(view: Any) -> Any:
    """Will open `view` to agents who administer the whole authority: a file is of families of every service."""

    @functools.wraps(view)
    def for_the_whole(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not reach(visit_of(request), ROLES.ADMINISTER).is_whole:
            raise PermissionDenied
        response: HttpResponse = view(request, **kwargs)
        return response

    return office_page(ROLES.ADMINISTER)(for_the_whole)


def import_or_404(whole: str) -> Import:
    """Will return the import of this public id, unless it was given up; raises Http404."""
    rows = Import.objects.select_related("facility", "authority").exclude(state=Import.State.ABANDONED)
    return get_object_or_404(rows, public_id=whole)

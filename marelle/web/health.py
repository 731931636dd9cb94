"""Whether this process can serve: it answers, and its database answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache

from marelle.web.doors import public

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Will answer 200 when the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("base de données injoignable\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")

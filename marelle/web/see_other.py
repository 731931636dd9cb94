"""The answer to a form that was recorded, on every site."""

from __future__ import annotations

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """Go and see, by a GET: a page reloaded afterwards sends nothing twice."""

    status_code = 303

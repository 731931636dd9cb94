"""Pages of which a long part is written apart: the template engine copies what it writes once for each block around."""

from __future__ import annotations

import secrets
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest


class WrittenApart:
    """The long parts of one page, in the order in which its template shows them, each of them once."""

    def __init__(self) -> None:
        # Drawn for each page: nobody can write it in what the page shows.
        self._mark = SafeString(f"<!-- {secrets.token_hex(8)} -->")
        self._parts: list[SafeString] = []

    def put(self, part: SafeString) -> SafeString:
        """Will keep `part`, and return what the template writes where it goes."""
        self._parts.append(part)
        return self._mark

    def page(self, request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int) -> HttpResponse:
        """Will render the page with its parts in their places. Raises ValueError when it does not show them all."""
        around = render_to_string(template, context, request).split(self._mark)
        if len(around) != len(self._parts) + 1:
            message = f"{template} shows {len(around) - 1} of {len(self._parts)} parts"
            raise ValueError(message)
        return HttpResponse(chain.from_iterable(zip_longest(around, self._parts, fillvalue="")), status=status)

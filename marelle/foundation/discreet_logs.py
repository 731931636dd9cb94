"""Logs that can be shown to whoever repairs: where it failed and why, never the row that it failed on."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

# PostgreSQL quotes whole rows there (« Failing row contains (…) »), in the language of the server.
_DETAIL = re.compile(r"^(D[EÉ]TAIL)\s?:.*?(?=^\s*$|\Z)", re.MULTILINE | re.DOTALL)


class DiscreetFormatter(logging.Formatter):
    """Writes exceptions without the details that a database adds to its errors."""

    def formatException(  # noqa: N802  logging's own name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Will return the traceback, the details hidden."""
        return _DETAIL.sub(r"\1: (hidden)\n", super().formatException(ei))

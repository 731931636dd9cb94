"""The process itself: `python -I -m marelle.foundation.file_cleaning.inside <type> <square>`.

A file in, its cleaned self out: it answers with a line of JSON, then the content. `cleaning.clean` starts one for each
file, and nobody trusts it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from marelle.foundation.file_cleaning.limits import confine
from marelle.foundation.file_cleaning.outcomes import (
    HEAVIEST_RAW,
    IMAGES,
    MORE_MEMORY,
    Cleaned,
    RefusedError,
    Unclean,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OUT: Final = 1


def main(kind: str, square: int) -> None:
    """Will read a file of this type on the standard input and write what becomes of it on the standard output.

    `square`: the side in pixels of the portrait that is made of an image, 0 for the image as it is.
    """
    clean = _cleaner(kind, square)
    confine(MORE_MEMORY)
    content = sys.stdin.buffer.read(HEAVIEST_RAW + 1)
    try:
        outcome: Cleaned | Unclean = clean(content)
    except RefusedError as refused:
        outcome = refused.fault
    except MemoryError:
        outcome = Unclean.TOO_MANY_PIXELS if kind in IMAGES else Unclean.TOO_MUCH
    except RecursionError:
        outcome = Unclean.TOO_MUCH
    except Exception as error:  # noqa: BLE001  libraries raise whatever they like on a broken file
        # The image library says so in words alone.
        is_memory = kind in IMAGES and "emory" in str(error)
        outcome = Unclean.TOO_MANY_PIXELS if is_memory else Unclean.BROKEN
    said: dict[str, Any]
    if isinstance(outcome, Cleaned):
        said, rest = {"content_type": outcome.content_type, "pages": outcome.pages}, outcome.content
    else:
        said, rest = {"fault": outcome.value}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + rest)
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing is to be tidied, and a decoder may be in no state to


def _cleaner(kind: str, square: int) -> Callable[[bytes], Cleaned]:
    """Will load the one library that this type needs."""
    if kind in IMAGES:
        from marelle.foundation.file_cleaning.images import clean_image  # noqa: PLC0415  each type loads its own

        return lambda content: clean_image(content, kind, square=square)
    from marelle.foundation.file_cleaning.pdfs import clean_pdf  # noqa: PLC0415

    return clean_pdf


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

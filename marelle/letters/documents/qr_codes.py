"""QR codes as what a template draws: runs of dark squares, row by row."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode

QUIET = 4  # white squares around it, as cameras want (ISO/IEC 18004)


@dataclass(frozen=True, slots=True)
class Squares:
    """A code of `size` squares a side, its quiet zone included: `runs` are (column, row, how many dark squares)."""

    size: int
    runs: tuple[tuple[int, int, int], ...]


def squares_of(text: str) -> Squares:
    """Will draw the code of a text, a quarter of which may be hidden or torn off (level Q): it hangs on walls."""
    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_Q)
    code.add_data(text)
    rows = code.get_matrix()
    runs: list[tuple[int, int, int]] = []
    for y, row in enumerate(rows):
        begins = None
        for x, is_dark in enumerate([*row, False]):
            if is_dark and begins is None:
                begins = x
            elif not is_dark and begins is not None:
                runs.append((begins, y, x - begins))
                begins = None
    return Squares(len(rows), tuple(runs))

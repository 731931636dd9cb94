"""Inside the process: a photo or a scan drawn anew, upright, no larger than it must be, without what it carried."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import pi_heif
from PIL import ExifTags, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from marelle.foundation.file_cleaning.outcomes import (
    HEAVIEST_CLEAN,
    HEIF,
    JPEG,
    LONGEST_SIDE,
    MOST_PIXELS,
    PNG,
    WEBP,
    Cleaned,
    RefusedError,
    Unclean,
)

if TYPE_CHECKING:
    from collections.abc import Callable

QUALITY: Final = 85
LARGEST_WITH_ALPHA: Final = 1_000_000  # pixels; a stamp or a signature, not a photo
STRIP_ROWS: Final = 512
# Decoded whole, at four and a half bytes a point.
MOST_HEIF_PIXELS: Final = 40_000_000
READERS: Final[dict[str, Callable[..., Image.Image]]] = {
    JPEG: JpegImagePlugin.JpegImageFile,
    PNG: PngImagePlugin.PngImageFile,
    WEBP: WebPImagePlugin.WebPImageFile,
}
UPRIGHT: Final = 1
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
pi_heif.options.DECODE_THREADS = 1  # the stack of a thread counts as memory
# What is loaded on demand is loaded now, since no file can be opened later on: what writes, and what reads how a photo
# is turned.
Image.preinit()
LOADED_AHEAD: Final = (TiffImagePlugin,)


def clean_image(content: bytes, kind: str, *, square: int = 0) -> Cleaned:
    """Will draw an image anew as a JPEG, or as a PNG when it is small and partly transparent.

    With `square`, its middle alone, as a JPEG of so many pixels a side.
    Raises RefusedError, MemoryError, and whatever a library raises on a file that is not what it says.
    """
    drawn = _heif(content) if kind == HEIF else _upright(READERS[kind](io.BytesIO(content)))
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if square:
        drawn = _middle(drawn, square)
    if drawn.mode in {"LA", "RGBA"}:
        transparent = drawn.convert("RGBA")
        if not square and drawn.width * drawn.height <= LARGEST_WITH_ALPHA:
            return _written(transparent, PNG, "PNG", optimize=True)
        drawn = Image.new("RGB", drawn.size, "white")
        drawn.paste(transparent, mask=transparent.getchannel("A"))
    return _written(drawn.convert("L" if drawn.mode == "L" else "RGB"), JPEG, "JPEG", quality=QUALITY)


def _middle(drawn: Image.Image, side: int) -> Image.Image:
    """Will return the square in the middle of an image, a little above it when the image stands: there the face is."""
    shorter = min(drawn.size)
    left, top = (drawn.width - shorter) // 2, (drawn.height - shorter) // 3
    return drawn.crop((left, top, left + shorter, top + shorter)).resize((side, side), Image.Resampling.LANCZOS)


def _written(drawn: Image.Image, content_type: str, form: str, **how: Any) -> Cleaned:
    drawn.info.clear()  # nothing that the file said of itself is written again
    out = io.BytesIO()
    drawn.save(out, form, **how)
    if out.tell() > HEAVIEST_CLEAN:
        raise RefusedError(Unclean.TOO_HEAVY)
    return Cleaned(content_type, out.getvalue(), 1)


def _hold_to_size(size: tuple[int, int], most: int = MOST_PIXELS) -> None:
    width, height = size
    if width * height > most:
        raise RefusedError(Unclean.TOO_MANY_PIXELS)


def _upright(image: Image.Image) -> Image.Image:
    """Will decode a Pillow image, a JPEG at the lowest scale that is enough, and turn it as its maker's mark says."""
    _hold_to_size(image.size)
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    turn = TURNS.get(_orientation(image))
    # Each image takes the name of the one before, which is thereby let go: two large ones would be one too many.
    image = _eight_bits(image)
    factor = _factor(image.size)
    if factor > 1:
        image = image.reduce(factor)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return image if turn is None else image.transpose(turn)


def _factor(size: tuple[int, int]) -> int:
    """Will return by how much an image can be divided and still be as large as one that is kept."""
    return max(1, min(*size, max(size) // LONGEST_SIDE))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, UPRIGHT))
    except Exception:  # noqa: BLE001  a photo whose notes are spoiled is still a photo
        return UPRIGHT


def _eight_bits(image: Image.Image) -> Image.Image:
    """Will return points that can be averaged: no palette, and of a scanner's sixteen bits the eight that are shown."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in {"L", "RGB", "RGBA", "LA", "CMYK"} and "transparency" not in image.info:
        return image
    return image.convert("RGBA" if "transparency" in image.info else "L" if image.mode == "1" else "RGB")


def _heif(content: bytes) -> Image.Image:
    """Will decode a photo of a phone, which the decoder turns itself, strip by strip into a smaller image.

    Its three bytes a point are as many as may be held: Pillow's own copy would be four more.
    """
    image = pi_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)
    _hold_to_size(image.size, MOST_HEIF_PIXELS)
    width, height = image.size
    mode, stride, data = image.mode, image.stride, image.data
    factor = _factor(image.size)
    if factor == 1:
        return Image.frombytes(mode, (width, height), bytes(data), "raw", mode, stride)
    smaller = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = STRIP_ROWS - STRIP_ROWS % factor
    for top in range(0, height, rows):
        taken = min(rows, height - top)
        strip = Image.frombytes(
            mode, (width, taken), bytes(data[top * stride : (top + taken) * stride]), "raw", mode, stride
        )
        smaller.paste(strip.reduce(factor), (0, top // factor))
    return smaller

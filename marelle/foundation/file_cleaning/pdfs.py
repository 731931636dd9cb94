"""Inside the process: a PDF written anew from its pages, as they are printed, and from nothing else of it.

Only what a page draws is copied into an empty file: scripts, actions, attached files, forms and their data, comments
and links stay behind. What forms and stamps show is drawn into the page first. Then every object that was copied is
looked through, and a stream that would unfold without end is refused.
"""

from __future__ import annotations

import io
import zlib
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream
from PIL import Image, JpegImagePlugin

from marelle.foundation.file_cleaning.outcomes import (
    HEAVIEST_CLEAN,
    MEGABYTE,
    MOST_PAGES,
    MOST_PIXELS,
    PDF,
    Cleaned,
    RefusedError,
    Unclean,
)

TAIL_BYTES: Final = 4096
MOST_OBJECTS: Final = 200_000
DEEPEST: Final = 40
LONGEST_STREAM: Final = 150 * MEGABYTE  # a picture of fifty megapixels
LONGEST_STREAMS: Final = 600 * MEGABYTE
SCAN_SIDE: Final = 1754  # an A4 sheet at 150 dots an inch
SCAN_QUALITY: Final = 60
COLOURS: Final = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB}
_CHUNK: Final = MEGABYTE
_OF_A_PAGE: Final = frozenset(
    {
        "/Type",
        "/Parent",
        "/Resources",
        "/MediaBox",
        "/CropBox",
        "/Rotate",
        "/UserUnit",
        "/Contents",
        "/Group",
        "/Annots",
    }
)
# Nothing of what a page draws needs them; some of them act, the others only speak of the file.
_REMOVED: Final = (
    "/AA", "/AF", "/Action", "/AcroForm", "/EF", "/EmbeddedFile", "/EmbeddedFiles", "/JS", "/JavaScript", "/Launch",
    "/LastModified", "/Metadata", "/OPI", "/OpenAction", "/PieceInfo", "/Ref", "/RichMedia", "/RichMediaContent",
    "/SourceInfo", "/StructParent", "/StructParents", "/URI", "/XFA",
)  # fmt: skip
_ACTIVE_TYPES: Final = frozenset({"/Action", "/Annot", "/EmbeddedFile", "/Filespec"})


def _wake() -> None:
    """Will have the library open its source of random numbers, which it asks for when a file is encrypted."""
    asleep = io.BytesIO()
    Pdf.new().save(asleep, encryption=pikepdf.Encryption(owner="anybody", user=""))
    pikepdf.open(asleep).close()


# No file can be opened later on.
_wake()
Image.preinit()


def clean_pdf(content: bytes) -> Cleaned:
    """Will write a PDF anew. Raises RefusedError, MemoryError, and what the library raises on a broken file."""
    if b"%%EOF" not in content[-TAIL_BYTES:]:
        raise RefusedError(Unclean.BROKEN)  # its end is missing: the library would mend it with what is left
    try:
        source = pikepdf.open(io.BytesIO(content), suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise RefusedError(Unclean.LOCKED) from error
    pages = len(source.pages)
    if not pages:
        raise RefusedError(Unclean.BROKEN)
    if pages > MOST_PAGES:
        raise RefusedError(Unclean.TOO_MANY_PAGES)
    if bool(source.Root.get("/NeedsRendering", False)):  # a form that a script draws: its page says « please wait »
        raise RefusedError(Unclean.ACTIVE)
    _draw_what_forms_show(source)
    written = Pdf.new()
    for page in source.pages:
        _strip(page)
        written.pages.append(page)
    _look_through(written)
    content = _saved(written)
    if len(content) > HEAVIEST_CLEAN:
        _lighten(written)
        content = _saved(written)
    if len(content) > HEAVIEST_CLEAN:
        raise RefusedError(Unclean.TOO_HEAVY)
    return Cleaned(PDF, content, pages)


def _saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
        recompress_flate=True,
        deterministic_id=True,
    )
    return out.getvalue()


def _lighten(pdf: Pdf) -> None:
    """Will draw the photos of a scan anew, as fine as one reads them; what is not a plain JPEG stays as it is."""
    for found in pdf.objects:
        if not isinstance(found, Stream) or found.get("/Filter") != Name.DCTDecode or "/Decode" in found:
            continue
        photo: Image.Image = JpegImagePlugin.JpegImageFile(io.BytesIO(found.read_raw_bytes()))
        if photo.mode not in COLOURS or photo.width * photo.height > MOST_PIXELS:
            continue
        photo.draft(photo.mode, (SCAN_SIDE, SCAN_SIDE))
        photo.thumbnail((SCAN_SIDE, SCAN_SIDE))
        out = io.BytesIO()
        photo.save(out, "JPEG", quality=SCAN_QUALITY)
        found.write(out.getvalue(), filter=Name.DCTDecode)
        found.Width, found.Height = photo.size
        found.ColorSpace, found.BitsPerComponent = COLOURS[photo.mode], 8


def _draw_what_forms_show(source: Pdf) -> None:
    form = source.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and bool(form.get("/NeedAppearances", False)):
        source.generate_appearance_streams()
    source.flatten_annotations("print")


def _strip(page: Page) -> None:
    """Will leave of a page what it draws; links and comments that were not flattened go too."""
    for key in list(page.obj.keys()):
        if key not in _OF_A_PAGE or key == "/Annots":
            del page.obj[key]


def _look_through(pdf: Pdf) -> None:
    """Will take off every object what acts, and refuse what would unfold beyond what a page can hold."""
    unfolded = 0
    if len(pdf.objects) > MOST_OBJECTS:
        raise RefusedError(Unclean.TOO_MUCH)
    for found in pdf.objects:
        _disarm(found)
        if isinstance(found, Stream):
            unfolded += _unfolded_bytes(found)
            if unfolded > LONGEST_STREAMS:
                raise RefusedError(Unclean.TOO_MUCH)


def _disarm(found: Any) -> None:
    """Will remove the keys that act from an object and from what is written inside it; others are visited apart."""
    waiting: list[tuple[Object, int]] = [(found, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > DEEPEST:
            raise RefusedError(Unclean.TOO_MUCH)
        if isinstance(one, Dictionary | Stream):
            if str(one.get("/Type", "")) in _ACTIVE_TYPES:
                # Nothing that is drawn is one of these: it was hidden among what is.
                raise RefusedError(Unclean.ACTIVE)
            for key in _REMOVED:
                if key in one and not _is_drawn(one[key]):
                    del one[key]
            if isinstance(one, Stream) and "/F" in one:
                raise RefusedError(Unclean.ACTIVE)  # its content is in another file
            within = [one[key] for key in list(one.keys())]
        elif isinstance(one, Array):
            within = list(one)
        else:
            continue
        waiting += [
            (each, depth + 1) for each in within if isinstance(each, Dictionary | Array) and not each.is_indirect
        ]


def _is_drawn(value: Any) -> bool:
    """Will tell whether a resource happens to bear the name of something that acts."""
    return isinstance(value, Dictionary | Stream) and str(value.get("/Type", "")) in {"/Font", "/XObject", "/ExtGState"}


def _unfolded_bytes(stream: Stream) -> int:
    """Will return how many bytes a stream unfolds to, without holding them; a JPEG and its like count for none."""
    if str(stream.get("/Subtype", "")) == "/Image":
        width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
        if width < 0 or height < 0 or width * height > MOST_PIXELS:
            raise RefusedError(Unclean.TOO_MANY_PIXELS)
    filters = stream.get("/Filter")
    names = [str(one) for one in filters] if isinstance(filters, Array) else [] if filters is None else [str(filters)]
    if not names:
        return len(stream.read_raw_bytes())
    if names == ["/FlateDecode"]:
        return _unzipped_bytes(stream.read_raw_bytes())
    if names[-1] in {"/DCTDecode", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode"}:
        return 0
    length = len(stream.read_bytes())  # held to the memory of the process
    if length > LONGEST_STREAM:
        raise RefusedError(Unclean.TOO_MUCH)
    return length


def _unzipped_bytes(packed: bytes) -> int:
    unzip, total = zlib.decompressobj(), 0
    waiting = packed
    while waiting and not unzip.eof:
        total += len(unzip.decompress(waiting, _CHUNK))
        if total > LONGEST_STREAM:
            raise RefusedError(Unclean.TOO_MUCH)
        waiting = unzip.unconsumed_tail
    return total

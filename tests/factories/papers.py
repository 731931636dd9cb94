"""Files as families give them: a photo, a scan, a PDF; and clean ones, for tests that are about something else."""

from __future__ import annotations

import io

import pikepdf
import pillow_heif
from PIL import Image

from marelle.domain.families.receiving import CleanDocument, CleanPhoto

RED, BLUE = (200, 30, 30), (30, 30, 200)


def clean_document(name="attestation.pdf", content=b"%PDF-1.7 attestation", content_type="application/pdf", pages=1):
    """A document as `receive` gives it, without asking a process for it."""
    return CleanDocument(name, content_type, content, pages)


def clean_photo(content=b"\xff\xd8\xff un visage"):
    """A photo of a child as `receive_photo` gives it, without asking a process for it."""
    return CleanPhoto(content)


def pdf(pages=1, text="attestation de la CAF", **encryption):
    """A PDF of so many pages, each with its text."""
    made = pikepdf.new()
    for number in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(
                F1=pikepdf.Dictionary(
                    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
                )
            )
        )
        page.Contents = made.make_stream(f"BT /F1 12 Tf 50 780 Td ({text}, page {number + 1}) Tj ET".encode("latin-1"))
    return saved(made, **encryption)


def saved(made, **options):
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


def half_red(size=(64, 32), mode="RGB"):
    """An image whose left half is red and right half blue, so that one sees how it is turned."""
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def image(form="JPEG", size=(64, 32), mode="RGB", **options):
    out = io.BytesIO()
    half_red(size, mode).save(out, form, **options)
    return out.getvalue()


def turned(form="JPEG", orientation=6, size=(64, 32), more=()):
    """A photo that its phone says to turn; `more` are other notes of the phone (tag, value)."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    for tag, value in more:
        exif[tag] = value
    return image(form, size, exif=exif.tobytes())


def heic(size=(64, 32), orientation=1):
    """A photo of an iPhone."""
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    half_red(size).save(out, "HEIF", quality=60, exif=exif.tobytes())
    return out.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))

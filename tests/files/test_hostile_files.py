"""Files that attack: each is refused with its sentence or made harmless, in a process that can do nothing else."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from functools import cache

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from marelle.domain.families.receiving import UnableToKeepDocumentError, receive
from marelle.domain.families.rules.documents import DocumentFault
from marelle.foundation.file_cleaning.outcomes import HEAVIEST_RAW, MORE_MEMORY
from tests.factories import papers
from tests.factories.papers import BLUE, RED, heic, image, opened, pdf, saved, turned

MEGABYTE = 1024 * 1024
SCRIPT = b"<script>alert(document.cookie)</script>"
# What Python and one library weigh before the first byte of a file is read.
BEFORE = 40 * MEGABYTE


def fault(content, name="document"):
    with pytest.raises(UnableToKeepDocumentError) as no:
        receive(name, content)
    assert no.value.fault.value.endswith(".")
    return no.value.fault


def near(pixel, colour):
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


def chunk(kind, content):
    return struct.pack("!L", len(content)) + kind + content + struct.pack("!L", zlib.crc32(kind + content))


def png(width, height, *more, rows=b"", depth=8, colours=2):
    header = chunk(b"IHDR", struct.pack("!LLBBBBB", width, height, depth, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def zeros(megabytes):
    """So many megabytes of zeros, packed."""
    pack = zlib.compressobj(1)
    return b"".join(pack.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + pack.flush()


def acting(**more):
    """A PDF of one page, opened to be armed; `more` goes in its root."""
    made = pikepdf.open(io.BytesIO(pdf()))
    for key, value in more.items():
        made.Root[f"/{key}"] = value
    return made


def words_of(content):
    """Every key and every name written anywhere in a PDF."""
    found = set()

    def look(one, depth):
        if isinstance(one, Dictionary | pikepdf.Stream):
            for key in list(one.keys()):
                found.add(key)
                if not getattr(one[key], "is_indirect", False) and depth:
                    look(one[key], depth - 1)
        elif isinstance(one, Array):
            for each in one:
                if not getattr(each, "is_indirect", False) and depth:
                    look(each, depth - 1)
        elif isinstance(one, Name):
            found.add(str(one))

    with pikepdf.open(io.BytesIO(content)) as read:
        for one in read.objects:
            look(one, 9)
        look(read.trailer, 9)
    return found


ACTIVE = {
    "/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/URI", "/EmbeddedFiles", "/EF", "/EmbeddedFile", "/XFA",
    "/AcroForm", "/Annots", "/SubmitForm", "/Names", "/GoToR", "/ImportData", "/RichMedia", "/Metadata", "/Filespec",
}  # fmt: skip


class TestBombs:
    def test_a_png_with_notes_that_unfold_into_a_gigabyte(self):
        note = chunk(b"zTXt", b"Comment\0\0" + zeros(240))

        assert fault(png(8, 8, note, rows=zlib.compress(bytes(8 * 25)))) is DocumentFault.BROKEN

    def test_a_png_whose_points_go_on_after_its_last_row(self):
        kept = receive("photo.png", png(64, 64, rows=zeros(240)))

        assert opened(kept.content).size == (64, 64)

    def test_an_image_of_thirty_thousand_by_thirty_thousand_points(self):
        assert fault(png(30_000, 30_000, rows=zeros(1))) is DocumentFault.TOO_MANY_PIXELS

    def test_a_jpeg_that_says_it_is_sixty_thousand_wide(self):
        photo = bytearray(image())
        at = photo.index(b"\xff\xc0") + 5
        photo[at : at + 4] = struct.pack("!HH", 60_000, 60_000)

        assert fault(bytes(photo)) is DocumentFault.TOO_MANY_PIXELS

    def test_a_pdf_with_a_page_that_unfolds_without_end(self):
        made = acting()
        made.pages[0].Contents = pikepdf.Stream(made, zeros(240), Filter=Name.FlateDecode)

        assert fault(saved(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)) is (
            DocumentFault.TOO_MUCH
        )

    def test_a_pdf_packed_twice_over(self):
        made = acting()
        twice = Array([Name.FlateDecode, Name.FlateDecode])
        made.pages[0].Contents = pikepdf.Stream(made, zlib.compress(zeros(240)), Filter=twice)

        assert fault(saved(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)) is (
            DocumentFault.TOO_MUCH
        )

    def test_a_pdf_with_a_picture_larger_than_a_house(self):
        made = acting()
        picture = pikepdf.Stream(
            made, b"\xff\xd8\xff", Type=Name.XObject, Subtype=Name.Image, Width=40_000, Height=40_000,
            ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
        )  # fmt: skip
        made.pages[0].Resources.XObject = Dictionary(Im0=picture)

        assert fault(saved(made)) is DocumentFault.TOO_MANY_PIXELS

    def test_a_pdf_nested_in_itself_a_hundred_thousand_times(self):
        deep = b"[" * 100_000 + b"]" * 100_000
        content = pdf().replace(b"/MediaBox [", b"/Deep " + deep + b" /MediaBox [", 1)

        assert fault(content) in {DocumentFault.BROKEN, DocumentFault.TOO_MUCH}

    def test_a_pdf_of_more_pages_than_anybody_reads(self):
        assert receive("long.pdf", pdf(60)).pages == 60
        assert fault(pdf(61)) is DocumentFault.TOO_MANY_PAGES


class TestTwoThingsAtOnce:
    def test_a_gif_that_is_also_a_script(self):
        assert fault(b"GIF89a/*\x01\x00\x80\x00\x00*/=1;alert(1)//\x3b", "photo.gif") is DocumentFault.UNKNOWN_KIND

    def test_a_jpeg_that_is_also_an_archive(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("payload.html", SCRIPT)
        both = image() + archive.getvalue()
        assert zipfile.is_zipfile(io.BytesIO(both))

        kept = receive("photo.jpg", both)

        assert not zipfile.is_zipfile(io.BytesIO(kept.content))
        assert opened(kept.content).size == (64, 32)

    def test_a_jpeg_that_carries_a_page(self):
        carrier = image(comment=SCRIPT)
        assert SCRIPT in carrier

        assert b"script" not in receive("photo.jpg", carrier).content

    def test_a_png_whose_palette_and_notes_are_a_program(self):
        carrier = png(8, 8, chunk(b"tEXt", b"Comment\0<?php system($_GET[0]);?>"), rows=zlib.compress(bytes(8 * 25)))

        assert b"php" not in receive("photo.png", carrier).content

    def test_a_pdf_that_is_also_an_archive_and_a_page(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("a", SCRIPT)
        both = b"<!--" + SCRIPT + b"-->\n" + pdf() + archive.getvalue()

        kept = receive("attestation.pdf", both)

        assert kept.content.startswith(b"%PDF-")
        assert not zipfile.is_zipfile(io.BytesIO(kept.content))
        assert b"script" not in kept.content

    def test_an_svg_with_a_script(self):
        drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

        assert fault(drawing, "logo.svg") is DocumentFault.UNKNOWN_KIND
        assert fault(b"<?xml version='1.0'?>" + drawing, "photo.png") is DocumentFault.UNKNOWN_KIND


class TestActivePdf:
    def armed(self):
        """Everything that a reader could start, at once."""
        action = Dictionary(Type=Name.Action, S=Name.JavaScript, JS="app.alert(1)")
        made = acting(OpenAction=action, AA=Dictionary(WC=action), Names=Dictionary(JavaScript=Dictionary()))
        made.Root.Names.JavaScript = Dictionary(Names=Array(["start", action]))
        page = made.pages[0].obj
        page.AA = Dictionary(O=action)
        launch = Dictionary(Type=Name.Action, S=Name.Launch, F="cmd.exe")
        submit = Dictionary(Type=Name.Action, S=Name.SubmitForm, F="https://ailleurs.example/")
        links = [
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 600, 900]), A=each)
            for each in (launch, submit, action, Dictionary(S=Name.URI, URI="https://ailleurs.example/"))
        ]
        page.Annots = Array([made.make_indirect(each) for each in links])
        return made

    def test_scripts_launches_and_links_do_not_survive(self):
        content = saved(self.armed())
        assert words_of(content) & ACTIVE

        kept = receive("attestation.pdf", content)

        assert words_of(kept.content) & ACTIVE == set()
        assert b"ailleurs" not in kept.content

    def test_what_the_page_says_does(self):
        kept = receive("attestation.pdf", saved(self.armed()))

        with pikepdf.open(io.BytesIO(kept.content)) as read:
            assert b"attestation de la CAF" in read.pages[0].Contents.read_bytes()

    def test_a_file_inside_does_not_survive(self):
        made = acting()
        made.attachments["facture.exe"] = b"MZ this program cannot be run in DOS mode"
        content = saved(made)

        kept = receive("attestation.pdf", content)

        assert "/EmbeddedFiles" in words_of(content)
        assert words_of(kept.content) & ACTIVE == set()

    def test_a_script_hidden_among_what_a_page_draws_is_taken_off_or_refused(self):
        made = acting()
        made.pages[0].Resources.Properties = Dictionary(MC0=Dictionary(JS="app.alert(1)", AA=Dictionary(O=1)))
        kept = receive("attestation.pdf", saved(made))
        assert words_of(kept.content) & ACTIVE == set()

        made.pages[0].Resources.Properties = Dictionary(MC0=Dictionary(Type=Name.Action, S=Name.JavaScript, JS="x"))
        assert fault(saved(made)) is DocumentFault.ACTIVE

    def test_a_page_whose_drawing_is_in_another_file_is_refused(self):
        made = acting()
        made.pages[0].Contents = made.make_stream(b"", F="/etc/passwd")

        assert fault(saved(made)) is DocumentFault.ACTIVE

    def test_a_form_keeps_what_was_written_in_it_and_nothing_else(self):
        made = acting(AcroForm=Dictionary(Fields=Array(), NeedAppearances=False))
        drawn = made.make_stream(
            b"BT /F1 9 Tf 2 2 Td (Quenneville) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 20])
        )
        field = made.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="nom", V="Quenneville", F=4,
                Rect=Array([50, 700, 150, 720]), AP=Dictionary(N=drawn),
                AA=Dictionary(K=Dictionary(S=Name.JavaScript, JS="x")),
            )
        )  # fmt: skip
        made.pages[0].obj.Annots = Array([field])
        made.Root.AcroForm.Fields = Array([field])

        kept = receive("formulaire.pdf", saved(made))

        with pikepdf.open(io.BytesIO(kept.content)) as read:
            shown = b"".join(one.read_bytes() for one in read.objects if isinstance(one, pikepdf.Stream))
        assert b"(Quenneville)" in shown
        assert words_of(kept.content) & ACTIVE == set()

    def test_a_form_that_only_a_script_can_draw_is_refused(self):
        made = acting(NeedsRendering=True, AcroForm=Dictionary(Fields=Array(), XFA=Array()))

        assert fault(saved(made)) is DocumentFault.ACTIVE

    def test_one_that_opens_with_a_password_is_refused_and_one_that_only_forbids_printing_is_taken(self):
        def encrypted(user):
            return pdf(encryption=pikepdf.Encryption(owner="mairie", user=user))

        assert fault(encrypted("secret")) is DocumentFault.LOCKED
        with pikepdf.open(io.BytesIO(receive("a.pdf", encrypted("")).content)) as read:
            assert not read.is_encrypted


class TestLies:
    def test_the_ending_of_a_name_does_not_count(self):
        assert fault(b"MZ\x90\x00" + bytes(900), "photo.jpg") is DocumentFault.UNKNOWN_KIND
        kept = receive("attestation.pdf", image("PNG"))
        assert (kept.name, kept.content_type) == ("attestation.jpg", "image/jpeg")

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("../../etc/passwd", "passwd.jpg"),
            ("..\\..\\windows\\system32\\config.jpg", "config.jpg"),
            ("photo.jpg\0.exe", "photo.jpg.jpg"),
            ("photo\u202egpj.exe", "photogpj.jpg"),
            ("", "document.jpg"),
        ],
        ids=["a path", "a path of Windows", "a NUL", "a sign that turns the text around", "nothing"],
    )
    def test_a_path_in_a_name(self, name, kept):
        assert receive(name, image()).name == kept

    def test_a_jpeg_that_is_cut(self):
        photo = image(size=(640, 320))

        assert fault(photo[: len(photo) // 2]) is DocumentFault.BROKEN

    def test_a_pdf_that_is_cut(self):
        whole = pdf(3)

        assert fault(whole[: len(whole) * 2 // 3]) is DocumentFault.BROKEN

    def test_a_png_and_a_photo_of_an_iphone_that_are_cut(self):
        for whole in (image("PNG", size=(640, 320)), heic((640, 320))):
            assert fault(whole[: len(whole) // 2]) is DocumentFault.BROKEN

    @pytest.mark.parametrize(
        "head", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic", b"RIFF\0\0\0\0WEBP"]
    )
    def test_a_beginning_and_nothing_behind(self, head):
        assert fault(head + b"nothing of the kind") is DocumentFault.BROKEN

    def test_nothing_and_too_much(self):
        assert fault(b"") is DocumentFault.EMPTY
        assert fault(b"%PDF-1.7".ljust(HEAVIEST_RAW + 1)) is DocumentFault.TOO_BIG


class TestPhotos:
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
    def test_a_photo_is_turned_as_its_phone_says_and_forgets_where_it_was_taken(self, form):
        taken = turned(form, orientation=6, more=((0x010F, "Marque du telephone"),))
        assert b"Marque" in taken

        kept = receive("IMG_2042", taken)
        shown = opened(kept.content)

        assert (shown.size, dict(shown.getexif())) == ((32, 64), {})
        # The left half comes on top.
        assert near(shown.convert("RGB").getpixel((16, 4)), RED)
        assert near(shown.convert("RGB").getpixel((16, 60)), BLUE)
        assert b"Marque" not in kept.content

    @pytest.mark.parametrize("orientation", [1, 6, 8])
    def test_a_photo_of_an_iphone_becomes_an_upright_jpeg(self, orientation):
        kept = receive("IMG_2042.HEIC", heic((640, 320), orientation))
        shown = opened(kept.content)

        assert (kept.name, kept.content_type, kept.pages) == ("IMG_2042.jpg", "image/jpeg", 1)
        assert shown.size == ((640, 320) if orientation == 1 else (320, 640))
        first = {1: (10, 10), 6: (300, 10), 8: (10, 630)}[orientation]
        assert near(shown.getpixel(first), RED)

    def test_a_photo_with_spoiled_notes_is_still_a_photo(self):
        photo = turned(orientation=6)
        spoiled = photo.replace(b"Exif\0\0MM", b"Exif\0\0XX").replace(b"Exif\0\0II", b"Exif\0\0XX")
        assert spoiled != photo

        assert opened(receive("photo.jpg", spoiled).content).size == (64, 32)

    @pytest.mark.parametrize("form", ["JPEG", "HEIF"])
    def test_a_large_one_is_shrunk_and_keeps_its_halves(self, form):
        large = heic((4900, 240)) if form == "HEIF" else image(size=(4900, 240))
        shown = opened(receive("photo", large).content)

        assert shown.size[0] in {2400, 2399}
        assert near(shown.getpixel((100, 60)), RED)
        assert near(shown.getpixel((2300, 60)), BLUE)

    @pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
    def test_scans_of_every_kind_become_a_jpeg(self, mode):
        form = {"CMYK": "JPEG"}.get(mode, "PNG")
        if mode == "I;16":
            scan = io.BytesIO()
            papers.half_red().convert("L").convert("I").point(lambda value: value * 256).convert("I;16").save(
                scan, "PNG"
            )
            content = scan.getvalue()
        else:
            content = image(form, mode=mode)
        shown = opened(receive("scan", content).content).convert("L")

        assert shown.size == (64, 32)
        assert abs(shown.getpixel((4, 4)) - (255 if mode == "1" else 81)) < 260
        assert shown.getpixel((4, 4)) != shown.getpixel((60, 4)) or mode == "1"

    def test_a_small_image_keeps_its_transparency_and_a_large_one_is_laid_on_white(self):
        clear = papers.half_red((64, 32), "RGBA")
        clear.putalpha(0)

        def kept(size):
            out = io.BytesIO()
            clear.resize(size).save(out, "PNG")
            return receive("signature.png", out.getvalue())

        small, large = kept((64, 32)), kept((1600, 800))

        assert (small.content_type, opened(small.content).mode) == ("image/png", "RGBA")
        assert large.content_type == "image/jpeg"
        assert opened(large.content).getpixel((5, 5)) == (255, 255, 255)


class TestScans:
    @staticmethod
    def scanned(pages, *, detail):
        """A PDF of photos of 2480 by 3508 points, as an application of a phone makes it."""
        made = pikepdf.new()
        noise = Image.effect_noise((310, 438), detail).resize((2480, 3508))
        out = io.BytesIO()
        noise.convert("RGB").save(out, "JPEG", quality=92)
        for number in range(pages):
            page = made.add_blank_page(page_size=(595, 842))
            photo = pikepdf.Stream(
                made, out.getvalue() + bytes(number), Type=Name.XObject, Subtype=Name.Image, Width=2480, Height=3508,
                ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
            )  # fmt: skip
            page.Resources = Dictionary(XObject=Dictionary(Im0=photo))
            page.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
        return saved(made)

    def test_a_heavy_one_is_made_lighter(self):
        heavy = self.scanned(5, detail=90)
        assert len(heavy) > 5 * MEGABYTE

        kept = receive("scan.pdf", heavy)

        assert len(kept.content) < len(heavy) / 2
        with pikepdf.open(io.BytesIO(kept.content)) as read:
            photo = read.pages[4].Resources.XObject.Im0
            assert (photo.Width, photo.Height) == opened(photo.read_raw_bytes()).size == (1240, 1754)


CONFINED = """
import os, socket, sys
from marelle.foundation.file_cleaning.limits import confine
read_before = open("/etc/hostname")
read_before.close()
confine(200 * 1024 * 1024)
def tried(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
said = [tried(lambda: open("/etc/passwd")), tried(lambda: open("/tmp/left-behind", "w")), tried(socket.socket),
        tried(os.pipe), tried(lambda: bytearray(250 * 1024 * 1024)), tried(lambda: bytearray(100 * 1024 * 1024))]
print(*said)
"""


class TestTheProcess:
    def test_it_opens_no_file_and_no_socket_and_holds_no_more_than_it_may(self):
        told = subprocess.run(
            [sys.executable, "-I", "-c", CONFINED], capture_output=True, text=True, check=True, env={}
        ).stdout.split()

        assert told == ["OSError", "OSError", "OSError", "OSError", "MemoryError", "done"]

    def test_it_is_ended_when_it_takes_too_long(self):
        endless = "from marelle.foundation.file_cleaning import limits; limits.CPU_SECONDS = 1\n"
        endless += "limits.confine(2**28)\nwhile True: pass"

        assert subprocess.run([sys.executable, "-I", "-c", endless], check=False, env={}).returncode < 0

    def test_its_memory_is_bounded(self):
        """The library holds four bytes a point: of fifty megapixels in colour the process has no room for the rest."""
        forty, peak = measured(png(6_400, 6_250, rows=zeros(115)))
        fifty, highest = measured(png(7_000, 7_000, rows=zeros(141)))

        assert (forty, fifty) == ("cleaned", "too_many_pixels")
        assert 150 * MEGABYTE < peak < BEFORE + MORE_MEMORY
        assert highest < BEFORE + MORE_MEMORY

    @pytest.mark.torture
    @pytest.mark.parametrize("size", [(4032, 3024), (5712, 4284), (8064, 6048)], ids=["12", "24", "48 megapixels"])
    def test_its_memory_is_bounded_for_the_photos_of_phones(self, size):
        for content, is_taken in ((heic(size), size[0] < 8_000), (image(size=size), True)):
            outcome, peak = measured(content)

            assert outcome == ("cleaned" if is_taken else "too_many_pixels")
            assert peak < BEFORE + MORE_MEMORY


def measured(content):
    """What became of a file, and the most memory (bytes) that its process had in use."""
    program = (
        "import json, resource, sys\n"
        "from marelle.foundation.file_cleaning.cleaning import clean\n"
        "outcome = clean(sys.stdin.buffer.read())\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024\n"
        "print(json.dumps([outcome if isinstance(outcome, str) else 'cleaned', peak]))"
    )
    told = subprocess.run([sys.executable, "-c", program], input=content, capture_output=True, check=True)
    return json.loads(told.stdout)

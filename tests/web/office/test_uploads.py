"""Files on their way in and out of the agents' site: weighed before they are read, noted when they speak of health."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.exceptions import ValidationError
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.test import RequestFactory

from marelle.domain.families.models import SupportingDocument
from marelle.domain.families.operations.documents import attach_document
from marelle.domain.families.rules.documents import HEAVIEST_BYTES
from marelle.foundation import clock, files, tenancy, writes
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.web.documents import handed_over, hands_over_documents, received
from marelle.web.uploads import InMemoryOnly
from tests.domain.household import AGENT, NOW
from tests.factories import town
from tests.factories.papers import clean_document, image, opened, pdf
from tests.web.office.conftest import HOST, signed_in
from tests.web.office.test_day import body
from tests.web.office.test_quotients import field, file, note, noted

pytestmark = [pytest.mark.urls("marelle.config.urls_office"), pytest.mark.django_db]
MEGABYTE = 1024 * 1024
HEAVY = 500 * MEGABYTE


class NeverRead:
    """A body that must not be asked for."""

    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = read


def address(office):
    return office.at(f"familles/{office.family.public_id}/quotients/")


class TestFiveHundredMegabytes:
    def test_nothing_of_it_is_read(self, office):
        answer = office.client.generic(
            "POST", address(office), content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(HEAVY), **{"wsgi.input": NeverRead()},
        )  # fmt: skip

        assert answer.status_code == 413
        assert "Un fichier pèse au plus 20 Mo" in body(answer)
        assert noted(office) == []

    def test_a_server_answers_long_before_the_end(self, office):
        class Quiet(WSGIRequestHandler):
            def log_message(self, *_words):
                pass

        with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            with socket.create_connection(server.server_address, timeout=20) as line:
                head = f"POST {address(office)} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {HEAVY}\r\n"
                line.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n")
                answer = line.recv(65536)
                sent = 0
                with suppress(OSError):  # it has hung up
                    while sent < HEAVY:
                        sent += line.send(bytes(MEGABYTE))

        assert answer.startswith(b"HTTP/1.0 413")
        assert sent < HEAVY / 10

    def test_a_page_that_takes_no_document_takes_no_heavy_form(self, office):
        answer = office.client.post(
            office.at(f"familles/{office.family.public_id}/blocages/"), {"document": file(bytes(3 * MEGABYTE))}
        )

        assert answer.status_code == 413


class TestOneFile:
    @pytest.fixture
    def nothing_kept(self, settings, tmp_path):
        settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", str(tmp_path / "uploads")
        (tmp_path / "uploads").mkdir()

        def holds():
            assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

        return holds

    def test_of_a_file_that_is_too_heavy_only_the_weight_is_kept(self):
        keeper = InMemoryOnly()
        keeper.new_file("document", "photo.jpg", "image/jpeg", None)
        for start in range(0, HEAVIEST_BYTES + MEGABYTE, MEGABYTE):
            keeper.receive_data_chunk(bytes(MEGABYTE), start)
        upload = keeper.file_complete(HEAVIEST_BYTES + MEGABYTE)

        assert (upload.size, upload.read()) == (HEAVIEST_BYTES + MEGABYTE, b"")
        with pytest.raises(ValidationError, match="plus de 20 Mo"):
            received(upload)

    def test_of_one_that_is_not_every_byte(self):
        keeper = InMemoryOnly()
        keeper.new_file("document", "photo.jpg", "image/jpeg", None)
        keeper.receive_data_chunk(b"abc", 0)
        keeper.receive_data_chunk(b"def", 3)

        assert keeper.file_complete(6).read() == b"abcdef"

    @pytest.mark.parametrize(
        ("content", "name", "sentence"),
        [
            (b"GIF89a/*", "photo.gif", "ni un PDF, ni une photo"),
            (b"<svg onload=alert(1)>", "photo.png", "ni un PDF, ni une photo"),
            (image()[:200], "photo.jpg", "abîmé ou incomplet"),
            (pdf(61), "long.pdf", "plus de 60 pages"),
            (b"%PDF-1.7".ljust(HEAVIEST_BYTES + 1), "lourd.pdf", "plus de 20 Mo"),
        ],
        ids=["an animation", "a drawing that acts", "half a photo", "a book", "too heavy"],
    )
    def test_one_that_is_refused_leaves_nothing(self, office, nothing_kept, content, name, sentence):
        answer = note(office, document=file(content, name))

        assert answer.status_code == 422
        assert sentence in field(answer, "noter-document-error").get_text()
        assert noted(office) == []
        nothing_kept()

    def test_a_name_that_climbs_out_of_its_folder_stays_where_it_is(self, office, settings, tmp_path):
        settings.FILES_DIR = tmp_path / "files"

        assert note(office, document=file(image(), "../../../etc/cron.d/x.png")).status_code == 303

        with tenancy.scope({office.authority.pk}):
            kept = SupportingDocument.objects.get()
        assert kept.name == "x.jpg"
        (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
        assert path == settings.FILES_DIR / kept.stored_as[:2] / kept.stored_as
        assert opened(kept.content).size == (64, 32)


class TestReading:
    def kept(self, office, *, is_health=True, **more):
        with tenancy.scope({office.authority.pk}):
            return attach_document(
                office.family, clean_document(**more), kind="pai", is_health=is_health, by=AGENT, at=NOW
            )

    def read(self, office, document, method="get", client=None):
        path = office.at(f"familles/{office.family.public_id}/justificatifs/{document.public_id}/")
        return getattr(client or office.client, method)(path)

    def lines(self):
        rows = AuditEntry.objects.filter(verb="read_document").order_by("pk")
        return list(rows.values_list("actor_kind", "actor_key", "object_key", "details"))

    def test_each_reading_of_health_is_in_the_journal_and_says_nothing_of_it(self, office):
        document = self.kept(office, name="PAI de Lou.pdf")

        assert self.read(office, document).content == document.content
        assert self.read(office, document, "head").status_code == 200

        line = ("agent", office.agent.user_id, document.pk, {"family": office.family.pk, "kind": "pai"})
        assert self.lines() == [line, line]

    def test_another_document_is_read_without_a_word(self, office):
        assert self.read(office, self.kept(office, is_health=False)).status_code == 200
        assert self.lines() == []

    def test_who_is_not_let_in_has_read_nothing(self, office):
        document = self.kept(office)
        looks = signed_in(town.make_agent(office.authority, "Paul", "view_day"))

        assert self.read(office, document, client=looks).status_code == 403
        assert self.lines() == []

    def test_a_reading_that_cannot_be_noted_is_not_answered(self, office, monkeypatch):
        document = self.kept(office)

        def fails(*_args, **_more):
            raise RuntimeError("the journal is full")

        monkeypatch.setattr("marelle.web.documents.note_reading", fails)
        with pytest.raises(RuntimeError, match="full"):
            self.read(office, document)

    def test_a_file_that_is_lost_and_a_place_that_does_not_answer(self, office, settings, tmp_path, caplog):
        document = self.kept(office, is_health=False)
        settings.FILES_DIR = tmp_path
        assert self.read(office, document).status_code == 404
        assert f"the document {document.pk} has no file" in caplog.text

        (tmp_path / "file").write_text("")
        settings.FILES_DIR = tmp_path / "file"
        answer = self.read(office, document)
        assert (answer.status_code, "Réessayez dans quelques minutes" in body(answer)) == (503, True)

    def test_the_view_itself_still_only_reads(self, office):
        @hands_over_documents
        def writes_too(_request):
            with permitted("test"):
                writes.require_permission("a write")

        with writes.reading_only(), pytest.raises(writes.WriteOutsideOperationError):
            writes_too(RequestFactory().get("/"))

    def test_a_refusal_is_answered_as_it_is(self, office):
        @hands_over_documents
        def refuses(_request):
            return HttpResponse("non", status=409)

        assert refuses(RequestFactory().get("/")).status_code == 409

    @pytest.mark.parametrize(
        ("content_type", "pages", "is_shown", "shows"),
        [
            ("image/jpeg", 1, True, True),
            ("application/pdf", 3, True, True),
            ("application/pdf", 3, False, False),
            ("application/pdf", 0, True, False),
            ("text/html", 1, True, False),
        ],
        ids=["a photo", "a pdf", "to be saved", "of before the cleaning", "anything else"],
    )
    def test_only_what_was_cleaned_is_shown_in_a_page_of_ours(self, office, content_type, pages, is_shown, shows):
        document = self.kept(office, content_type=content_type, pages=pages)
        answer = handed_over(document, is_shown=is_shown, by=AGENT, at=clock.business_now()).answer()

        assert answer["Content-Disposition"].startswith("inline" if shows else "attachment")
        assert answer["X-Frame-Options"] == ("SAMEORIGIN" if shows else "DENY")
        assert (
            f"frame-ancestors {'’self’' if shows else '’none’'}".replace("’", "'") in answer["Content-Security-Policy"]
        )
        assert re.search(r"(^|; )sandbox$", answer["Content-Security-Policy"])
        assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")


def test_a_file_is_not_received_inside_an_operation():
    @writes.operation
    def holds_locks():
        received(file(pdf()))

    with pytest.raises(RuntimeError, match="inside an operation"):
        holds_locks()


def test_the_names_of_kept_files_are_of_one_length():
    assert SupportingDocument._meta.get_field("stored_as").max_length == files.NAME_LENGTH

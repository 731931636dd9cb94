"""The antivirus: clamd's own protocol, its good and bad moods, and the real one where it is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
import warnings

import pytest

from marelle.connectors.clamav.scanner import ClamAV
from marelle.domain.families.antivirus import AntivirusUnavailableError
from marelle.domain.families.receiving import UnableToKeepDocumentError, receive
from marelle.domain.families.rules.documents import DocumentFault
from standins.clamav.daemon import EICAR, Daemon, Mood
from tests.factories.papers import image, pdf

MEGABYTE = 1024 * 1024


@pytest.fixture
def daemon():
    server = Daemon()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def plugged(daemon, settings):
    settings.ANTIVIRUS = ClamAV(daemon.address, seconds=1)
    return daemon


def infected():
    """A PDF that opens, with EICAR's test file in a comment."""
    return pdf().replace(b"%PDF-1.", b"%PDF-1.", 1) + b"\n%" + EICAR + b"\n%%EOF\n"


class TestAsked:
    @pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 20 * MEGABYTE])
    def test_a_file_of_any_size_comes_whole(self, daemon, size):
        assert ClamAV(daemon.address).virus_in(bytes(size)) is None
        assert daemon.seen == 1

    def test_a_virus_is_named(self, daemon):
        assert ClamAV(daemon.address).virus_in(b"x" * 70_000 + EICAR) == "Eicar-Test-Signature"

    @pytest.mark.parametrize("mood", [Mood.BUSY, Mood.GARBAGE, Mood.CUT, Mood.SILENT])
    def test_what_is_not_an_answer_is_no_leave(self, daemon, mood):
        daemon.mood = mood

        with pytest.raises(AntivirusUnavailableError):
            ClamAV(daemon.address, seconds=0.2).virus_in(b"a file")

    def test_a_file_beyond_its_limit_was_not_looked_at(self, daemon):
        daemon.stream_max_length = MEGABYTE

        with pytest.raises(AntivirusUnavailableError):
            ClamAV(daemon.address).virus_in(bytes(3 * MEGABYTE))

    @pytest.mark.parametrize("address", ["127.0.0.1:9", "/nonexistent/clamd.ctl", "[::1]:9"])
    def test_nobody_there(self, address):
        with pytest.raises(AntivirusUnavailableError):
            ClamAV(address, seconds=0.2).virus_in(b"a file")


class TestReceiving:
    def test_eicar_is_refused_in_whatever_it_is_wrapped(self, plugged, caplog):
        for content in (EICAR, infected(), image() + EICAR):
            with pytest.raises(UnableToKeepDocumentError) as no:
                receive("attestation Quenneville.pdf", content)
            assert no.value.fault is DocumentFault.INFECTED

        assert "Eicar-Test-Signature" in caplog.text
        assert "Quenneville" not in caplog.text

    def test_a_sound_file_goes_through(self, plugged):
        assert receive("attestation.pdf", pdf()).pages == 1
        assert plugged.seen == 1

    @pytest.mark.parametrize("mood", [Mood.BUSY, Mood.CUT])
    def test_without_an_answer_nothing_is_let_through_and_it_is_logged(self, plugged, mood, caplog):
        plugged.mood = mood

        with pytest.raises(UnableToKeepDocumentError) as no:
            receive("attestation.pdf", pdf())

        assert no.value.fault is DocumentFault.NOT_NOW
        assert "Réessayez plus tard" in no.value.fault.value
        assert "the antivirus does not answer" in caplog.text


@pytest.fixture
def clamd(tmp_path):
    """The real clamd, on the loopback, with a database of one line of our own."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        warnings.warn("CLAMD IS NOT INSTALLED: the real antivirus was not asked", stacklevel=1)
        pytest.skip("CLAMD IS NOT INSTALLED (apt-get install clamav-daemon)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = tmp_path / "base"
    base.mkdir()
    (base / "own.ndb").write_text(f"Marelle.Eicar:0:*:{EICAR.hex()}\n")
    (tmp_path / "clamd.conf").write_text(
        f"DatabaseDirectory {base}\nTemporaryDirectory {tmp_path}\nTCPSocket {port}\nTCPAddr 127.0.0.1\n"
        "Foreground yes\nStreamMaxLength 25M\n"
    )
    tmp_path.chmod(0o755)
    started = subprocess.Popen([program, "--config-file", str(tmp_path / "clamd.conf")], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield f"127.0.0.1:{port}"
    started.terminate()
    started.wait(30)


@pytest.mark.torture
def test_the_real_clamd_finds_eicar_and_lets_the_rest_through(clamd, settings):
    settings.ANTIVIRUS = ClamAV(clamd)

    assert settings.ANTIVIRUS.virus_in(b"nothing wrong") is None
    assert "Eicar" in settings.ANTIVIRUS.virus_in(EICAR)
    with pytest.raises(UnableToKeepDocumentError) as no:
        receive("attestation.pdf", infected())
    assert no.value.fault is DocumentFault.INFECTED
    with pytest.raises(AntivirusUnavailableError):
        settings.ANTIVIRUS.virus_in(bytes(26 * MEGABYTE))
    assert receive("attestation.pdf", pdf()).pages == 1

"""E-mails that come back: what a mail server says of them, and where they wait."""

from __future__ import annotations

import mailbox
import threading
from pathlib import Path

import pytest

from marelle.config.environment import BadEnvironment, read
from marelle.connectors.returns.mailboxes import ImapMailbox, MaildirMailbox
from marelle.connectors.returns.notices import returned_in
from marelle.domain.news.returned import Returned
from standins.mailbox.imap import Server

NAME = "<abcdefghijkl.family_message@famille.localhost>"
ADDRESS = "tom@exemple.fr"


def notice(*, action="failed", status="5.1.1", recipient=f"rfc822; {ADDRESS}", heads_alone=False, name=NAME):
    """What Postfix sends back (RFC 3464): words, a report, and the letter or its heads."""
    if heads_alone:
        original = f"Content-Type: text/rfc822-headers\n\nMessage-ID: {name}\nSubject: x\n"
    else:
        original = f"Content-Type: message/rfc822\n\nMessage-ID: {name}\nSubject: x\n\nPas d'ecole jeudi.\n"
    return (
        "From: MAILER-DAEMON@mx.exemple.fr\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_edge"\n\n'
        "--=_edge\nContent-Type: text/plain\n\nThis is the mail system.\n"
        "--=_edge\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.exemple.fr\n\n"
        f"Final-Recipient: {recipient}\nAction: {action}\nStatus: {status}\n"
        f"--=_edge\n{original}\n--=_edge--\n"
    ).encode()


def said(content):
    return [(one.message_id, one.address, one.status) for one in returned_in(content)]


@pytest.mark.parametrize("heads_alone", [False, True])
def test_a_letter_that_failed_for_good_is_named_with_its_address(heads_alone):
    assert said(notice(heads_alone=heads_alone)) == [(NAME, ADDRESS, "5.1.1")]


@pytest.mark.parametrize(
    "content",
    [
        notice(action="delayed", status="4.4.1"),
        notice(status="4.2.2"),
        notice(status="5.2.2"),  # a full mailbox
        notice(status="5.7.1"),  # a policy, that says nothing of the address
        notice(recipient="rfc822; nobody"),
        notice(name=""),
        b"From: elena@exemple.fr\nSubject: Re: Ecole\n\nMerci\n",
        b"Auto-Submitted: auto-replied\nSubject: Absente\n\nJe suis en vacances.\n",
        b"",
        b"\xff\xfe\x00" * 50,
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n",
        b"Content-Type: message/rfc822\n\n" * 200,
    ],
)
def test_what_says_nothing_of_the_address_is_passed_over(content):
    assert said(content) == []


def test_a_maildir_is_read_once_and_nothing_is_lost(tmp_path):
    box = mailbox.Maildir(tmp_path / "retours")
    for content in (notice(), b"Subject: Bonjour\n\nMerci\n"):
        box.add(content)
    reader = MaildirMailbox(tmp_path / "retours")

    first = next(iter(reader.read()))  # killed before the first was dealt with
    assert len(first) <= 1
    assert sorted(len(one) for one in reader.read()) == [0, 1]
    assert list(reader.read()) == []
    assert len(mailbox.Maildir(tmp_path / "retours")) == 2
    with pytest.raises(OSError, match="not there"):
        list(MaildirMailbox(tmp_path / "ailleurs").read())


@pytest.fixture
def imap():
    server = Server("retours", "secret", [notice(), b"Subject: Bonjour\r\n\r\nMerci\r\n"])
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_mailbox_is_read_by_imap_once_and_what_was_not_dealt_with_again(imap):
    reader = ImapMailbox(f"{imap.url}/INBOX", "retours", "secret")

    assert next(iter(reader.read())) == (Returned(NAME, ADDRESS, "5.1.1"),)
    assert imap.seen == set()
    assert [len(one) for one in reader.read()] == [1, 0]
    assert imap.seen == {1, 2}
    assert list(reader.read()) == []
    assert "secret" not in repr(reader)


@pytest.mark.parametrize(("user", "folder"), [("autre", "INBOX"), ("retours", "Ailleurs")])
def test_a_mailbox_that_refuses_is_an_error_without_its_words(imap, user, folder):
    with pytest.raises(OSError, match=r"^error$"):
        list(ImapMailbox(f"{imap.url}/{folder}", user, "secret").read())


def test_where_returns_are_read_is_said_whole(tmp_path):
    base = {"MARELLE_VAR": str(tmp_path), "MARELLE_RETURNS_ADDRESS": "retours@exemple.fr"}
    by_imap = {"MARELLE_RETURNS_MAILBOX": "imaps://mx.exemple.fr/INBOX", "MARELLE_RETURNS_USER": "retours"}

    assert read({"MARELLE_VAR": str(tmp_path)}).returns is None
    folder = read({**base, "MARELLE_RETURNS_MAILBOX": f"maildir:{tmp_path}"}).returns
    assert (folder.address, folder.maildir) == ("retours@exemple.fr", Path(tmp_path))
    assert read({**base, **by_imap, "MARELLE_RETURNS_PASSWORD": "secret"}).returns.imap_url.startswith("imaps://mx")
    for wrong in ({}, {**by_imap, "MARELLE_RETURNS_MAILBOX": "imap://mx.exemple.fr/"}):
        with pytest.raises(BadEnvironment, match="MARELLE_RETURNS_MAILBOX"):
            read(base | wrong)
    with pytest.raises(BadEnvironment, match="MARELLE_RETURNS_ADDRESS"):
        read(base | by_imap | {"MARELLE_RETURNS_ADDRESS": "Marelle <a@b.fr>"})

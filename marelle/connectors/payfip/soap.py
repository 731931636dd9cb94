"""One question to PayFiP, one answer: SOAP 1.1, document/literal, no signature; who asks is known by the numcli alone.

Three operations of one argument: a WSDL client would bring more than it saves. What is asked and answered is about a
person; nothing of it is logged nor carried by an exception.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import httpx
from lxml import etree

from marelle.domain.payments.gateways import GatewayDownError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

SERVICE: Final = (
    "http://securite.service.tpa.cp.finances.gouv.fr"
    "/services/mas_securite/contrat_paiement_securise/PaiementSecuriseService"
)
ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
FUNCTIONAL: Final = "FonctionnelleErreur"
TECHNICAL: Final = ("TechDysfonctionnementErreur", "TechIndisponibiliteErreur", "TechProtocolaireErreur")
CONNECT_SECONDS: Final = 5.0
BIGGEST_ANSWER: Final = 64 * 1024
LONGEST_CODE: Final = 4
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class Said(NamedTuple):
    """The fields of an answer, or the code of the error that came in place of one (« P5 »)."""

    fields: Mapping[str, str]
    error: str = ""


def ask(url: str, operation: str, argument: Mapping[str, str], *, whole_seconds: float) -> Said:
    """Will ask and read the answer; raises GatewayDownError, whose one word says why for the log."""
    try:
        status, body = _exchanged(url, envelope(operation, argument), whole_seconds)
    except httpx.TimeoutException:
        why = "no answer in time"
    except (httpx.HTTPError, httpx.InvalidURL):
        why = "unreachable"
    else:
        return read(status, body, operation)
    # Outside the except: the library's exceptions carry the whole request.
    raise GatewayDownError(why)


def envelope(operation: str, argument: Mapping[str, str]) -> bytes:
    """Will write a question. What XML cannot carry is left out; so is a field that says nothing."""
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    body = etree.SubElement(root, f"{{{ENVELOPE}}}Body")
    asked = etree.SubElement(body, f"{{{SERVICE}}}{operation}", nsmap={"p": SERVICE})
    arg0 = etree.SubElement(asked, "arg0")
    for name, value in argument.items():
        said = "".join(letter for letter in value if letter.isprintable())
        if said:
            etree.SubElement(arg0, name).text = said
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def read(status: int, body: bytes, operation: str) -> Said:
    """Will read an answer; raises GatewayDownError when it is not one of PayFiP's."""
    envelope_body = _body_of(body)
    if envelope_body is None:
        raise GatewayDownError(f"HTTP {status}, unreadable")
    detail = envelope_body.find(f"{{{ENVELOPE}}}Fault/detail/*")
    if detail is not None:
        return Said({}, _error(detail))
    answer = envelope_body.find(f"{{{SERVICE}}}{operation}Response/return")
    if status != httpx.codes.OK or answer is None:
        raise GatewayDownError(f"HTTP {status}, unreadable")
    return Said({str(each.tag): (each.text or "").strip() for each in answer})


def _error(detail: etree._Element) -> str:
    """Will return the code of a functional error; raises GatewayDownError for a technical one."""
    name = etree.QName(detail)
    if name.namespace != SERVICE or name.localname not in {FUNCTIONAL, *TECHNICAL}:
        raise GatewayDownError("unknown fault")
    code = (detail.findtext("code") or "").strip()
    if name.localname == FUNCTIONAL and code.isalnum() and code.isascii() and len(code) <= LONGEST_CODE:
        return code
    raise GatewayDownError(name.localname)


def _body_of(content: bytes) -> etree._Element | None:
    """Will return the Body of an envelope, or None. A document that declares a type of its own is not read at all."""
    if b"<!DOCTYPE" in content:
        return None
    parser = etree.XMLParser(
        encoding="UTF-8",  # in another one, a declaration could hide from the line above
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root.find(f"{{{ENVELOPE}}}Body") if root.tag == f"{{{ENVELOPE}}}Envelope" else None


@cache
def _trusted() -> ssl.SSLContext:
    """Will return the authorities that certificates are checked against: read once, for it takes longer than a call."""
    return httpx.create_ssl_context()


def _exchanged(url: str, content: bytes, whole_seconds: float) -> tuple[int, bytes]:
    """Will return the status and the body; raises httpx's exceptions, GatewayDownError for what is no answer."""
    ends = time.monotonic() + whole_seconds
    wait = httpx.Timeout(whole_seconds, connect=min(CONNECT_SECONDS, whole_seconds))
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '""',
        "Accept": "text/xml",
        "Accept-Encoding": "identity",  # a few kilobytes: nothing that unfolds for ever
    }
    is_local = urlsplit(url).hostname in LOOPBACK  # what no proxy can reach
    with (
        httpx.Client(verify=_trusted(), timeout=wait, follow_redirects=False, trust_env=not is_local) as client,
        client.stream("POST", url, content=content, headers=headers) as answer,
    ):
        if answer.status_code not in {httpx.codes.OK, httpx.codes.INTERNAL_SERVER_ERROR}:
            raise GatewayDownError(f"HTTP {answer.status_code}")
        body = b""
        for part in answer.iter_bytes():
            body += part
            if len(body) > BIGGEST_ANSWER:
                raise GatewayDownError("endless")
            if time.monotonic() > ends:
                raise GatewayDownError("no answer in time")
        return answer.status_code, body

"""Envelopes: what is asked is read strictly, what is answered has the shape of the recorded exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from lxml import etree

from standins.payfip.description import FUNCTIONAL, NAMESPACE, OPERATIONS

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
EXCEPTIONS = "fr.gouv.finances.cp.tpa.webservice.exceptions"


class NotSoapError(Exception):
    """What came is not a question of this service."""


def question(content: bytes) -> tuple[str, dict[str, str]]:
    """Return the operation and the fields of its argument; raise NotSoapError.

    A field that the operation does not have is not seen, one written `idop` included.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotSoapError("not XML") from error
    asked = root.find(f"{{{ENVELOPE}}}Body/*")
    if root.tag != f"{{{ENVELOPE}}}Envelope" or asked is None:
        raise NotSoapError("no envelope")
    name = etree.QName(asked)
    if name.namespace != NAMESPACE or name.localname not in OPERATIONS:
        raise NotSoapError("no such operation")
    argument = asked.find("arg0")
    fields = OPERATIONS[name.localname][1]
    said = {} if argument is None else {each.tag: (each.text or "") for each in argument if each.tag in fields}
    return name.localname, {str(field): value for field, value in said.items() if value}


def answer(operation: str, fields: Mapping[str, str]) -> str:
    """Write an answer."""
    said = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in fields.items())
    return _envelope(
        f'<ns2:{operation}Response xmlns:ns2="{NAMESPACE}"><return>{said}</return></ns2:{operation}Response>'
    )


def fault(code: str, words: str, *, kind: str = FUNCTIONAL) -> str:
    """Write one of the four faults."""
    return _envelope(
        '<S:Fault xmlns:ns4="http://www.w3.org/2003/05/soap-envelope"><faultcode>S:Server</faultcode>'
        f"<faultstring>{EXCEPTIONS}.{kind}</faultstring><detail>"
        f'<ns2:{kind} xmlns:ns2="{NAMESPACE}"><code>{escape(code)}</code><descriptif/>'
        f"<libelle>{escape(words, quote=False)}</libelle><severite>2</severite></ns2:{kind}></detail></S:Fault>"
    )


def unreadable(words: str) -> str:
    """Write the fault of who did not speak SOAP."""
    return _envelope(f"<S:Fault><faultcode>S:Client</faultcode><faultstring>{escape(words)}</faultstring></S:Fault>")


def _envelope(body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="{ENVELOPE}"><S:Body>{body}</S:Body></S:Envelope>'
    )

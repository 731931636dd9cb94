"""Invoices of another software: brought, one or many, asked about, withdrawn. By their references, which serve once."""

from __future__ import annotations

import base64
import binascii
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import JsonResponse

from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations.importing import UnableToImportError, import_invoices
from marelle.domain.billing.queries.imported import imported_invoices, standing_of
from marelle.domain.billing.rules.imports import Column, Wanted, tidy, wanted_from
from marelle.domain.payments.operations.withdrawing import UnableToWithdrawError, withdraw_invoice
from marelle.foundation.actors import SYSTEM
from marelle.foundation.money import in_amount
from marelle.web.api import wording
from marelle.web.api.doors import api_call, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.queries.imported import ImportedRow
    from marelle.web.api.doors import Call

MOST: Final = 500
LARGEST_DOCUMENT: Final = 300_000
CENTS: Final = "montant_centimes"
DOCUMENT: Final = "pdf"
TEXTS: Final = tuple(column for column in Column if column is not Column.AMOUNT)
FIELDS: Final = frozenset({*TEXTS, CENTS, DOCUMENT})
THEMES: Final = tuple(Invoice.Theme.values)


@api_call("POST")
def bring(request: HttpRequest, call: Call) -> HttpResponse:
    """Will import one invoice or many, all or none; those that are known already, and say the same, are left."""
    try:
        said = _said(request)
    except RequestDataTooBig:
        return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, wording.TOO_LARGE)
    except ValueError as error:
        status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE if str(error) == wording.NOT_JSON else HTTPStatus.BAD_REQUEST
        return refused(status, str(error))
    wanted, documents, faults = _read(said, call)
    if faults:
        return refused(HTTPStatus.UNPROCESSABLE_ENTITY, wording.WRONG, details=faults)
    try:
        done = import_invoices(
            call.regie,
            wanted,
            origin=Invoice.Origin.API,
            on=call.today,
            documents=documents,
            token=call.token.pk,
            by=SYSTEM,
            at=call.at,
        )
    except UnableToImportError as error:
        details = [{"reference": one, "message": words} for one, words in error.why.items()]
        return refused(HTTPStatus.CONFLICT, wording.CONFLICT, details=details)
    by_reference = {one.number: one for one in (*done.known, *done.new)}
    rows = standing_of([by_reference[one.reference] for one in wanted])
    status = HTTPStatus.CREATED if done.new else HTTPStatus.OK
    return _json({"nouvelles": len(done.new), "factures": [_state(row, call) for row in rows]}, status)


@api_call("GET", "DELETE")
def one(request: HttpRequest, call: Call, reference: str) -> HttpResponse:
    """Will say where an invoice stands, or withdraw it while nobody paid it."""
    rows = imported_invoices([call.regie.pk]).filter(number=reference)
    # The one that serves, else the last that was withdrawn.
    found = rows.filter(withdrawn_at__isnull=True).first() or rows.first()
    if found is None:
        return refused(HTTPStatus.NOT_FOUND, wording.NOT_FOUND)
    if request.method == "DELETE":
        try:
            withdraw_invoice(found, on=call.today, by=SYSTEM, at=call.at)
        except UnableToWithdrawError as error:
            return refused(HTTPStatus.CONFLICT, str(error.why))
        found.refresh_from_db()
    return _json(_state(standing_of([found])[0], call))


def _said(request: HttpRequest) -> list[Any]:
    """Will read what was sent. Raises ValueError with what is wrong, RequestDataTooBig."""
    if request.content_type != "application/json":
        raise ValueError(wording.NOT_JSON)
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ValueError(wording.NOT_READ) from error
    if isinstance(said, dict):
        said = said["factures"] if set(said) == {"factures"} else [said]
    if not isinstance(said, list) or not 0 < len(said) <= MOST or not all(isinstance(each, dict) for each in said):
        raise ValueError(wording.NOT_INVOICES)
    return said


def _read(said: Sequence[dict[str, Any]], call: Call) -> tuple[list[Wanted], dict[str, bytes], list[dict[str, Any]]]:
    """Will return the invoices that are well written, their documents, and every fault, by its place from 1."""
    wanted: list[Wanted] = []
    documents: dict[str, bytes] = {}
    faults: list[dict[str, Any]] = []
    seen: set[str] = set()
    for place, fields in enumerate(said, start=1):
        reference = tidy(str(fields.get(Column.REFERENCE, "")))[:60]
        wrong = _shapes(fields)
        texts: dict[str, str] = {name: value for name in TEXTS if isinstance(value := fields.get(name), str)}
        cents = fields.get(CENTS)
        if not wrong:
            texts[Column.AMOUNT] = in_amount(cents) if isinstance(cents, int) and cents > 0 else "0"
            found, those = wanted_from(texts, themes=THEMES, on=call.today)
            wrong = [(CENTS if one.field == Column.AMOUNT else one.field, one.words) for one in those]
            document = _document(fields.get(DOCUMENT))
            if document is None:
                wrong.append((DOCUMENT, wording.NOT_PDF))
            elif found is not None and document:
                documents[found.reference] = document
            if found is not None and found.reference.upper() in seen:
                wrong.append((Column.REFERENCE, wording.TWICE))
            if found is not None:
                seen.add(found.reference.upper())
                wanted.append(found)
        faults += [
            {"facture": place, "reference": reference, "champ": str(name), "message": str(words)}
            for name, words in wrong
        ]
    return wanted, documents, faults


def _shapes(fields: dict[str, Any]) -> list[tuple[str, str]]:
    """Will say which fields are not of their kind, or unknown."""
    wrong = [(str(name)[:40], wording.UNKNOWN) for name in fields if name not in FIELDS]
    wrong += [(name, wording.NOT_TEXT) for name in (*TEXTS, DOCUMENT) if not isinstance(fields.get(name, ""), str)]
    cents = fields.get(CENTS)
    if not isinstance(cents, int) or isinstance(cents, bool) or abs(cents) >= 10**9:
        wrong.append((CENTS, wording.NOT_CENTS))
    return wrong


def _document(text: Any) -> bytes | None:
    """Will read a document; empty when there is none, None when it is no PDF or too heavy."""
    if not text:
        return b""
    try:
        content = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if content.startswith(b"%PDF-") and len(content) <= LARGEST_DOCUMENT else None


def _state(row: ImportedRow, call: Call) -> dict[str, Any]:
    invoice = row.invoice
    if invoice.withdrawn_at is not None:
        state = "retiree"
    elif row.left_cents <= 0:
        state = "payee"
    else:
        state = "en_partie_payee" if row.left_cents < invoice.total_cents else "a_payer"
    is_paid = state == "payee" and row.settled_on is not None
    return {
        "reference": invoice.number,
        "reference_en_ligne": invoice.public_reference,
        "etat": state,
        CENTS: invoice.total_cents,
        "reste_centimes": 0 if state == "retiree" else max(0, row.left_cents),
        "payee_le": row.settled_on.isoformat() if is_paid and row.settled_on else None,
        "payable_en_ligne": state in {"a_payer", "en_partie_payee"}
        and is_joined(call.regie.online_from, on=call.today),
    }


def _json(said: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> JsonResponse:
    return JsonResponse(said, status=status, json_dumps_params={"ensure_ascii": False})

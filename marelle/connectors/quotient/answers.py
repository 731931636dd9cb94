"""What API Particulier answers, read with care: any field may be absent, and anything may come."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from marelle.domain.families.quotient_source import FoundQuotient, PersonOfFile, QuotientUnknownError, Trouble

FIRST_YEAR, LAST_YEAR, MONTHS = 2000, 2099, 12
BEYOND_ALL: Final = 10**9  # cents: what nobody's quotient is, and no column of ours holds
PROVIDERS: Final = ("CNAF", "MSA")
_NO_RECIPIENT: Final = "recipient"
_BY_STATUS: Final[dict[int, Trouble]] = {
    HTTPStatus.BAD_REQUEST: Trouble.WRONG_IDENTITY,
    HTTPStatus.UNAUTHORIZED: Trouble.NOT_ALLOWED,
    HTTPStatus.FORBIDDEN: Trouble.NOT_ALLOWED,
    HTTPStatus.CONFLICT: Trouble.ALREADY_ASKED,
    HTTPStatus.UNPROCESSABLE_ENTITY: Trouble.WRONG_IDENTITY,
    HTTPStatus.TOO_MANY_REQUESTS: Trouble.TOO_MANY,
}


def found(status: int, body: bytes) -> FoundQuotient:
    """Will return the quotient of an answer; raises QuotientUnknownError."""
    if status != HTTPStatus.OK:
        raise QuotientUnknownError(trouble_of(status, body))
    data = _object(_object(_json(body)).get("data"))
    if not data:
        raise QuotientUnknownError(Trouble.UNREADABLE)
    said = _object(data.get("quotient_familial"))
    if said.get("valeur") is None:
        raise QuotientUnknownError(Trouble.NO_QUOTIENT)
    year, month = _between(said.get("annee"), FIRST_YEAR, LAST_YEAR), _between(said.get("mois"), 1, MONTHS)
    provider = said.get("fournisseur")
    return FoundQuotient(
        value_cents=_cents(said["valeur"]),
        provider=provider if provider in PROVIDERS else "",
        year=year,
        month=month,
        adults=_people(data.get("allocataires")),
        children=_people(data.get("enfants")),
    )


def trouble_of(status: int, body: bytes) -> Trouble:
    """Will say what a refusal means: its status first, then the code inside when the status is not enough."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Trouble.UNAVAILABLE
    errors = _object(_json(body)).get("errors")
    first = _object(errors[0]) if isinstance(errors, list) and errors else {}
    if status == HTTPStatus.NOT_FOUND:
        # A wrong address answers 404 too, in its own words.
        return Trouble.NOT_FOUND if first.get("code") else Trouble.UNREADABLE
    if _object(first.get("source")).get("parameter") == _NO_RECIPIENT:
        return Trouble.NO_RECIPIENT
    return _BY_STATUS.get(status, Trouble.UNREADABLE)


def _json(body: bytes) -> Any:
    try:
        # A number with a comma is read exactly; what JSON has not (NaN, Infinity) is refused.
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(_constant: str) -> None:
    raise ValueError


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _cents(value: Any) -> int:
    """Will return a quotient in cents; raises QuotientUnknownError for what is no amount in whole cents."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise QuotientUnknownError(Trouble.UNREADABLE)
    cents = Decimal(value) * 100
    if abs(cents) > BEYOND_ALL or cents != int(cents):
        raise QuotientUnknownError(Trouble.UNREADABLE)
    return int(cents)


def _between(value: Any, lowest: int, highest: int) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
        return value
    return None


def _people(value: Any) -> tuple[PersonOfFile, ...]:
    people = [_object(each) for each in value] if isinstance(value, list) else []
    return tuple(
        PersonOfFile(
            first_names=_text(each.get("prenoms")),
            name=_text(each.get("nom_usage")) or _text(each.get("nom_naissance")),
            birth_date=_day(each.get("date_naissance")),
        )
        for each in people
        if each
    )


def _text(value: Any) -> str:
    return value.strip()[:120] if isinstance(value, str) else ""


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None

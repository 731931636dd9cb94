"""Booking and cancelling as published, in our forms: the limit, its opening, what is possible late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from marelle.commands.published_rules.shapes import (
    UNPUBLISHED,
    NotExpressed,
    closings_of,
    known_only,
    moment_or_none,
)
from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT, Act, Late, OpeningWave
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.pricing import FULL_PRICE, PriceKind, PriceRule
from marelle.domain.catalog.rules.written.fields import InvalidReglementError

WAITING_LIST: Final = "waiting_list"
OF_BOOKING: Final = frozenset({"opens", "after_close"})
OF_CANCELLING: Final = frozenset({"effect"})
EFFECTS: Final = ("credit", "refund")
AUDIENCES: Final = (RESIDENT, NON_RESIDENT)
LATE_FIELDS: Final = frozenset({"allowed", "surcharge", "until", "subject_to", "workflow"})
HIGHEST_AMOUNT: Final = 10**6  # euros, or percent


@dataclass(frozen=True, slots=True)
class ExpressedAct:
    """An act in our forms. Several `readings` when the file does not say whether the limit itself is in time.

    `late_unknown` says why nothing can be said of an act after the limit; `unpriced` what a late one costs, in the
    words of the file, when that is no amount.
    """

    readings: tuple[Act, ...]
    after_close: str = ""
    late_unknown: str = ""
    unpriced: str = ""


def express_book(fields: Mapping[str, Any]) -> ExpressedAct:
    """Will return the booking rule of a service; raises NotExpressed or InvalidReglementError."""
    rule = _rule(fields, "book")
    closings = closings_of(rule, "book", besides=OF_BOOKING)
    after_close = rule.get("after_close") or ""
    if after_close not in ("", WAITING_LIST):
        raise NotExpressed(f"mot inconnu « {after_close} » (after_close)")
    late, late_unknown, unpriced = _late(fields.get("late_book"))
    opens = _waves(rule.get("opens"), "book.opens")
    readings = tuple(Act(closing, opens, late) for closing in closings)
    return ExpressedAct(readings, after_close, late_unknown, unpriced)


def express_cancel(fields: Mapping[str, Any]) -> ExpressedAct:
    """Will return the cancelling rule of a service; « same » closes like booking. Raises as `express_book` does."""
    if fields.get("cancel") == "same":
        closings = closings_of(_rule(fields, "book"), "book", besides=OF_BOOKING)
    else:
        rule = _rule(fields, "cancel")
        closings = closings_of(rule, "cancel", besides=OF_CANCELLING)
        if rule.get("effect", EFFECTS[0]) not in EFFECTS:
            raise NotExpressed(f"mot inconnu « {rule['effect']} » (effect)")
    return ExpressedAct(tuple(Act(closing) for closing in closings))


def _rule(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    rule = fields.get(name)
    if rule is None or rule == UNPUBLISHED:
        raise NotExpressed("règle non publiée")
    if isinstance(rule, str):
        raise NotExpressed(f"mot inconnu « {rule} » ({name})")
    if not isinstance(rule, dict):
        raise InvalidReglementError(name, "un groupe de champs est attendu")
    return rule


def _waves(said: Any, key: str) -> tuple[OpeningWave, ...]:
    if said is None:
        return ()
    if isinstance(said, str):
        opens = moment_or_none(said, key)
        return (OpeningWave(EVERYONE, opens),) if opens is not None else ()
    if not isinstance(said, dict):
        raise InvalidReglementError(key, "un groupe de champs est attendu")
    known_only(said, AUDIENCES, "opens")
    waves = []
    for audience, value in said.items():
        opens = moment_or_none(value, f"{key}.{audience}")
        if opens is None:
            raise NotExpressed(f"ouverture non publiée ({audience})")
        waves.append(OpeningWave(audience, opens))
    return tuple(waves)


def _late(said: Any) -> tuple[Late | None, str, str]:
    """Will return the second step, why it is not known, and its price in words when it is no amount."""
    if said is None or said is False:
        return None, "", ""
    if said is True or isinstance(said, str):
        return None, "réservation tardive non publiée", ""
    if not isinstance(said, dict):
        raise InvalidReglementError("late_book", "un groupe de champs est attendu")
    known_only(said, LATE_FIELDS, "late_book")
    if said.get("allowed") is False:
        return None, "", ""
    try:
        until = _late_until(said.get("until"))
        _check_words(said)
    except NotExpressed as unknown:
        return None, str(unknown), ""
    price = surcharge_of(said["surcharge"])
    unpriced = "" if price is not None else str(said["surcharge"])
    return Late(price or FULL_PRICE, until, is_request=said.get("workflow") is not None), "", unpriced


def _late_until(said: Any) -> Closing | None:
    if said is None or said == UNPUBLISHED:
        return None
    if not isinstance(said, dict):
        raise NotExpressed(f"fin de la réservation tardive « {said} »")
    closings = closings_of(said, "late_book.until")
    if said.get("shape") == "never":
        raise NotExpressed("fin de la réservation tardive « never »")
    if len(closings) > 1:
        raise NotExpressed("fin de la réservation tardive sans « avant » ni « jusqu’à »")
    return closings[0]


def _check_words(said: Mapping[str, Any]) -> None:
    """Will raise NotExpressed unless a late booking is possible, at a higher price, in words that are known."""
    if said.get("allowed") is not True:
        raise NotExpressed("réservation tardive ni permise ni interdite")
    if not _is_more(said.get("surcharge")):
        raise NotExpressed("réservation tardive sans majoration")
    for name, word in (("subject_to", "places"), ("workflow", "request")):
        if said.get(name) not in (None, word):
            raise NotExpressed(f"mot inconnu « {said[name]} » ({name})")


def _is_more(said: Any) -> bool:
    if isinstance(said, dict):
        return bool(said) and all(_is_more(value) for value in said.values())
    if isinstance(said, bool) or said is None:
        return False
    return said > 0 if isinstance(said, (int, float)) else said not in ("", "none", UNPUBLISHED)


def surcharge_of(said: Any) -> PriceRule | None:
    """Will return a price said as {percent: 50}, {extra: 0.5} or {price: 10.0}; None when it is no such amount."""
    if not isinstance(said, dict) or len(said) != 1:
        return None
    ((name, value),) = said.items()
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < HIGHEST_AMOUNT:
        return None
    if name == "percent":
        return PriceRule(PriceKind.MORE_PERCENT, int(value)) if value == int(value) else None
    kinds = {"extra": PriceKind.MORE, "amount": PriceKind.MORE, "price": PriceKind.INSTEAD}
    return PriceRule(kinds[name], cents_of(value)) if name in kinds else None


def cents_of(value: float) -> int:
    """Will return an amount in euros, written as a number, in cents."""
    return int((Decimal(str(value)) * 100).to_integral_value())

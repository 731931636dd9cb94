"""The whole règlement, read and written."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from marelle.domain.catalog.rules.absences import (
    AbsenceClause,
    AbsenceRules,
    Cause,
    Certificate,
    CountedIn,
    Notice,
)
from marelle.domain.catalog.rules.acts import EVERYONE, Act, Count, Late, OpeningWave
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.cutoffs import Cutoff, Unit
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Quota, Requires, WholeWeek
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.waiting import MOST_HOURS, MOST_PRIORITIES, WaitingRules
from marelle.domain.catalog.rules.written.closings import read_closing, read_cutoff, write_closing, write_cutoff
from marelle.domain.catalog.rules.written.fields import Fields, InvalidReglementError, as_moment, moment_written
from marelle.foundation.money import in_amount

A_PRICE: Final = (
    'un prix est attendu : full, nothing, {part: 50}, {more_percent: 50}, {more: "1,00"} ou {instead: "5,00"}'
)
HIGHEST_PERCENT: Final = 500
HIGHEST_OF_A_SPAN: Final = 366
MOST_CLAUSES: Final = 20


def read_reglement(data: Any) -> Reglement:
    """Will read the stored or written form; raises InvalidReglementError with the key and the reason."""
    fields = Fields(data, "règlement")
    if "book" not in fields:
        raise InvalidReglementError("book", "la règle de réservation manque")
    book = fields.read("book", read_act)
    reglement = Reglement(
        book=book,
        cancel=_cancel(fields, book),
        change=fields.read("change", _uncounted) if "change" in fields else None,
        cancellation=_effect(fields),
        quotas=tuple(_quota(value, where) for where, value in fields.each("limits")),
        blocks=tuple(_block(value, where) for where, value in fields.each("blocked_if")),
        absence=_absence(fields),
        unbooked=read_price(fields.take("unbooked"), "unbooked") if "unbooked" in fields else None,
        waiting=_waiting(fields),
        article=fields.text("article"),
    )
    fields.done()
    return reglement


def write_reglement(reglement: Reglement) -> dict[str, Any]:
    """Will return the canonical form, which `read_reglement` reads back as the same value."""
    written: dict[str, Any] = {"book": write_act(reglement.book)}
    is_same = reglement.cancel == Act(reglement.book.closes)
    written["cancel"] = "same" if is_same else write_act(reglement.cancel)
    if reglement.change is not None:
        written["change"] = write_act(reglement.change)
    if reglement.cancellation != CancellationEffect():
        written["cancellation"] = _written_effect(reglement.cancellation)
    if reglement.quotas:
        written["limits"] = [_written_quota(quota) for quota in reglement.quotas]
    if reglement.blocks:
        written["blocked_if"] = [_written_block(block) for block in reglement.blocks]
    if reglement.absence != AbsenceRules():
        written["absence"] = _written_absence(reglement.absence)
    if reglement.unbooked is not None:
        written["unbooked"] = _written_price(reglement.unbooked)
    if reglement.waiting != WaitingRules():
        written["waiting_list"] = _written_waiting(reglement.waiting)
    if reglement.article:
        written["article"] = reglement.article
    return written


def _cancel(fields: Fields, book: Act) -> Act:
    # « same » is the same closing: neither the openings nor the late prices of a booking are those of a cancellation.
    value = fields.take("cancel", "same")
    return Act(book.closes) if value == "same" else _uncounted(value, "cancel")


def _uncounted(data: Any, key: str) -> Act:
    act = read_act(data, key)
    if act.late is not None and act.late.per is not None:
        raise InvalidReglementError(f"{key}.late", "seules les réservations tardives se comptent")
    return act


def read_act(data: Any, key: str) -> Act:
    """Will read an act: a closing alone, or `closes` with `opens` and `late`."""
    if isinstance(data, dict) and "closes" not in data and not {"opens", "late"} & set(data):
        return Act(read_closing(data, key))
    fields = Fields(data, key)
    closes = fields.read("closes", read_closing)
    opens = tuple(_wave(value, where) for where, value in fields.each("opens"))
    audiences = [wave.audience for wave in opens]
    if len(set(audiences)) < len(audiences):
        raise fields.fault("opens", "une catégorie de familles n’a qu’une ouverture")
    late = fields.read("late", _late) if "late" in fields else None
    fields.done()
    return Act(closes, opens, late)


def write_act(act: Act) -> dict[str, Any]:
    """Will return the canonical form of an act."""
    closes = write_closing(act.closes)
    if not act.opens and act.late is None:
        return closes
    written: dict[str, Any] = {"closes": closes}
    if act.opens:
        written["opens"] = [_written_wave(wave) for wave in act.opens]
    if act.late is not None:
        written["late"] = _written_late(act.late)
    return written


def _wave(data: Any, key: str) -> OpeningWave:
    fields = Fields(data, key)
    audience = fields.text("for", EVERYONE) or EVERYONE
    opens = fields.read("at", as_moment) if "at" in fields else fields.read("from", _opening)
    fields.done()
    return OpeningWave(audience, opens)


def _opening(data: Any, key: str) -> Cutoff:
    # « Ouvre le 15 » is the first minute of the 15th, where « ferme le 15 » is the last.
    # A tuple: whatever was written there is compared, even what cannot be hashed.
    is_day = isinstance(data, dict) and data.get("shape") in ("month_cutoff", "date_list")
    return read_cutoff({"boundary": "lt", **data} if is_day else data, key)


def _written_wave(wave: OpeningWave) -> dict[str, Any]:
    if isinstance(wave.opens, datetime):
        return {"for": wave.audience, "at": moment_written(wave.opens)}
    return {"for": wave.audience, "from": write_cutoff(wave.opens)}


def _late(data: Any, key: str) -> Late:
    fields = Fields(data, key)
    late = Late(
        price=read_price(fields.take("price", "full"), fields.at("price")),
        until=fields.read("until", read_closing) if "until" in fields else None,
        free_first=fields.read("free_first", _count) if "free_first" in fields else None,
        only_first=fields.read("only_first", _count) if "only_first" in fields else None,
        is_request=fields.flag("on_request"),
    )
    fields.done()
    if late.free_first is not None and late.only_first is not None:
        raise fields.fault("only_first", "les premières fois sont ou tolérées, ou seules majorées, pas les deux")
    return late


def _written_late(late: Late) -> dict[str, Any]:
    written: dict[str, Any] = {"price": _written_price(late.price)}
    if late.until is not None:
        written["until"] = write_closing(late.until)
    for name, counted in (("free_first", late.free_first), ("only_first", late.only_first)):
        if counted is not None:
            written[name] = {"count": counted.count, "per": counted.per.value}
    if late.is_request:
        written["on_request"] = True
    return written


def _count(data: Any, key: str) -> Count:
    fields = Fields(data, key)
    counted = Count(fields.count("count", 1, HIGHEST_OF_A_SPAN), _per(fields))
    fields.done()
    return counted


def _per(fields: Fields) -> Per:
    return fields.choice("per", Per, "durée inconnue", default=None)


def _effect(fields: Fields) -> CancellationEffect:
    if "cancellation" not in fields:
        return CancellationEffect()
    group = fields.group("cancellation")
    decided_by = group.take("decided_by", "agent")
    if decided_by not in ("agent", "automatic"):
        raise group.fault("decided_by", "« agent » ou « automatic » est attendu")
    gives = group.take("gives", "refund")
    if gives not in ("refund", "credit"):
        raise group.fault("gives", "« refund » (remboursement) ou « credit » (avoir) est attendu")
    bills = read_price(group.take("bills", "nothing"), group.at("bills"))
    group.done()
    return CancellationEffect(decided_by == "automatic", bills, gives == "credit")


def _written_effect(effect: CancellationEffect) -> dict[str, Any]:
    return {
        "decided_by": "automatic" if effect.is_automatic else "agent",
        "bills": _written_price(effect.bills),
        "gives": "credit" if effect.is_credit else "refund",
    }


def read_price(data: Any, key: str) -> PriceRule:
    """Will read what something costs when it is not simply its price; raises InvalidReglementError."""
    match data:
        case "full":
            return FULL_PRICE
        case "nothing":
            return NOTHING_DUE
        case dict() if len(data) == 1:
            return _price_of(Fields(data, key), key)
        case _:
            raise InvalidReglementError(key, A_PRICE)


def _price_of(fields: Fields, key: str) -> PriceRule:
    if "part" in fields:
        return PriceRule(PriceKind.PART, fields.count("part", 1, 99))
    if "more_percent" in fields:
        return PriceRule(PriceKind.MORE_PERCENT, fields.count("more_percent", 1, HIGHEST_PERCENT))
    if "more" in fields:
        return PriceRule(PriceKind.MORE, fields.cents("more"))
    if "instead" in fields:
        return PriceRule(PriceKind.INSTEAD, fields.cents("instead"))
    raise InvalidReglementError(key, A_PRICE)


def _written_price(price: PriceRule) -> Any:
    match price.kind:
        case PriceKind.FULL | PriceKind.NOTHING:
            return price.kind.value
        case PriceKind.PART | PriceKind.MORE_PERCENT:
            return {price.kind.value: price.value}
        case PriceKind.MORE | PriceKind.INSTEAD:
            return {price.kind.value: in_amount(price.value)}


def _quota(data: Any, key: str) -> Quota:
    fields = Fields(data, key)
    quota: Quota
    if "at_most" in fields:
        quota = AtMost(fields.count("at_most", 1, HIGHEST_OF_A_SPAN), _per(fields))
    elif "at_least" in fields:
        quota = AtLeast(fields.count("at_least", 1, HIGHEST_OF_A_SPAN), _per(fields))
    elif "whole" in fields:
        if fields.take("whole") != "holiday_week":
            raise fields.fault("whole", "« holiday_week » est attendu")
        quota = WholeWeek()
    elif "excludes" in fields:
        quota = Excludes(fields.codes("excludes"))
    elif "requires" in fields:
        quota = Requires(fields.codes("requires"))
    else:
        raise InvalidReglementError(key, "at_most, at_least, whole, excludes ou requires est attendu")
    fields.done()
    return quota


def _written_quota(quota: Quota) -> dict[str, Any]:
    match quota:
        case AtMost(count, per):
            return {"at_most": count, "per": per.value}
        case AtLeast(count, per):
            return {"at_least": count, "per": per.value}
        case WholeWeek():
            return {"whole": "holiday_week"}
        case Excludes(products):
            return {"excludes": list(products)}
        case Requires(products):
            return {"requires": list(products)}


def _block(data: Any, key: str) -> BlockRule:
    fields = Fields(data, key)
    kind = fields.choice("kind", BlockKind, "blocage inconnu", default=None)
    above = fields.cents("above", default=0) if kind is BlockKind.UNPAID else 0
    document = fields.text("document") if kind is BlockKind.MISSING_DOCUMENT else ""
    fields.done()
    return BlockRule(kind, above, document)


def _written_block(block: BlockRule) -> dict[str, Any]:
    written: dict[str, Any] = {"kind": block.kind.value}
    if block.kind is BlockKind.UNPAID:
        written["above"] = in_amount(block.above_cents)
    if block.document:
        written["document"] = block.document
    return written


def _absence(fields: Fields) -> AbsenceRules:
    if "absence" not in fields:
        return AbsenceRules()
    group = fields.group("absence")
    clauses = tuple(_clause(value, where) for where, value in group.each("clauses"))
    if len(clauses) > MOST_CLAUSES:
        raise group.fault("clauses", f"{MOST_CLAUSES} clauses au plus")
    otherwise = read_price(group.take("otherwise", "full"), group.at("otherwise"))
    no_show = read_price(group.take("no_show"), group.at("no_show")) if "no_show" in group else None
    group.done()
    return AbsenceRules(clauses, otherwise, no_show)


def _written_absence(absence: AbsenceRules) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if absence.clauses:
        written["clauses"] = [_written_clause(clause) for clause in absence.clauses]
    written["otherwise"] = _written_price(absence.otherwise)
    if absence.no_show is not None:
        written["no_show"] = _written_price(absence.no_show)
    return written


def _waiting(fields: Fields) -> WaitingRules:
    if "waiting_list" not in fields:
        return WaitingRules()
    group = fields.group("waiting_list")
    priorities = []
    for where, value in group.each("priorities"):
        if not isinstance(value, str) or not value.strip():
            raise InvalidReglementError(where, "un code est attendu : sibling, school, resident ou une catégorie")
        priorities.append(value.strip())
    if len(set(priorities)) < len(priorities):
        raise group.fault("priorities", "une priorité n’est dite qu’une fois")
    if len(priorities) > MOST_PRIORITIES:
        raise group.fault("priorities", f"{MOST_PRIORITIES} priorités au plus")
    gives = group.take("gives", "offer")
    if gives not in ("offer", "word"):
        raise group.fault("gives", "« offer » (place gardée) ou « word » (famille prévenue) est attendu")
    is_kept = gives == "offer"
    hours = group.count("hours", 1, MOST_HOURS, default=24) if is_kept else None
    is_past_limit = group.flag("past_limit") if is_kept else False
    group.done()
    return WaitingRules(tuple(priorities), hours, is_past_limit)


def _written_waiting(waiting: WaitingRules) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if waiting.priorities:
        written["priorities"] = list(waiting.priorities)
    written["gives"] = "offer" if waiting.is_kept else "word"
    if waiting.is_kept:
        written["hours"] = waiting.offer_hours
    if waiting.is_past_limit:
        written["past_limit"] = True
    return written


def _clause(data: Any, key: str) -> AbsenceClause:
    fields = Fields(data, key)
    told, in_time = fields.take("told"), False
    notice = None
    if told == "in_time":
        in_time = True
    elif told is not None:
        group = Fields(told, fields.at("told"))
        of_first_day = group.flag("of_first_day")
        notice = Notice(group.read("by", read_cutoff), of_first_day)
        group.done()
    lasts = fields.group("lasts") if "lasts" in fields else None
    minimum = lasts.count("at_least", 2, HIGHEST_OF_A_SPAN) if lasts else None
    counted_in = lasts.choice("in", CountedIn, "unité inconnue", default=CountedIn.SERVICE_DAY) if lasts else None
    if lasts:
        lasts.done()
    clause = AbsenceClause(
        bills=read_price(fields.take("bills", "nothing"), fields.at("bills")),
        causes=_causes(fields),
        told=notice,
        in_time=in_time,
        certificate=fields.read("certificate", _certificate) if "certificate" in fields else None,
        minimum=minimum,
        counted_in=counted_in or CountedIn.SERVICE_DAY,
        asked_within_days=fields.count("asked_within_days", 1, HIGHEST_OF_A_SPAN, default=None),
        from_day=fields.count("from_day", 1, HIGHEST_OF_A_SPAN, default=1),
        to_day=fields.count("to_day", 1, HIGHEST_OF_A_SPAN, default=None),
    )
    fields.done()
    if clause.to_day is not None and clause.to_day < clause.from_day:
        raise fields.fault("to_day", "le dernier jour vient avant le premier")
    return clause


def _causes(fields: Fields) -> tuple[Cause, ...]:
    values = fields.take("causes", [])
    if not isinstance(values, list):
        raise fields.fault("causes", "une liste est attendue")
    unknown = [value for value in values if value not in list(Cause)]
    if unknown:
        raise fields.fault("causes", f"cause inconnue : « {unknown[0]} » ({', '.join(Cause)})")
    return tuple(cause for cause in Cause if cause.value in values)


def _written_clause(clause: AbsenceClause) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if clause.causes:
        written["causes"] = [cause.value for cause in clause.causes]
    if clause.in_time:
        written["told"] = "in_time"
    elif clause.told is not None:
        written["told"] = {"by": write_cutoff(clause.told.cutoff)}
        if clause.told.of_first_day:
            written["told"]["of_first_day"] = True
    if clause.certificate is not None:
        certificate = clause.certificate
        written["certificate"] = (
            "required" if certificate.count is None else {"within": certificate.count, "unit": certificate.unit.value}
        )
    if clause.minimum is not None:
        written["lasts"] = {"at_least": clause.minimum, "in": clause.counted_in.value}
    if clause.asked_within_days is not None:
        written["asked_within_days"] = clause.asked_within_days
    if clause.from_day > 1:
        written["from_day"] = clause.from_day
    if clause.to_day is not None:
        written["to_day"] = clause.to_day
    written["bills"] = _written_price(clause.bills)
    return written


def _certificate(data: Any, key: str) -> Certificate:
    if data == "required":
        return Certificate()
    fields = Fields(data, key)
    count = fields.count("within", 1, HIGHEST_OF_A_SPAN)
    unit = fields.choice("unit", Unit, "unité inconnue", default=Unit.HOUR)
    fields.done()
    return Certificate(count, unit)

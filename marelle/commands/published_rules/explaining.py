"""A published entry said in French: what our règlements express of it, and what they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from marelle.commands.published_rules.checking import rules_by_service
from marelle.commands.published_rules.expressing import ExpressedAct, surcharge_of
from marelle.commands.published_rules.reading import Corpus, Entry, Service
from marelle.commands.published_rules.service_rules import ServiceRules, Unexpressed
from marelle.domain.catalog.rules.absences import AbsenceRules
from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT, Act
from marelle.domain.catalog.rules.articles import ABSENCES, articles_of
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.sentences import closing_in_words
from marelle.foundation.french_dates import hour, in_full

AUDIENCES: Final = {RESIDENT: "aux familles de la commune", NON_RESIDENT: "aux autres familles"}
NAMES: Final = {"book": "réservation", "cancel": "annulation", "absence": "absence"}
# Said of a service, and no part of a règlement.
ASIDE: Final = frozenset({"id", "kind", "name", "label", "reading", "url", "software", "truncated", "source"})
SAID: Final = ASIDE | {"book", "late_book", "cancel", "absence"}
BLOCKS: Final = {"documents_missing": (BlockRule(BlockKind.MISSING_DOCUMENT),)}


def explained(corpus: Corpus, entry: Entry) -> Iterator[str]:
    """Will yield the lines of an entry; raises InvalidFile when the value of a rule is malformed."""
    rules = rules_by_service(corpus, [entry])
    yield entry.name
    for service in entry.services.values():
        yield ""
        yield from _service(service, rules[entry.where, service.id])
    if not entry.services:
        yield "  Non exprimé : aucune règle de réservation, seulement des tarifs."


def _service(service: Service, rules: ServiceRules) -> Iterator[str]:
    yield f"{service.id} ({service.fields['kind']})" if service.fields.get("kind") else service.id
    if isinstance(rules.book, ExpressedAct) and isinstance(rules.cancel, ExpressedAct):
        yield from _articles(service, rules, rules.book, rules.cancel)
    else:
        yield from _acts(rules)
    for reason in _not_expressed(service, rules):
        yield f"  Non exprimé : {reason}."


def _acts(rules: ServiceRules) -> Iterator[str]:
    for name in ("book", "cancel"):
        expressed = rules.of(name)
        if isinstance(expressed, ExpressedAct):
            yield from (f"  {NAMES[name].capitalize()} : {words}." for words in _alone(_act(expressed)))


def _alone(act: Act) -> Iterator[str]:
    """Will say one act when the other is not expressed, and there is no whole règlement to print."""
    yield closing_in_words(act.closes)
    for wave in act.opens:
        if isinstance(wave.opens, datetime):
            day = in_full(wave.opens.date(), year=True)
            yield f"ouverture {AUDIENCES.get(wave.audience, 'à tous')}, {day}, {hour(wave.opens)}"
    if act.late is not None:
        until = closing_in_words(act.late.until) if act.late.until is not None else "jusqu’à la fin du jour"
        yield f"après la limite, avec une majoration, {until}"


def _articles(service: Service, rules: ServiceRules, book: ExpressedAct, cancel: ExpressedAct) -> Iterator[str]:
    for article in articles_of(_reglement(service, rules, book, cancel), subject=service.id):
        if article.title == ABSENCES and isinstance(rules.absence, Unexpressed):
            continue  # what nobody published is not ours to say
        yield f"  {article.title}"
        for sentence in article.sentences:
            yield f"    {sentence}"


def _reglement(service: Service, rules: ServiceRules, book: ExpressedAct, cancel: ExpressedAct) -> Reglement:
    fields = service.fields
    effect = fields["cancel"].get("effect") if isinstance(fields["cancel"], dict) else None
    unbooked = surcharge_of(fields.get("unbooked_presence"))
    return Reglement(
        book=_act(book),
        cancel=_act(cancel),
        cancellation=CancellationEffect(is_credit=effect == "credit"),
        blocks=_blocks(fields.get("blocked_if")),
        absence=_absence(rules),
        unbooked=unbooked,
    )


def _act(expressed: ExpressedAct) -> Act:
    act = expressed.readings[0]
    return replace(act, late=None) if expressed.unpriced else act


def _absence(rules: ServiceRules) -> AbsenceRules:
    if isinstance(rules.absence, Unexpressed):
        return AbsenceRules()
    return rules.absence.readings[0]


def _blocks(said: Any) -> tuple[BlockRule, ...]:
    return BLOCKS.get(said, ()) if isinstance(said, str) else ()


def _not_expressed(service: Service, rules: ServiceRules) -> Iterator[str]:
    for name in ("book", "cancel"):
        for reason in _not_expressed_of(rules.of(name), service.fields.get(name)):
            yield f"{NAMES[name]}, {reason}"
    if isinstance(rules.absence, Unexpressed):
        yield f"{NAMES['absence']}, {rules.absence.reason}"
    elif len(rules.absence.readings) > 1:
        yield f"{NAMES['absence']}, une formule se lit de deux façons"
    for name, value in service.fields.items():
        if name not in SAID and not _is_said_elsewhere(name, value, rules):
            yield f"{name}, {value}"


def _not_expressed_of(expressed: ExpressedAct | Unexpressed, rule: Any) -> Iterator[str]:
    if isinstance(expressed, Unexpressed):
        yield expressed.reason
        return
    if len(expressed.readings) > 1:
        yield "ni « avant » ni « jusqu’à » (boundary)"
    if exception := _exception(rule):
        yield f"sauf : {exception}"
    if expressed.late_unknown:
        yield f"après la limite, {expressed.late_unknown}"
    if expressed.unpriced:
        yield f"après la limite, possible à un prix qui n’est pas un montant : {expressed.unpriced}"
    if expressed.after_close:
        yield "après la clôture, liste d’attente"


def _exception(rule: Any) -> str:
    return str(rule.get("except") or "") if isinstance(rule, dict) else ""


def _is_said_elsewhere(name: str, value: Any, rules: ServiceRules) -> bool:
    """Will tell whether the articles say it: only when both acts are expressed are there articles."""
    if not (isinstance(rules.book, ExpressedAct) and isinstance(rules.cancel, ExpressedAct)):
        return False
    if name in {"unbooked_presence", "no_show"}:
        return surcharge_of(value) is not None
    return name == "blocked_if" and bool(_blocks(value))

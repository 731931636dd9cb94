"""All the cases of a file, and what is printed of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

from marelle.commands.published_rules.cases import ALLOWED, Found, Standing, Verdict, judge
from marelle.commands.published_rules.expressing import WAITING_LIST
from marelle.commands.published_rules.reading import Corpus, Entry
from marelle.commands.published_rules.service_rules import ServiceRules, rules_of
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline
from marelle.domain.catalog.rules.sentences import cutoff_in_words
from marelle.foundation.french_dates import hour, in_full
from marelle.foundation.yaml_files import Fault, InvalidFile

LONGEST_WRITTEN = 200


class Judged(Protocol):
    """A case or a worked price, and what came of it."""

    @property
    def standing(self) -> Standing:
        """Will return what came of it."""

    @property
    def kind(self) -> str:
        """Will return why it is skipped."""


def check(corpus: Corpus) -> list[Verdict]:
    """Will judge every case, in the order of the file; raises InvalidFile when the value of a rule is malformed."""
    rules = rules_by_service(corpus, corpus.entries)
    return [
        judge(entry, rules.get((entry.where, case.service)), case, corpus.calendar)
        for entry in corpus.entries
        for case in entry.cases
    ]


def rules_by_service(corpus: Corpus, entries: Iterable[Entry]) -> dict[tuple[Any, str], ServiceRules]:
    """Will express every service, by place of its entry and identifier; raises InvalidFile with all the faults."""
    faults: list[Fault] = []
    rules = {}
    for entry in entries:
        for service in entry.services.values():
            try:
                rules[entry.where, service.id] = rules_of(corpus, entry, service)
            except InvalidFile as error:
                faults += error.faults
    if faults:
        raise InvalidFile(faults)
    return rules


def disagreement_in_words(corpus: Corpus, verdicts: Iterable[Verdict]) -> Iterator[list[str]]:
    """Will yield the lines of each case that comes out otherwise than its text settles."""
    for verdict in verdicts:
        if verdict.is_failed and verdict.found is not None:
            yield _disagreement(corpus, verdict, verdict.found)


def skipped_in_words(verdicts: Iterable[Judged]) -> list[str]:
    """Will return what is skipped, by kind of reason, most frequent first; nothing when nothing is."""
    kinds = Counter(verdict.kind for verdict in verdicts if verdict.standing is Standing.SKIPPED)
    if not kinds:
        return []
    ordered = sorted(kinds.items(), key=lambda each: (-each[1], each[0]))
    return ["Ignorés :", *(f"{number:5} {_short(kind)}" for kind, number in ordered), ""]


def total_in_words(verdicts: Iterable[Judged]) -> str:
    """Will return the closing line."""
    found = Counter(verdict.standing for verdict in verdicts)
    return ", ".join(f"{found[standing]} {standing}" for standing in Standing)


def _disagreement(corpus: Corpus, verdict: Verdict, found: Found) -> list[str]:
    case, entry = verdict.case, verdict.entry
    day = in_full(case.day, year=True) if case.day else ""
    when = _moment(case.at.astimezone(entry.zone)) if case.at else "jamais prévenu"
    outcome = f" ({case.says['outcome']})" if case.says.get("outcome") else ""
    return [
        f"{corpus.path}:{corpus.line_of(case.where)}: {entry.id}, {case.service}",
        f"  {case.action} pour le {day}, {when}",
        f"  attendu : {case.expected}{outcome} ; trouvé : {found.word}{f' ({WAITING_LIST})' * found.is_waiting}",
        *(f"  {line}" for line in _explanation(corpus, verdict, found)),
        *([f"  le fichier dit : {_short(str(case.says['why']))}"] if case.says.get("why") else []),
    ]


def _explanation(corpus: Corpus, verdict: Verdict, found: Found) -> Iterator[str]:
    case, entry = verdict.case, verdict.entry
    fields = entry.services[case.service].fields
    if found.times is None:
        yield f"règle d’absence : {_short(_written(fields.get('absence')))}"
        return
    times = found.times
    for audience, opens in times.opens:
        yield f"ouverture ({audience}) : {_moment(opens) if opens else 'jamais'}"
    if times.from_moment is not None:
        yield f"ouverture : {_moment(times.from_moment.astimezone(entry.zone))}"
    yield f"limite : {_limit(times.closes, entry)}"
    if found.word != ALLOWED and times.late_closes is not None:
        yield f"puis, avec majoration : {_limit(times.late_closes, entry)}"
    if case.day is not None:
        yield f"règle : {_rule(times.act.closes, corpus, verdict, fields.get(case.action))}"


def _rule(closing: Closing, corpus: Corpus, verdict: Verdict, written: Any) -> str:
    calendar = corpus.calendar.of(verdict.entry.school_zone)
    cutoff = closing.cutoff_for(verdict.case.day, calendar) if verdict.case.day else closing.cutoff
    # A shape without its sentence yet is shown as the file writes it.
    return cutoff_in_words(cutoff) or _short(_written(written))


def _limit(limit: Deadline | None, entry: Entry) -> str:
    if limit is None:
        return "jamais possible"
    before = "avant" if limit.boundary is Boundary.BEFORE else "jusqu’au"
    return f"{before} {_moment(limit.moment.astimezone(entry.zone))}"


def _moment(local: datetime) -> str:
    return f"{in_full(local.date(), year=True)}, {hour(local)}"


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_written(each)}" for name, each in value.items())
    return str(value)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_WRITTEN else f"{words[:LONGEST_WRITTEN]}…"

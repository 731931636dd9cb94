"""Reading a file of published rules: entries, services, cases, the calendar; every fault with its line and its key.

The rules themselves stay as they are written: `expressing` and `absence_rules` turn them into ours, or say why not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from marelle.commands.published_rules.published_calendar import PublishedCalendar
from marelle.commands.published_rules.written_file import plain_values
from marelle.domain.catalog.rules.cutoffs import local_moment
from marelle.domain.catalog.rules.written.fields import InvalidReglementError, any_date
from marelle.foundation.yaml_files import Fault, InvalidFile, Where, key_in_words

LONGEST_HOLIDAYS: Final = 120  # days
DEFAULT_TIMEZONE: Final = "Europe/Paris"
OVERSEAS: Final = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
ON_A_DAY: Final = ("book", "cancel", "absence")
COUNTS: Final = ("day_of_illness", "consecutive_days", "consecutive_school_days")
PAPERS: Final = ("certificate", "request")
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)( ?(?:Z|[+-]\d{2}:\d{2}))?")


@dataclass(frozen=True, slots=True)
class Case:
    """A worked case. `at` None: never told. `says` are its fields as they are written."""

    where: Where
    action: str
    expected: Any
    says: Mapping[str, Any]
    service: str = ""
    day: date | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service of an entry, with its fields as they are written."""

    where: Where
    id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one authority publishes. `school_zone` None when the file gives none. `has_rules` False: prices only."""

    where: Where
    id: str
    name: str
    zone: ZoneInfo
    school_zone: str | None
    fields: Mapping[str, Any]
    services: Mapping[str, Service]
    cases: tuple[Case, ...]
    has_rules: bool = True


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file of published rules whose structure is right; `lines` says where each value stands."""

    path: Path
    calendar: PublishedCalendar
    entries: tuple[Entry, ...]
    lines: Mapping[Where, int]

    def line_of(self, where: Where) -> int:
        """Will return the line of a value, or of what should have held it."""
        return _line_of(where, self.lines)

    def fault(self, where: Where, reason: str) -> Fault:
        """Will make a fault at `where`."""
        return Fault(self.line_of(where), key_in_words(where), reason)


def read_corpus(path: Path) -> Corpus:
    """Will read a file; raises UnreadableFile when there is nothing to read, InvalidFile with all its faults."""
    plain, lines = plain_values(path)
    reader = _Reader(lines)
    calendar, entries = reader.whole(plain)
    if reader.faults:
        raise InvalidFile(reader.faults)
    return Corpus(path, calendar, tuple(entries), lines)


class _Reader:
    """Reads the structure and gathers what is wrong in `faults`."""

    def __init__(self, lines: Mapping[Where, int]) -> None:
        self._lines = lines
        self.faults: list[Fault] = []
        self._default_zone = ZoneInfo(DEFAULT_TIMEZONE)

    def whole(self, root: Any) -> tuple[PublishedCalendar, list[Entry]]:
        if not isinstance(root, dict) or not {"communes", "tariff_only"} & set(root):
            self._fault((), "le fichier doit avoir une liste « communes »")
            return PublishedCalendar(), []
        meta = self._group(root.get("meta") or {}, ("meta",))
        self._default_zone = self._zone(meta)
        calendar = self._calendar(self._group(meta.get("calendar") or {}, ("meta", "calendar")))
        entries = [
            entry
            for section in ("communes", "tariff_only")
            for where, value in self._each(root.get(section), (section,))
            if (entry := self._entry(value, where, has_rules=section == "communes")) is not None
        ]
        return calendar, entries

    def _entry(self, value: Any, where: Where, *, has_rules: bool) -> Entry | None:
        fields = self._group(value, where)
        identity = self._identity(fields, where)
        services: dict[str, Service] = {}
        for at, said in self._each(fields.get("services"), (*where, "services")):
            group = self._group(said, at)
            name = self._identity(group, at)
            if name in services:
                self._fault((*at, "id"), f"le service « {name} » est décrit deux fois")
            services[name] = Service(at, name, group)
        dept, school_zone = fields.get("dept"), fields.get("zone")
        if dept is not None and not isinstance(dept, (str, int)):
            self._fault((*where, "dept"), "un numéro de département est attendu")
        if school_zone is not None and not isinstance(school_zone, str):
            self._fault((*where, "zone"), "une zone est attendue, comme « A »")
        zone = ZoneInfo(OVERSEAS[str(dept)]) if str(dept) in OVERSEAS else self._default_zone
        cases = [
            case
            for at, said in self._each(fields.get("cases"), (*where, "cases"))
            if (case := self._case(said, at, services, zone, has_rules=has_rules)) is not None
        ]
        return Entry(
            where,
            identity,
            str(fields.get("name") or identity),
            zone,
            school_zone if isinstance(school_zone, str) else None,
            fields,
            services,
            tuple(cases),
            has_rules,
        )

    def _case(
        self, value: Any, where: Where, services: Mapping[str, Service], zone: ZoneInfo, *, has_rules: bool
    ) -> Case | None:
        before = len(self.faults)
        says = self._group(value, where)
        if len(self.faults) > before:
            return None
        action = self._word(says, "action", where)
        if "expected" not in says:
            self._fault((*where, "expected"), "ce champ est obligatoire")
        if action not in ON_A_DAY or not has_rules:
            return Case(where, action, says.get("expected"), says)
        self._word(says, "expected", where)
        service = self._word(says, "service", where)
        if service and service not in services:
            self._fault((*where, "service"), f"aucun service « {service} » n’est décrit pour cette collectivité")
        day = self._day(says.get("date"), (*where, "date")) if self._has(says, "date", where) else None
        at = None
        if self._has(says, "at", where) and (says["at"] is not None or action != "absence"):
            at = self._moment(says["at"], (*where, "at"), zone)
        self._facts(says, where, zone)
        return Case(where, action, says.get("expected"), says, service, day, at)

    def _facts(self, says: Mapping[str, Any], where: Where, zone: ZoneInfo) -> None:
        for name in COUNTS:
            if name in says and (not _is_whole(says[name]) or says[name] < 1):
                self._fault((*where, name), "un nombre entier à partir de 1 est attendu")
        for name in PAPERS:
            value = says.get(name)
            if isinstance(value, str) and value[:1].isdigit() and as_moment_of(value, zone) is None:
                self._day(value, (*where, name))

    def _calendar(self, fields: Mapping[str, Any]) -> PublishedCalendar:
        where: Where = ("meta", "calendar")
        public = [
            day
            for at, value in self._each(fields.get("public_holidays"), (*where, "public_holidays"))
            if (day := self._day(value, at)) is not None
        ]
        at_schools: Where = (*where, "school_holidays")
        school = {
            zone: tuple(self._holidays(pairs, (*at_schools, zone)))
            for zone, pairs in self._group(fields.get("school_holidays") or {}, at_schools).items()
        }
        unknown = sorted(set(fields) - {"note", "public_holidays", "school_holidays"})
        return PublishedCalendar(tuple(sorted(set(public))), school, tuple(unknown))

    def _holidays(self, pairs: Any, where: Where) -> Iterator[tuple[date, date]]:
        for at, pair in self._each(pairs, where):
            if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004  the first day off, the first day back
                self._fault(at, "deux dates sont attendues : premier jour sans classe, jour de la reprise")
                continue
            first, back = (self._day(value, (*at, place)) for place, value in enumerate(pair))
            if first is None or back is None:
                continue
            if not 0 < (back - first).days <= LONGEST_HOLIDAYS:
                self._fault(at, "la reprise doit suivre le premier jour sans classe")
                continue
            yield first, back

    def _zone(self, meta: Mapping[str, Any]) -> ZoneInfo:
        name = meta.get("timezone", DEFAULT_TIMEZONE)
        try:
            return ZoneInfo(name)
        except (ValueError, KeyError, TypeError, OSError):
            self._fault(("meta", "timezone"), f"fuseau horaire inconnu : « {name} »")
            return ZoneInfo(DEFAULT_TIMEZONE)

    def _identity(self, fields: Mapping[str, Any], where: Where) -> str:
        value = fields.get("id")
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value)
        self._fault((*where, "id"), "un identifiant est attendu")
        return ""

    def _word(self, fields: Mapping[str, Any], name: str, where: Where) -> str:
        if not self._has(fields, name, where):
            return ""
        if isinstance(fields[name], str):
            return str(fields[name])
        self._fault((*where, name), "un mot est attendu")
        return ""

    def _has(self, fields: Mapping[str, Any], name: str, where: Where) -> bool:
        if name not in fields:
            self._fault((*where, name), "ce champ est obligatoire")
        return name in fields

    def _day(self, value: Any, where: Where) -> date | None:
        try:
            return any_date(value, "")
        except InvalidReglementError as error:
            self._fault(where, f"{error.reason}, et non « {value} »")
            return None

    def _moment(self, value: Any, where: Where, zone: ZoneInfo) -> datetime | None:
        moment = as_moment_of(value, zone)
        if moment is None:
            self._fault(where, f"une date et une heure sont attendues, comme 2026-11-27 09:00, et non « {value} »")
        return moment

    def _group(self, value: Any, where: Where) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self._fault(where, "un groupe de champs est attendu")
        return {}

    def _each(self, values: Any, where: Where) -> Iterator[tuple[Where, Any]]:
        if values is None:
            return
        if not isinstance(values, list):
            self._fault(where, "une liste est attendue")
            return
        for place, value in enumerate(values):
            yield (*where, place), value

    def _fault(self, where: Where, reason: str) -> None:
        self.faults.append(Fault(_line_of(where, self._lines), key_in_words(where), reason))


def as_moment_of(value: Any, zone: ZoneInfo) -> datetime | None:
    """Will read « 2026-11-27 09:00 » by the clocks of `zone`; None when it is not a date and an hour."""
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{(found[3] or '').strip()}")
        return moment if moment.tzinfo else local_moment(moment, zone)
    except (ValueError, OverflowError):
        return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _line_of(where: Where, lines: Mapping[Where, int]) -> int:
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 1)

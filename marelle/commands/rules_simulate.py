"""`marelle rules simulate --authority ID --year 2026-2027`: what the recorded règlements give, day by day.

The rows are those of the town hall's screen: as a table to read, for a spreadsheet, or for a diary.
"""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from marelle.commands.database import opened_database
from marelle.commands.refusal import Refused

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import Ruled
    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.simulation import Simulated, Trial

FORMATS: Final = ("table", "csv", "ics")
NEW_LINE: Final = "\n"
BYTE_ORDER_MARK: Final = "\ufeff"  # without it, French spreadsheets read accents as something else
LONGEST_LINE: Final = 75  # bytes, RFC 5545 §3.1
FIRST_YEAR, LAST_YEAR = 2000, 2099
_YEAR: Final = re.compile(r"([0-9]{4})-([0-9]{4})")
# The limits of a day: name in `Limits`, the column, what one can do until then.
LIMITS: Final = (
    ("book_by", "Réserver", "réserver"),
    ("late_by", "Hors délai", "réserver hors délai"),
    ("cancel_by", "Annuler", "annuler"),
    ("change_by", "Modifier", "modifier"),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What has a règlement, and what it gives over the year."""

    ruled: Ruled
    trial: Trial


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--authority", metavar="ID", required=True, help="le nom de la collectivité dans l’adresse")
    parser.add_argument("--year", metavar="ANNÉE", type=school_year, required=True, help="par exemple 2026-2027")
    parser.add_argument("--format", choices=FORMATS, default="table", help="table (par défaut), csv ou ics")


def school_year(text: str) -> int:
    """Return the year in which a school year written « 2026-2027 » begins; raises ArgumentTypeError."""
    found = _YEAR.fullmatch(text)
    if found is None or int(found[2]) != int(found[1]) + 1 or not FIRST_YEAR <= int(found[1]) < LAST_YEAR:
        raise ArgumentTypeError(f"« {text} » n’est pas une année scolaire comme 2026-2027")
    return int(found[1])


def run(options: Namespace) -> int:
    """Open the database and write the simulation on the standard output; return 0."""
    with opened_database():
        _set_django_up()
        sys.stdout.write(simulation(options.authority, options.year, options.format))
    return 0


def simulation(slug: str, year: int, form: str) -> str:
    """Return the simulation of every règlement of an authority over the school year that begins in `year`.

    Raises Refused when no such authority is recorded.
    """
    from marelle.domain.authorities.models import Authority
    from marelle.foundation import clock, tenancy

    authority = Authority.objects.filter(slug=slug).first()
    if authority is None:
        raise Refused(f"aucune collectivité « {slug} » n’est enregistrée.")
    with tenancy.scope({authority.pk}):
        tried = _tried(authority, year)
    write: Callable[..., str] = {"table": as_table, "csv": as_csv, "ics": as_calendar}[form]
    return write(authority, tried, at=clock.business_now())


def _tried(authority: Authority, year: int) -> list[Tried]:
    from marelle.domain.catalog.queries import all_ruled, offer_of, trial_calendar
    from marelle.domain.catalog.rules.simulation import simulate

    offer = offer_of(authority)
    first, last = date(year, 9, 1), date(year + 1, 8, 31)
    found = []
    for ruled in all_ruled(offer):
        if not ruled.products:
            continue
        world = trial_calendar(authority, ruled, first=first, last=last, offer=offer)
        trial = simulate(
            ruled.rules_on,
            world.days,
            before_on=None,
            calendar=world.calendar,
            zone=offer.zone,
            ends_at=ruled.ends_at,
        )
        found.append(Tried(ruled, trial))
    return found


def as_table(authority: Authority, tried: Iterable[Tried], *, at: datetime) -> str:
    """Return the simulation as text to read: one line a day, under the name of what is ruled."""
    from marelle.domain.catalog.rules.trial_sentences import limit_in_words
    from marelle.foundation.french_dates import in_digits, in_short, moment

    lines = []
    for one in tried:
        lines += [one.ruled.name, "=" * len(one.ruled.name)]
        for day in one.trial.days:
            limits = day.limits
            parts = [f"{in_short(day.day)} ({in_digits(day.day)})"]
            if limits.opens is not None:
                parts.append(f"ouvre le {moment(limits.opens)}")
            for name, _column, verb in LIMITS:
                limit = getattr(limits, name)
                if limit is not None or (name in {"book_by", "cancel_by"} and not limits.impossible):
                    parts.append(f"{verb} {limit_in_words(limit)}")
            if limits.impossible:
                parts.append(limits.impossible)
            lines.append(" | ".join([*parts, *_remarks(day)]))
        lines += ["Aucun jour de service cette année-là.", ""] if not one.trial.days else [""]
    return "\n".join(lines) + "\n" if lines else f"{authority.name} n’a pas encore d’activité.\n"


def as_csv(authority: Authority, tried: Iterable[Tried], *, at: datetime) -> str:
    """Return the simulation for a spreadsheet: a line a day, by the authority's own clocks."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    columns = ["Activité", "Jour", "Ouverture"]
    for _name, column, _verb in LIMITS:
        columns += [column, f"{column} : minute de la limite"]
    writer.writerow([*columns, "Remarques"])
    for one in tried:
        for day in one.trial.days:
            opens = day.limits.opens
            row = [_plain(one.ruled.name), f"{day.day:%d/%m/%Y}", f"{opens:%d/%m/%Y %H:%M}" if opens else ""]
            for name, _column, _verb in LIMITS:
                row += _limit_cells(getattr(day.limits, name))
            remarks = [day.limits.impossible] if day.limits.impossible else []
            writer.writerow([*row, ", ".join([*remarks, *_remarks(day)])])
    return out.getvalue()


def _limit_cells(limit: Deadline | None) -> list[str]:
    from marelle.domain.catalog.rules.cutoffs import Boundary

    if limit is None:
        return ["", ""]
    is_in_time = limit.boundary is Boundary.UNTIL
    return [f"{limit.moment:%d/%m/%Y %H:%M}", "à temps" if is_in_time else "trop tard"]


def _plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _remarks(day: Simulated) -> list[str]:
    from marelle.domain.catalog.rules.trial_sentences import ODDITIES

    return [ODDITIES[oddity][0] for oddity in day.oddities]


def as_calendar(authority: Authority, tried: Iterable[Tried], *, at: datetime) -> str:
    """Return the limits for a diary (RFC 5545): one event a distinct limit, in UTC, the same name at every run."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Marelle//marelle rules simulate//FR",
        "CALSCALE:GREGORIAN",
    ]
    for one in tried:
        for event in _events(one, authority, at):
            lines += event
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _events(one: Tried, authority: Authority, at: datetime) -> Iterator[list[str]]:
    from marelle.domain.catalog.rules.cutoffs import Boundary
    from marelle.foundation.french_dates import short_days

    days: dict[tuple[datetime, str, Boundary], list[date]] = {}
    for day in one.trial.days:
        for name, _column, _verb in LIMITS:
            limit = getattr(day.limits, name)
            if limit is not None:
                days.setdefault((limit.moment.astimezone(UTC), name, limit.boundary), []).append(day.day)
    verbs = {name: verb for name, _column, verb in LIMITS}
    for moment, name, boundary in sorted(days, key=lambda key: (key[0], key[1], key[2].value)):
        concerned = days[moment, name, boundary]
        word = "à temps" if boundary is Boundary.UNTIL else "trop tard"
        yield [
            "BEGIN:VEVENT",
            f"UID:{name}-{boundary.value}-{moment:%Y%m%dT%H%M%SZ}-{one.ruled.public_id}@{authority.slug}.marelle",
            f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART:{moment:%Y%m%dT%H%M%SZ}",
            f"SUMMARY:{_escaped(f'Limite pour {verbs[name]} : {one.ruled.name}')}",
            f"DESCRIPTION:{_escaped(f'Jours : {short_days(concerned)}{NEW_LINE}La minute de la limite est {word}.')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]


def _escaped(text: str) -> str:
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return re.sub(r"\r\n|\r|\n", r"\\n", text)


def _folded(line: str) -> Iterator[str]:
    """Yield the physical lines of a content line, none longer than LONGEST_LINE bytes, no character cut."""
    piece, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LONGEST_LINE:
            yield piece
            piece, size = " ", 1
        piece += character
        size += width
    yield piece


def _set_django_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.config.settings")
    django.setup()

"""What imports ask of the base, and their lines as they are kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final, NamedTuple

from django.db.models import F, Q, QuerySet

from marelle.domain.authorities.models import Authority, Facility, SchoolClass
from marelle.domain.families.models import Child, Custody, Family, Guardian
from marelle.domain.families.queries.removals import people_kept_out
from marelle.domain.onboarding.models import ColumnMapping, Import, ImportLine
from marelle.domain.onboarding.rules.imports.homes import KEPT_OUT
from marelle.domain.onboarding.rules.imports.kinds import Amount, Candidate, Entry, Line, Options, Verdict
from marelle.domain.onboarding.rules.imports.known import (
    Known,
    KnownChild,
    KnownClass,
    KnownFamily,
    KnownGuardian,
    KnownSchool,
)

# Beside the verdicts, how many lines are refused for somebody whose access is removed.
KEPT_OUT_LINES: Final = "kept_out"
# For how long an import may be undone, and for how long its lines are kept.
UNDONE_WITHIN: Final = timedelta(days=1)
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeptDifference:
    """A difference as it is kept: words alone."""

    field: str
    label: str
    before: str
    after: str
    whose: str


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line as it is kept, and what an agent chose of it."""

    row: ImportLine
    label: str
    key: int | None
    words: tuple[str, ...]
    differences: tuple[KeptDifference, ...]
    candidates: tuple[Candidate, ...]
    entry: Entry | None
    amount: Amount | None = None

    @property
    def identity(self) -> tuple[int, int | None]:
        """Will return what names it among the lines of its import, as `Line.identity`."""
        return (self.row.number, None if self.row.number else self.key)


def unfinished_imports() -> QuerySet[Import]:
    """Will return the imports of the authority in scope that wait for an agent: columns to choose, lines to look at."""
    return Import.objects.filter(state__in=(Import.State.COLUMNS, Import.State.CHECKED)).order_by("checked_at", "pk")


def family_facts(authority: Authority, *, on: date, entries: Sequence[Entry] = ()) -> Known:
    """Will return what comparisons ask of families and schools: children, and who lives with whom on a day.

    Who is kept out of a family is known by the addresses of `entries` too.
    """
    of = {"authority": authority}
    guardians = tuple(
        KnownGuardian(*row)
        for row in Guardian.objects.filter(**of, merged_into=None)
        .order_by("pk")
        .values_list("pk", "family_id", "first_name", "last_name", "email", "phone")
    )
    said = (value for one in entries for name, value in one.says.items() if name.endswith("email"))
    current = Custody.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), authority=authority, withdrawn_at=None)
    return Known(
        schools=tuple(
            KnownSchool(*row) for row in Facility.objects.filter(**of).order_by("name", "pk").values_list("pk", "name")
        ),
        classes=tuple(
            KnownClass(*row)
            for row in SchoolClass.objects.filter(**of)
            .order_by("facility_id", "position", "name", "pk")
            .values_list("pk", "facility_id", "code", "name", "level", "teacher")
        ),
        children=tuple(
            KnownChild(*row)
            for row in Child.objects.filter(**of, merged_into=None)
            .order_by("last_name", "first_name", "pk")
            .values_list("pk", "first_name", "last_name", "birth_date", "school_class_id")
        ),
        families=tuple(
            KnownFamily(*row)
            for row in Family.objects.filter(**of, merged_into=None)
            .order_by("pk")
            .values_list("pk", "code", "name", "address", "email", "phone")
        ),
        guardians=guardians,
        homes=tuple(dict.fromkeys(current.order_by("pk").values_list("child_id", "family_id"))),
        kept_out=people_kept_out(authority.pk, on=on, emails=chain(said, (one.email for one in guardians))),
    )


def content_of(line: Line) -> str:
    """Will return a line as it is kept: what `kept` reads."""
    amount = {} if line.amount is None else {"amount": line.amount}
    return json.dumps(
        {
            **amount,
            "label": line.label,
            "key": line.key,
            "words": line.words,
            "differences": [[one.field, one.label, one.before, one.after, one.whose] for one in line.differences],
            "candidates": [[one.key, one.words] for one in line.candidates],
            "entry": None if line.entry is None else _entry_content(line.entry),
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def _entry_content(entry: Entry) -> dict[str, Any]:
    return {"says": dict(entry.says), "faults": entry.faults, "notes": entry.notes}


def kept(row: ImportLine) -> KeptLine:
    """Will read a line as it was kept."""
    held: dict[str, Any] = json.loads(row.content)
    said = held["entry"]
    return KeptLine(
        row=row,
        label=held["label"],
        key=held["key"],
        words=tuple(held["words"]),
        differences=tuple(KeptDifference(*one) for one in held["differences"]),
        candidates=tuple(Candidate(*one) for one in held["candidates"]),
        entry=None if said is None else Entry(row.number, said["says"], tuple(said["faults"]), tuple(said["notes"])),
        amount=Amount(*held["amount"]) if "amount" in held else None,
    )


def lines_of(whole: Import, *, verdicts: Collection[str] = ()) -> QuerySet[ImportLine]:
    """Will return the lines of an import, in order; those that come to some verdicts, or all."""
    rows = ImportLine.objects.filter(of_import=whole).order_by("position")
    return rows.filter(verdict__in=verdicts) if verdicts else rows


def options_of(whole: Import, lines: Iterable[ImportLine]) -> Options:
    """Will return what an agent said beside the file, and of its lines."""
    decided = {one.number: one.decision for one in lines if one.decision}
    return Options(on=whole.holds_on, facility=whole.facility_id, decided=decided)


def counted(lines: Sequence[Line]) -> dict[str, int]:
    """Will return how many lines come to each verdict, and how many of them somebody who is kept out is on."""
    found = Counter(one.verdict.value for one in lines)
    found.update({KEPT_OUT_LINES: sum(KEPT_OUT in one.words for one in lines)})
    return dict(+found)


def totals_of(whole: Import) -> dict[str, int]:
    """Will return what an import brings to each régie, in cents: what is taken of it, and what is here already alike.

    None for a kind that brings no money. To be compared with what the former software says.
    """
    found: Counter[str] = Counter()
    for row in lines_of(whole, verdicts=[Verdict.NEW, Verdict.UNCHANGED]):
        amount = kept(row).amount
        if amount is not None:
            found[amount.of] += amount.cents if row.is_taken or row.verdict == Verdict.UNCHANGED else 0
    return dict(sorted(found.items()))


class ToTick(NamedTuple):
    """A kind of change of what is known: its code and its words, on how many lines it is, on how many ticked."""

    code: str
    label: str
    lines: int
    ticked: int


def fields_to_tick(whole: Import) -> list[ToTick]:
    """Will return each kind of change of what is known that an import has, the most frequent first."""
    rows = lines_of(whole, verdicts=[Verdict.CHANGED]).values_list("fields", "ticked")
    seen: Counter[str] = Counter()
    ticked: Counter[str] = Counter()
    for fields, chosen in rows:
        seen.update(fields)
        ticked.update(chosen)
    return [ToTick(code, _label_of(whole, code), number, ticked[code]) for code, number in seen.most_common()]


def _label_of(whole: Import, code: str) -> str:
    line = kept(lines_of(whole, verdicts=[Verdict.CHANGED]).filter(fields__contains=[code])[0])
    return next(one.label for one in line.differences if one.field == code)


def is_undoable(whole: Import, *, at: datetime) -> bool:
    """Will tell whether an import may still be undone."""
    return (
        whole.state == Import.State.APPLIED
        and whole.applied_at is not None
        and at < whole.applied_at + UNDONE_WITHIN
        and whole.forgotten_at is None
    )


def imports_of(authority: Authority, *, most: int) -> Sequence[Import]:
    """Will return the last imports of an authority, who brought them included."""
    rows = Import.objects.filter(authority=authority).exclude(state=Import.State.ABANDONED)
    return list(rows.select_related("facility").order_by("-checked_at", "-pk")[:most])


def remembered_columns(authority: Authority, kind: str, signature: str) -> dict[str, tuple[int, ...]] | None:
    """Will return the columns that were chosen for files of these titles; None when none were."""
    found = ColumnMapping.objects.filter(authority=authority, kind=kind, signature=signature).first()
    return None if found is None else {code: tuple(places) for code, places in found.columns.items()}


def to_forget(*, at: datetime) -> QuerySet[Import]:
    """Will return the imports in scope whose lines have been kept long enough."""
    rows = Import.objects.filter(forgotten_at=None, checked_at__lt=at - KEPT).exclude(state=Import.State.APPLYING)
    return rows.order_by(F("pk"))

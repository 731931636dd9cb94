"""Named reads of the profile: the file as it is, what waits, whom families trust, what they consent to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import F, Max, Q

from marelle.domain.families.models import (
    Child,
    Consent,
    ConsentText,
    Custody,
    FileConfirmation,
    Guardian,
    HealthRecord,
    PickupChild,
    PickupPerson,
    ProfilePolicy,
    ProfileSettings,
    ProposedChange,
)
from marelle.domain.families.queries import children_of
from marelle.domain.families.rules.confirmations import is_due
from marelle.domain.families.rules.consents import ConsentStanding, consent_standing
from marelle.domain.families.rules.profile import FIELDS, Subject, fields_of, in_words, ways_of
from marelle.foundation.many_keys import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet

    from marelle.domain.families.models import Family
    from marelle.domain.families.rules.confirmations import Content
    from marelle.domain.families.rules.profile import Way


def ways_at(authority: int) -> dict[str, Way]:
    """Will return how each field of the file is changed at `authority` (key)."""
    return ways_of(dict(ProfilePolicy.objects.filter(authority=authority).values_list("field", "way")))


def confirmation_month_at(authority: int) -> int | None:
    """Will return the month from which families of `authority` (key) confirm their file; None: they are not asked."""
    return ProfileSettings.objects.filter(authority=authority).values_list("confirmation_month", flat=True).first()


def value_of(row: Any, column: str) -> str:
    """Will return what a row of the file says in `column`, as the rules write it; nothing when there is no row."""
    value = "" if row is None else getattr(row, column)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def values_of(rows: Mapping[Subject, Any]) -> dict[str, str]:
    """Will return what the file says, by field code, for rows given by subject (None: nothing is known)."""
    return {code: value_of(rows[one.subject], one.column) for code, one in FIELDS.items() if one.subject in rows}


def health_of_children(children: Collection[Child]) -> dict[int, HealthRecord]:
    """Will return the health records of these children, by the child's key."""
    return {record.child_id: record for record in HealthRecord.objects.filter(child__in=children)}


def waiting_changes_of(family: int) -> QuerySet[ProposedChange]:
    """Will return what `family` (key) proposed and nobody decided yet, the oldest first."""
    return ProposedChange.objects.filter(family=family, state=ProposedChange.State.WAITING).order_by(
        "proposed_at", "pk"
    )


def waiting_elsewhere(family: int, children: Collection[int]) -> set[int]:
    """Will return those of `children` (keys) of whom another home than `family` (key) asked a change that waits.

    What is asked, and who asks, is that home's.
    """
    waiting = ProposedChange.objects.filter(child__in=among(children), state=ProposedChange.State.WAITING)
    return set(waiting.exclude(family=family).values_list("child_id", flat=True))


def decided_changes_of(family: int, *, most: int) -> QuerySet[ProposedChange]:
    """Will return the last `most` answers to what `family` (key) proposed, the latest first."""
    decided = (ProposedChange.State.APPROVED, ProposedChange.State.REFUSED)
    return ProposedChange.objects.filter(family=family, state__in=decided).order_by("-decided_at", "-pk")[:most]


def waiting_changes(families: QuerySet[Family]) -> QuerySet[ProposedChange]:
    """Will return what these families proposed and nobody decided yet, the oldest first, with whose it is."""
    return (
        ProposedChange.objects.filter(family__in=families, state=ProposedChange.State.WAITING)
        .select_related("family", "guardian", "child")
        .order_by("proposed_at", "pk")
    )


def current_values(changes: Iterable[ProposedChange]) -> dict[int, str]:
    """Will return what the file says today of what each of these changes is about, by the change's key.

    The changes come with family, guardian and child. One statement more, for health.
    """
    found = list(changes)
    health = health_of_children([change.child for change in found if change.child is not None])
    return {change.pk: value_of(row_of(change, health), FIELDS[change.field].column) for change in found}


def row_of(change: ProposedChange, health: Mapping[int, HealthRecord]) -> Any:
    """Will return the row that a change is about, None when nothing is known of the child's health."""
    subject = FIELDS[change.field].subject
    if subject is Subject.HEALTH:
        return health.get(change.child_id or 0)
    return {Subject.FAMILY: change.family, Subject.GUARDIAN: change.guardian, Subject.CHILD: change.child}[subject]


def pickups_of(family: int) -> QuerySet[PickupPerson]:
    """Will return the persons whom `family` (key) trusts or will trust, not those it ended, by name, with children."""
    return (
        PickupPerson.objects.filter(family=family, ended_at__isnull=True)
        .prefetch_related("children__child")
        .order_by("name", "pk")
    )


class OtherPickup(NamedTuple):
    """Somebody whom another home of a child lets fetch it: what both homes know. The telephone is not of it."""

    name: str
    relation: str
    starts_on: date
    ends_on: date | None
    children: tuple[str, ...]


def pickups_of_other_homes(family: int, children: Collection[int], *, on: date) -> list[OtherPickup]:
    """Will return whom the other homes of `children` (keys), who live with `family` (key), trust or will trust.

    By name, with the first names of those of `children` whom each may fetch. Two statements, one without anybody.
    """
    rows = PickupChild.objects.filter(
        Q(person__ends_on__isnull=True) | Q(person__ends_on__gte=on),
        Q(person__family__custodies__ends_on__isnull=True) | Q(person__family__custodies__ends_on__gte=on),
        person__ended_at__isnull=True,
        child__in=among(children),
        person__family__custodies__child=F("child"),
        person__family__custodies__starts_on__lte=on,
    ).exclude(person__family=family)
    names: dict[int, set[str]] = {}
    for person, name in rows.values_list("person_id", "child__first_name"):
        names.setdefault(person, set()).add(name)
    people = PickupPerson.objects.filter(pk__in=names).order_by("name", "pk") if names else ()
    return [
        OtherPickup(one.name, one.relation, one.starts_on, one.ends_on, tuple(sorted(names[one.pk]))) for one in people
    ]


class Pickup(NamedTuple):
    """Somebody who may fetch a child, as a list says it."""

    name: str
    relation: str
    phone: str


def pickups_on(day: date, children: Collection[int], *, zone: ZoneInfo) -> dict[int, list[Pickup]]:
    """Will return who may fetch each of `children` (keys) on `day`, by name, whichever home said so. One statement.

    Somebody who was ended is no longer there from the day of it, in `zone`. A home where the child does not live that
    day says nothing of it.
    """
    tomorrow = datetime.combine(day + timedelta(days=1), time(), zone)
    rows = (
        PickupChild.objects.filter(
            Q(person__ends_on__isnull=True) | Q(person__ends_on__gte=day),
            Q(person__ended_at__isnull=True) | Q(person__ended_at__gte=tomorrow),
            Q(person__family__custodies__ends_on__isnull=True) | Q(person__family__custodies__ends_on__gte=day),
            child__in=among(children),
            person__starts_on__lte=day,
            person__family__custodies__child=F("child"),
            person__family__custodies__starts_on__lte=day,
        )
        .order_by("person__name", "person_id")
        .values_list("child_id", "person_id", "person__name", "person__relation", "person__phone")
        .distinct()
    )
    found: dict[int, list[Pickup]] = {}
    for child, _person, *words in rows:
        found.setdefault(child, []).append(Pickup(*words))
    return found


def texts_in_force() -> QuerySet[ConsentText]:
    """Will return what the authority in scope asks its families to consent to, by title."""
    return ConsentText.objects.filter(withdrawn_at__isnull=True).order_by("title", "pk")


def answers_of(families: Collection[int], texts: Collection[int]) -> dict[tuple[int, int, int | None], Consent]:
    """Will return the last answers of `families` to `texts` (keys), by family, text and child (None: the home)."""
    rows = Consent.objects.filter(family__in=families, text__in=texts).order_by("answered_at", "pk")
    return {(row.family_id, row.text_id, row.child_id): row for row in rows}


def homes_on(day: date, children: Collection[int]) -> dict[int, list[int]]:
    """Will return the families (keys) with which each of `children` (keys) lives on `day`, in a stable order."""
    rows = (
        Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), child__in=children, starts_on__lte=day)
        .order_by("family_id")
        .values_list("child_id", "family_id")
        .distinct()
    )
    found: dict[int, list[int]] = {}
    for child, family in rows:
        found.setdefault(child, []).append(family)
    return found


@dataclass(frozen=True, slots=True)
class ConsentOf:
    """What holds for a text in force, for a child (None: the home)."""

    text: ConsentText
    child: Child | None
    standing: ConsentStanding


def consents_on(day: date, family: int, children: Collection[Child]) -> list[ConsentOf]:
    """Will return what holds for each text in force, for `family` (key) or each of its `children`, all homes heard."""
    texts = list(texts_in_force())
    if not texts:
        return []
    homes = homes_on(day, [child.pk for child in children])
    families = {family, *(home for each in homes.values() for home in each)}
    answers = answers_of(families, [text.pk for text in texts])

    def answer(home: int, text: ConsentText, child: int | None) -> bool | None:
        found = answers.get((home, text.pk, child))
        return None if found is None else found.is_given

    told = []
    for text in texts:
        if text.about == ConsentText.About.FAMILY:
            told.append(ConsentOf(text, None, consent_standing([answer(family, text, None)])))
        else:
            told += [
                ConsentOf(
                    text,
                    child,
                    consent_standing([answer(home, text, child.pk) for home in homes.get(child.pk, [family])]),
                )
                for child in children
            ]
    return told


def last_confirmation_of(family: int) -> date | None:
    """Will return the day on which `family` (key) last confirmed its file; None: never."""
    found = FileConfirmation.objects.filter(family=family).aggregate(last=Max("confirmed_on"))
    last: date | None = found["last"]
    return last


def file_content(family: Family, *, on: date) -> Content:
    """Will return what the file of a family says on a day, in words: what is read again once a year."""
    rows: list[tuple[str, Mapping[Subject, Any]]] = [("Votre foyer", {Subject.FAMILY: family})]
    guardians = Guardian.objects.filter(family=family).order_by("last_name", "first_name", "pk")
    rows += [(f"{one.first_name} {one.last_name}", {Subject.GUARDIAN: one}) for one in guardians]
    children = list(children_of(family.pk, on=on))
    health = health_of_children(children)
    rows += [(one.full_name, {Subject.CHILD: one, Subject.HEALTH: health.get(one.pk)}) for one in children]
    content: Content = []
    for title, about in rows:
        said = values_of(about)
        content.append((title, [(one.label, in_words(one, said[code])) for code, one in fields_of(*about).items()]))
    people = [
        (person.name, ", ".join(sorted(one.child.first_name for one in person.children.all())))
        for person in pickups_of(family.pk)
        if person.ends_on is None or person.ends_on >= on
    ]
    content.append(("Personnes autorisées à venir chercher", people))
    return content


def is_confirmation_due(authority: int, family: int, *, on: date) -> bool:
    """Will tell whether `family` is to confirm its file at `authority` (keys) on a day."""
    month = confirmation_month_at(authority)
    return month is not None and is_due(month, last=last_confirmation_of(family), on=on)


def answers_count(texts: Collection[int]) -> dict[tuple[int, bool], int]:
    """Will count the last answers to each of `texts` (keys): by text, and yes or no. One statement."""
    rows = (
        Consent.objects.filter(text__in=texts)
        .order_by("text_id", "family_id", "child_id", "-answered_at", "-pk")
        .distinct("text_id", "family_id", "child_id")
        .values_list("text_id", "is_given")
    )
    return dict(Counter(rows))

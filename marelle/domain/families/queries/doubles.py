"""Files that may be of one family: shown to an agent, before one more is opened, and where two were."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

from marelle.domain.families.models import (
    Child,
    Custody,
    Family,
    Guardian,
    HealthRecord,
    Membership,
    SearchEntry,
)
from marelle.domain.families.queries.joining import children_like
from marelle.domain.families.rules.health import HealthSaid
from marelle.domain.families.rules.likeness import Likeness, Named
from marelle.domain.families.rules.merging import Stay
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from marelle.domain.families.rules.registering import NewHome

MOST_SHOWN: Final = 5
MOST_DOUBLES: Final = 200


@dataclass(frozen=True, slots=True)
class HomeLike:
    """A family, and why it may be the same: children like hers, each with how close; the address or number she has."""

    family: Family
    children: tuple[tuple[Child, Likeness], ...]
    has_the_email: bool
    has_the_phone: bool


def homes_like(home: NewHome, *, authority: int) -> list[HomeLike]:
    """Will return the families of `authority` (key) that may be the same, the likeliest first, at most `MOST_SHOWN`.

    By each child, as `rules.likeness` compares them (the names alone, with another date of birth, say nothing), and by
    the e-mail addresses and the telephone numbers.
    """
    like: dict[int, list[tuple[Child, Likeness]]] = defaultdict(list)
    for one in home.children:
        for family, (how, child) in children_like(Named(one.first_name, one.last_name, one.birth_date)).items():
            if how >= Likeness.CLOSE:
                like[family].append((child, how))
    emails = _families_of({one.email for one in home.guardians}, authority=authority)
    phones = _families_of({one.phone.replace(" ", "").lstrip("+") for one in home.guardians}, authority=authority)
    families = Family.objects.filter(pk__in={*like, *emails, *phones})
    found = [
        HomeLike(family, tuple(like.get(family.pk, ())), family.pk in emails, family.pk in phones)
        for family in families
    ]
    found.sort(key=_likeliest_first)
    return found[:MOST_SHOWN]


def _likeliest_first(one: HomeLike) -> tuple[int, bool, bool, int]:
    return (
        -max((how for _child, how in one.children), default=0),
        not one.has_the_email,
        not one.has_the_phone,
        one.family.pk,
    )


def _families_of(words: set[str], *, authority: int) -> set[int]:
    asked = [word for word in words if word]
    entries = SearchEntry.objects.filter(authority=authority, word__in=asked) if asked else SearchEntry.objects.none()
    return set(entries.values_list("family_id", flat=True))


@dataclass(frozen=True, slots=True)
class PeopleOfFile:
    """Who is in a family's file: its guardians, and the children who live there, lived there or will."""

    guardians: tuple[Guardian, ...]
    children: tuple[Child, ...]


def people_of_file(family: int) -> PeopleOfFile:
    """Will return the people of a family (key), in a stable order; two statements."""
    guardians = Guardian.objects.filter(family=family, merged_into__isnull=True).order_by("pk")
    living = Custody.objects.filter(family=family, withdrawn_at__isnull=True).values("child")
    children = Child.objects.filter(pk__in=living).select_related("school_class").order_by("birth_date", "pk")
    return PeopleOfFile(tuple(guardians), tuple(children))


def children_named(children: Collection[int]) -> dict[int, Child]:
    """Will return these children by key, with their authority."""
    found: dict[int, Child] = Child.objects.select_related("authority").in_bulk(children)
    return found


def homes_of_children(children: Collection[int]) -> set[int]:
    """Will return the families (keys) of these children (keys): where they live, lived or will."""
    rows = Custody.objects.filter(child__in=list(children), withdrawn_at__isnull=True)
    return set(rows.values_list("family_id", flat=True))


def shared_accounts(ended: int, kept: int) -> list[tuple[int, int]]:
    """Will return, for each account that acts in both families (keys), for whom in each (keys of guardians)."""
    there = dict(Membership.objects.filter(family=kept).values_list("user_id", "guardian_id"))
    rows = Membership.objects.filter(family=ended, user__in=list(there)).order_by("pk")
    return [(guardian, there[user]) for user, guardian in rows.values_list("user_id", "guardian_id")]


def health_of_pairs(children: Mapping[int, int]) -> dict[int, tuple[HealthSaid, HealthSaid]]:
    """Will return what is said of the health of each child who ends (key): in the other's record, then in its own.

    Whoever shows it has the right to, and notes the reading; who only compares shows nothing.
    """
    rows = {row.child_id: row for row in HealthRecord.objects.filter(child__in={*children, *children.values()})}
    said = {key: HealthSaid(row.diet, row.allergies, row.care_plan, row.care_plan_until) for key, row in rows.items()}
    return {one: (said.get(other, HealthSaid()), said.get(one, HealthSaid())) for one, other in children.items()}


def homes_after(children: Mapping[int, int], *, united: Mapping[int, int]) -> list[list[Stay]]:
    """Will return where each child would live, once children (keys) are one and families (keys) are united."""
    found: dict[int, list[Stay]] = defaultdict(list)
    rows = Custody.objects.filter(child__in={*children, *children.values()}, withdrawn_at__isnull=True)
    for row in rows.order_by("pk"):
        family = united.get(row.family_id, row.family_id)
        found[children.get(row.child_id, row.child_id)].append(Stay(row.pk, family, row.starts_on, row.ends_on))
    return list(found.values())


class Alike(StrEnum):
    """Why two files may be one, in words."""

    CHILD = "Même enfant"
    GUARDIAN = "Même responsable"


@dataclass(frozen=True, slots=True)
class Double:
    """Two files that may be one family's, the first one opened first, or two children of one file; and why."""

    first: Family
    second: Family
    why: tuple[Alike, ...]


def doubles(authority: int) -> list[Double]:
    """Will return the files of an authority (key) that are alike and that nobody said different, the surest first.

    A child of the same names and the same day of birth; a guardian of the same names, with the same e-mail address,
    telephone number or address. A child who lives with two families is one child: its homes are not alike for that.
    As many statements whatever there is; `MOST_DOUBLES` at most.
    """
    if not tenancy.is_in_scope(authority):
        message = "files that are alike were looked for outside the scope of their authority"
        raise tenancy.UnscopedQueryError(message)
    why: dict[tuple[int, int], set[Alike]] = defaultdict(set)
    with transaction.atomic(), connection.cursor() as cursor:
        # Of what is gathered in the statement the database knows no number, and would compare each with each: 3.8 s for
        # 4 500 children, 20 ms by hash joins.
        cursor.execute("SET LOCAL enable_nestloop = off")
        for alike, statement in ((Alike.CHILD, _SAME_CHILD), (Alike.GUARDIAN, _SAME_GUARDIAN)):
            cursor.execute(statement, {"authority": authority, "most": MOST_DOUBLES})
            for first, second in cursor.fetchall():
                why[first, second].add(alike)
        cursor.execute("SET LOCAL enable_nestloop = on")
    rows = Family.objects.prefetch_related("guardians", "custodies__child").in_bulk(
        {key for pair in why for key in pair}
    )
    found = [
        Double(rows[first], rows[second], tuple(sorted(reasons)))
        for (first, second), reasons in sorted(why.items(), key=lambda each: (-len(each[1]), each[0]))
    ]
    return found[:MOST_DOUBLES]


def doubles_count(authority: int) -> int:
    """Will return how many pairs `doubles` finds in an authority (key), without reading whose they are."""
    if not tenancy.is_in_scope(authority):
        message = "files that are alike were looked for outside the scope of their authority"
        raise tenancy.UnscopedQueryError(message)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            f"SELECT count(*) FROM (({_SAME_CHILD}) UNION ({_SAME_GUARDIAN})) AS alike",  # noqa: S608  both are below
            {"authority": authority, "most": MOST_DOUBLES},
        )
        (count,) = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return min(int(count), MOST_DOUBLES)


# By the words that the search keeps already (decision 35): cutting every name anew takes a minute in a large town.
_SAME_CHILD: Final = """
WITH said AS MATERIALIZED (
    SELECT source_key, array_agg(DISTINCT word::text) AS words FROM families_searchentry
    WHERE authority_id = %(authority)s AND source = 'c' GROUP BY source_key
), named AS MATERIALIZED (
    SELECT c.id, c.birth_date, said.words FROM families_child c JOIN said ON said.source_key = c.id
    WHERE c.authority_id = %(authority)s AND c.merged_into_id IS NULL
), pairs AS MATERIALIZED (
    SELECT a.id AS one, b.id AS other FROM named a
    JOIN named b ON b.birth_date = a.birth_date AND b.id > a.id AND (a.words @> b.words OR b.words @> a.words)
)
SELECT DISTINCT least(x.family_id, y.family_id) AS first, greatest(x.family_id, y.family_id) AS second
FROM pairs
JOIN families_custody x ON x.authority_id = %(authority)s AND x.child_id = pairs.one AND x.withdrawn_at IS NULL
JOIN families_custody y ON y.authority_id = %(authority)s AND y.child_id = pairs.other AND y.withdrawn_at IS NULL
WHERE NOT EXISTS (
    SELECT 1 FROM families_differentfamilies d WHERE d.authority_id = %(authority)s
    AND d.first_id = least(x.family_id, y.family_id) AND d.second_id = greatest(x.family_id, y.family_id)
)
ORDER BY first, second LIMIT %(most)s
"""
_SAME_GUARDIAN: Final = """
WITH said AS MATERIALIZED (
    SELECT source_key, array_agg(DISTINCT word::text) FILTER (WHERE word !~ '[0-9@]') AS words,
        array_agg(DISTINCT word::text) FILTER (WHERE word ~ '[0-9@]') AS marks
    FROM families_searchentry WHERE authority_id = %(authority)s AND source = 'g' GROUP BY source_key
), homes AS MATERIALIZED (
    SELECT source_key, array_agg(word::text) AS marks FROM families_searchentry
    WHERE authority_id = %(authority)s AND source = 'f' AND word ~ '[0-9@]' GROUP BY source_key
), named AS MATERIALIZED (
    SELECT g.family_id, said.words, coalesce(said.marks, '{}') || coalesce(homes.marks, '{}')
        || CASE WHEN btrim(f.address) = '' THEN '{}'::text[] ELSE ARRAY[lower(btrim(f.address))] END AS marks
    FROM families_guardian g JOIN families_family f ON f.authority_id = g.authority_id AND f.id = g.family_id
    JOIN said ON said.source_key = g.id LEFT JOIN homes ON homes.source_key = f.id
    WHERE g.authority_id = %(authority)s AND g.merged_into_id IS NULL AND f.merged_into_id IS NULL
)
SELECT DISTINCT a.family_id AS first, b.family_id AS second FROM named a
JOIN named b ON b.words = a.words AND b.family_id > a.family_id AND a.marks && b.marks
WHERE NOT EXISTS (
    SELECT 1 FROM families_differentfamilies d WHERE d.authority_id = %(authority)s
    AND d.first_id = a.family_id AND d.second_id = b.family_id
)
ORDER BY first, second LIMIT %(most)s
"""

"""Homes as prices see them, as one column of any statement over `families_family f`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from marelle.domain.reservations.rules.homes import Home, home_from
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection

# Children of all times that lived there: a day is priced as it was lived. The rules read it (`home_from`). A child
# is enrolled from a home while it lives there. Of one that has, or had, another home, what both homes pay by the month
# needs more (`shared`): where it lives, all its enrollments, and what was settled. Nothing of the other home itself.
HOME: Final = """json_build_object(
    'family', f.id, 'is_resident', f.is_resident, 'categories', f.categories,
    'measures', (
        SELECT coalesce(json_agg(json_build_array(q.valid_from, q.value_cents, NULL) ORDER BY q.valid_from DESC), '[]')
        FROM families_familyquotient q
        WHERE q.authority_id = f.authority_id AND q.family_id = f.id AND q.withdrawn_at IS NULL
    ),
    'moves', (
        SELECT coalesce(json_agg(json_build_array(m.starts_on, m.was_resident, m.is_resident)), '[]')
        FROM families_addresschange m
        WHERE m.authority_id = f.authority_id AND m.family_id = f.id AND m.withdrawn_at IS NULL
            AND m.is_resident IS NOT NULL
    ),
    'children', (
        SELECT coalesce(json_agg(json_build_array(c.id, c.birth_date, s.level) ORDER BY c.birth_date, c.id), '[]')
        FROM families_child c
        LEFT JOIN authorities_schoolclass s ON s.authority_id = c.authority_id AND s.id = c.school_class_id
        WHERE c.authority_id = f.authority_id AND c.id IN (
            SELECT u.child_id FROM families_custody u WHERE u.authority_id = f.authority_id AND u.family_id = f.id
        )
    ),
    'enrolled', (
        SELECT coalesce(json_agg(json_build_array(
            e.child_id, e.activity_id, greatest(e.starts_on, u.starts_on), least(e.ends_on, u.ends_on), e.formula,
            e.options
        ) ORDER BY e.id, u.starts_on), '[]')
        FROM reservations_enrollment e
        JOIN families_custody u ON u.authority_id = e.authority_id AND u.child_id = e.child_id
            AND u.starts_on <= e.ends_on AND (u.ends_on IS NULL OR u.ends_on >= e.starts_on)
        WHERE e.authority_id = f.authority_id AND u.family_id = f.id
    ),
    'shared', (
        SELECT coalesce(json_agg(json_build_object(
            'child', c.child_id,
            'lives', (
                SELECT json_agg(json_build_array(l.family_id, l.starts_on, l.ends_on)
                    ORDER BY l.starts_on, l.family_id)
                FROM families_custody l
                WHERE l.authority_id = f.authority_id AND l.child_id = c.child_id AND l.withdrawn_at IS NULL
            ),
            'enrolled', (
                SELECT coalesce(json_agg(json_build_array(e.activity_id, e.starts_on, e.ends_on, e.formula)
                    ORDER BY e.id), '[]')
                FROM reservations_enrollment e WHERE e.authority_id = f.authority_id AND e.child_id = c.child_id
            ),
            'terms', (
                SELECT coalesce(json_agg(json_build_array(s.starts_on, s.first_home_id, s.second_home_id, s.terms)
                    ORDER BY s.starts_on), '[]')
                FROM reservations_sharedcustody s
                WHERE s.authority_id = f.authority_id AND s.child_id = c.child_id AND s.withdrawn_at IS NULL
            )
        )), '[]')
        FROM (
            SELECT DISTINCT u.child_id FROM families_custody u
            JOIN families_custody other
                ON other.authority_id = u.authority_id AND other.child_id = u.child_id
                AND other.family_id <> u.family_id
            WHERE u.authority_id = f.authority_id AND u.family_id = f.id
                AND u.withdrawn_at IS NULL AND other.withdrawn_at IS NULL
        ) c
    )
)"""


def homes_of(families: Collection[int], *, authority: int) -> dict[int, Home]:
    """Will return the homes of these families (keys), by key, in one statement."""
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(HOMES, {"authority": authority, "families": list(families)})
        return {pk: home_from(as_json(column)) for pk, column in cursor}


def as_json(column: Any) -> Any:
    """Will return a column of JSON as Python has it, decoded by the driver or not."""
    return json.loads(column) if isinstance(column, str) else column


HOMES: Final = f"""
SELECT f.id, {HOME} FROM families_family f
WHERE f.authority_id = %(authority)s AND f.id = ANY(%(families)s::bigint[])
"""  # noqa: S608  our own column, no value

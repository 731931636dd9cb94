"""What a file of the authority says of its families."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.families.models import (
    Child,
    Custody,
    Family,
    FamilyQuotient,
    Guardian,
    HealthRecord,
    Membership,
)
from marelle.domain.families.queries.removals import kept_out_of, people_kept_out, whom_children_may_not_join
from marelle.domain.families.rules.removals import KeptOutOf, Newcomer, who_may_not_come
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

NAMED_BY: Final[dict[type[Any], Sequence[str]]] = {
    Family: ("code",),
    Guardian: ("family_id", "first_name", "last_name"),
    Child: ("code",),
    Custody: ("child_id", "family_id", "starts_on"),
    Membership: ("user_id", "family_id"),
    HealthRecord: ("child_id",),
    FamilyQuotient: ("family_id", "valid_from"),
}


@operation
def save_family_rows(
    authority: Authority, model: type[Any], said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update families, their people, custody or health as a file says them; see `authorities.save_rows`.

    `model` is one of `NAMED_BY`, which says by which columns its rows are named. A quotient or a custody that was
    withdrawn stays as it is, whatever the file says of that day; a family or a child that was united with another is
    passed by, with what the file says of it: it would come back. So is an account that is kept out of a family, there
    and in another one of its children, and a child who would live there.
    """
    today = at.astimezone(authority.zone).date()
    if model is Membership:
        said = _let_in(said, authority, on=today)
    if model in {Family, Child}:
        united = set(model.objects.filter(authority=authority, merged_into__isnull=False).values_list("code"))
        said = [each for each in said if each.key not in united]
    if model in {FamilyQuotient, Custody}:
        withdrawn: set[Any] = _days_withdrawn(authority) if model is FamilyQuotient else _custodies_withdrawn(authority)
        said = [each for each in said if each.key not in withdrawn]
    if model is Custody:
        pairs = [each.key[:2] for each in said]
        shut = whom_children_may_not_join(pairs, authority=authority.pk, on=today)
        said = [each for each in said if each.key[:2] not in shut]
    return save_rows(authority, model, NAMED_BY[model], said, force=force, by=by, at=at)


def _let_in(said: Collection[Said], authority: Authority, *, on: date) -> list[Said]:
    """Will leave out the accounts that no file lets come in, on a day (local)."""
    shut = kept_out_of({each.key[1] for each in said})
    emails = dict(User.objects.filter(pk__in=[each.key[0] for each in said]).values_list("pk", "email"))
    here = [
        each
        for each in said
        if (kept_out := shut.get(each.key[1])) is None
        or not (
            each.key[0] in kept_out.users
            or kept_out.reads(emails[each.key[0]])
            or each.fields.get("guardian_id") in kept_out.guardians
        )
    ]
    people = people_kept_out(authority.pk, on=on, emails=emails.values())
    guardians = (
        Guardian.objects.in_bulk([key for each in here if (key := each.fields.get("guardian_id"))]) if people else {}
    )
    return [
        each
        for each in here
        if (guardian := guardians.get(each.fields.get("guardian_id"))) is None
        or not _is_kept_elsewhere(each, guardian, emails[each.key[0]], people, on=on)
    ]


def _is_kept_elsewhere(said: Said, guardian: Guardian, email: str, people: Collection[KeptOutOf], *, on: date) -> bool:
    """Will tell whether an account that is not there yet would come to a child of a family that is shut to it."""
    user, family = said.key
    who = Newcomer(guardian.first_name, guardian.last_name, email, guardian.phone)
    if not any(one.is_she(who) for one in people) or Membership.objects.filter(user=user, family=family).exists():
        return False
    standing = Q(ends_on=None) | Q(ends_on__gte=on)
    children = Custody.objects.filter(standing, family=family, withdrawn_at=None).values_list("child_id", flat=True)
    return who_may_not_come(people, who, family=family, children=set(children)) is not None


def _custodies_withdrawn(authority: Authority) -> set[tuple[int, int, date]]:
    """Will return the children and families (keys) and days whose custody was withdrawn."""
    rows = Custody.objects.filter(authority=authority, withdrawn_at__isnull=False)
    return set(rows.values_list("child_id", "family_id", "starts_on"))


def _days_withdrawn(authority: Authority) -> set[tuple[int, date]]:
    """Will return the families (keys) and days whose last quotient noted was withdrawn."""
    rows = FamilyQuotient.objects.filter(authority=authority).order_by("pk")
    last = {
        (family, day): withdrawn_at
        for family, day, withdrawn_at in rows.values_list("family_id", "valid_from", "withdrawn_at")
    }
    return {key for key, withdrawn_at in last.items() if withdrawn_at is not None}

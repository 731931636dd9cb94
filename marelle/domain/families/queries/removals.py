"""Who is kept out of a family: asked before anybody comes in, and before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Lower

from marelle.domain.families.models import (
    AccessRemoval,
    Child,
    Custody,
    Guardian,
    JoinRequest,
    Membership,
    RemovedMembership,
)
from marelle.domain.families.models.removals import digest_of_address
from marelle.domain.families.rules.likeness import Likeness, Named, likeness
from marelle.domain.families.rules.removals import KeptOutOf, Newcomer, same_number, whom_child_may_not_join
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from django.db.models import QuerySet

    from marelle.domain.accounts.models import User
    from marelle.domain.families.models import Family

STANDING = Q(lifted_at__isnull=True)


@dataclass(frozen=True, slots=True)
class KeptOut:
    """Who is kept out of a family: guardians and accounts (keys), digests of their addresses, their numbers."""

    guardians: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()
    addresses: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    def reads(self, address: str) -> bool:
        """Will tell whether an e-mail address is one of theirs."""
        return bool(self.addresses) and bool(address) and digest_of_address(address) in self.addresses

    def rings(self, phone: str) -> bool:
        """Will tell whether a number is one of theirs."""
        return bool(phone) and same_number(phone) in self.phones


@dataclass(slots=True)
class _Gathered:
    guardians: set[int] = field(default_factory=set)
    users: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)


def kept_out_of(families: Collection[int]) -> dict[int, KeptOut]:
    """Will return who is kept out of each of `families` (keys), those with nobody left out; two statements at most."""
    rows = list(AccessRemoval.objects.filter(STANDING, family__in=list(families)).select_related("guardian"))
    if not rows:
        return {}
    found: dict[int, _Gathered] = {}
    home_of = {}
    for row in rows:
        home_of[row.pk] = gathered = found.setdefault(row.family_id, _Gathered())
        gathered.guardians.add(row.guardian_id)
        gathered.addresses.update(row.addresses)
        if row.guardian.email:
            gathered.addresses.add(digest_of_address(row.guardian.email))
        if row.guardian.phone:
            gathered.phones.add(same_number(row.guardian.phone))
    accounts = RemovedMembership.objects.filter(removal__in=list(home_of), user__isnull=False)
    for removal, user, email in accounts.values_list("removal_id", "user_id", "user__email"):
        home_of[removal].users.add(user)
        home_of[removal].addresses.add(digest_of_address(email))
    return {
        family: KeptOut(
            frozenset(each.guardians), frozenset(each.users), frozenset(each.addresses), frozenset(each.phones)
        )
        for family, each in found.items()
    }


def people_kept_out(authority: int, *, on: date, emails: Iterable[str]) -> tuple[KeptOutOf, ...]:
    """Will return who is kept out of any family of an authority (key), beside whom others are compared.

    `emails` are those of the others, to be told whose they are. On a day (local); one statement, four where somebody
    is kept out.
    """
    rows = list(AccessRemoval.objects.filter(STANDING, authority=authority).select_related("guardian").order_by("pk"))
    if not rows:
        return ()
    accounts: dict[int, set[int]] = {row.pk: set() for row in rows}
    digests = {row.pk: set(row.addresses) for row in rows}
    for row in rows:
        if row.guardian.email:
            digests[row.pk].add(digest_of_address(row.guardian.email))
    removed = RemovedMembership.objects.filter(removal__in=list(accounts), user__isnull=False)
    for removal, user, email in removed.values_list("removal_id", "user_id", "user__email"):
        accounts[removal].add(user)
        digests[removal].add(digest_of_address(email))
    said = {digest_of_address(each): each.strip().lower() for each in emails if each}
    acts: dict[int, set[int]] = {}
    users = {user for some in accounts.values() for user in some}
    for user, family in Membership.objects.filter(authority=authority, user__in=users).values_list("user", "family"):
        acts.setdefault(user, set()).add(family)
    live: dict[int, set[int]] = {}
    here = Custody.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        family__in={row.family_id for row in rows},
        withdrawn_at=None,
        authority=authority,
    )
    for child, family in here.values_list("child_id", "family_id"):
        live.setdefault(family, set()).add(child)
    return tuple(
        KeptOutOf(
            guardian=row.guardian_id,
            family=row.family_id,
            first_name=row.guardian.first_name,
            last_name=row.guardian.last_name,
            emails=frozenset(said[one] for one in digests[row.pk] if one in said),
            phones=frozenset({same_number(row.guardian.phone)} - {""}),
            children=frozenset(live.get(row.family_id, ())),
            acts_in=frozenset({family for user in accounts[row.pk] for family in acts.get(user, ())} - {row.family_id}),
        )
        for row in rows
    )


def who_of(
    families: Collection[int], people: Collection[Newcomer], *, authority: int, on: date
) -> dict[int, list[KeptOutOf]]:
    """Will return who among `people` is kept out of each of `families` (keys), those where nobody is left out."""
    found: dict[int, list[KeptOutOf]] = {}
    for one in people_kept_out(authority, on=on, emails=[each.email for each in people]):
        if one.family in families and any(one.is_she(each) for each in people):
            found.setdefault(one.family, []).append(one)
    return found


def whom_children_may_not_join(
    pairs: Collection[tuple[int, int]], *, authority: int, on: date
) -> dict[tuple[int, int], KeptOutOf]:
    """Will return those of these children and homes (keys) where a child would meet who is kept out of its own home.

    With who that is. As things are on a day (local); where a child lives already, it does not come. Three statements,
    some more where somebody is kept out.
    """
    children, homes = {child for child, _home in pairs}, {home for _child, home in pairs}
    standing = Q(ends_on=None) | Q(ends_on__gte=on)
    here = Custody.objects.filter(standing, child__in=children, family__in=homes, withdrawn_at=None)
    lives = set(here.values_list("child_id", "family_id"))
    people: dict[int, list[Newcomer]] = {}
    for row in Guardian.objects.filter(family__in=homes, merged_into=None).order_by("pk"):
        people.setdefault(row.family_id, []).append(_newcomer(row))
    emails = [one.email for some in people.values() for one in some]
    kept_out = people_kept_out(authority, on=on, emails=emails)
    found = {
        (child, home): whom_child_may_not_join(kept_out, child, family=home, people=people.get(home, ()))
        for child, home in dict.fromkeys(pairs)
        if (child, home) not in lives
    }
    return {pair: one for pair, one in found.items() if one is not None}


def other_files_of(
    guardian: Guardian, *, users: Collection[int], emails: Collection[str], on: date
) -> tuple[Family, ...]:
    """Will return the other files of the children of a guardian's family where she is too, on a day (local) or later.

    By her accounts (`users`, keys), or as a guardian there, who is known by `emails` (small letters) and by name.
    """
    standing = Q(ends_on=None) | Q(ends_on__gte=on)
    here = Custody.objects.filter(standing, withdrawn_at=None)
    children = here.filter(family=guardian.family_id).values("child")
    homes = set(here.filter(child__in=children).exclude(family=guardian.family_id).values_list("family", flat=True))
    acts = Membership.objects.filter(family__in=homes, user__in=list(users)).values_list("family", flat=True)
    she = replace(kept_out_as(guardian), emails=frozenset(emails), acts_in=frozenset(acts))
    found: dict[int, Family] = {}
    rows = (
        Guardian.objects.filter(family__in=homes, merged_into=None).select_related("family").order_by("family_id", "pk")
    )
    for row in rows:
        if she.is_of(row.family_id, [_newcomer(row)]):
            found[row.family_id] = row.family
    return tuple(found.values())


def kept_out_as(guardian: Guardian) -> KeptOutOf:
    """Will return a guardian as others are compared with her, by her file alone."""
    return KeptOutOf(
        guardian=guardian.pk,
        family=guardian.family_id,
        first_name=guardian.first_name,
        last_name=guardian.last_name,
        emails=frozenset({guardian.email.strip().lower()} - {""}),
        phones=frozenset({same_number(guardian.phone)} - {""}),
    )


def _newcomer(row: Guardian) -> Newcomer:
    return Newcomer(row.first_name, row.last_name, row.email, row.phone)


def standing_removals(authority: int) -> frozenset[int]:
    """Will return what keeps somebody out at an authority (key), by its keys: to learn whether it changed meanwhile."""
    return frozenset(AccessRemoval.objects.filter(STANDING, authority=authority).values_list("pk", flat=True))


def who_is_kept_out(family: int) -> KeptOut:
    """Will return who is kept out of one family (key)."""
    return kept_out_of([family]).get(family, KeptOut())


def may_come_in(user: User, guardian: Guardian) -> bool:
    """Will tell whether nothing keeps an account from acting for a guardian: neither who she is, nor whose it is."""
    kept_out = who_is_kept_out(guardian.family_id)
    return not (guardian.pk in kept_out.guardians or user.pk in kept_out.users or kept_out.reads(user.email))


def guardians_kept_out(guardians: Collection[int]) -> frozenset[int]:
    """Will return those of these guardians (keys) whose access is removed."""
    rows = AccessRemoval.objects.filter(STANDING, guardian__in=list(guardians))
    return frozenset(rows.values_list("guardian_id", flat=True))


def families_shut_to(users: Collection[int]) -> frozenset[int]:
    """Will return the families (keys), of every authority, that these accounts (keys) are kept out of."""
    with tenancy.every_authority():
        rows = RemovedMembership.objects.filter(user__in=list(users), removal__lifted_at__isnull=True)
        return frozenset(rows.values_list("removal__family_id", flat=True))


def removals_of(family: int) -> QuerySet[AccessRemoval]:
    """Will return what was removed in a family (key), the latest first, lifted or not."""
    return (
        AccessRemoval.objects.filter(family_id=family)
        .select_related("guardian")
        .prefetch_related("memberships")
        .order_by("-removed_at", "-pk")
    )


def standing_removal(guardian: int) -> AccessRemoval | None:
    """Will return what keeps a guardian (key) out, None when nothing does."""
    found: AccessRemoval | None = (
        AccessRemoval.objects.filter(STANDING, guardian_id=guardian).prefetch_related("memberships__user").first()
    )
    return found


def removals_about(request: JoinRequest) -> list[AccessRemoval]:
    """Will return what keeps the author of a request out, in scope: by the account, or by its address."""
    mine = Q(memberships__user=request.user_id) | Q(addresses__contains=[digest_of_address(request.user.email)])
    mine |= Q(guardian__email__iexact=request.user.email)
    rows = AccessRemoval.objects.filter(STANDING, mine).select_related("family", "guardian")
    return list(rows.distinct().order_by("pk"))


def authors_kept_out(requests: Collection[JoinRequest]) -> frozenset[int]:
    """Will return those of these requests (keys) whose author is kept out of any family in scope.

    As `removals_about` does for one. `user` is loaded; one statement, two where somebody is.
    """
    digests = {one.pk: digest_of_address(one.user.email) for one in requests}
    users = {one.user_id for one in requests}
    hers = Q(memberships__user__in=users) | Q(addresses__overlap=list(digests.values()))
    hers |= Q(lower_email__in={one.user.email.strip().lower() for one in requests})
    rows = AccessRemoval.objects.annotate(lower_email=Lower("guardian__email")).filter(STANDING, hers)
    removals = {row.pk: row for row in rows.select_related("guardian").distinct()}
    if not removals:
        return frozenset()
    accounts = set(
        RemovedMembership.objects.filter(removal__in=list(removals), user__in=users).values_list("user_id", flat=True)
    )
    known = {each for row in removals.values() for each in row.addresses}
    known |= {digest_of_address(row.guardian.email) for row in removals.values() if row.guardian.email}
    return frozenset(one.pk for one in requests if one.user_id in accounts or digests[one.pk] in known)


def home_that_is_shut(request: JoinRequest) -> Family | None:
    """Will return the family that a request asks for in fact, and that its author is kept out of; None for any other.

    By the child that is named, which the author knows.
    """
    asked = Named(request.child_first_name, request.child_last_name, request.child_birth_date)
    for one in removals_about(request):
        for child in Child.objects.filter(custodies__family=one.family_id, merged_into__isnull=True).distinct():
            named = Named(child.first_name, child.last_name, child.birth_date)
            if likeness(asked, named) is not Likeness.NONE:
                family: Family = one.family
                return family
    return None

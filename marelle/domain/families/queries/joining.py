"""Ways in: who has an account, which link or code is out, who asks to come in and which family that may be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, FilteredRelation, OuterRef, Q

from marelle.domain.families.models import (
    AccessRemoval,
    Child,
    Custody,
    Guardian,
    Invitation,
    JoinRequest,
    Membership,
    MembershipCode,
)
from marelle.domain.families.queries.removals import authors_kept_out, guardians_kept_out, kept_out_as, kept_out_of
from marelle.domain.families.rules.likeness import Asker, Known, Likeness, Named, likeness, plain_words, sure_guardian
from marelle.domain.families.rules.removals import Newcomer
from marelle.domain.families.rules.ways_in import GuardianFacts, LinkFacts, Way, is_good, same_address, way_of
from marelle.foundation.derived_secrets import digest_of_token

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from marelle.domain.families.models import Family

LIVE_LINK = Q(done_at__isnull=True, revoked_at__isnull=True)
LIVE_CODE = Q(used_at__isnull=True, revoked_at__isnull=True)
MOST_PROPOSED = 10


def link_facts(link: Invitation, guardian: Guardian) -> LinkFacts:
    """Will return what the rules ask of a link and of the guardian whom it is for."""
    return LinkFacts(
        expires_at=link.expires_at,
        email=link.email,
        guardian_email=guardian.email,
        sent_at=link.sent_at,
        opened_at=link.opened_at,
        done_at=link.done_at,
        returned_at=link.returned_at,
        revoked_at=link.revoked_at,
        has_failed=link.failed_at is not None,
    )


def good_invitation(*, token: str = "", public_id: str = "", at: datetime) -> Invitation | None:
    """Will return the link of a token, or of a public id, with guardian, family and authority, if it is still good."""
    named = Q(token_digest=digest_of_token(token)) if token else Q(public_id=public_id)
    link = Invitation.objects.filter(named).select_related("guardian", "family", "authority").first()
    if link is None or not is_good(link_facts(link, link.guardian), at=at):
        return None
    return None if Membership.objects.filter(guardian=link.guardian_id).exists() else link


def links_to_send_again(email: str) -> list[Invitation]:
    """Will return the links sent to an address (small letters) that nobody has used, over or not, one a guardian."""
    links = (
        Invitation.objects.filter(LIVE_LINK, email__iexact=email)
        .exclude(Exists(Membership.objects.filter(guardian=OuterRef("guardian"))))
        .select_related("guardian", "authority")
        .order_by("authority__name", "pk")
    )
    return [link for link in links if same_address(link.email, link.guardian.email)]


def guardian_facts(guardians: Collection[Guardian], *, at: datetime) -> list[GuardianFacts]:
    """Will return what the rules ask of these guardians, in their order; three statements.

    Four where somebody is kept out.
    """
    keys = [one.pk for one in guardians]
    members = set(Membership.objects.filter(guardian__in=keys).values_list("guardian_id", flat=True))
    live = _live_links(Q(guardian__in=keys), at=at)
    shut = kept_out_of({one.family_id for one in guardians})
    return [
        GuardianFacts(
            key=one.pk,
            family=one.family_id,
            email=one.email.strip().lower(),
            is_member=one.pk in members,
            has_live_link=one.pk in live,
            # An address that is hers too would bring her the link of another.
            is_removed=one.family_id in shut
            and (one.pk in shut[one.family_id].guardians or shut[one.family_id].reads(one.email)),
        )
        for one in guardians
    ]


def taken_addresses(families: Collection[int], *, at: datetime) -> dict[int, list[str]]:
    """Will return, by family (key), the addresses that its accounts and its live links have; in small letters."""
    taken: dict[int, list[str]] = defaultdict(list)
    members = Membership.objects.filter(family__in=list(families)).values_list(
        "family_id", "user__email", "guardian__email"
    )
    for family, account, guardian in members:
        taken[family] += {address.strip().lower() for address in (account, guardian) if address}
    for link in _live_links(Q(family__in=list(families)), at=at).values():
        taken[link.family_id].append(link.email.strip().lower())
    return taken


def _live_links(among: Q, *, at: datetime) -> dict[int, Invitation]:
    """Will return the links that can still be followed and did not come back, by guardian (key)."""
    links = Invitation.objects.filter(LIVE_LINK, among, returned_at=None).select_related("guardian")
    return {link.guardian_id: link for link in links if is_good(link_facts(link, link.guardian), at=at)}


# -------------------------------------------------------------------------------------------------- as agents see them


@dataclass(frozen=True, slots=True)
class WayInRow:
    """A guardian, and where she stands: her last link, the code that she may type."""

    guardian: Guardian
    way: Way
    membership: Membership | None
    link: Invitation | None
    code: MembershipCode | None


WAYS = {
    "sans": "Sans compte",
    "rien": "Ni compte, ni lien, ni code",
    "attente": "Lien ou code en attente",
    "revenus": "Courriel revenu ou pas parti",
    "comptes": "Avec un compte",
    "retires": "Accès retiré",
    "tous": "Tous",
}


def guardians_by_way(families: QuerySet[Family], way: str, *, at: datetime) -> QuerySet[Guardian]:
    """Will return the guardians of `families` who stand at `way`, one of `WAYS`, by family."""
    member = Exists(Membership.objects.filter(guardian=OuterRef("pk")))
    guardians = Guardian.objects.filter(family__in=families.values("pk")).annotate(
        has_account=member,
        is_removed=Exists(AccessRemoval.objects.filter(guardian=OuterRef("pk"), lifted_at=None)),
        link=FilteredRelation("invitations", condition=Q(invitations__done_at=None, invitations__revoked_at=None)),
        live_code=FilteredRelation("codes", condition=Q(codes__used_at=None, codes__revoked_at=None)),
    )
    waits = Q(link__expires_at__gt=at, link__returned_at=None) | Q(live_code__expires_at__gt=at)
    match way:
        case "sans":
            guardians = guardians.filter(has_account=False, is_removed=False)
        case "rien":
            no_link = Q(link__expires_at=None) | Q(link__expires_at__lte=at) | Q(link__returned_at__isnull=False)
            no_code = Q(live_code__expires_at=None) | Q(live_code__expires_at__lte=at)
            guardians = guardians.filter(no_link, no_code, has_account=False, is_removed=False)
        case "attente":
            guardians = guardians.filter(waits, has_account=False)
        case "revenus":
            guardians = guardians.filter(
                Q(link__returned_at__isnull=False) | Q(link__failed_at__isnull=False, link__sent_at=None),
                has_account=False,
            )
        case "comptes":
            guardians = guardians.filter(has_account=True)
        case "retires":
            guardians = guardians.filter(is_removed=True)
    return guardians.select_related("family").order_by("family__name", "family_id", "last_name", "first_name", "pk")


def in_class(guardians: QuerySet[Guardian], school_class: int, *, on: date) -> QuerySet[Guardian]:
    """Will keep the guardians of children of a class (key) on a day."""
    here = Custody.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        family=OuterRef("family"),
        child__school_class=school_class,
        starts_on__lte=on,
    )
    return guardians.filter(Exists(here))


def way_in_rows(guardians: Sequence[Guardian], *, at: datetime) -> list[WayInRow]:
    """Will return where these guardians stand, in their order; four statements for any number of them.

    Two, when each has her account: a link or a code is of no use any more, and is not read.
    """
    keys = [one.pk for one in guardians]
    members = {
        one.guardian_id: one
        for one in Membership.objects.filter(guardian__in=keys).select_related("user").order_by("pk")
    }
    removed = guardians_kept_out(keys)
    outside = [key for key in keys if key not in members]
    links = {link.guardian_id: link for link in Invitation.objects.filter(LIVE_LINK, guardian__in=outside)}
    codes = {
        code.guardian_id: code
        for code in MembershipCode.objects.filter(LIVE_CODE, guardian__in=outside, expires_at__gt=at)
    }
    rows = []
    for one in guardians:
        link = links.get(one.pk)
        facts = link_facts(link, one) if link else None
        way = way_of(facts, is_member=one.pk in members, is_removed=one.pk in removed, at=at)
        rows.append(WayInRow(one, way, members.get(one.pk), link, codes.get(one.pk)))
    return rows


def codes_to_print(families: QuerySet[Family], *, at: datetime) -> QuerySet[MembershipCode]:
    """Will return the codes by letter that can still be typed, of guardians without an account, by family."""
    return (
        MembershipCode.objects.filter(
            LIVE_CODE,
            family__in=families.values("pk"),
            delivery=MembershipCode.Delivery.LETTER,
            expires_at__gt=at,
        )
        .select_related("guardian", "family")
        .order_by("family__name", "family_id", "guardian__last_name", "guardian__first_name", "pk")
    )


def children_at_school(families: Iterable[int], *, on: date) -> dict[int, list[Child]]:
    """Will return the children of each of `families` (keys) on a day, with class and school, the eldest first."""
    found: dict[int, list[Child]] = defaultdict(list)
    custodies = (
        Custody.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), family__in=list(families), starts_on__lte=on)
        .select_related("child__school_class__facility")
        .order_by("child__birth_date", "child_id")
    )
    for custody in custodies:
        if custody.child not in found[custody.family_id]:
            found[custody.family_id].append(custody.child)
    return found


# ------------------------------------------------------------------------------------------------------------ requests


@dataclass(frozen=True, slots=True)
class Proposal:
    """A family that may be the one that somebody asks for: its guardians without an account, and why it is proposed."""

    family: Family
    child: Child | None
    likeness: Likeness
    has_the_address: bool
    guardians: tuple[Guardian, ...]
    members: tuple[Guardian, ...]


def join_requests(*, is_waiting: bool) -> QuerySet[JoinRequest]:
    """Will return the requests, the first to wait first; or those answered, the last first."""
    requests = JoinRequest.objects.select_related("user", "family")
    if is_waiting:
        return requests.filter(state=JoinRequest.State.WAITING).order_by("asked_at", "pk")
    return requests.exclude(state=JoinRequest.State.WAITING).order_by("-answered_at", "-pk")


def own_join_requests(user: int) -> QuerySet[JoinRequest]:
    """Will return what an account (key) asked, the last first, with the authority."""
    return (
        JoinRequest.objects.filter(user_id=user)
        .select_related("authority")
        .defer("authority__logo", "authority__palette_css")
        .order_by("-asked_at", "-pk")
    )


def proposals_for(request: JoinRequest) -> list[Proposal]:
    """Will return the families that may be the one asked for, the likeliest first, at most `MOST_PROPOSED`.

    By the child, as `rules.likeness` compares them, and by the e-mail address of the account, which the authority may
    know. The account's own families are not among them.
    """
    asked = Named(request.child_first_name, request.child_last_name, request.child_birth_date)
    address = request.user.email
    close = children_like(asked)
    by_address = set(
        Guardian.objects.filter(Q(email__iexact=address) | Q(family__email__iexact=address)).values_list(
            "family_id", flat=True
        )
    )
    own = set(Membership.objects.filter(user=request.user_id).values_list("family_id", flat=True))
    keys = ({*close} | by_address) - own
    guardians: Mapping[int, list[Guardian]] = defaultdict(list)
    families: dict[int, Family] = {}
    for one in Guardian.objects.filter(family__in=keys).select_related("family").order_by("last_name", "first_name"):
        guardians[one.family_id].append(one)
        families[one.family_id] = one.family
    with_account = set(Membership.objects.filter(family__in=keys).values_list("guardian_id", flat=True))
    proposals = [
        Proposal(
            family=families[key],
            child=close[key][1] if key in close else None,
            likeness=close[key][0] if key in close else Likeness.NONE,
            has_the_address=key in by_address,
            guardians=tuple(one for one in guardians[key] if one.pk not in with_account),
            members=tuple(one for one in guardians[key] if one.pk in with_account),
        )
        for key in families
    ]
    proposals.sort(key=lambda one: (-one.likeness, not one.has_the_address, one.family.name, one.family.pk))
    return proposals[:MOST_PROPOSED]


class Matches(NamedTuple):
    """Of some requests (keys): the one guardian who is certainly who asks, with its family; those never sure.

    `kept_out` are the requests of whom an agent keeps out of a family: whoever answers looks at each.
    """

    sure: Mapping[int, Guardian]
    kept_out: frozenset[int]


def sure_matches(requests: Sequence[JoinRequest], *, on: date) -> Matches:
    """Will return, of these requests, which one guardian certainly made, and which are never sure.

    Among those who have no account, of the homes where the very child that was named lives on that day (local), as
    `rules.likeness` says. A family that the account has already is none. Nobody is sure whose access to a family is
    removed, be it by the account, by its address, or because she is such a guardian of the child. `user` is loaded;
    five statements, six where somebody is kept out.
    """
    if not requests:
        return Matches({}, frozenset())
    homes: dict[date, list[tuple[Named, int]]] = defaultdict(list)
    custodies = Custody.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        starts_on__lte=on,
        child__birth_date__in={one.child_birth_date for one in requests},
    ).select_related("child")
    for custody in custodies:
        child = custody.child
        named = Named(child.first_name, child.last_name, child.birth_date)
        homes[child.birth_date].append((named, custody.family_id))
    asked = {one.pk: Named(one.child_first_name, one.child_last_name, one.child_birth_date) for one in requests}
    families = {
        key: {family for named, family in homes[told.birth_date] if likeness(told, named) is Likeness.SAME}
        for key, told in asked.items()
    }
    people: dict[int, list[Guardian]] = defaultdict(list)
    within = {family for some in families.values() for family in some}
    for guardian in Guardian.objects.filter(family__in=within).select_related("family").order_by("pk"):
        people[guardian.family_id].append(guardian)
    members, own = set(), defaultdict(set)
    memberships = Membership.objects.filter(Q(family__in=within) | Q(user__in={one.user_id for one in requests}))
    for guardian_key, user, family in memberships.values_list("guardian_id", "user_id", "family_id"):
        members.add(guardian_key)
        own[user].add(family)
    kept_out = authors_kept_out(requests)
    removed = guardians_kept_out([person.pk for some in people.values() for person in some])
    found = {}
    for one in requests:
        free = {
            person.pk: person
            for family in families[one.pk] - own[one.user_id]
            for person in people[family]
            if person.pk not in members
        }
        known = [Known(key, who.first_name, who.last_name, who.email, who.phone) for key, who in free.items()]
        sure = sure_guardian(Asker(one.first_name, one.last_name, one.user.email, one.phone), known)
        asker = Newcomer(one.first_name, one.last_name, one.user.email, one.phone)
        homes_people = [person for family in families[one.pk] for person in people[family]]
        if any(person.pk in removed and kept_out_as(person).is_she(asker) for person in homes_people):
            kept_out |= {one.pk}
        elif sure is not None and one.pk not in kept_out:
            found[one.pk] = free[sure]
    return Matches(found, kept_out)


def proposal_of(family: Family) -> Proposal:
    """Will return a family that an agent looks for by its number, as those that are proposed."""
    people = list(Guardian.objects.filter(family=family).order_by("last_name", "first_name"))
    with_account = set(Membership.objects.filter(family=family).values_list("guardian_id", flat=True))
    return Proposal(
        family=family,
        child=None,
        likeness=Likeness.NONE,
        has_the_address=False,
        guardians=tuple(one for one in people if one.pk not in with_account),
        members=tuple(one for one in people if one.pk in with_account),
    )


def children_like(asked: Named) -> dict[int, tuple[Likeness, Child]]:
    """Will return the families (keys) of children like the one named, each with the closest."""
    words = plain_words(asked.last_name) + plain_words(asked.first_name)
    named = Q()
    for word in {*asked.last_name.split(), *words}:
        named |= Q(last_name__icontains=word)
    turned = Q(birth_date__day=asked.birth_date.month, birth_date__month=asked.birth_date.day) & named
    same_name = Q(last_name__iexact=asked.last_name, first_name__iexact=asked.first_name)
    found: dict[int, tuple[Likeness, Child]] = {}
    children = Child.objects.filter(Q(birth_date=asked.birth_date) | turned | same_name).prefetch_related("custodies")
    for child in children.order_by("pk"):
        how = likeness(asked, Named(child.first_name, child.last_name, child.birth_date))
        if how is Likeness.NONE:
            continue
        for custody in child.custodies.all():
            if custody.family_id not in found or found[custody.family_id][0] < how:
                found[custody.family_id] = (how, child)
    return found

"""Who a message is for: the families that a filter finds, how each can be reached, what each one reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Exists, OuterRef, Q

from marelle.domain.authorities.models import SchoolClass
from marelle.domain.catalog.models import Activity, Service
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import (
    Block,
    Custody,
    Family,
    FileConfirmation,
    Guardian,
    Membership,
)
from marelle.domain.families.queries.profile import confirmation_month_at
from marelle.domain.families.queries.removals import KeptOut, kept_out_of
from marelle.domain.families.rules.confirmations import asked_since
from marelle.domain.news.models import LostAddress
from marelle.domain.news.models.messages import digest_of_address
from marelle.domain.news.rules.events import days_in_words
from marelle.domain.news.rules.filters import RESIDENTS, FamilyFilter, read_filter
from marelle.domain.news.rules.messages import DAYS_BLANK, Words
from marelle.domain.news.rules.recipients import (
    Channel,
    Home,
    Person,
    Recipient,
    Standing,
    mark_of,
    recipients_of,
)
from marelle.domain.news.rules.texts import length_of, plainer
from marelle.domain.reservations.models import Disruption, DisruptionLine, Enrollment, Reservation
from marelle.domain.reservations.queries.disruptions import children_named
from marelle.domain.reservations.queries.families import families_within
from marelle.domain.reservations.queries.reach import Reach
from marelle.foundation.french_dates import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from marelle.domain.authorities.models import Authority
    from marelle.domain.news.models import FamilyMessage

T = TypeVar("T")

AT_ONCE = 1000
NAMED_FIRST = 10
EVERYTHING = Reach((), is_whole=True)


def words_of(message: FamilyMessage) -> Words:
    """Will return what a message says, before its blanks are filled; a text is written plainly."""
    return Words(message.subject, message.body, plainer(message.text_body))


def families_for(wanted: FamilyFilter, reach: Reach, *, authority: int, on: date) -> QuerySet[Family]:
    """Will return the families of `authority` (key) within an agent's reach that a filter finds on a day, by name."""
    if wanted.disruption:
        lines = DisruptionLine.objects.filter(disruption__public_id=wanted.disruption)
        return families_within(reach).filter(Exists(lines.filter(reservation__family=OuterRef("pk"))))
    families = families_within(reach)
    if wanted.is_about_children or not reach.is_whole:
        families = families.filter(Exists(_children_for(wanted, reach, on=on).filter(family=OuterRef("pk"))))
    if wanted.residence:
        families = families.filter(is_resident=wanted.residence == RESIDENTS)
    if wanted.categories:
        families = families.filter(categories__overlap=list(wanted.categories))
    if wanted.is_unpaid:
        unpaid = Block.objects.filter(family=OuterRef("pk"), kind=Block.Kind.UNPAID, lifted_at=None)
        families = families.filter(Exists(unpaid))
    if wanted.is_not_activated:
        families = families.exclude(Exists(Membership.objects.filter(family=OuterRef("pk"))))
    if wanted.is_unconfirmed:
        since = asked_since(confirmation_month_at(authority), on=on)
        if since is None:
            return families.none()
        families = families.exclude(
            Exists(FileConfirmation.objects.filter(family=OuterRef("pk"), confirmed_on__gte=since))
        )
    return families


def _children_for(wanted: FamilyFilter, reach: Reach, *, on: date) -> QuerySet[Custody]:
    """Will return where the children whom a filter asks for live on a day."""
    custodies = Custody.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)
    if wanted.classes:
        chosen = Q()
        for code in wanted.classes:
            school, _slash, name = code.partition("/")
            chosen |= Q(child__school_class__facility__code=school, child__school_class__code=name)
        custodies = custodies.filter(chosen)
    activities = Activity.objects.all()
    if not reach.is_whole:
        activities = activities.filter(pk__in=reach.activity_keys)
    if wanted.services:
        activities = activities.filter(service__code__in=wanted.services)
    if wanted.activities:
        activities = activities.filter(public_id__in=wanted.activities)
    if wanted.facilities:
        activities = activities.filter(facility__code__in=wanted.facilities)
    if wanted.reserved_on:
        reserved = Reservation.objects.active().filter(
            child=OuterRef("child"), family=OuterRef("family"), date=wanted.reserved_on
        )
        return custodies.filter(Exists(reserved.filter(product__activity__in=activities.values("pk"))))
    if wanted.asks_activities or not reach.is_whole:
        enrolled = Enrollment.objects.filter(child=OuterRef("child"), starts_on__lte=on, ends_on__gte=on)
        holds = Q(Exists(enrolled.filter(activity__in=activities.values("pk"))))
        if wanted.facilities and not wanted.services and not wanted.activities and reach.is_whole:
            # A place asked for alone is also the school where a child is taught.
            holds |= Q(child__school_class__facility__code__in=wanted.facilities)
        custodies = custodies.filter(holds)
    return custodies


def homes_of(families: Collection[int]) -> dict[int, Home]:
    """Will return how these families (keys) can be reached, by key; five statements for any number of them.

    Who is kept out of a family is none of its people, and no address that reaches her is its own.
    """
    keys = list(families)
    accounts = dict(
        Membership.objects.filter(family__in=keys, user__is_active=True)
        .order_by("-pk")
        .values_list("guardian_id", "user__email")
    )
    shut = kept_out_of(keys)
    people: dict[int, list[Person]] = defaultdict(list)
    rows = Guardian.objects.filter(family__in=keys).order_by("pk")
    for key, family, email, phone in rows.values_list("pk", "family_id", "email", "phone"):
        kept_out = shut.get(family, KeptOut())
        if key in kept_out.guardians:
            continue
        people[family].append(Person(key, accounts.get(key, ""), *_not_hers(kept_out, email, phone)))
    digests: dict[int, set[str]] = defaultdict(set)
    lost = LostAddress.objects.filter(family__in=keys, cleared_at=None)
    for family, digest in lost.values_list("family_id", "digest"):
        digests[family].add(digest)
    homes = {}
    for family, *written in Family.objects.filter(pk__in=keys).values_list("pk", "email", "phone", "other_phone"):
        email, phone, other = _not_hers(shut.get(family, KeptOut()), *written)
        known = {email, *(address for one in people[family] for address in (one.account_email, one.email))}
        gone = {one.strip().lower() for one in known if one and digest_of_address(one) in digests[family]}
        homes[family] = Home(family, tuple(people[family]), email, (phone, other), frozenset(gone))
    return homes


def _not_hers(kept_out: KeptOut, email: str, *phones: str) -> list[str]:
    """Will return an address and numbers, empty where they reach somebody whom the authority keeps out."""
    return ["" if kept_out.reads(email) else email, *("" if kept_out.rings(each) else each for each in phones)]


def blanks_of(
    message: FamilyMessage, families: Collection[int], *, authority: Authority, on: date
) -> dict[tuple[int, int | None], dict[str, str]]:
    """Will return what fills a message for each reader: by family and guardian (keys), None for the family's own.

    The children are those whom its filter asks for, else all those who live there on that day.
    """
    keys = list(families)
    wanted = read_filter(message.criteria)
    children: dict[int, list[str]] = defaultdict(list)
    days: dict[int, str] = {}
    if wanted.disruption:
        children, days = _of_event(wanted.disruption, keys, authority)
    else:
        custodies = _children_for(wanted, EVERYTHING, on=on).filter(family__in=keys)
        rows = custodies.order_by("child__birth_date", "child_id")
        for family, name in rows.values_list("family_id", "child__first_name"):
            if name not in children[family]:
                children[family].append(name)
    filled: dict[tuple[int, int | None], dict[str, str]] = {}
    for row in Family.objects.filter(pk__in=keys).prefetch_related("guardians"):
        shared = {
            "famille": row.name,
            "enfants": listed(children[row.pk]),
            "dossier": row.code,
            "collectivite": authority.name,
        }
        if row.pk in days:
            shared[DAYS_BLANK] = days[row.pk]
        filled[row.pk, None] = {**shared, "prenom": "", "nom": row.name}
        for one in row.guardians.all():
            filled[row.pk, one.pk] = {**shared, "prenom": one.first_name, "nom": one.last_name}
    return filled


def _of_event(
    public_id: str, families: Collection[int], authority: Authority
) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Will return the children of each family (key) whom an event is about, and their days in words."""
    names = {one.pk: one.noun for one in offer_of(authority).products}
    children: dict[int, list[str]] = defaultdict(list)
    days: dict[int, str] = {}
    disruption = Disruption.objects.get(public_id=public_id)
    for family, named in children_named(disruption, families).items():
        children[family] = list(dict.fromkeys(name for name, _product, _day in named))
        days[family] = days_in_words([(name, names.get(product, ""), day) for name, product, day in named])
    return children, days


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as one reader reads it, and by which channels."""

    reader: str
    channels: frozenset[Channel]
    words: Words


@dataclass(frozen=True, slots=True)
class Preview:
    """What would leave: how many families, e-mails, texts and parts of texts; who cannot be told, or no more.

    `mark` names these recipients, so that what leaves is what was seen. `first` and `unreached` are the first names.
    """

    families: int
    letters: int
    texts: int
    parts: int
    lost: int
    unreached_count: int
    unreached: tuple[Family, ...]
    first: tuple[Family, ...]
    sample: Sample | None
    mark: str


@dataclass(frozen=True, slots=True)
class Recipients:
    """Everybody whom a message would go to."""

    families: list[Family]
    each: list[Recipient]

    @property
    def mark(self) -> str:
        """Will return what names them."""
        return mark_of(self.each)


def recipients_for(message: FamilyMessage, reach: Reach, *, authority: Authority, on: date) -> Recipients:
    """Will return whom a message would go to now; five statements for each thousand families."""
    families = list(families_for(read_filter(message.criteria), reach, authority=authority.pk, on=on))
    each: list[Recipient] = []
    for some in _in_lots(families):
        homes = homes_of([one.pk for one in some])
        for family in some:
            each += recipients_of(homes[family.pk], message.channels)
    return Recipients(families, each)


def preview_of(message: FamilyMessage, reach: Reach, *, authority: Authority, on: date) -> Preview:
    """Will return what a message would do if it left now."""
    found = recipients_for(message, reach, authority=authority, on=on)
    good = [one for one in found.each if one.standing is Standing.GOOD]
    reached = {one.family for one in good}
    counted = Counter(one.channel for one in good)
    unreached = [one for one in found.families if one.pk not in reached]
    return Preview(
        families=len(found.families),
        letters=counted[Channel.EMAIL],
        texts=counted[Channel.TEXT],
        parts=_parts(message, [one for one in good if one.channel is Channel.TEXT], authority=authority, on=on),
        lost=sum(one.standing is Standing.LOST for one in found.each),
        unreached_count=len(unreached),
        unreached=tuple(unreached[:NAMED_FIRST]),
        first=tuple(found.families[:NAMED_FIRST]),
        sample=_sample(message, good, authority=authority, on=on),
        mark=found.mark,
    )


def _parts(message: FamilyMessage, texts: list[Recipient], *, authority: Authority, on: date) -> int:
    """Will count the parts that these texts are paid for, each as it is filled."""
    words = words_of(message)
    parts = 0
    for some in _in_lots(texts):
        blanks = blanks_of(message, {one.family for one in some}, authority=authority, on=on)
        parts += sum(length_of(text_to(words, blanks[one.family, one.guardian])).parts for one in some)
    return parts


def text_to(words: Words, blanks: Mapping[str, str]) -> str:
    """Will write a text as one reader gets it, names included, with plain signs."""
    return plainer(words.filled(blanks).text)


def _sample(message: FamilyMessage, good: list[Recipient], *, authority: Authority, on: date) -> Sample | None:
    if not good:
        return None
    first = good[0]
    same = frozenset(one.channel for one in good if (one.family, one.guardian) == (first.family, first.guardian))
    filled = blanks_of(message, [first.family], authority=authority, on=on)[first.family, first.guardian]
    words = words_of(message).filled(filled)
    reader = " ".join(filter(None, (filled["prenom"], filled["nom"])))
    return Sample(reader, same, Words(words.subject, words.body, plainer(words.text)))


def _in_lots(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(rows), AT_ONCE):
        yield rows[first : first + AT_ONCE]


# -------------------------------------------------------------------------------------------------- what is chosen from


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter is chosen from, each as a code and its name, by kind (`FamilyFilter`'s own names)."""

    by_kind: dict[str, list[tuple[str, str]]]
    has_confirmation: bool

    @property
    def names(self) -> dict[tuple[str, str], str]:
        """Will return the name of each code, by kind and code."""
        return {(kind, code): name for kind, rows in self.by_kind.items() for code, name in rows}


def choices_at(authority: int, reach: Reach, *, on: date) -> Choices:
    """Will return what an agent may filter by at `authority` (key): what is offered within her reach, and its classes.

    Activities that are over are not there. Categories are those that families have.
    """
    activities = Activity.objects.filter(ends_on__gte=on).select_related("service", "facility")
    if not reach.is_whole:
        activities = activities.filter(pk__in=reach.activity_keys)
    rows = list(activities.order_by("service__position", "position", "name", "pk"))
    classes = SchoolClass.objects.select_related("facility").order_by("facility__name", "position", "name", "pk")
    if not reach.is_whole:
        classes = classes.filter(facility__in={one.facility_id for one in rows})
    schools = list(classes)
    facilities = {one.facility.code: one.facility.name for one in (*rows, *schools)}
    categories = sorted(
        {code for each in Family.objects.values_list("categories", flat=True).distinct() for code in each}
    )
    return Choices(
        {
            "services": list({one.service.code: one.service.name for one in rows}.items()),
            "activities": [(one.public_id, f"{one.name}, {one.facility.name}") for one in rows],
            "facilities": sorted(facilities.items(), key=lambda each: each[1]),
            "classes": [(f"{one.facility.code}/{one.code}", f"{one.name}, {one.facility.name}") for one in schools],
            "categories": [(code, code) for code in categories],
        },
        has_confirmation=confirmation_month_at(authority) is not None,
    )


def reply_address(message: FamilyMessage, authority: Authority) -> str:
    """Will return where answers go: the one service that the filter names, when it has an address; or the authority."""
    services = read_filter(message.criteria).services
    if len(services) == 1:
        own = Service.objects.filter(code=services[0]).values_list("email", flat=True).first()
        return own or authority.email
    return authority.email

"""What is to be billed: homes, what they lived, what was invoiced already. Read by hundreds of homes at a time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.db import connection
from django.db.models import F, Min

from marelle.domain.billing.models import Aid, Invoice, ManualCharge, PayerAccount
from marelle.domain.billing.rules.charges import (
    EVERY_CHILD,
    Account,
    Charge,
    Good,
    Helped,
    Kind,
    Name,
    charges_of,
    widest,
)
from marelle.domain.billing.rules.differences import differences
from marelle.domain.billing.rules.drafts import DEFAULT_CODE, Draft, draft_of
from marelle.domain.catalog.rules.price_steps import PriceStep
from marelle.domain.catalog.rules.tariffs import Component
from marelle.domain.reservations.queries.delivered import delivered
from marelle.domain.reservations.queries.homes import HOME, as_json
from marelle.domain.reservations.rules.homes import Home, home_from
from marelle.foundation import tenancy
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.rules.delivered import Lived


# Days by child and product (keys).
Places: TypeAlias = "Mapping[tuple[int, int], Collection[date]]"


@dataclass(frozen=True, slots=True)
class Household:
    """A home, and to whom its invoice is made out; `has_reader`: an e-mail would reach somebody of it."""

    home: Home
    name: str
    address: str
    email: str
    has_reader: bool


@dataclass(frozen=True, slots=True)
class Billed:
    """What a family is to be invoiced: the draft (None: nothing), and what the review must name."""

    family: int
    household: Household
    draft: Draft | None
    account: Account


@dataclass
class _Facts:
    """What was read of some families, by family (key)."""

    households: dict[int, Household]
    lived: dict[int, list[Lived]]
    aids: dict[int, list[Helped]] = field(default_factory=dict)
    manual: dict[int, list[ManualCharge]] = field(default_factory=dict)
    # By key of an aid, those withdrawn included: what they took off may have to come back.
    third_payers: dict[str, int] = field(default_factory=dict)


def goods_of(offer: Offer, services: Collection[int]) -> dict[int, Good]:
    """Will return the products of these services (keys), by key, in the order of the screens."""
    return {
        product.pk: Good(product, product.activity.pk, product.activity.service.pk, offer.together(product))
        for product in offer.products
        if product.activity.service.pk in services
    }


def next_families(authority: int, *, after: int, at_most: int) -> list[int]:
    """Will return the keys of the families of an authority after that one, in order."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_FAMILIES, {"authority": authority, "after": after, "at_most": at_most})
        return [pk for (pk,) in cursor.fetchall()]


def bill(
    families: Sequence[int],
    *,
    regie: int,
    services: Collection[int],
    period: Period,
    offer: Offer,
    at: datetime,
    only: Places | None = None,
    with_held: bool = False,
) -> list[Billed]:
    """Will draft what each family is still to be invoiced by the régie for these services and `period`, known at `at`.

    What was issued already is taken off; a family whose small debt was carried over is billed from then on. Families
    that lived nothing come without a draft. `only` these days of a child for a product are billed, aids included, when
    given; `with_held`, as they will be once what is held is confirmed. A dozen statements, whatever the number of
    families.
    """
    goods = goods_of(offer, services)
    carried = _carried_from(families, regie, services)
    found: list[Billed] = []
    for start in sorted({*carried.values(), period.starts_on}):
        some = [family for family in families if min(carried.get(family, period.starts_on), period.starts_on) == start]
        if some:
            wide = Period(min(start, period.starts_on), period.ends_on)
            found += _bill(
                some, regie=regie, goods=goods, period=wide, offer=offer, at=at, only=only, with_held=with_held
            )
    return sorted(found, key=lambda one: one.family)


def _bill(
    families: Sequence[int],
    *,
    regie: int,
    goods: dict[int, Good],
    period: Period,
    offer: Offer,
    at: datetime,
    only: Places | None,
    with_held: bool,
) -> list[Billed]:
    wide = widest(goods.values(), period, offer.calendar)
    last = wide.ends_on or period.starts_on
    households = _households(families, offer.authority)
    others = _other_homes(households) if _gives_back(goods.values()) else set[int]()
    facts = _Facts(
        households=households,
        lived=delivered(
            sorted({*families, *others}),
            products=goods,
            first=wide.starts_on,
            last=last,
            offer=offer,
            at=at,
            with_held=with_held,
        ),
        aids=_aids(families, regie),
        manual=_manual(families, regie, period),
        third_payers=dict(Aid.objects.filter(family__in=families).values_list("public_id", "payer_id")),
    )
    accounts: dict[int, Account] = {}
    for family in families:
        home = facts.households[family].home
        account = charges_of(
            home,
            facts.lived.get(family, ()),
            goods,
            period=period,
            calendar=offer.calendar,
            aids=facts.aids.get(family, ()),
            elsewhere=_elsewhere(home, facts.lived) if others else (),
        )
        account.charges += [_manual_charge(one) for one in facts.manual.get(family, ())]
        accounts[family] = account
    earliest = min(
        (charge.days[0] for account in accounts.values() for charge in account.charges), default=period.starts_on
    )
    billed = _billed(
        families,
        regie=regie,
        products=goods,
        first=min(earliest, period.starts_on),
        last=last,
        authority=offer.authority,
    )
    found = []
    for family in families:
        account, household = accounts[family], facts.households[family]
        left = account.charges
        if family in billed:
            left = differences(
                left,
                billed[family],
                period=period,
                goods=goods,
                calendar=offer.calendar,
                third_payers=facts.third_payers,
                beyond=account.beyond,
            )
        if only is not None:
            left = list(_among(left, only))
        reasons = {one.public_id: one.reason for one in facts.manual.get(family, ())}
        order = [child.pk for child in household.home.children]
        found.append(Billed(family, household, draft_of(left, goods, order=order, reasons=reasons), account))
    return found


def _gives_back(goods: Iterable[Good]) -> bool:
    """Will tell whether a package gives back days: whoever pays it must know of those of the other home."""
    return any(
        package.refund
        for good in goods
        for voted in good.sold.tariffs
        for package in (voted.rules.packages if voted.rules is not None else ())
    )


def _other_homes(households: Mapping[int, Household]) -> set[int]:
    """Will return the other families (keys) with which children of these live or lived."""
    return {
        one.family
        for household in households.values()
        for child in household.home.shared.values()
        for one in child.lives
        if one.family != household.home.family
    }


def _elsewhere(home: Home, lived: Mapping[int, Sequence[Lived]]) -> list[Lived]:
    """Will return what the children of a home lived on days that another home answers for."""
    found = []
    for child, shared in home.shared.items():
        for family in sorted({one.family for one in shared.lives} - {home.family}):
            found += [one for one in lived.get(family, ()) if one.child == child]
    return found


def _among(charges: Iterable[Charge], only: Places) -> Iterable[Charge]:
    for charge in charges:
        wanted = only.get((charge.name.child, charge.name.product), ())
        days = tuple(day for day in charge.days if day in wanted)
        if days and charge.name.kind in {Kind.DAY, Kind.AID}:
            yield replace(charge, days=days)


def _carried_from(families: Collection[int], regie: int, services: Collection[int]) -> dict[int, date]:
    """Will return since when each family has a small debt for one of these services that was carried over."""
    payers = PayerAccount.objects.filter(regie=regie, family__in=families, carried_from__isnull=False)
    carried = Invoice.objects.filter(
        payer__in=payers,
        state=Invoice.State.CARRIED,
        starts_on__gte=F("payer__carried_from"),
        run__services__overlap=list(services),
    )
    return dict(carried.values_list("family_id").annotate(first=Min("starts_on")).values_list("family_id", "first"))


def _households(families: Collection[int], authority: int) -> dict[int, Household]:
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(HOUSEHOLDS, {"authority": authority, "families": list(families)})
        return {
            pk: Household(home_from(as_json(column)), name, address, email, has_reader)
            for pk, name, address, email, has_reader, column in cursor
        }


def _aids(families: Collection[int], regie: int) -> dict[int, list[Helped]]:
    found: dict[int, list[Helped]] = defaultdict(list)
    rows = Aid.objects.filter(family__in=families, payer__regie=regie, withdrawn_at__isnull=True)
    for aid in rows.order_by("pk"):
        found[aid.family_id].append(
            Helped(
                aid.public_id,
                aid.label,
                aid.payer_id,
                aid.starts_on,
                aid.ends_on,
                aid.cents,
                aid.percent,
                aid.child_id,
                aid.service_id,
            )
        )
    return found


def _manual(families: Collection[int], regie: int, period: Period) -> dict[int, list[ManualCharge]]:
    found: dict[int, list[ManualCharge]] = defaultdict(list)
    rows = ManualCharge.objects.filter(
        payer__regie=regie, payer__family__in=families, withdrawn_at__isnull=True, date__lte=period.ends_on
    ).select_related("payer")
    for one in rows.order_by("date", "pk"):
        found[one.payer.family_id or 0].append(one)
    return found


def _manual_charge(one: ManualCharge) -> Charge:
    return Charge(
        Name(Kind.MANUAL, one.child_id or EVERY_CHILD, 0, one.public_id),
        (one.date,),
        one.cents,
        one.label,
        (PriceStep(one.label, one.cents),),
        (Component(one.code or DEFAULT_CODE, is_childcare=one.is_childcare),),
    )


def _billed(
    families: Collection[int], *, regie: int, products: Iterable[int], first: date, last: date, authority: int
) -> dict[int, dict[Name, dict[date, int]]]:
    """Will return what was issued to each family for these days: cents by name and day."""
    parameters: dict[str, Any] = {
        "authority": authority,
        "regie": regie,
        "families": list(families),
        "products": list(products),
        "first": first,
        "last": last,
    }
    found: dict[int, dict[Name, dict[date, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(BILLED, parameters)
        for family, kind, child, product, key, cents, days in cursor:
            name = Name(Kind(kind), child or EVERY_CHILD, product or 0, key)
            sums = found.setdefault(family, {}).setdefault(name, {})
            for day in days:
                sums[day] = sums.get(day, 0) + cents
    return found


NEXT_FAMILIES: Final = """
SELECT id FROM families_family WHERE authority_id = %(authority)s AND id > %(after)s ORDER BY id LIMIT %(at_most)s
"""

HOUSEHOLDS: Final = f"""
SELECT f.id, f.name, f.address, f.email, f.email <> '' OR EXISTS (
        SELECT 1 FROM families_membership m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
        WHERE m.authority_id = f.authority_id AND m.family_id = f.id
    ), {HOME}
FROM families_family f
WHERE f.authority_id = %(authority)s AND f.id = ANY(%(families)s::bigint[])
"""  # noqa: S608  our own column, no value

# An invoice says from when to when its lines are: those of other times are not read.
BILLED: Final = """
SELECT i.family_id, l.kind, l.child_id, l.product_id, l.key, l.unit_cents, l.days
FROM billing_invoice i
JOIN billing_invoiceline l ON l.authority_id = i.authority_id AND l.invoice_id = i.id
WHERE i.authority_id = %(authority)s AND i.regie_id = %(regie)s AND i.state = 'issued'
    AND i.family_id = ANY(%(families)s::bigint[]) AND i.starts_on <= %(last)s AND i.ends_on >= %(first)s
    AND (l.product_id IS NULL OR l.product_id = ANY(%(products)s::bigint[]))
"""

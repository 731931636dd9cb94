"""A town makes in a few clicks what most towns have: its places, what it offers there, its rules, its prices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marelle.domain.authorities.models import Authority, Facility, Regie, SchoolClass
from marelle.domain.authorities.operations import Said, add_rows
from marelle.domain.catalog.models import Activity, Product, ProductSlot, Reglement, Service, SlotTemplate, Tariff
from marelle.domain.catalog.operations.making import add_offer_rows, attach_services
from marelle.domain.catalog.operations.reglements import save_reglement
from marelle.domain.catalog.operations.slots import open_slots
from marelle.domain.catalog.operations.tariffs import save_tariff
from marelle.domain.catalog.rules.versions import Decided
from marelle.domain.onboarding.queries.gallery import ready_reglement
from marelle.domain.onboarding.rules.pasted_places import PastedPlace, code_of
from marelle.domain.onboarding.rules.presets import PlannedOffer
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@dataclass(frozen=True, slots=True)
class Made:
    """How many rows were made: places and classes, or activities and products and their days."""

    first: int = 0
    second: int = 0
    days: int = 0


@operation
def make_places(authority: Authority, places: Sequence[PastedPlace], *, by: Actor, at: datetime) -> Made:
    """Will make the schools and centers that are not there, known by their name, and the classes they do not have."""
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    present = {row.name.lower(): row for row in Facility.objects.filter(authority=authority).order_by("pk")}
    taken = {row.code for row in present.values()}
    wanted: list[tuple[PastedPlace, str]] = []
    for place in places:
        known = present.get(place.name.lower())
        code = known.code if known else code_of(place.name, taken)
        taken.add(code)
        wanted.append((place, code))
    said = [Said((code,), {"name": place.name, "kind": place.kind}) for place, code in wanted]
    made = add_rows(authority, Facility, ("code",), said, by=by, at=at)
    keys = [made.rows[code,].pk for _place, code in wanted]
    names = {
        (facility, name.lower())
        for facility, name in SchoolClass.objects.filter(facility__in=keys).values_list("facility_id", "name")
    }
    classes = [
        Said(
            (key, one.code),
            {"name": one.name, "level": one.level, "teacher": one.teacher, "position": position},
        )
        for (place, _code), key in zip(wanted, keys, strict=True)
        for position, one in enumerate(place.classes)
        if (key, one.name.lower()) not in names
    ]
    rows = add_rows(authority, SchoolClass, ("facility_id", "code"), classes, by=by, at=at)
    return Made(made.created, rows.created)


@operation
def make_offer(authority: Authority, offer: PlannedOffer, *, first: date, last: date, by: Actor, at: datetime) -> Made:
    """Will make what is planned, from its first to its last day, and open its days. What is there already stays.

    An activity is known by its code, which says the preset and the place: the same choice twice makes nothing more.
    """
    services = add_offer_rows(
        authority,
        Service,
        [
            Said(
                (one.code,),
                {
                    "name": one.name,
                    "icon": one.icon,
                    "position": position,
                    "payment_mode": (Service.PaymentMode.PREPAID if one.is_prepaid else Service.PaymentMode.IN_ARREARS),
                },
            )
            for position, one in enumerate(offer.services, start=Service.objects.filter(authority=authority).count())
        ],
        by=by,
        at=at,
    ).rows
    known = set(Activity.objects.filter(authority=authority).values_list("code", flat=True))
    planned = [one for one in offer.activities if one.code not in known]
    activities = add_offer_rows(
        authority,
        Activity,
        [
            Said(
                (one.code,),
                {
                    "name": one.preset.name,
                    "service_id": services[one.preset.service.code,].pk,
                    "facility_id": one.place,
                    "starts_on": first,
                    "ends_on": last,
                    "term_weekdays": list(one.term_weekdays),
                    "holiday_weekdays": list(one.holiday_weekdays),
                    "position": position,
                },
            )
            for position, one in enumerate(planned, start=len(known))
        ],
        by=by,
        at=at,
    ).rows
    templates = add_offer_rows(
        authority,
        SlotTemplate,
        [
            Said(
                (activities[one.code,].pk, part.code),
                {
                    "name": part.name,
                    "starts_at": part.starts_at,
                    "ends_at": part.ends_at,
                    "capacity": one.capacity,
                },
            )
            for one in planned
            for part in one.parts
        ],
        by=by,
        at=at,
    ).rows
    sold = [
        (one, product, code)
        for one in planned
        for product, code in zip(one.preset.products, one.product_codes, strict=True)
    ]
    products = add_offer_rows(
        authority,
        Product,
        [
            Said(
                (code,),
                {
                    "activity_id": activities[one.code,].pk,
                    "name": product.name,
                    "noun": product.noun,
                    "plural": product.plural,
                    "position": one.preset.products.index(product),
                },
            )
            for one, product, code in sold
        ],
        by=by,
        at=at,
    ).rows
    add_offer_rows(
        authority,
        ProductSlot,
        [
            Said((products[code,].pk, templates[activities[one.code,].pk, part].pk))
            for one, product, code in sold
            for part in product.takes
        ],
        by=by,
        at=at,
    )
    days = open_slots(authority, by=by, at=at) if planned else 0
    return Made(len(planned), len(sold), days)


@operation
def give_reglement(
    authority: Authority,
    code: str,
    activities: Collection[int],
    *,
    valid_from: date,
    resolution: str,
    by: Actor,
    at: datetime,
) -> int:
    """Will give the activities (keys) that have no règlement one of the gallery, from a day on; return how many.

    Raises KeyError when the gallery has no such règlement, UnableToSaveReglementError: then none has it.
    """
    ready = ready_reglement(code)
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    ruled = set(Reglement.objects.filter(activity__in=activities, product=None).values_list("activity_id", flat=True))
    wanted = sorted(set(activities) - ruled)
    for activity in wanted:
        save_reglement(
            authority,
            activity=activity,
            product=None,
            valid_from=valid_from,
            resolution=resolution,
            data=ready.data,
            decided=Decided(),
            by=by,
            at=at,
        )
    return len(wanted)


@operation
def give_tariff(
    authority: Authority,
    products: Collection[int],
    data: Any,
    *,
    valid_from: date,
    resolution: str,
    by: Actor,
    at: datetime,
) -> int:
    """Will give the products (keys) that have no tariff the same one, from a day on; return how many.

    Raises InvalidTariffError, UnableToSaveTariffError: then none has it.
    """
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    priced = set(Tariff.objects.filter(product__in=products).values_list("product_id", flat=True))
    wanted = sorted(set(products) - priced)
    for product in wanted:
        save_tariff(
            authority,
            product=product,
            valid_from=valid_from,
            resolution=resolution,
            data=data,
            decided=Decided(),
            by=by,
            at=at,
        )
    return len(wanted)


@operation
def open_regie(authority: Authority, name: str, payfip_id: str, *, by: Actor, at: datetime) -> Regie:
    """Will make a régie, and give it the services that have none. One of that name that is there is taken as it is."""
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    present = {row.name.lower(): row for row in Regie.objects.filter(authority=authority)}
    regie = present.get(name.lower())
    if regie is None:
        code = code_of(name, {row.code for row in present.values()})
        said = Said((code,), {"name": name, "payfip_id": payfip_id})
        regie = add_rows(authority, Regie, ("code",), [said], by=by, at=at).rows[code,]
    attach_services(authority, regie, by=by, at=at)
    return regie

"""An activity as an agent decides it: its period, its parts of the day and their places, what families reserve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Changed, touch_catalog
from marelle.domain.authorities.rules.codes import free_code
from marelle.domain.catalog.models import Activity, Product, ProductSlot, Reglement, Slot, SlotTemplate, Tariff
from marelle.domain.catalog.operations.offer import resize_slots
from marelle.domain.catalog.operations.slots import open_slots
from marelle.domain.catalog.operations.standing import opened as opened_days
from marelle.domain.catalog.operations.standing import refuse_if_reserved
from marelle.domain.catalog.rules.offer_said import ActivitySaid, OfferFault, ProductSaid, SlotSaid, faults_of
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.holding import refuse_if_held
from marelle.foundation.writes import operation

LONGEST_ACTIVITY_CODE: Final = 60
LONGEST_SLOT_CODE: Final = 40
LONGEST_PRODUCT_CODE: Final = 60


class WrongActivityError(Exception):
    """Nothing was written: the activity contradicts itself."""

    def __init__(self, faults: tuple[OfferFault, ...]) -> None:
        """Will keep what is wrong and where, for a form to show it in its place."""
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@operation
def save_activity(
    authority: Authority,
    activity: Activity | None,
    said: ActivitySaid,
    *,
    reserved: Mapping[tuple[int, date], int],
    is_confirmed: bool = False,
    by: Actor,
    at: datetime,
) -> Activity:
    """Will make or change an activity with its slots and products, and open the slots that are missing.

    `reserved` counts what is reserved ahead by (activity, day): a query of a room above says it. To close a day that
    is reserved takes `is_confirmed`. Raises WrongActivityError, DaysStillReservedError, CapacityBelowTaken, and
    StillHeldError for a slot or a product that is taken away while something holds it.
    """
    faults = faults_of(said)
    if faults:
        raise WrongActivityError(faults)
    before = opened_days(authority)
    if activity is None:
        row = Activity(
            authority=authority,
            code=free_code(said.name, _codes(Activity), longest=LONGEST_ACTIVITY_CODE),
            position=Activity.objects.filter(service=said.service).count(),
        )
    else:
        row = Activity.objects.select_for_update().get(pk=activity.pk)
    row.name, row.service_id, row.facility_id = said.name, said.service, said.facility
    row.starts_on, row.ends_on = said.starts_on, said.ends_on
    row.term_weekdays, row.holiday_weekdays = list(said.term_weekdays), list(said.holiday_weekdays)
    row.save()
    templates, changes, slots_gone = _save_templates(row, said.slots)
    products_gone = _save_products(row, said.products, templates)
    _remove(slots_gone, products_gone)
    resize_slots(authority, changes, at)
    standing = 0 if activity is None else refuse_if_reserved(authority, before, reserved, is_confirmed=is_confirmed)
    touch_catalog(authority, by=by, at=at)
    opened = open_slots(authority, by=by, at=at)
    audit.record(
        "save_activity",
        authority=authority.pk,
        of="activity",
        key=row.pk,
        by=by,
        at=at,
        is_new=activity is None,
        starts_on=said.starts_on.isoformat(),
        ends_on=said.ends_on.isoformat(),
        slots=len(said.slots),
        products=len(said.products),
        capacities=",".join("" if one.capacity is None else str(one.capacity) for one in said.slots),
        opened=opened,
        left_standing=standing,
    )
    return row


@operation
def remove_activity(activity: Activity, *, by: Actor, at: datetime) -> None:
    """Will remove an activity that never served, with its slots, products, règlements and tariffs.

    Raises StillHeldError when a child is enrolled in it, or when anything was reserved, noted or billed: such an
    activity is ended by its last day instead.
    """
    row = Activity.objects.select_for_update().get(pk=activity.pk)
    refuse_if_held([row], but={SlotTemplate, Slot, Product, Reglement})
    _remove(list(SlotTemplate.objects.filter(activity=row)), list(Product.objects.filter(activity=row)))
    Reglement.objects.filter(activity=row).delete()
    key = row.pk
    row.delete()
    touch_catalog(activity.authority, by=by, at=at)
    audit.record("remove_activity", authority=activity.authority_id, of="activity", key=key, by=by, at=at)


def _save_templates(
    activity: Activity, said: Sequence[SlotSaid]
) -> tuple[list[SlotTemplate], list[Changed[SlotTemplate]], list[SlotTemplate]]:
    """Will write the parts of the day; return them in the order said, the capacities that change, those not said."""
    present = {row.pk: row for row in SlotTemplate.objects.filter(activity=activity)}
    codes = {row.code for row in present.values()}
    rows, changes = [], []
    for one in said:
        row = present.get(one.key) if one.key is not None else None
        if row is None:
            code = free_code(one.name, codes, longest=LONGEST_SLOT_CODE)
            codes.add(code)
            row = SlotTemplate(authority_id=activity.authority_id, activity=activity, code=code)
        elif row.capacity != one.capacity:
            changes.append(Changed(row, "capacity", row.capacity, one.capacity))
        row.name, row.starts_at, row.ends_at = one.name, one.starts_at, one.ends_at
        row.capacity, row.min_age, row.max_age = one.capacity, one.min_age, one.max_age
        row.save()
        rows.append(row)
    kept = {row.pk for row in rows}
    return rows, changes, [row for key, row in present.items() if key not in kept]


def _save_products(activity: Activity, said: Sequence[ProductSaid], templates: Sequence[SlotTemplate]) -> list[Product]:
    """Will write what is delivered and the parts of the day that it takes; return those that are no longer said."""
    present = {row.pk: row for row in Product.objects.filter(activity=activity)}
    codes = _codes(Product)
    kept = set()
    for position, one in enumerate(said):
        row = present.get(one.key) if one.key is not None else None
        if row is None:
            code = free_code(f"{activity.code}-{one.name}", codes, longest=LONGEST_PRODUCT_CODE)
            codes.add(code)
            row = Product(authority_id=activity.authority_id, activity=activity, code=code)
        row.name, row.noun, row.plural, row.position = one.name, one.noun, one.plural, position
        row.save()
        kept.add(row.pk)
        wanted = {templates[place].pk for place in one.takes}
        taken = ProductSlot.objects.filter(product=row)
        there = set(taken.values_list("template", flat=True))
        taken.exclude(template__in=wanted).delete()
        ProductSlot.objects.bulk_create(
            ProductSlot(authority_id=activity.authority_id, product=row, template_id=key)
            for key in sorted(wanted - there)
        )
    return [row for key, row in present.items() if key not in kept]


def _remove(templates: Sequence[SlotTemplate], products: Sequence[Product]) -> None:
    """Will delete parts of the day and products that nothing holds; raises StillHeldError."""
    refuse_if_held(products, but={ProductSlot, Reglement, Tariff})
    refuse_if_held(templates, but={ProductSlot, Slot})
    slots = Slot.objects.filter(template__in=templates)
    refuse_if_held(list(slots))  # a place says that somebody comes, or came
    ProductSlot.objects.filter(product__in=products).delete()
    ProductSlot.objects.filter(template__in=templates).delete()
    for table in (Tariff, Reglement):
        table.objects.filter(product__in=products).delete()  # type: ignore[attr-defined]  # both point to a product
    slots.delete()
    SlotTemplate.objects.filter(pk__in=[row.pk for row in templates]).delete()
    Product.objects.filter(pk__in=[row.pk for row in products]).delete()


def _codes(table: type[Activity | Product]) -> set[str]:
    return set(table.objects.values_list("code", flat=True))

"""An activity begun again with other dates: all that makes it is copied, and nothing that was lived in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import touch_catalog
from marelle.domain.catalog.models import Activity, Product, ProductSlot, Reglement, Slot, SlotTemplate, Tariff
from marelle.domain.catalog.rules.next_year import Voted, next_code, next_name, versions_carried, with_codes, with_price
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation


@dataclass(frozen=True, slots=True)
class Again:
    """An activity (key) that begins again: its days, and the new amounts of its products (by key), « 3,20 »."""

    activity: int
    starts_on: date
    ends_on: date
    prices: Mapping[int, str] = field(default_factory=dict)


@operation
def begin_again(
    authority: Authority, wanted: Sequence[Again], *, year: int, resolution: str = "", by: Actor, at: datetime
) -> dict[int, Activity]:
    """Will make a copy of each activity, whose codes end with `year`, and return them by the key of the first one.

    Its parts of the day, products, règlements and tariffs come with it, those in force on its first day; a product with
    a new amount has a tariff of that day, voted by `resolution`. Slots are for `open_slots` to open.
    """
    keys = [one.activity for one in wanted]
    sources = {row.pk: row for row in Activity.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    products = list(Product.objects.filter(activity__in=keys).order_by("pk"))
    codes = _free_codes(Product, {row.code for row in products}, year)
    activity_codes = _free_codes(Activity, {row.code for row in sources.values()}, year)
    made = {}
    for one in wanted:
        source = sources[one.activity]
        made[source.pk] = copy = _alike(
            source,
            code=activity_codes[source.code],
            name=next_name(source.name, year),
            starts_on=one.starts_on,
            ends_on=one.ends_on,
        )
        own = [row for row in products if row.activity_id == source.pk]
        _copy_parts(source, copy, own, codes)
        _copy_votes(one, source, copy, own={row.pk: codes[row.code] for row in own}, codes=codes, resolution=resolution)
    if made:
        touch_catalog(authority, by=by, at=at)
        audit.record(
            "begin_again", authority=authority.pk, of="activity", key=None, by=by, at=at, year=year, made=len(made)
        )
    return made


@operation
def take_back(authority: Authority, activities: Sequence[int], *, by: Actor, at: datetime) -> None:
    """Will delete activities (keys) in which nothing was lived yet, with all that makes them. The caller made sure."""
    rows = list(Activity.objects.select_for_update().filter(pk__in=activities).order_by("pk"))
    keys = [row.pk for row in rows]
    Slot.objects.filter(activity__in=keys)._raw_delete("default")  # noqa: SLF001  a year of them, that nothing points to
    Activity.objects.filter(pk__in=keys).delete()
    touch_catalog(authority, by=by, at=at)
    audit.record("take_back", authority=authority.pk, of="activity", key=None, by=by, at=at, taken_back=len(keys))


def _copy_parts(source: Activity, copy: Activity, products: Sequence[Product], codes: Mapping[str, str]) -> None:
    templates = {
        row.pk: _alike(row, activity_id=copy.pk)
        for row in SlotTemplate.objects.filter(activity=source.pk).order_by("pk")
    }
    copies = {row.pk: _alike(row, activity_id=copy.pk, code=codes[row.code]) for row in products}
    for taken in ProductSlot.objects.filter(product__in=list(copies)).order_by("pk"):
        _alike(taken, product_id=copies[taken.product_id].pk, template_id=templates[taken.template_id].pk)


def _copy_votes(
    again: Again,
    source: Activity,
    copy: Activity,
    *,
    own: Mapping[int, str],
    codes: Mapping[str, str],
    resolution: str,
) -> None:
    """Will copy what was voted of an activity and of its products, `own` giving the code of the copy of each."""
    copies = {row.code: row.pk for row in Product.objects.filter(activity=copy.pk)}

    def carried(rows: Sequence[Any]) -> tuple[Voted, ...]:
        versions = [Voted(row.valid_from, row.resolution, row.rules) for row in rows]
        return versions_carried(versions, again.starts_on, again.ends_on, was_until=source.ends_on)

    rules = list(Reglement.objects.filter(activity=source.pk).order_by("valid_from"))
    for product, code in ((None, ""), *own.items()):
        for one in carried([row for row in rules if row.product_id == product]):
            Reglement.objects.create(
                authority_id=copy.authority_id,
                activity=copy,
                product_id=copies.get(code),
                valid_from=one.valid_from,
                resolution=one.resolution,
                rules=with_codes(one.rules, codes),
            )
    tariffs = list(Tariff.objects.filter(product__in=list(own)).order_by("valid_from"))
    for product, code in own.items():
        amount = again.prices.get(product)
        for one in carried([row for row in tariffs if row.product_id == product]):
            is_new = amount is not None and one.valid_from == again.starts_on
            Tariff.objects.create(
                authority_id=copy.authority_id,
                product_id=copies[code],
                valid_from=one.valid_from,
                resolution=resolution if is_new else one.resolution,
                rules=with_price(one.rules, amount if is_new else None),
            )


def _free_codes(model: type[Activity | Product], codes: set[str], year: int) -> dict[str, str]:
    """Will return the code of each copy, another one when somebody has it already."""
    taken = set(model.objects.values_list("code", flat=True))
    found: dict[str, str] = {}
    for code in sorted(codes):
        wanted = next_code(code, year)
        free = wanted if wanted not in taken else _numbered(code, year, taken)
        taken.add(free)
        found[code] = free
    return found


def _numbered(code: str, year: int, taken: set[str]) -> str:
    number = 2
    while (free := next_code(f"{code[:50]}-{number}", year)) in taken:
        number += 1
    return free


def _alike(row: Any, **changes: Any) -> Any:
    """Will store another row like `row`, but for `changes`."""
    fields = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    if "public_id" in fields:
        fields["public_id"] = new_public_id()
    copy = type(row)(**{**fields, **changes})
    copy.save(force_insert=True)
    return copy

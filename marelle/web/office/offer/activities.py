"""One activity: its period, its parts of the day and their places, what families reserve."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.catalog.models import Activity, Product, ProductSlot, SlotTemplate
from marelle.domain.catalog.operations.activities import WrongActivityError, remove_activity, save_activity
from marelle.domain.catalog.operations.offer import CapacityBelowTaken
from marelle.domain.catalog.operations.standing import DaysStillReservedError
from marelle.domain.catalog.rules.offer_said import ActivitySaid
from marelle.domain.reservations.queries.reserved_ahead import reserved_ahead
from marelle.foundation.holding import StillHeldError
from marelle.web.doors import office_page
from marelle.web.office.holding_words import held_by
from marelle.web.office.offer import wording
from marelle.web.office.offer.forms import ActivityForm, ProductRow, SlotRow
from marelle.web.office.offer.listing import NEW, page
from marelle.web.office.setting_fields import initial_of
from marelle.web.office.setting_rows import rows_kept, rows_sent, rows_shown
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, QueryDict

    from marelle.domain.catalog.rules.standing import Standing
    from marelle.web.doors import OfficeVisit

BLANKS: Final = 2
LAST: Final = 100
SLOTS, PRODUCTS = "slots", "products"
SLOT_FIELDS: Final = ("code", "name", "starts_at", "ends_at", "capacity", "min_age", "max_age")


class Typed:
    """An activity as its form has it: the form, its rows of slots and of products."""

    def __init__(self, form: ActivityForm, slots: list[SlotRow], products: list[ProductRow]) -> None:
        """Will keep the three."""
        self.form, self.slots, self.products = form, slots, products
        # The rows that say something, in the order in which they are said.
        self.kept: dict[str, list[Any]] = {}

    @classmethod
    def of(cls, activity: Activity | None, chosen: str) -> Typed:
        """Will show an activity, or a new one in the service `chosen`."""
        if activity is None:
            form = ActivityForm(initial={"service": chosen, "term_weekdays": [0, 1, 3, 4]})
            blank = rows_shown(SlotRow, SLOTS, [], blanks=BLANKS)
            return cls(form, blank, rows_shown(ProductRow, PRODUCTS, [], blanks=BLANKS, slots=_named(blank)))
        form = ActivityForm(
            initial={
                **initial_of(activity, ("name", "starts_on", "ends_on", "term_weekdays", "holiday_weekdays")),
                "service": activity.service.public_id,
                "facility": activity.facility.code,
            }
        )
        templates = list(SlotTemplate.objects.filter(activity=activity).order_by("starts_at", "pk"))
        slots = rows_shown(SlotRow, SLOTS, [initial_of(row, SLOT_FIELDS) for row in templates], blanks=BLANKS)
        prefixes = {row.pk: slots[place].prefix for place, row in enumerate(templates)}
        taken: dict[int, list[Any]] = {}
        for product, template in ProductSlot.objects.filter(product__activity=activity).values_list(
            "product", "template"
        ):
            taken.setdefault(product, []).append(prefixes[template])
        products = [
            {**initial_of(row, ("code", "name", "noun", "plural")), "rank": rank, "takes": taken.get(row.pk, [])}
            for rank, row in enumerate(Product.objects.filter(activity=activity).order_by("position", "pk"), start=1)
        ]
        return cls(form, slots, rows_shown(ProductRow, PRODUCTS, products, blanks=BLANKS, slots=_named(slots)))

    @classmethod
    def sent(cls, data: QueryDict) -> Typed:
        """Will read what was sent."""
        slots = rows_sent(SlotRow, SLOTS, data)
        return cls(ActivityForm(data), slots, rows_sent(ProductRow, PRODUCTS, data, slots=_named(slots)))

    def said(self, activity: Activity | None) -> ActivitySaid | None:
        """Will return what it says, None when a field cannot be read: each one then says why."""
        slots, products = rows_kept(self.slots), rows_kept(self.products)
        are_right = [self.form.is_valid(), *(row.is_valid() for row in (*slots, *products))]
        if not all(are_right):
            return None
        slot_keys: dict[str, int] = {}
        product_keys: dict[str, int] = {}
        if activity is not None:
            slot_keys = dict(SlotTemplate.objects.filter(activity=activity).values_list("code", "pk"))
            product_keys = dict(Product.objects.filter(activity=activity).values_list("code", "pk"))
        slots.sort(key=lambda row: row.cleaned_data["starts_at"])
        products.sort(key=lambda row: row.cleaned_data["rank"] or LAST)
        places = {str(row.prefix): place for place, row in enumerate(slots)}
        self.kept = {SLOTS: slots, PRODUCTS: products}
        given = self.form.cleaned_data
        return ActivitySaid(
            name=given["name"],
            service=self.form.services[given["service"]].pk,
            facility=self.form.facilities[given["facility"]].pk,
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            term_weekdays=tuple(given["term_weekdays"]),
            holiday_weekdays=tuple(given["holiday_weekdays"]),
            slots=tuple(row.said(slot_keys.get(row.cleaned_data["code"])) for row in slots),
            products=tuple(row.said(product_keys.get(row.cleaned_data["code"]), places) for row in products),
        )

    def show(self, error: WrongActivityError) -> None:
        """Will put each fault beside its field."""
        for fault in error.faults:
            if fault.where:
                self.kept[fault.where][fault.place].add_error(fault.field, fault.reason)
            else:
                self.form.add_error(fault.field if fault.field in self.form.fields else None, fault.reason)


def _named(slots: Sequence[SlotRow]) -> list[tuple[str, str]]:
    """Will name the slots that a product may take, the blank ones too: they may be filled in on the same page."""
    return [(str(row.prefix), str(row["name"].value() or f"séance {place}")) for place, row in enumerate(slots, 1)]


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, activity: str) -> HttpResponse:
    """Will show an activity, or a new one; a POST writes it whole."""
    visit = visit_of(request)
    found = _found(activity)
    if request.method != "POST":
        return _page(request, found, Typed.of(found, request.GET.get("service", "")))
    typed = Typed.sent(request.POST)
    said = typed.said(found)
    if said is None:
        return _page(request, found, typed, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        save_activity(
            visit.authority,
            found,
            said,
            reserved=reserved_ahead(visit.today),
            is_confirmed=request.POST.get("confirme") == "1",
            by=visit.actor,
            at=visit.at,
        )
    except WrongActivityError as error:
        typed.show(error)
        return _page(request, found, typed, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except DaysStillReservedError as error:
        return _page(request, found, typed, standing=error.standing, status=HTTPStatus.CONFLICT)
    except (CapacityBelowTaken, StillHeldError) as error:
        return _page(request, found, typed, problem=_against(error), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.ACTIVITY_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_offer"))


@require_POST
@office_page(ROLES.ADMINISTER)
def remove(request: HttpRequest, activity: str) -> HttpResponse:
    """Will remove an activity that never served."""
    visit = visit_of(request)
    found = get_object_or_404(Activity.objects.select_related("service", "facility", "authority"), public_id=activity)
    name = found.name
    try:
        remove_activity(found, by=visit.actor, at=visit.at)
    except StillHeldError as error:
        problem = wording.activity_held(name, held_by(error.holders))
        return _page(request, found, Typed.of(found, ""), problem=problem, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.removed(name), extra_tags="green")
    return SeeOther(url_of(visit, "office_offer"))


def _against(error: CapacityBelowTaken | StillHeldError) -> str:
    if isinstance(error, StillHeldError):
        return wording.row_held(held_by(error.holders))
    return wording.overfull(error.overfull[0].taken, error.overfull[0].capacity)


def _found(activity: str) -> Activity | None:
    if activity == NEW:
        return None
    return get_object_or_404(Activity.objects.select_related("service", "facility", "authority"), public_id=activity)


def _page(
    request: HttpRequest,
    found: Activity | None,
    typed: Typed,
    *,
    problem: str = "",
    standing: Sequence[Standing] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    rows = [*typed.slots, *typed.products]
    context = {
        "activity": found,
        "form": typed.form,
        "slots": typed.slots,
        "products": typed.products,
        "row_faults": sum(bool(row.is_bound and not row.is_gone and not row.is_blank and row.errors) for row in rows),
        "problem": problem,
        "standing_title": wording.standing_title(standing) if standing else "",
        "standing_days": wording.standing_days(standing) if standing else "",
        "words": wording,
        "has_places": bool(typed.form.facilities),
        "places_url": url_of(visit, "office_places"),
        "back_url": url_of(visit, "office_offer"),
        **(_ways(visit, found) if found else {}),
    }
    return page(request, "activity.html", status, **context)


def _ways(visit: OfficeVisit, found: Activity) -> dict[str, str]:
    return {
        "remove_url": url_of(visit, "office_offer_activity_remove", activity=found.public_id),
        "opening_url": url_of(visit, "office_opening_day", activity=found.public_id),
        "reglement_url": url_of(visit, "office_reglement", ruled=found.public_id),
        "tariffs_url": url_of(visit, "office_tariffs"),
    }

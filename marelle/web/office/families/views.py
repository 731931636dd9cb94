"""A family: what it has, as far as one's rights go; booking or cancelling for it past the deadline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Family
from marelle.domain.families.queries import blocks_of, children_of
from marelle.domain.families.queries.addresses import coming_address_changes
from marelle.domain.families.queries.profile import consents_on
from marelle.domain.families.rules.photos import PHOTO_CODE
from marelle.domain.reservations.operations.by_agents import (
    UnableToRecordError,
    cancel_for_family,
    reserve_for_family,
)
from marelle.domain.reservations.queries.days import Health, health_of
from marelle.domain.reservations.queries.families import (
    active_reservations_of,
    children_expected,
    enrollments_of,
    families_within,
)
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.decisions import Reason, Wish
from marelle.domain.reservations.rules.sentences import refusal_sentence
from marelle.foundation.french_dates import in_digits, in_full, moment
from marelle.foundation.periods import age_on
from marelle.web.doors import office_page
from marelle.web.form_ends import let_forms_lead_to
from marelle.web.office.billing.accounts import section
from marelle.web.office.families import wording
from marelle.web.office.families.custody_section import CustodyLine, custody_lines
from marelle.web.office.families.file_section import file_context
from marelle.web.office.families.finding import address_of
from marelle.web.office.families.forms import BlockForm, CancelForm, DayOfFamilyForm, EnrollForm, ReserveForm
from marelle.web.office.families.panes import (
    application_views,
    document_views,
    enroll_form,
    guardian_views,
    message_views,
)
from marelle.web.office.families.quotient_section import QuotientState, quotient_context
from marelle.web.office.health_words import HealthTag, care_plan_title, health_tags
from marelle.web.office.need_to_know import knows_quotient, whose_health
from marelle.web.office.photos import photo_urls, who_may_be_pictured
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of
from marelle.web.photos import PhotoForm
from marelle.web.readings import notes_readings, reads_health, reads_quotient
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.families.models import AddressChange, Block, Child
    from marelle.domain.reservations.models import Enrollment, Reservation
    from marelle.domain.reservations.queries.reach import Reach
    from marelle.domain.reservations.rules.decisions import Refusal
    from marelle.web.doors import OfficeVisit

AHEAD = timedelta(weeks=4)
# Where the sentence of a refusal is shown: above the field that can change it.
FIELD_OF = {Reason.NOT_ENROLLED: "product", Reason.WRONG_AGE: "product"}


@dataclass(frozen=True, slots=True)
class ChildView:
    """A child of the family."""

    name: str
    animal: str
    chalk: str
    birth: str
    school_class: str
    tags: tuple[HealthTag, ...]
    care_plan: str
    care_plan_title: str
    enrollments: tuple[str, ...]
    photo: str = ""
    photo_form: PhotoForm | None = None
    keep_url: str = ""
    remove_url: str = ""
    is_picturing: bool = False
    custody: CustodyLine | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """What an agent is doing: the form that was refused."""

    reserving: ReserveForm | None = None
    cancelling: CancelForm | None = None
    blocking: BlockForm | None = None
    enrolling: EnrollForm | None = None
    picturing: tuple[int, PhotoForm] | None = None


@dataclass(frozen=True, slots=True)
class ReservationView:
    """A day the family has reserved."""

    child: str
    product: str
    day: str
    note: str
    tone: str
    cancel_url: str


@require_safe
@office_page(ROLES.READ_FAMILIES)
@notes_readings
def family_page(request: HttpRequest, family: str) -> HttpResponse:
    """Will show a family, as far as the rights of the agent go; one that was united leads to the file that is kept."""
    try:
        found = family_or_404(request, family, ROLES.READ_FAMILIES)
    except Http404:
        united = (
            Family.objects.filter(public_id=family, merged_into__isnull=False).select_related("merged_into").first()
        )
        if united is None:
            raise
        # Of the other one, the same right decides.
        kept = family_or_404(request, united.merged_into.public_id, ROLES.READ_FAMILIES)
        return HttpResponseRedirect(address_of(request.visit, "office_family", kept))  # type: ignore[attr-defined]
    return render_family(request, found)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def reserve(request: HttpRequest, family: str) -> HttpResponse:
    """Will reserve a day for the family, the deadline notwithstanding."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    offer = offer_of(visit.authority)
    children = list(children_of(found.pk, on=visit.today))
    products = reach(visit, ROLES.MANAGE_RESERVATIONS).products
    form = ReserveForm(request.POST, auto_id="reserver-%s", **_choices(children, products))
    if not form.is_valid():
        return render_family(request, found, doing=Doing(reserving=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    child, product = _chosen(form, children, offer)
    day = form.cleaned_data["date"]
    try:
        reserve_for_family(
            child,
            key=DayKey(child.pk, product.pk, day),
            family=found.pk,
            offer=offer,
            reason=form.cleaned_data["reason"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToRecordError as error:
        _explain(form, error.refusal, wish=Wish.RESERVE, child=child, product=product, offer=offer)
        return render_family(request, found, doing=Doing(reserving=form), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.reserved(child.first_name, product.name, day), extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def cancel(request: HttpRequest, family: str) -> HttpResponse:
    """Will cancel a day of the family, the deadline notwithstanding."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = family_or_404(request, family)
    offer = offer_of(visit.authority)
    within = reach(visit, ROLES.MANAGE_RESERVATIONS)
    children = _children_with_reservations(found, within, visit)
    form = CancelForm(request.POST, auto_id="annuler-%s", **_choices(children, within.products))
    if not form.is_valid():
        return render_family(request, found, doing=Doing(cancelling=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    child, product = _chosen(form, children, offer)
    day = form.cleaned_data["date"]
    is_refunded = form.cleaned_data["refund"] == "yes"
    reservation = active_reservations_of(found.pk, products=[product.pk]).filter(child=child, date=day).first()
    if reservation is None:
        form.add_error("date", wording.NOTHING_TO_CANCEL)
        return render_family(request, found, doing=Doing(cancelling=form), status=HTTPStatus.CONFLICT)
    try:
        cancel_for_family(
            reservation, reason=form.cleaned_data["reason"], is_refunded=is_refunded, by=visit.actor, at=visit.at
        )
    except UnableToRecordError as error:
        _explain(form, error.refusal, wish=Wish.CANCEL, child=child, product=product, offer=offer)
        return render_family(request, found, doing=Doing(cancelling=form), status=HTTPStatus.CONFLICT)
    done = wording.cancelled(child.first_name, product.name, day, is_refunded=is_refunded)
    messages.success(request, done, extra_tags="green")
    return SeeOther(address_of(visit, "office_family", found))


def family_or_404(request: HttpRequest, public_id: str, role: str = ROLES.MANAGE_RESERVATIONS) -> Family:
    """Will return a family that the agent's right `role` reaches; raises Http404."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    return get_object_or_404(families_within(reach(visit, role)), public_id=public_id)


def render_family(
    request: HttpRequest,
    family: Family,
    *,
    doing: Doing | None = None,
    quotient: QuotientState | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Will show a family, with the form that was refused if one was. What a right does not open is not in the page."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    within = reach(visit, ROLES.READ_FAMILIES)
    children = list(children_of(family.pk, on=visit.today))
    keys = [child.pk for child in children]
    enrollments = list(enrollments_of(keys, on=visit.today))
    known = whose_health(visit, keys)
    health = health_of(list(known)) if known else {}
    reads_health(request, [*health], family=family.pk)
    consents = consents_on(visit.today, family.pk, children)
    text = next((one.text for one in consents if one.text.code == PHOTO_CODE), None)
    photos = photo_urls(visit, keys) if text is not None else {}  # without it, nobody agrees to any
    may_picture = text is not None and visit.may(ROLES.MANAGE_RESERVATIONS)
    pictured = who_may_be_pictured(visit, keys) if may_picture else frozenset()
    custody = custody_lines(children, family, visit)
    upcoming = active_reservations_of(family.pk, products=within.product_keys).filter(
        date__range=(visit.today, visit.today + AHEAD)
    )
    context: dict[str, Any] = {
        "family": family,
        "guardians": guardian_views(family, visit),
        "children": [
            replace(
                view,
                custody=custody.get(child.pk),
                **_photo_of(child, family, visit, photos=photos, pictured=pictured, doing=doing),
            )
            for child, view in zip(children, _child_views(children, enrollments, health, visit, offer), strict=True)
        ],
        "upcoming": _reservation_views(upcoming, visit, family, offer),
        "blocks": [_block_view(block, family, visit, offer) for block in blocks_of(family.pk)],
        "billing": section(visit, family),
        "coming_addresses": [_coming_view(one, family, visit) for one in coming_address_changes(family.pk)],
        "documents": document_views(family, visit, health_of=known),
        "applications": application_views(family, visit),
        "messages_written": message_views(family, visit),
        "journal_url": address_of(visit, "office_family_journal", family),
        "unite_url": _unite_url(family, visit),
        "quotient": None,
        **file_context(visit, family, consents),
    }
    if knows_quotient(visit, family.pk):
        reads_quotient(request, family.pk)
        asked = quotient or QuotientState(guardian=request.GET.get("responsable", ""))
        context |= quotient_context(visit, family, asked)
    if visit.may(ROLES.MANAGE_RESERVATIONS):
        context |= _forms(request, family, children, doing or Doing())
    page = office_context(visit, "office_families", **context)
    response = render(request, "office/families/family.html", page, status=status)
    if visit.may(ROLES.MANAGE_RESERVATIONS):  # the button that takes the family's place ends at its site
        let_forms_lead_to(response, [settings.FAMILY_URL])
    return response


def _unite_url(family: Family, visit: OfficeVisit) -> str:
    """Will return where this file is looked for twice, for who may unite files: whoever manages every family."""
    if not visit.may(ROLES.MANAGE_RESERVATIONS) or not reach(visit, ROLES.MANAGE_RESERVATIONS).is_whole:
        return ""
    return (
        f"{reverse('office_doubles', kwargs={'authority': visit.authority.slug})}?{urlencode({'dossier': family.code})}"
    )


def _forms(request: HttpRequest, family: Family, children: Sequence[Child], doing: Doing) -> dict[str, Any]:
    """Will return the forms of who may write, with the one that was refused if one was."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    within = reach(visit, ROLES.MANAGE_RESERVATIONS)
    leaving = _children_with_reservations(family, within, visit, children)
    return {
        "reserving": doing.reserving or ReserveForm(auto_id="reserver-%s", **_choices(children, within.products)),
        "cancelling": doing.cancelling
        or CancelForm(
            auto_id="annuler-%s",
            initial={name: request.GET.get(name, "") for name in ("child", "product", "date")},
            **_choices(leaving, within.products),
        ),
        "enrolling": doing.enrolling or enroll_form(children, within, visit),
        "is_enrolling": doing.enrolling is not None,
        "enroll_url": address_of(visit, "office_enroll", family),
        "reserve_url": address_of(visit, "office_reserve", family),
        "cancel_url": address_of(visit, "office_cancel", family),
        "reason_hint": wording.REASON_HINT,
        "blocking": doing.blocking or BlockForm(auto_id="bloquer-%s"),
        "is_blocking": doing.blocking is not None,
        "block_url": address_of(visit, "office_put_block", family),
    }


def _block_view(block: Block, family: Family, visit: OfficeVisit, offer: Offer) -> dict[str, str]:
    at = {"authority": visit.authority.slug, "family": family.public_id, "block": block.public_id}
    return {
        "words": wording.block_in_words(block),
        "since": in_digits(block.put_at.astimezone(offer.zone).date()),
        "lift_url": reverse("office_lift_block", kwargs=at),
    }


def _children_with_reservations(
    family: Family, within: Reach, visit: OfficeVisit, children: Sequence[Child] | None = None
) -> list[Child]:
    """Will return the children of the family today, then those who left it with something still reserved."""
    known = list(children if children is not None else children_of(family.pk, on=visit.today))
    gone = children_expected(
        family.pk, products=within.product_keys, since=visit.today, besides=[child.pk for child in known]
    )
    return [*known, *gone]


def _choices(children: Sequence[Child], products: Sequence[ProductOffer]) -> dict[str, list[tuple[str, str]]]:
    return {
        "children": [(child.public_id, child.full_name) for child in children],
        "products": [
            (product.public_id, f"{product.name}, {product.activity.name} ({product.activity.facility_name})")
            for product in products
        ],
    }


def _chosen(form: DayOfFamilyForm, children: Sequence[Child], offer: Offer) -> tuple[Child, ProductOffer]:
    child = next(child for child in children if child.public_id == form.cleaned_data["child"])
    return child, offer.product_by_public_id[form.cleaned_data["product"]]


def _explain(
    form: DayOfFamilyForm, refusal: Refusal | None, *, wish: Wish, child: Child, product: ProductOffer, offer: Offer
) -> None:
    """Will put the sentence of a refusal above the field that can change it."""
    if refusal is None:
        form.add_error("reason", wording.REASON_NEEDED)
        return
    if refusal.reason is Reason.NOT_RESERVED:
        form.add_error("date", wording.NOTHING_TO_CANCEL)
        return
    sentences = refusal_sentence(
        refusal,
        wish=wish,
        product_name=product.name,
        child_name=child.first_name,
        rule=offer.day(product, form.cleaned_data["date"]),
    )
    form.add_error(FIELD_OF.get(refusal.reason, "date"), " ".join(words for words in sentences if words))


def _child_views(
    children: Sequence[Child],
    enrollments: Sequence[Enrollment],
    health: Mapping[int, Health],
    visit: OfficeVisit,
    offer: Offer,
) -> list[ChildView]:
    """Will return the children, with the health that the agent may know, by child (key)."""
    activities = {activity.pk: activity for activity in offer.activities}
    enrolled: dict[int, list[str]] = {}
    for one in enrollments:
        if one.activity_id not in activities:
            continue
        words = wording.enrolled(activities[one.activity_id].name, one.starts_on, one.ends_on, today=visit.today)
        enrolled.setdefault(one.child_id, []).append(words)
    return [
        ChildView(
            name=child.full_name,
            animal=child.animal,
            chalk=child.chalk,
            birth=f"{in_digits(child.birth_date)}, {age_on(visit.today, child.birth_date)} ans",
            school_class=child.school_class.name if child.school_class else "",
            tags=health_tags(health.get(child.pk, Health()), on=visit.today),
            care_plan=health.get(child.pk, Health()).care_plan,
            care_plan_title=care_plan_title(health.get(child.pk, Health()), on=visit.today),
            enrollments=tuple(enrolled.get(child.pk, ())),
        )
        for child in children
    ]


def _photo_of(
    child: Child,
    family: Family,
    visit: OfficeVisit,
    *,
    photos: Mapping[int, str],
    pictured: frozenset[int],
    doing: Doing | None,
) -> dict[str, Any]:
    """Will return what is shown of a child's photo; the form where it is among those (keys) that may be `pictured`."""
    at = {"family": family.public_id, "child": child.public_id}
    picturing = doing.picturing if doing is not None else None
    is_refused = picturing is not None and picturing[0] == child.pk
    form = PhotoForm(words=wording.PHOTO_AGREED, auto_id=f"photo-{child.public_id}-%s")
    may = visit.may(ROLES.MANAGE_RESERVATIONS)
    return {
        "photo": photos.get(child.pk, ""),
        "photo_form": None if child.pk not in pictured else picturing[1] if is_refused and picturing else form,
        "keep_url": url_of(visit, "office_keep_photo", **at),
        "remove_url": url_of(visit, "office_remove_photo", **at) if may and child.pk in photos else "",
        "is_picturing": is_refused,
    }


def _coming_view(change: AddressChange, family: Family, visit: OfficeVisit) -> dict[str, str]:
    at = {"authority": visit.authority.slug, "family": family.public_id, "move": change.public_id}
    return {
        "title": wording.coming_address(change.starts_on),
        "address": change.address,
        "residence": wording.RESIDENCE[change.is_resident],
        "withdraw_url": reverse("office_withdraw_address", kwargs=at),
    }


def _reservation_views(
    upcoming: Iterable[Reservation], visit: OfficeVisit, family: Family, offer: Offer
) -> list[ReservationView]:
    url = address_of(visit, "office_family", family)
    return [_reservation_view(one, visit, url, offer) for one in upcoming]


def _reservation_view(one: Reservation, visit: OfficeVisit, url: str, offer: Offer) -> ReservationView:
    product = offer.product_by_pk[one.product_id]
    note, tone = "Réservé", "green"
    if one.is_asked:  # type: ignore[attr-defined]  # annotated by active_reservations_of
        note, tone = "Annulation demandée", "amber"
    elif one.held_until:
        note, tone = f"Place gardée jusqu’au {moment(one.held_until.astimezone(visit.authority.zone))}", "amber"
    query = f"child={one.child.public_id}&product={product.public_id}&date={one.date.isoformat()}"
    return ReservationView(
        child=one.child.first_name,
        product=product.name,
        day=in_full(one.date),
        note=note,
        tone=tone,
        cancel_url=f"{url}?{query}#annuler",
    )

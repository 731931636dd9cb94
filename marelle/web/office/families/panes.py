"""The panes of a family's page that come from several rooms: accounts, documents, applications, enrollments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from marelle.domain.families.models import Family, Guardian
from marelle.domain.families.queries import children_of, documents_of
from marelle.domain.families.queries.joining import way_in_rows
from marelle.domain.families.rules.ways_in import Way
from marelle.domain.news.queries.messages import lost_addresses, messages_to
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.procedures.rules.secrecy import right_to_read_document
from marelle.domain.procedures.rules.states import STATE_WORDS, State
from marelle.foundation import clock
from marelle.foundation.french_dates import in_digits
from marelle.web.office.families.forms import EnrollForm
from marelle.web.office.messages.surroundings import seen
from marelle.web.office.need_to_know import knows_quotient, whose_health
from marelle.web.office.surroundings import ROLES, reach
from marelle.web.office.ways_in.wording import way_tag

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from marelle.domain.families.models import Child, SupportingDocument
    from marelle.domain.reservations.queries.reach import Reach
    from marelle.web.doors import OfficeVisit

SHOWN_DOCUMENTS: Final = 20
SHOWN_APPLICATIONS: Final = 10
SHOWN_MESSAGES: Final = 5


def guardian_views(family: Family, visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return the guardians, each with where her account stands, and whether her address answers no more."""
    guardians = list(Guardian.objects.filter(family=family).order_by("pk"))
    rows = way_in_rows(guardians, at=clock.machine_now())
    lost = {one.address for one in lost_addresses(Family.objects.filter(pk=family.pk))}
    at = {"authority": visit.authority.slug, "family": family.public_id}
    may_stand = visit.may(ROLES.MANAGE_RESERVATIONS)
    may_remove = may_stand and reach(visit, ROLES.MANAGE_RESERVATIONS).is_whole
    return [
        {
            "name": f"{row.guardian.first_name} {row.guardian.last_name}",
            "relation": row.guardian.relation,
            "phone": row.guardian.phone,
            "email": row.guardian.email,
            "is_lost": row.guardian.email in lost,
            "tag": way_tag(row, visit.authority.zone),
            "place_url": reverse("office_take_place", kwargs={**at, "guardian": row.guardian.public_id})
            if may_stand and row.way is not Way.REMOVED
            else "",
            "is_removed": row.way is Way.REMOVED,
            "access_url": reverse("office_access", kwargs={**at, "guardian": row.guardian.public_id})
            if may_remove and row.guardian.merged_into_id is None
            else "",
        }
        for row in rows
    ]


def health_known(family: Family, visit: OfficeVisit) -> frozenset[int]:
    """Will return the children of the family (keys) whose health the agent must know."""
    return whose_health(visit, [child.pk for child in children_of(family.pk, on=visit.today)])


def may_know_of(document: SupportingDocument, visit: OfficeVisit, *, health_of: Collection[int]) -> bool:
    """Will tell whether the agent may know of a document: of health, by the child's; of a quotient, by that right."""
    if document.is_health:
        is_whole = visit.may(ROLES.SEE_HEALTH) and reach(visit, ROLES.SEE_HEALTH).is_whole
        return is_whole if document.child_id is None else is_whole or document.child_id in health_of
    of_income = right_to_read_document(document.kind, is_health=False)
    return not of_income or knows_quotient(visit, document.family_id)


def document_views(family: Family, visit: OfficeVisit, *, health_of: Collection[int]) -> list[dict[str, str]]:
    """Will return the documents that the agent may know of, the latest first; of another, not even the name."""
    kept = [one for one in documents_of(family.pk) if may_know_of(one, visit, health_of=health_of)]
    return [
        {
            "url": reverse(
                "office_document",
                kwargs={"authority": visit.authority.slug, "family": family.public_id, "document": one.public_id},
            ),
            "name": one.name,
            "since": in_digits(one.uploaded_at.astimezone(visit.authority.zone).date()),
            "until": in_digits(one.valid_until) if one.valid_until else "",
        }
        for one in kept[:SHOWN_DOCUMENTS]
    ]


def message_views(family: Family, visit: OfficeVisit) -> list[dict[str, str]]:
    """Will return what was written to the family, the latest first, of the messages that the agent may open."""
    if not visit.may(ROLES.PUBLISH):
        return []
    written = messages_to(family.pk).filter(message__in=seen(visit))
    return [
        {
            "url": reverse(
                "office_message", kwargs={"authority": visit.authority.slug, "message": one.message.public_id}
            ),
            "title": one.message.subject,
            "state": one.get_state_display(),
            "who": f"{one.guardian.first_name} {one.guardian.last_name}" if one.guardian else "adresse du foyer",
            "channel": one.get_channel_display(),
            "day": in_digits(one.message.began_at.astimezone(visit.authority.zone).date()),
        }
        for one in written[:SHOWN_MESSAGES]
        if one.message.began_at is not None
    ]


def application_views(family: Family, visit: OfficeVisit) -> list[dict[str, str]]:
    """Will return what the family asked of the services that the agent answers for, the latest first."""
    asked = applications_within(visit.roles).filter(family=family).order_by("-submitted_at", "-pk")
    return [
        {
            "url": reverse(
                "office_application", kwargs={"authority": visit.authority.slug, "application": one.public_id}
            ),
            "title": one.version.title,
            "number": f"n° {one.number}",
            "state": STATE_WORDS[State(one.state)],
        }
        for one in asked[:SHOWN_APPLICATIONS]
    ]


def enroll_form(children: Sequence[Child], within: Reach, visit: OfficeVisit, data: Any = None) -> EnrollForm:
    """Will return the form that enrolls a child in an activity that is not over."""
    open_now = {
        one.pk: one
        for one in (product.activity for product in within.products)
        if visit.today <= (one.opening.period.ends_on or visit.today)
    }
    activities = sorted(open_now.values(), key=lambda one: one.facility_name)
    return EnrollForm(
        data,
        auto_id="inscrire-%s",
        children=[(child.public_id, child.full_name) for child in children],
        activities=[(one.public_id, f"{one.name} ({one.facility_name})") for one in activities],
        initial={"starts_on": visit.today},
    )

"""The panes of a family's page that come from several rooms: accounts, documents, applications, enrollments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from marelle.domain.catalog.models import Activity
from marelle.domain.families.models import Guardian
from marelle.domain.families.queries import documents_of
from marelle.domain.families.queries.joining import way_in_rows
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.procedures.rules.states import STATE_WORDS, State
from marelle.foundation import clock
from marelle.foundation.french_dates import in_digits
from marelle.web.office.families.finding import health_reach, looked_after
from marelle.web.office.families.forms import EnrollForm
from marelle.web.office.surroundings import ROLES
from marelle.web.office.ways_in.wording import way_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.families.models import Child, Family, SupportingDocument
    from marelle.domain.reservations.models import Enrollment
    from marelle.domain.reservations.queries.reach import Reach
    from marelle.web.doors import OfficeVisit

SHOWN_DOCUMENTS: Final = 20
SHOWN_APPLICATIONS: Final = 10
QUOTIENT: Final = "quotient"


def guardian_views(family: Family, visit: OfficeVisit) -> list[dict[str, Any]]:
    """Will return the guardians, each with where her account stands."""
    guardians = list(Guardian.objects.filter(family=family).order_by("pk"))
    rows = way_in_rows(guardians, at=clock.machine_now())
    return [
        {
            "name": f"{row.guardian.first_name} {row.guardian.last_name}",
            "relation": row.guardian.relation,
            "phone": row.guardian.phone,
            "email": row.guardian.email,
            "tag": way_tag(row, visit.authority.zone),
        }
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class KnownHealth:
    """The children of a family (keys) whose health the agent must know; `is_whole`: anybody's."""

    children: tuple[int, ...]
    is_whole: bool


def known_health(children: Sequence[Child], enrollments: Sequence[Enrollment], visit: OfficeVisit) -> KnownHealth:
    """Will return whose health the agent must know among these children."""
    within = health_reach(visit)
    keys = looked_after([child.pk for child in children], enrollments, within)
    return KnownHealth(tuple(keys), is_whole=within is not None and within.is_whole)


def may_know_of(document: SupportingDocument, visit: OfficeVisit, health: KnownHealth) -> bool:
    """Will tell whether the agent may know of a document: of health, by the child's; of a quotient, by that right."""
    if document.is_health:
        return health.is_whole or document.child_id in health.children
    return document.kind != QUOTIENT or visit.may(ROLES.SEE_QUOTIENT)


def document_views(family: Family, visit: OfficeVisit, health: KnownHealth) -> list[dict[str, str]]:
    """Will return the documents that the agent may know of, the latest first; of another, not even the name."""
    kept = [one for one in documents_of(family.pk) if may_know_of(one, visit, health)]
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
    activities = (
        Activity.objects.filter(pk__in=within.activity_keys, ends_on__gte=visit.today)
        .select_related("facility")
        .order_by("facility__name", "position", "name", "pk")
    )
    return EnrollForm(
        data,
        auto_id="inscrire-%s",
        children=[(child.public_id, child.full_name) for child in children],
        activities=[(one.public_id, f"{one.name} ({one.facility.name})") for one in activities],
        initial={"starts_on": visit.today},
    )

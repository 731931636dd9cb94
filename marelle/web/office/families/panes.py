"""The panes of a family's page that come from several rooms: accounts, documents, applications, enrollments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from marelle.domain.catalog.models import Activity
from marelle.domain.families.models import Guardian
from marelle.domain.families.queries import children_of, documents_of
from marelle.domain.families.queries.joining import way_in_rows
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.procedures.rules.states import STATE_WORDS, State
from marelle.domain.reservations.queries.families import enrollments_of
from marelle.foundation import clock
from marelle.foundation.french_dates import in_digits
from marelle.web.office.families.finding import looked_after
from marelle.web.office.families.forms import EnrollForm
from marelle.web.office.surroundings import ROLES, reach
from marelle.web.office.ways_in.wording import way_tag

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from marelle.domain.families.models import Child, Family, SupportingDocument
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


def health_known(family: Family, visit: OfficeVisit) -> list[int]:
    """Will return the children of the family (keys) whose health the agent must know."""
    if not visit.may(ROLES.SEE_HEALTH):
        return []
    keys = [child.pk for child in children_of(family.pk, on=visit.today)]
    return looked_after(keys, list(enrollments_of(keys, on=visit.today)), visit)


def may_know_of(document: SupportingDocument, visit: OfficeVisit, *, health_of: Collection[int]) -> bool:
    """Will tell whether the agent may know of a document: of health, by the child's; of a quotient, by that right."""
    if document.is_health:
        is_whole = visit.may(ROLES.SEE_HEALTH) and reach(visit, ROLES.SEE_HEALTH).is_whole
        return is_whole if document.child_id is None else is_whole or document.child_id in health_of
    return document.kind != QUOTIENT or visit.may(ROLES.SEE_QUOTIENT)


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

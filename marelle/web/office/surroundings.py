"""The menu of the agents' site, what an agent may reach, and the way back after a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import reverse

from marelle.domain.accounts.models import Grant
from marelle.domain.billing.queries.review import is_billing_for
from marelle.domain.catalog.queries import offer_of
from marelle.domain.procedures.queries.inbox import waiting_by_service
from marelle.domain.reservations.queries.reach import Reach, reach_of
from marelle.domain.reservations.queries.requests import pending_count
from marelle.web.doors import EVERY_AGENT
from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from marelle.web.doors import OfficeVisit

ROLES = Grant.Role


class Entry(NamedTuple):
    """A screen that a section leads to: its address, its name in the section, and the right that opens it."""

    name: str
    label: str
    role: str


class Section(NamedTuple):
    """What the menu shows: a part of the work, its name in full and in short, and its screens, the first one first."""

    label: str
    short: str
    icon: str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(
        "Journée",
        "Journée",
        "calendar-check",
        (
            Entry("office_day", "Journée", ROLES.VIEW_DAY),
            Entry("office_sheet_today", "Présences", ROLES.RECORD_ATTENDANCE),
            Entry("office_absences", "Absences", ROLES.MANAGE_RESERVATIONS),
            Entry("office_cancellations", "Annulations", ROLES.MANAGE_RESERVATIONS),
        ),
    ),
    Section(
        "Familles",
        "Familles",
        "users",
        (
            Entry("office_families", "Rechercher", ROLES.READ_FAMILIES),
            Entry("office_register", "Inscrire", ROLES.MANAGE_RESERVATIONS),
            Entry("office_ways_in", "Accès", ROLES.MANAGE_RESERVATIONS),
            Entry("office_profile_changes", "Modifications", ROLES.MANAGE_RESERVATIONS),
        ),
    ),
    Section(
        "Demandes",
        "Demandes",
        "inbox",
        # For whoever answers for a service, whatever her role: see `office_context`.
        (Entry("office_applications", "Demandes", EVERY_AGENT),),
    ),
    Section(
        "Facturation",
        "Factures",
        "receipt-euro",
        (
            Entry("office_billing", "Facturation", ROLES.MANAGE_BILLING),
            Entry("office_desk", "Encaissements", ROLES.MANAGE_BILLING),
            Entry("office_unpaid", "Impayés", ROLES.MANAGE_BILLING),
        ),
    ),
    Section(
        "Réglages",
        "Réglages",
        "landmark",
        (
            Entry("office_reglements", "Règlements", EVERY_AGENT),
            Entry("office_tariffs", "Tarifs", EVERY_AGENT),
            Entry("office_procedures", "Démarches", ROLES.ADMINISTER),
        ),
    ),
)


def reach(visit: OfficeVisit, role: str) -> Reach:
    """Will return what the visiting agent may see or do as `role`."""
    return reach_of(visit.agent, role, offer_of(visit.authority))


def office_context(visit: OfficeVisit, current: str, **more: Any) -> dict[str, Any]:
    """Will return the context of an agent's page: the menu that her roles open, `current` marked, then `more`."""
    counts, hidden = {}, set()
    if visit.may(ROLES.MANAGE_RESERVATIONS):
        counts["office_cancellations"] = pending_count(reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys)
    waiting = waiting_by_service(visit.roles)
    counts["office_applications"] = sum(waiting)
    if not waiting:
        hidden.add("office_applications")
    if visit.may(ROLES.MANAGE_BILLING) and not is_billing_for(visit.agent):
        hidden |= {"office_billing", "office_desk", "office_unpaid"}
    menu, submenu = _menus(visit, current, counts, hidden)
    return {
        "menu": menu,
        "submenu": submenu,
        "account": MenuEntry(visit.agent.name, reverse("office_account")),
        "home_url": reverse("office_home"),
        "may_manage": visit.may(ROLES.MANAGE_RESERVATIONS),
        # The field at the top of every page; the search itself, which begins with it, takes it away.
        "search_url": reverse("office_families", kwargs={"authority": visit.authority.slug})
        if visit.may(ROLES.READ_FAMILIES)
        else "",
        **more,
    }


def _menus(
    visit: OfficeVisit, current: str, counts: Mapping[str, int], hidden: Collection[str]
) -> tuple[list[MenuEntry], list[MenuEntry]]:
    """Will return the sections that the agent may open, then the screens of the current one if it has several."""
    at = {"authority": visit.authority.slug}
    menu: list[MenuEntry] = []
    submenu: list[MenuEntry] = []
    for section in SECTIONS:
        open_to_her = [one for one in section.entries if visit.may(one.role) and one.name not in hidden]
        if not open_to_her:
            continue
        is_here = any(one.name == current for one in open_to_her)
        first = reverse(open_to_her[0].name, kwargs=at)
        count = sum(counts.get(one.name, 0) for one in open_to_her)
        menu.append(MenuEntry(section.label, first, section.icon, section.short, current=is_here, count=count))
        if is_here and len(open_to_her) > 1:
            submenu = [
                MenuEntry(
                    one.label,
                    reverse(one.name, kwargs=at),
                    current=one.name == current,
                    count=counts.get(one.name, 0),
                )
                for one in open_to_her
            ]
    return menu, submenu

"""The menu of the agents' site, what an agent may reach, and the way back after a write."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.rules.roles import gives
from marelle.domain.billing.queries.review import roles_with_money
from marelle.domain.catalog.queries import offer_of
from marelle.domain.procedures.queries.inbox import waiting_by_service
from marelle.domain.reservations.queries.reach import Reach, reach_of
from marelle.domain.reservations.queries.requests import pending_count
from marelle.web.doors import EVERY_AGENT, office_page
from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from django.http import HttpRequest, HttpResponse

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
            Entry("office_kitchen", "Cuisine", ROLES.VIEW_DAY),
            Entry("office_lists", "Listes", ROLES.VIEW_DAY),
            Entry("office_disruptions", "Événements", ROLES.MANAGE_RESERVATIONS),
            Entry("office_figures", "Chiffres", ROLES.VIEW_DAY),
        ),
    ),
    Section(
        "À traiter",
        "À traiter",
        "inbox",
        (
            Entry("office_inbox", "À traiter", EVERY_AGENT),
            # For whoever answers for a service, whatever her role: see `office_context`.
            Entry("office_applications", "Demandes", EVERY_AGENT),
            Entry("office_waiting", "Attentes", ROLES.MANAGE_RESERVATIONS),
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
            Entry("office_imports", "Importer", ROLES.ADMINISTER),
            Entry("office_ways_in", "Accès", ROLES.MANAGE_RESERVATIONS),
            Entry("office_profile_changes", "Modifications", ROLES.MANAGE_RESERVATIONS),
            Entry("office_doubles", "Doublons", ROLES.MANAGE_RESERVATIONS),
        ),
    ),
    Section(
        "Publication",
        "Publier",
        "newspaper",
        (
            Entry("office_articles", "Actualités", ROLES.PUBLISH),
            Entry("office_menus", "Menus", ROLES.PUBLISH),
            Entry("office_downloads", "Documents", ROLES.PUBLISH),
            Entry("office_messages", "Messages", ROLES.PUBLISH),
        ),
    ),
    Section(
        "Facturation",
        "Factures",
        "receipt-euro",
        (
            Entry("office_billing", "Facturation", ROLES.MANAGE_BILLING),
            Entry("office_month", "Clôture", ROLES.MANAGE_BILLING),
            Entry("office_desk", "Encaissements", ROLES.HOLD_REGIE),
            Entry("office_unpaid", "Impayés", ROLES.MANAGE_BILLING),
        ),
    ),
    Section(
        "Réglages",
        "Réglages",
        "settings",
        (
            Entry("office_guide", "Mise en service", ROLES.ADMINISTER),
            Entry("office_identity", "Collectivité", ROLES.ADMINISTER),
            Entry("office_places", "Lieux", ROLES.ADMINISTER),
            Entry("office_offer", "Offre", ROLES.ADMINISTER),
            Entry("office_calendar", "Calendrier", ROLES.ADMINISTER),
            Entry("office_reglements", "Règlements", EVERY_AGENT),
            Entry("office_tariffs", "Tarifs", EVERY_AGENT),
            Entry("office_procedures", "Démarches", ROLES.ADMINISTER),
            Entry("office_agents", "Agents", ROLES.ADMINISTER),
            Entry("office_journal", "Journal", ROLES.ADMINISTER),
        ),
    ),
)


# What is of the money of the whole authority, hence shut to whoever was granted its right for a part.
MONEY = {
    "office_billing": ROLES.MANAGE_BILLING,
    "office_month": ROLES.MANAGE_BILLING,
    "office_desk": ROLES.HOLD_REGIE,
    "office_unpaid": ROLES.MANAGE_BILLING,
}
# The rights of whom something waits for, besides those who answer for a service: see `inbox.queues`.
TREATING = (
    ROLES.MANAGE_RESERVATIONS,
    ROLES.RECORD_ATTENDANCE,
    ROLES.PUBLISH,
    ROLES.MANAGE_BILLING,
    ROLES.ADMINISTER,
)


def visit_of(request: HttpRequest) -> OfficeVisit:
    """Will return the visit that the door handed over."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    return visit


def url_of(visit: OfficeVisit, name: str, **named: str | int) -> str:
    """Will return an address at the authority of the visit."""
    return reverse(name, kwargs={"authority": visit.authority.slug, **named})


def around_name(visit: OfficeVisit, name: str, varying: str) -> tuple[str, str]:
    """Will return what an address at the authority has before and after its part `varying`: to write many of them."""
    before, _part, after = url_of(visit, name, **{varying: "PART"}).rpartition("PART")
    return before, after


def reach(visit: OfficeVisit, role: str) -> Reach:
    """Will return what the visiting agent may see or do as `role`."""
    return reach_of(visit.agent, role, offer_of(visit.authority))


def whole_authority_page(role: str) -> Callable[[Any], Any]:
    """Will open a view to the agents who were granted `role` for the whole authority: what it does has no place."""

    def with_role(view: Any) -> Any:
        @functools.wraps(view)
        def for_the_whole(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            visit: OfficeVisit = request.visit  # type: ignore[attr-defined]  # by the door around this
            if not reach(visit, role).is_whole:
                raise PermissionDenied
            response: HttpResponse = view(request, **kwargs)
            return response

        return office_page(role)(for_the_whole)

    return with_role


def office_context(visit: OfficeVisit, current: str, **more: Any) -> dict[str, Any]:
    """Will return the context of an agent's page: the menu that her roles open, `current` marked, then `more`."""
    counts, hidden = {}, set()
    if visit.may(ROLES.MANAGE_RESERVATIONS):
        counts["office_cancellations"] = pending_count(reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys)
    waiting = waiting_by_service(visit.roles)
    counts["office_applications"] = sum(waiting)
    if not waiting:
        hidden.add("office_applications")
    if not waiting and not any(visit.may(role) for role in TREATING):
        hidden.add("office_inbox")
    if visit.may(ROLES.HOLD_REGIE):
        money = roles_with_money(visit.agent)
        hidden |= {name for name, role in MONEY.items() if not gives(money, role)}
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

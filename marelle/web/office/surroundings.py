"""The menu of the agents' site, what an agent may reach, and the way back after a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from marelle.web.doors import OfficeVisit

ROLES = Grant.Role
ENTRIES = (
    ("office_day", "Journée", "Journée", "calendar-check", ROLES.VIEW_DAY),
    ("office_sheet_today", "Présences", "Présences", "user-check", ROLES.RECORD_ATTENDANCE),
    ("office_cancellations", "Annulations", "Annulations", "calendar-x-2", ROLES.MANAGE_RESERVATIONS),
    # For whoever answers for a service, whatever her role: see `office_context`.
    ("office_applications", "Demandes", "Demandes", "inbox", EVERY_AGENT),
    ("office_absences", "Absences", "Absences", "user-x", ROLES.MANAGE_RESERVATIONS),
    ("office_families", "Familles", "Familles", "users", ROLES.MANAGE_RESERVATIONS),
    ("office_billing", "Facturation", "Factures", "receipt-euro", ROLES.MANAGE_BILLING),
    ("office_desk", "Encaissements", "Caisse", "credit-card", ROLES.MANAGE_BILLING),
    ("office_unpaid", "Impayés", "Impayés", "hourglass", ROLES.MANAGE_BILLING),
    ("office_procedures", "Démarches", "Démarches", "clipboard-list", ROLES.ADMINISTER),
    ("office_reglements", "Règlements", "Règlements", "landmark", EVERY_AGENT),
    ("office_tariffs", "Tarifs", "Tarifs", "wallet", EVERY_AGENT),
)


def reach(visit: OfficeVisit, role: str) -> Reach:
    """Will return what the visiting agent may see or do as `role`."""
    return reach_of(visit.agent, role, offer_of(visit.authority))


def office_context(visit: OfficeVisit, current: str, **more: Any) -> dict[str, Any]:
    """Will return the context of an agent's page: the menu that her roles open, `current` marked, then `more`."""
    at = {"authority": visit.authority.slug}
    counts, hidden = {}, set()
    if visit.may(ROLES.MANAGE_RESERVATIONS):
        counts["office_cancellations"] = pending_count(reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys)
    waiting = waiting_by_service(visit.roles)
    counts["office_applications"] = sum(waiting)
    if not waiting:
        hidden.add("office_applications")
    if visit.may(ROLES.MANAGE_BILLING) and not is_billing_for(visit.agent):
        hidden |= {"office_billing", "office_desk", "office_unpaid"}
    return {
        "menu": [
            MenuEntry(
                label,
                reverse(name, kwargs=at),
                icon,
                short,
                current=name == current,
                count=counts.get(name, 0),
            )
            for name, label, short, icon, role in ENTRIES
            if visit.may(role) and name not in hidden
        ],
        "account": MenuEntry(visit.agent.name, reverse("office_account")),
        "home_url": reverse("office_home"),
        "may_manage": visit.may(ROLES.MANAGE_RESERVATIONS),
        **more,
    }

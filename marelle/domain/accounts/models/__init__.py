"""Tables of accounts, by idea."""

from marelle.domain.accounts.models.consents import SiteConsent
from marelle.domain.accounts.models.identities import Identity
from marelle.domain.accounts.models.people import Agent, Grant, User, UserManager
from marelle.domain.accounts.models.security import EmailChange, SecurityEvent, Session, Site

__all__ = [
    "Agent",
    "EmailChange",
    "Grant",
    "Identity",
    "SecurityEvent",
    "Session",
    "Site",
    "SiteConsent",
    "User",
    "UserManager",
]

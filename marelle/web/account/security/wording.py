"""What the page of security says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from marelle.domain.accounts.models import SecurityEvent
from marelle.foundation import clock
from marelle.foundation.french_dates import NO_BREAK, hour, in_full

if TYPE_CHECKING:
    from datetime import datetime

SESSION_ENDED = _("Cet appareil est déconnecté.")
SESSION_GONE = _("Cet appareil était déjà déconnecté.")
OTHERS_ENDED = _("Vos autres appareils sont déconnectés.")
ACCESS_WITHDRAWN = _("L’accès est retiré. Ce que ce site a déjà reçu ne s’efface que chez lui.")
ACCESS_GONE = _("Cet accès était déjà retiré.")
KNOWS_NUMBER = _("Vous reconnaît par un numéro")
KNOWS_ADDRESS = _("Vous reconnaît, et connaît votre adresse e-mail")
UNKNOWN_PLACE = _("Appareil inconnu")
KINDS = dict(SecurityEvent.Kind.choices)


def moment(at: datetime | None) -> str:
    """Will write a moment of the machine's time: « lundi 23 novembre à 9 h 05 », in Paris."""
    if at is None:
        return ""
    local = at.astimezone(clock.PARIS)
    return f"{in_full(local.date())} à{NO_BREAK}{hour(local)}"


def day(at: datetime | None) -> str:
    """Will write the day of a moment: « lundi 23 novembre 2026 », in Paris."""
    return in_full(at.astimezone(clock.PARIS).date(), year=True) if at else ""

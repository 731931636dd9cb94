"""How a régie is paid, as facts for the checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.authorities.rules.joining import Joining, joining
from marelle.domain.payments.models import PaymentSettings
from marelle.domain.payments.rules.checklist import Setting, modes_of

if TYPE_CHECKING:
    from datetime import date


def settings_or_desk(regie: Regie) -> PaymentSettings:
    """Will return how a régie is paid; one that was never set is paid at the desk (a row that is not saved)."""
    found = PaymentSettings.objects.filter(regie=regie).first()
    return found or PaymentSettings(authority_id=regie.authority_id, regie=regie)


def setting_of(row: PaymentSettings) -> Setting:
    """Will return the facts that the checklist reads."""
    return Setting(
        gateway=row.gateway,
        number=row.number,
        has_key=bool(row.key),
        trials=row.trials,
        online_from=row.regie.online_from,
    )


def joining_of(row: PaymentSettings, *, on: date) -> Joining:
    """Will say where a régie stands with the online invoices on a day."""
    # Until a gateway was chosen there is nothing to try.
    return joining(row.regie.online_from, is_tried=bool(modes_of(row.gateway)), on=on)


def settings_by_regie(authority: int) -> list[PaymentSettings]:
    """Will return how each régie of an authority (key) is paid, by name: those never set are not saved."""
    regies = list(Regie.objects.filter(authority=authority).order_by("name", "pk"))
    rows = {row.regie_id: row for row in PaymentSettings.objects.filter(regie__in=regies).select_related("regie")}
    return [rows.get(one.pk) or PaymentSettings(authority_id=authority, regie=one) for one in regies]

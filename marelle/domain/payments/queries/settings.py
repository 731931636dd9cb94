"""How a régie is paid, as facts for the checklist."""

from __future__ import annotations

from marelle.domain.authorities.models import Regie
from marelle.domain.catalog.models import Service
from marelle.domain.payments.models import PaymentSettings
from marelle.domain.payments.rules.checklist import Setting


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
        has_billing=row.regie.has_billing,
        online_from=row.regie.online_from,
        has_prepaid=Service.objects.filter(regie=row.regie, payment_mode=Service.PaymentMode.PREPAID).exists(),
    )

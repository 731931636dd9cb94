"""The water of a demonstration: a régie that invoices with another software, and is paid on the invoices site.

Its references are those of that software, the same whatever the day: a newcomer finds them in the README.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.commands.demonstration.invoices import ELENA
from marelle.commands.demonstration.lived import month_ago
from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations.following import follow_invoice
from marelle.domain.billing.operations.importing import import_invoices
from marelle.domain.billing.rules.imports import Wanted
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import PaymentSettings
from marelle.foundation import tenancy
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

JOINED_DAYS: Final = 60


class Water(NamedTuple):
    """An invoice of water: its reference, its cents, who owes it, its customer number, due in how many days."""

    reference: str
    cents: int
    debtor: str
    customer: str
    due_in: int


AT: Final = "dammartin-sur-tigeaux"
# Elena has added hers to her account; the others are paid by whoever holds the paper.
OF_ELENA: Final = "EAU-2026-0117"
INVOICES: Final = (
    Water("EAU-2026-0154", 6420, "BENALI SAMIRA", "C-1154", 18),
    Water("EAU-2026-0078", 3175, "M CASSEREAU PE", "C-1078", -5),
    Water(OF_ELENA, 8860, "SANCHEZ-CORDOVES ELENA", "C-1117", 18),
)


@operation
def bring_water(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will have the water of an authority of the demonstration invoiced by its own software, and paid online."""
    if authority.slug != AT:
        return
    today = at.astimezone(authority.zone).date()
    with tenancy.scope({authority.pk}):
        regie = Regie.objects.create(
            authority=authority,
            code="eau",
            name="Régie de l’eau",
            has_billing=False,
            online_from=today - timedelta(days=JOINED_DAYS),
            how_to_pay="Par chèque à l’ordre de « Régie de l’eau de Dammartin », envoyé à la mairie.",
            issuer_name="Nadia Ferrand",
            issuer_quality="régisseuse",
        )
        PaymentSettings.objects.create(
            authority=authority,
            regie=regie,
            gateway="payfip",
            mode=Mode.PRODUCTION.value,
            number="100773",
            opened_at=at - timedelta(days=JOINED_DAYS),
        )
        issued_on = month_ago(today, 1)[0]
        wanted = [
            Wanted(
                reference=one.reference,
                label="Eau et assainissement, relevé d’automne",
                cents=one.cents,
                issued_on=issued_on,
                due_on=today + timedelta(days=one.due_in),
                debtor=one.debtor,
                debtor_code=one.customer,
                theme=Invoice.Theme.WATER,
            )
            for one in INVOICES
        ]
        made = import_invoices(regie, wanted, origin=Invoice.Origin.FILE, on=issued_on, by=by, at=at)
        hers = next(one for one in made.new if one.number == OF_ELENA)
        follow_invoice(hers, user=User.objects.get(email=ELENA).pk, by=by, at=at)

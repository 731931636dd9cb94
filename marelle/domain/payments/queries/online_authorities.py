"""Which authorities have joined the online invoices, for anybody to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import PaymentSettings
from marelle.domain.reservations.queries.french_names import folded
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.payments.gateways import Gateway


@dataclass(frozen=True, slots=True)
class OnlineAuthority:
    """An authority that has joined, and its régies that have, by name."""

    authority: Authority
    regies: tuple[Regie, ...]


def online_authorities(*, gateways: Mapping[str, Gateway], at: datetime, name: str = "") -> list[OnlineAuthority]:
    """Will return the authorities with a régie that has joined and is paid online, by name; those called so, if given.

    One statement; needs no scope. A name is found whatever its accents and capitals.
    """
    online = [code for code, gateway in gateways.items() if gateway.is_online]
    found: dict[int, tuple[Authority, list[Regie]]] = {}
    with tenancy.every_authority():
        open_tills = PaymentSettings.objects.filter(mode=Mode.PRODUCTION.value, gateway__in=online).values("regie")
        rows = Regie.objects.filter(online_from__isnull=False, pk__in=open_tills).select_related("authority")
        for regie in rows.defer("authority__logo", "authority__palette_css").order_by("authority__name", "name", "pk"):
            if is_joined(regie.online_from, on=at.astimezone(regie.authority.zone).date()):
                found.setdefault(regie.authority_id, (regie.authority, []))[1].append(regie)
    asked = folded(name)
    return [
        OnlineAuthority(authority, tuple(regies))
        for authority, regies in found.values()
        if asked in folded(authority.name)
    ]

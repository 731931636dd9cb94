"""What a basket says of its payment before *Valider*: what is paid now, to whom, in which order, what waits.

Each sentence is written twice, with the wallet and without: the page shows those of the box as it is ticked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.payments.queries.paying import how_paid, regies_of, wallets_left
from marelle.domain.reservations.rules.decisions import Wish
from marelle.foundation.french_dates import listed
from marelle.foundation.money import in_euros
from marelle.web.online_invoices_words import regie_words, where_to_pay
from marelle.web.paying.payments.leading import site_words
from marelle.web.paying.payments.rows import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.authorities.models import Regie
    from marelle.domain.payments.queries.paying import HowPaid, Split
    from marelle.web.doors import FamilyVisit
    from marelle.web.family.basket.panel import Group


@dataclass(frozen=True, slots=True)
class Planned:
    """What a régie is to be paid for a basket, in cents, and the hours its places are held at the desk."""

    how: HowPaid
    cents: int
    wallet: int
    hold_hours: int

    def split(self, *, from_wallet: bool) -> Split:
        """Will say how it is paid."""
        return self.how.split(self.cents, wallet=self.wallet if from_wallet else 0)


@dataclass(frozen=True, slots=True)
class Said:
    """How a basket is paid, in words: `now` is the amount paid online, `desk` what waits there, empty when nothing."""

    now: str
    order: tuple[str, ...]
    desk: str
    desk_words: tuple[str, ...]
    button: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The payments of a basket, in their order; what no régie cashes with Marelle; what an agent must accept first."""

    payments: tuple[Planned, ...]
    elsewhere_cents: int
    elsewhere_hours: int
    asked_cents: int
    is_wallet_kept: bool = False

    @property
    def wallet_cents(self) -> int:
        """Will return what the wallets of these régies hold."""
        return sum(one.wallet for one in self.payments)

    @property
    def now_cents(self) -> int:
        """Will return what is paid online, the wallet aside."""
        return sum(one.cents for one in self.payments if one.split(from_wallet=False).is_online)

    @property
    def desk_cents(self) -> int:
        """Will return what waits at the desk, the wallet aside."""
        return sum(one.cents for one in self.payments) - self.now_cents + self.elsewhere_cents

    @property
    def hold_hours(self) -> int:
        """Will return how long the places that wait at the desk are held, the shortest; 0 when none does."""
        hours = [one.hold_hours for one in self.payments if not one.split(from_wallet=False).is_online]
        return min([*hours, *([self.elsewhere_hours] if self.elsewhere_hours else [])], default=0)

    def said(self, *, from_wallet: bool) -> Said:
        """Will write how it is paid, with the wallet or without."""
        splits = [(one, one.split(from_wallet=from_wallet)) for one in self.payments]
        online = [(one, split) for one, split in splits if split.is_online]
        desk = [(one, split.left) for one, split in splits if split.left and not split.is_online]
        now = sum(split.left for _one, split in online)
        words = [_at_desk(one.how.regie, left, one.hold_hours) for one, left in desk]
        if self.elsewhere_hours:
            held = f"vos places sont gardées {self.elsewhere_hours} h, le temps de régler à la mairie, qui les confirme"
            words.append(f"{in_euros(self.elsewhere_cents)} : {held}.")
        button = "Valider mes changements"
        if now:
            button = f"Valider et payer {in_euros(now)}"
        elif splits and not desk and any(split.wallet for _one, split in splits):
            button = "Valider et payer avec mon porte-monnaie"
        at_desk = sum(left for _one, left in desk) + self.elsewhere_cents
        return Said(
            now=in_euros(now) if now else "",
            order=tuple(_in_order(online)),
            desk=in_euros(at_desk) if at_desk or self.elsewhere_hours else "",
            desk_words=tuple(words),
            button=button,
        )


def plan_of(groups: Sequence[Group], visit: FamilyVisit, *, with_wallet: bool = True) -> Plan:
    """Will say how what is in the basket would be paid today, from the wallet too unless it is left aside.

    Two statements, three more with the wallet; none when nothing is paid on booking.
    """
    prepaid = [one for one in groups if one.wish is Wish.RESERVE and one.product.activity.service.is_prepaid]
    now = [one for one in prepaid if not one.needs_agent]
    asked = sum(cents or 0 for one in prepaid if one.needs_agent for cents in one.prices)
    if not now:
        return Plan((), 0, 0, asked)
    regies = regies_of(visit.authority.pk)
    how = how_paid(regies, settings.GATEWAYS, at=visit.at)
    wallets = wallets_left([visit.family.pk], [regie.pk for regie in regies]) if with_wallet else []
    left = {one.payer.regie_id: one for one in wallets}
    sums: dict[int, int] = {}
    hours: dict[int, int] = {}
    elsewhere, elsewhere_hours = 0, 0
    for group in now:
        service = group.product.activity.service
        priced = [cents for cents in group.prices if cents is not None]
        has_till = service.regie is not None and service.regie in how
        if service.regie is not None and has_till and priced:
            sums[service.regie] = sums.get(service.regie, 0) + sum(priced)
            hours[service.regie] = min(hours.get(service.regie, service.hold_hours), service.hold_hours)
        if not has_till or len(priced) < len(group.prices):
            elsewhere += 0 if has_till else sum(priced)
            elsewhere_hours = min(elsewhere_hours or service.hold_hours, service.hold_hours)
    payments = tuple(
        Planned(how[regie.pk], sums[regie.pk], left[regie.pk].cents if regie.pk in left else 0, hours[regie.pk])
        for regie in regies
        if regie.pk in sums
    )
    is_kept = any(left[one.how.regie.pk].is_kept for one in payments if one.how.regie.pk in left)
    return Plan(payments, elsewhere, elsewhere_hours, asked, is_wallet_kept=is_kept)


def panel_note(plan: Plan) -> str:
    """Will say under the basket how what is paid on booking will be."""
    said = plan.said(from_wallet=False)
    words = []
    if said.now:
        sites = listed(list(dict.fromkeys(_site(one.how) for one in plan.payments if one.split(from_wallet=False)[2])))
        words.append(f"Vous paierez {said.now} en validant, {sites}.")
    if said.desk:
        held = f"vos places sont gardées {plan.hold_hours} h, le temps de régler"
        words.append(f"{said.desk} au guichet : {held}.")
    if plan.asked_cents:
        words.append(f"Et {in_euros(plan.asked_cents)} si la mairie accepte vos demandes hors délai.")
    return " ".join(words)


def recorded_at_once(groups: Sequence[Group]) -> str:
    """Will list what *Valider* records whatever becomes of the payments; nothing when all is to be paid."""
    at_once = [
        f"{one.counted} ({one.child.first_name})"
        for one in groups
        if one.wish is Wish.CANCEL or not one.product.activity.service.is_prepaid
    ]
    return listed(at_once) if at_once else ""


def _site(how: HowPaid) -> str:
    return site_words(how.gateway.code, how.gateway.name) if how.gateway is not None else ""


def _in_order(online: Sequence[tuple[Planned, Split]]) -> list[str]:
    """Will write « D’abord 24,00 € à Régie loisirs, sur le site de … », then « Puis … »; one alone has no order."""
    said = []
    for place, (one, split) in enumerate(online):
        first = "" if len(online) == 1 else "D’abord " if place == 0 else "Puis "
        wallet = f", après {in_euros(split.wallet)} pris sur votre porte-monnaie" if split.wallet else ""
        said.append(f"{first}{in_euros(split.left)} à {named(one.how.regie.name)}, {_site(one.how)}{wallet}.")
    return said


def _at_desk(regie: Regie, cents: int, hours: int) -> str:
    where = where_to_pay(regie_words(regie.name), regie.how_to_pay, cents=cents, hours=hours)
    if where:
        return where
    held = f"vos places sont gardées {hours} h, le temps d’y passer ; la régie les confirme alors"
    return f"{in_euros(cents)} au guichet de {named(regie.name)} : {held}."

"""The basket as it stands beside the calendar: what is in it, what it comes to, and when it is paid."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html

from marelle.domain.billing.rules.quotes import PricedDay, Quote, quote
from marelle.domain.reservations.queries.baskets import BasketContent, basket_of
from marelle.domain.reservations.rules.decisions import Wish
from marelle.foundation.french_dates import short_days
from marelle.foundation.money import in_euros
from marelle.web.components.avatars import AvatarView
from marelle.web.components.basket import KEPT, Basket, BasketChild, BasketLine
from marelle.web.family.basket.paying import panel_note, plan_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import HttpRequest

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.catalog.rules.price_steps import PriceStep
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.queries.planning import BasketWish, DayKey
    from marelle.web.doors import FamilyVisit
    from marelle.web.family.basket.paying import Plan

CANCELLATION_NOTICE = (
    "Validez votre panier pour finaliser les demandes d’annulation. Elles sont traitées par les agents et peuvent "
    "donner lieu à un remboursement ou non, selon le règlement du service."
)


class Group(NamedTuple):
    """Days of one child for one product with one wish."""

    child: Child
    product: ProductOffer
    wish: Wish
    days: tuple[date, ...]
    prices: tuple[int | None, ...]
    steps: tuple[tuple[PriceStep, ...], ...]
    is_late: bool = False
    needs_agent: bool = False

    @property
    def cents(self) -> int | None:
        """Will return what its days come to, None when a price is not voted."""
        known = [price for price in self.prices if price is not None]
        return sum(known) if len(known) == len(self.prices) else None

    @property
    def unit_cents(self) -> int | None:
        """Will return the price of one day when it is the same for all."""
        return self.prices[0] if len(set(self.prices)) == 1 else None

    @property
    def removal_key(self) -> str:
        """Will name the group in a form."""
        late = (".late" if self.is_late else "") + (".asked" if self.needs_agent else "")
        return f"{self.child.public_id}.{self.product.public_id}.{self.wish.value}{late}"

    @property
    def counted(self) -> str:
        """Will write « 3 études », « 1 repas à annuler »."""
        words = self.product.noun if len(self.days) == 1 else self.product.plural
        late = " hors délai" if self.is_late else ""
        return f"{len(self.days)} {words}{late}" + (" à annuler" if self.wish is Wish.CANCEL else "")


def groups_of(content: BasketContent, *, children: Sequence[Child], offer: Offer) -> list[Group]:
    """Will gather the lines of a basket by child, product and wish, in the order of the screens."""
    child_order = {child.pk: index for index, child in enumerate(children)}
    product_order = {product.pk: index for index, product in enumerate(offer.products)}
    lines = sorted(
        (
            (child_order[key.child], product_order[key.product], *_kind(key, line, offer), key.date, line)
            for key, line in content.lines
            if key.child in child_order and key.product in product_order
        ),
        key=lambda line: line[:6],
    )
    groups = []
    for (child, product, is_cancel, is_late, needs_agent), found in groupby(lines, key=lambda line: line[:5]):
        members = list(found)
        groups.append(
            Group(
                children[child],
                offer.products[product],
                Wish.CANCEL if is_cancel else Wish.RESERVE,
                days=tuple(member[5] for member in members),
                prices=tuple(member[6].price_cents for member in members),
                steps=tuple(member[6].steps for member in members),
                is_late=is_late,
                needs_agent=needs_agent,
            )
        )
    return groups


def _kind(key: DayKey, line: BasketWish, offer: Offer) -> tuple[bool, bool, bool]:
    """Will tell whether a line cancels, is late, and is left to an agent by the règlement of its day."""
    is_cancel = line.wish is Wish.CANCEL
    rules = offer.day(offer.product_by_pk[key.product], key.date).rules
    if rules is None:
        return is_cancel, line.is_late, True
    act = rules.cancel if is_cancel else rules.book
    is_late_request = line.is_late and act.late is not None and act.late.is_request
    return is_cancel, line.is_late, is_late_request or (is_cancel and not rules.cancellation.is_automatic)


def quote_of(groups: Sequence[Group]) -> Quote:
    """Will sum what is in the basket."""
    return quote(
        tuple(
            PricedDay(
                cents=cents,
                is_prepaid=group.product.activity.service.is_prepaid,
                is_cancellation=group.wish is Wish.CANCEL,
                month=(day.year, day.month),
                needs_agent=group.needs_agent,
            )
            for group in groups
            for day, cents in zip(group.days, group.prices, strict=True)
        )
    )


def amount(group: Group) -> str:
    """Will write what a group comes to: « 7,80 € », « − 3,85 € », nothing when no price is voted."""
    if group.cents is None:
        return ""
    return in_euros(-group.cents if group.wish is Wish.CANCEL else group.cents)


def if_accepted(total: Quote) -> str:
    """Will say apart what cancellations take off: those that are sure, and those that the town hall must accept."""
    said = []
    if total.sure_cents:
        said.append(f"{in_euros(total.sure_cents)} en moins pour ce que vous annulez.")
    if total.if_accepted_cents:
        yours = "votre annulation" if total.cancellations == 1 else f"vos {total.cancellations} annulations"
        said.append(f"Et {in_euros(total.if_accepted_cents)} en moins si la mairie accepte {yours}.")
    return " ".join(said)


def basket_panel(
    request: HttpRequest,
    visit: FamilyVisit,
    *,
    children: Sequence[Child],
    offer: Offer,
    content: BasketContent | None = None,
    announcement: str = "",
    back: str = "",
) -> Basket:
    """Will return the basket of the account for the family as the page shows it, with one read."""
    content = basket_of(visit.user.pk, visit.family.pk) if content is None else content
    groups = groups_of(content, children=children, offer=offer)
    total = quote_of(groups)
    at = {"authority": visit.authority.slug}
    notice = format_html(
        '<p>{} <a href="#contact">Contactez votre collectivité</a></p><p>{}</p>', CANCELLATION_NOTICE, KEPT
    )
    has_cancellation = any(group.wish is Wish.CANCEL and group.needs_agent for group in groups)
    count = sum(len(group.days) for group in groups)
    plan = plan_of(groups, visit, with_wallet=False)
    now_cents = plan.now_cents + plan.desk_cents
    notes = [panel_note(plan)]
    notes.append(if_accepted(total))
    remove_url = reverse("basket_remove", kwargs=at)
    return Basket(
        children=tuple(
            BasketChild(
                avatar=AvatarView.of(child.animal, child.chalk),
                name=child.full_name,
                lines=tuple(
                    BasketLine(
                        removal_key=group.removal_key,
                        sign="-" if group.wish is Wish.CANCEL else "+",
                        text=group.counted,
                        dates=short_days(group.days),
                        amount=amount(group),
                    )
                    for group in members
                ),
            )
            for child, members in groupby(groups, key=lambda group: group.child)
        ),
        count=count,
        action_url=f"{remove_url}?{back}" if back else remove_url,
        csrf_token=get_token(request),
        checkout_url=reverse("basket", kwargs=at),
        now_text=in_euros(now_cents) if now_cents else "",
        later_text=in_euros(total.later_cents) if count and (total.later_cents or not now_cents) else "",
        bar_text=_bar(total, plan, count),
        note=" ".join(filter(None, notes)),
        notice=notice if has_cancellation else KEPT,
        announcement=announcement,
    )


def _bar(total: Quote, plan: Plan, count: int) -> str:
    if not count:
        return ""
    sums = [
        f"{in_euros(cents)} {words}"
        for cents, words in (
            (plan.now_cents, "à payer en validant"),
            (plan.desk_cents, "au guichet"),
            (total.later_cents, "en fin de mois"),
        )
        if cents
    ]
    return ", ".join(sums) or f"{in_euros(0)} en fin de mois"

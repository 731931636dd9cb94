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

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import HttpRequest

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.families.models import Child
    from marelle.web.doors import FamilyVisit

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
    cents: int | None
    unit_cents: int | None

    @property
    def removal_key(self) -> str:
        """Will name the group in a form."""
        return f"{self.child.public_id}.{self.product.public_id}.{self.wish.value}"

    @property
    def counted(self) -> str:
        """Will write « 3 études », « 1 repas à annuler »."""
        words = self.product.noun if len(self.days) == 1 else self.product.plural
        return f"{len(self.days)} {words}" + (" à annuler" if self.wish is Wish.CANCEL else "")


def groups_of(content: BasketContent, *, children: Sequence[Child], offer: Offer) -> list[Group]:
    """Will gather the lines of a basket by child, product and wish, in the order of the screens."""
    child_order = {child.pk: index for index, child in enumerate(children)}
    product_order = {product.pk: index for index, product in enumerate(offer.products)}
    lines = sorted(
        (
            (child_order[key.child], product_order[key.product], wish is Wish.CANCEL, key.date)
            for key, wish in content.lines
            if key.child in child_order and key.product in product_order
        ),
    )
    groups = []
    for (child, product, is_cancel), members in groupby(lines, key=lambda line: line[:3]):
        offered = offer.products[product]
        days = tuple(member[3] for member in members)
        prices = [offered.price_on(day) for day in days]
        known = [price.cents for price in prices if price]
        same = len(set(known)) == 1 and len(known) == len(days)
        groups.append(
            Group(
                children[child],
                offered,
                Wish.CANCEL if is_cancel else Wish.RESERVE,
                days,
                sum(known) if len(known) == len(days) else None,
                known[0] if same else None,
            )
        )
    return groups


def quote_of(groups: Sequence[Group]) -> Quote:
    """Will sum what is in the basket."""
    return quote(
        tuple(
            PricedDay(
                cents=price.cents if (price := group.product.price_on(day)) else None,
                is_prepaid=group.product.activity.service.is_prepaid,
                is_cancellation=group.wish is Wish.CANCEL,
                month=(day.year, day.month),
            )
            for group in groups
            for day in group.days
        )
    )


def amount(group: Group) -> str:
    """Will write what a group comes to: « 7,80 € », « − 3,85 € », nothing when no price is voted."""
    if group.cents is None:
        return ""
    return in_euros(-group.cents if group.wish is Wish.CANCEL else group.cents)


def if_accepted(total: Quote) -> str:
    """Will say apart what accepted cancellations would take off."""
    if not total.if_accepted_cents:
        return ""
    yours = "votre annulation" if total.cancellations == 1 else f"vos {total.cancellations} annulations"
    return f"Et {in_euros(total.if_accepted_cents)} en moins si la mairie accepte {yours}."


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
    has_cancellation = any(group.wish is Wish.CANCEL for group in groups)
    count = sum(len(group.days) for group in groups)
    notes = []
    if total.prepaid_cents:
        hours = min(
            group.product.activity.service.hold_hours
            for group in groups
            if group.product.activity.service.is_prepaid and group.wish is Wish.RESERVE
        )
        notes.append(
            f"Le paiement en ligne n’est pas encore ouvert : une fois validées, ces places sont gardées {hours} h, "
            "le temps de régler à la mairie, qui les confirme."
        )
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
        now_text=in_euros(total.prepaid_cents) if total.prepaid_cents else "",
        later_text=in_euros(total.later_cents) if count and (total.later_cents or not total.prepaid_cents) else "",
        bar_text=_bar(total, count),
        note=" ".join(filter(None, notes)),
        notice=notice if has_cancellation else KEPT,
        announcement=announcement,
    )


def _bar(total: Quote, count: int) -> str:
    if not count:
        return ""
    if total.prepaid_cents and total.later_cents:
        return f"{in_euros(total.prepaid_cents)} à la mairie, {in_euros(total.later_cents)} en fin de mois"
    if total.prepaid_cents:
        return f"{in_euros(total.prepaid_cents)} à régler à la mairie"
    return f"{in_euros(total.later_cents)} en fin de mois"

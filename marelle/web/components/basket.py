"""The basket: a card stuck beside the grid on a desktop, a bar and a sheet at the foot of a phone. One markup for both.

On a phone the bar is a `details` whose neighbor, the contents, shows when it is open; on a desktop the bar is gone and
the contents always show. Nothing is written twice, and it works without scripts. It must be outside any form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marelle.web.components.avatars import AvatarView, avatar
from marelle.web.components.icons import icon
from marelle.web.components.messages import empty_state
from marelle.web.components.registry import component

KEPT = "Rien n’est enregistré avant « Valider ». Votre panier vous attend, même si vous quittez le site."


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    removal_key: str
    sign: Literal["+", "-"]
    text: str
    """« 3 études », « 1 repas annulé »."""
    dates: str
    """« jeu. 27 nov. et lun. 1ᵉʳ déc. »."""
    amount: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketChild:
    avatar: AvatarView
    name: str
    lines: Sequence[BasketLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    children: Sequence[BasketChild]
    count: int
    """How many days change."""
    action_url: str
    """Where the removals are posted: `remove` holds the line's key."""
    csrf_token: str
    checkout_url: str
    now_text: str = ""
    """An amount, « 0,00 € »; no line when empty."""
    later_text: str = ""
    bar_text: str = ""
    """Under « Mon panier » on the phone's bar; « 9,90 € en fin de mois »."""
    note: str = ""
    """Under the amounts: « Et 7,70 € en moins si la mairie accepte vos deux annulations. »."""
    notice: SafeString | str = KEPT
    """The last words, with the way to the authority's contact card where it matters."""
    announcement: str = ""
    """What readers hear after a change: « Annulation ajoutée au panier. 6 changements. »."""
    checkout_label: str = "Vérifier et valider"
    swaps: bool = False
    """Whether the view answers a removal by htmx with the basket, and the changed rows out of band."""


def render_basket(basket: Basket, *, oob: bool = False) -> SafeString:
    """Write the basket; `oob` marks it as a piece of an htmx answer that goes to its own place."""
    changes = f"{basket.count} changement{'s' if basket.count > 1 else ''}" if basket.count else "vide"
    return format_html(
        '<section id="panier" class="basket" aria-label="Mon panier" tabindex="-1" data-say="{}"{}>'
        '<details class="bar"><summary><span class="bar-icon">{}{}</span>'
        '<span class="bar-words"><b>Mon panier</b><small>{}</small></span>'
        '<span class="bar-open">Voir{}</span><span class="bar-close">Fermer{}</span></summary></details>'
        '<div class="sheet"><div class="sheet-head">{}<h2>Mon panier</h2>'
        '<span class="small">{}</span></div>{}</div></section>',
        basket.announcement,
        SafeString(' hx-swap-oob="true"') if oob else "",
        icon(name="shopping-basket", size="large"),
        format_html(
            '<span class="bar-count">{}<span class="v"> changement{}</span></span>',
            basket.count,
            "s" if basket.count > 1 else "",
        )
        if basket.count
        else "",
        basket.bar_text or changes.capitalize(),
        icon(name="chevron-up"),
        icon(name="chevron-down"),
        icon(name="shopping-basket", size="large"),
        changes,
        _contents(basket) if basket.children else _nothing(),
    )


def _nothing() -> SafeString:
    return empty_state(title="Votre panier est vide.", content="Cochez des jours : ils viendront se ranger ici.")


def _contents(basket: Basket) -> SafeString:
    totals = [
        format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, amount)
        for label, amount in (("À payer maintenant", basket.now_text), ("À payer en fin de mois", basket.later_text))
        if amount
    ]
    return format_html(
        '<form class="basket-lines" method="post" action="{}"{}>'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">{}</form>'
        '<div class="basket-foot">{}{}<a class="btn btn-primary btn-main" href="{}"><span>{}</span>{}</a></div>'
        '<div class="aside-note">{}<div>{}</div></div>',
        basket.action_url,
        format_html(' hx-post="{}" hx-target="#panier" hx-swap="outerHTML"', basket.action_url) if basket.swaps else "",
        basket.csrf_token,
        format_html_join("", "{}", ((_child(child),) for child in basket.children)),
        format_html('<dl class="totals">{}</dl>', format_html_join("", "{}", ((line,) for line in totals)))
        if totals
        else "",
        format_html('<p class="small">{}</p>', basket.note) if basket.note else "",
        basket.checkout_url,
        basket.checkout_label,
        icon(name="arrow-right"),
        icon(name="clock"),
        basket.notice,
    )


def _child(child: BasketChild) -> SafeString:
    return format_html(
        '<h3>{}{}</h3><ul class="plain">{}</ul>',
        avatar(animal=child.avatar.animal, chalk=child.avatar.chalk, size="small"),
        child.name,
        format_html_join("", "{}", ((_line(line, child.name),) for line in child.lines)),
    )


def _line(line: BasketLine, child_name: str) -> SafeString:
    return format_html(
        '<li>{}<div><b>{}</b><small>{}</small>{}</div><b class="sum">{}</b>'
        '<button class="remove" name="remove" value="{}" data-busy="">{}'
        '<span class="v">Retirer du panier : {} de {}, {}</span></button></li>',
        sign(kind="add" if line.sign == "+" else "cancel"),
        line.text,
        line.dates,
        format_html('<small class="amber-words">{}</small>', line.note) if line.note else "",
        line.amount,
        line.removal_key,
        icon(name="x"),
        line.text,
        child_name,
        line.dates,
    )


@component
def sign(*, kind: Literal["add", "cancel", "done", "waiting"]) -> SafeString:
    """Draw the square before a line: added, cancelled, recorded, or waiting for the town hall."""
    style, name = {
        "add": ("sign", "plus"),
        "cancel": ("sign sign-minus", "minus"),
        "done": ("sign", "check"),
        "waiting": ("sign sign-minus", "hourglass"),
    }[kind]
    return format_html('<span class="{}">{}</span>', style, icon(name=name, size="small"))


@component
def basket_card(*, basket: Basket) -> SafeString:
    return render_basket(basket)

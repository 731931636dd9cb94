"""The head of a page, and the cards of the children."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marelle.web.components.avatars import Animal, AvatarView, Chalk, avatar
from marelle.web.components.icons import icon
from marelle.web.components.registry import component


@component
def page_title(*, title: str, lead: str = "", above: str = "", back_url: str = "", back_label: str = "") -> SafeString:
    """Write the head of a page: the way back, a word above, the h1, a sentence under it."""
    return format_html(
        '<header class="head">{}{}<h1>{}</h1>{}</header>',
        format_html('<p class="back">{}<a href="{}">{}</a></p>', icon(name="chevron-left"), back_url, back_label)
        if back_url
        else "",
        format_html('<p class="small">{}</p>', above) if above else "",
        title,
        format_html('<p class="lead">{}</p>', lead) if lead else "",
    )


@component
def child_cards(*, content: str, label: str = "Choisir un enfant") -> SafeString:
    """Hold the cards of the children, four abreast."""
    return format_html('<nav class="children" aria-label="{}">{}</nav>', label, content)


@component
def child_card(
    *,
    name: str,
    url: str,
    animal: Animal,
    chalk: Chalk,
    birth: str = "",
    school_class: str = "",
    selected: bool = False,
    enrolled: bool = True,
    not_enrolled_text: str = "Pas inscrit",
) -> SafeString:
    """Write the card of a child: a link that shows this child alone. Dashed when not enrolled in this service."""
    return _card(
        url=url,
        picture=avatar(animal=animal, chalk=chalk),
        name=name,
        birth=birth,
        under=school_class if enrolled else not_enrolled_text,
        selected=selected,
        style="" if enrolled else " is-absent",
    )


@component
def everyone_card(
    *, url: str, avatars: Iterable[AvatarView], text: str, selected: bool = False, name: str = "Tous"
) -> SafeString:
    """Write the card that shows all the children together; two of their animals are on it."""
    pair = format_html_join(
        "",
        "{}",
        ((avatar(animal=view.animal, chalk=view.chalk, size="small"),) for view in tuple(avatars)[:2]),
    )
    return _card(
        url=url,
        picture=format_html('<span class="pair">{}</span>', pair),
        name=name,
        birth="",
        under=text,
        selected=selected,
        style="",
    )


def _card(
    *, url: str, picture: SafeString, name: str, birth: str, under: str, selected: bool, style: str
) -> SafeString:
    return format_html(
        '<a class="child{}" href="{}"{}>{}<span class="child-words"><b>{}</b>{}{}</span>{}</a>',
        style,
        url,
        SafeString(' aria-current="true"') if selected else "",
        picture,
        name,
        format_html('<small class="birth">{}</small>', birth) if birth else "",
        format_html("<small>{}</small>", under) if under else "",
        format_html('<span class="child-tick">{}</span>', icon(name="check", size="small")) if selected else "",
    )

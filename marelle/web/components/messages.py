"""What a page says: notices, tags, gauges, empty places, and whom to call."""

from collections.abc import Iterable
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marelle.web.components.avatars import Animal, Chalk
from marelle.web.components.icons import OptionalIconName, icon, icon_or_nothing, sprite_url
from marelle.web.components.registry import component

Tone = Literal["blue", "amber", "red", "green"]

NOTICE_ICONS: dict[str, str] = {
    "blue": "info",
    "amber": "triangle-alert",
    "red": "triangle-alert",
    "green": "circle-check",
}


@component
def notice(
    *,
    content: str,
    tone: Tone = "blue",
    title: str = "",
    icon: OptionalIconName = "",
    role: Literal["", "status", "alert", "note"] = "",
) -> SafeString:
    """Say something: a bold first sentence, then the rest and the way out. Red ones are announced as alerts."""
    role = role or ("alert" if tone == "red" else "status")
    return format_html(
        '<div class="notice {}" role="{}">{}<div>{}{}</div></div>',
        tone,
        role,
        icon_or_nothing(icon or NOTICE_ICONS[tone], "large"),
        format_html("<p><b>{}</b></p>", title) if title else "",
        content,
    )


@component
def tag(
    *, text: str, tone: Literal["blue", "amber", "red", "green", "sun", "quiet"] = "quiet", icon: OptionalIconName = ""
) -> SafeString:
    """Write a pill: an icon and a word, never clickable."""
    return format_html('<span class="tag {}">{}{}</span>', tone, icon_or_nothing(icon, "small"), text)


@component
def gauge(
    *, label: str, taken: int, places: int | None, icon: OptionalIconName = "", waiting: int = 0, note: str = ""
) -> SafeString:
    """Show the places taken and left; `places` is None when they are not limited. Readers get the text only."""
    if places is None:
        under, is_full = note, False
    else:
        left = places - taken
        is_full = left <= 0
        under = note or (
            _full(waiting) if is_full else f"{left} place{'s' if left > 1 else ''} libre{'s' if left > 1 else ''}"
        )
    return format_html(
        '<div class="card gauge{}"><p class="gauge-label">{}{}</p><p><b class="amount">{}</b>{}</p>'
        '{}<p class="small">{}</p></div>',
        " is-full" if is_full else "",
        icon_or_nothing(icon),
        label,
        taken,
        format_html(" sur {}", places) if places is not None else "",
        format_html('<progress max="{}" value="{}" aria-hidden="true"></progress>', places, taken) if places else "",
        under,
    )


def _full(waiting: int) -> str:
    return f"Complet, {waiting} en attente" if waiting else "Complet"


@component
def empty_state(*, content: str, title: str, animal: Animal = "snail", chalk: Chalk = "sun") -> SafeString:
    """Fill an empty place: an animal on a chalk square, one sentence, the next step."""
    return format_html(
        '<div class="empty"><span class="avatar avatar-l {}" aria-hidden="true">'
        '<svg class="icon"><use href="{}#{}"/></svg></span>'
        "<p><b>{}</b></p><div>{}</div></div>",
        chalk,
        sprite_url(),
        animal,
        title,
        content,
    )


@component
def contact_card(
    *,
    name: str,
    phone: str = "",
    email: str = "",
    address: str = "",
    hours: Iterable[str] = (),
    summary: str = "Contactez votre collectivité",
    is_open: bool = False,
    anchor: str = "",
) -> SafeString:
    """Say whom to call, folded under « Contactez votre collectivité »; it goes beside any refusal or deadline."""
    lines = []
    if phone:
        digits = "".join(character for character in phone if character.isdigit() or character == "+")
        lines.append(("phone", "Téléphone", format_html('<a href="tel:{}">{}</a>', digits, phone)))
    if email:
        lines.append(("mail", "Courriel", format_html('<a href="mailto:{}">{}</a>', email, email)))
    if address:
        streets = format_html_join(SafeString("<br>"), "{}", ((street,) for street in address.splitlines()))
        lines.append(("map-pin", "Adresse", streets))
    if opening := tuple(hours):
        lines.append(("clock", "Horaires", format_html_join(SafeString("<br>"), "{}", ((line,) for line in opening))))
    return format_html(
        '<details class="fold contact"{}><summary>{}<span>{}</span></summary>'
        "<div><p><b>{}</b></p><dl>{}</dl></div></details>",
        SafeString(" open") if is_open else "",
        icon(name="phone"),
        summary,
        name,
        format_html_join(
            "",
            '<div><dt>{}<span class="v">{}</span></dt><dd>{}</dd></div>',
            ((icon(name=drawing), term, text) for drawing, term, text in lines),
        ),
    )

"""What a family clicks, fills in and chooses with: buttons, fields, tiles, the segmented control, the pager."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.boundfield import BoundField
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from marelle.web.components.icons import OptionalIconName, icon, icon_or_nothing
from marelle.web.components.registry import component

ButtonKind = Literal["primary", "outlined", "text", "danger"]
ButtonSize = Literal["normal", "main"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to look at a page, in a segmented control."""

    label: str
    url: str
    is_current: bool = False
    icon: str = ""


@component
def button(
    *,
    content: str,
    kind: ButtonKind = "primary",
    size: ButtonSize = "normal",
    icon: OptionalIconName = "",
    icon_after: OptionalIconName = "",
    type: Literal["submit", "button"] = "submit",  # noqa: A002  the attribute's own name
    name: str = "",
    value: str = "",
    form: str = "",
    formaction: str = "",
    busy: str = "Envoi…",
) -> SafeString:
    """Write a button, named by a verb and its object; `busy` is what it says once pressed, until the answer comes."""
    return format_html(
        '<button class="{}" type="{}"{} data-busy="{}">{}</button>',
        _button_style(kind, size),
        type,
        _attributes(name=name, value=value, form=form, formaction=formaction),
        busy,
        _words(content, icon, icon_after),
    )


@component
def link_button(
    *,
    content: str,
    href: str,
    kind: ButtonKind = "primary",
    size: ButtonSize = "normal",
    icon: OptionalIconName = "",
    icon_after: OptionalIconName = "",
) -> SafeString:
    """Write a link that looks like a button: it leads somewhere and changes nothing."""
    return format_html(
        '<a class="{}" href="{}">{}</a>', _button_style(kind, size), href, _words(content, icon, icon_after)
    )


def _button_style(kind: ButtonKind, size: ButtonSize) -> str:
    return f"btn btn-{kind}" if size == "normal" else f"btn btn-{kind} btn-main"


def _words(content: str, before: str, after: str) -> SafeString:
    # What stands between the tags was rendered by the template: stripping it must not make it plain text again.
    words = SafeString(content.strip()) if isinstance(content, SafeString) else content.strip()
    return format_html("{}<span>{}</span>{}", icon_or_nothing(before), words, icon_or_nothing(after))


def _attributes(**values: str) -> SafeString:
    return format_html_join("", ' {}="{}"', ((name, value) for name, value in values.items() if value))


@component
def field(
    *, bound: BoundField, hint: str = "", autofocus: bool = False, quiet_label: bool = False, says_optional: bool = True
) -> SafeString:
    """Write a form field: label above, hint, error above the control, all named by `aria-describedby`.

    Choices become tiles in a fieldset. A password gets a button that shows it, once scripts run. A quiet label is for
    readers only on a phone, where the choice made says enough. A column of counts does not say that each is optional.
    """
    widget = bound.field.widget
    if isinstance(widget, forms.HiddenInput):
        return conditional_escape(bound.as_widget())
    hint = hint or str(bound.help_text or "")
    hint_id, error_id = f"{bound.auto_id}-hint", f"{bound.auto_id}-error"
    described_by = " ".join(note_id for note_id, text in ((hint_id, hint), (error_id, bound.errors)) if text)
    notes = format_html(
        "{}{}",
        format_html('<p class="hint" id="{}">{}</p>', hint_id, hint) if hint else "",
        format_html(
            '<p class="error" id="{}">{}<span>{}</span></p>',
            error_id,
            icon(name="triangle-alert"),
            format_html_join(" ", "{}", ((error,) for error in bound.errors)),
        )
        if bound.errors
        else "",
    )
    optional = (
        "" if bound.field.required or not says_optional else SafeString(' <span class="optional">(facultatif)</span>')
    )
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return format_html(
            '<fieldset class="field"{}><legend>{}{}</legend>{}<div class="tiles">{}</div></fieldset>',
            _attributes(id=bound.auto_id, **{"aria-describedby": described_by}),
            bound.label,
            optional,
            notes,
            format_html_join("", "{}", ((_subwidget_tile(part.data),) for part in bound.subwidgets)),
        )
    attributes: dict[str, Any] = {"class": "control"}
    if described_by:
        attributes["aria-describedby"] = described_by
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if autofocus:
        attributes["autofocus"] = True
    if isinstance(widget, forms.CheckboxInput):
        attributes["class"] = "box"
        return format_html(
            '<div class="field">{}<label class="tile" for="{}">{}<span><b>{}</b></span></label></div>',
            notes,
            bound.auto_id,
            bound.as_widget(attrs=attributes),
            bound.label,
        )
    control = bound.as_widget(attrs=attributes)
    if isinstance(widget, forms.PasswordInput):
        control = format_html(
            '<div class="reveal">{}<button class="btn btn-text" type="button" hidden data-reveal="{}" '
            'aria-pressed="false">{}<span>Afficher</span><span class="v"> le mot de passe</span></button></div>',
            control,
            bound.auto_id,
            icon(name="eye"),
        )
    return format_html(
        '<div class="field{}"><label for="{}">{}{}</label>{}{}</div>',
        " quiet-label" if quiet_label else "",
        bound.id_for_label or bound.auto_id,
        bound.label,
        optional,
        notes,
        control,
    )


def _subwidget_tile(data: dict[str, Any]) -> SafeString:
    return choice_tile(
        kind="radio" if data["type"] == "radio" else "checkbox",
        name=data["name"],
        value=str(data["value"]),
        label=data["label"],
        checked=bool(data["selected"]),
        id=data["attrs"].get("id", ""),
        required=bool(data["attrs"].get("required")),
    )


def _without_stop(label: str) -> str:
    """Return a label that something follows: one that is a whole sentence leaves its full stop."""
    return label.removesuffix(".")


@component
def form_errors(*, form: forms.BaseForm) -> SafeString:
    """Say, above a form, what is missing, each error a link to its field; nothing when the form is valid."""
    if not form.errors:
        return SafeString()
    several = len(form.errors) > 1
    links = [
        format_html('<a href="#{}">{} : {}</a>', form[name].auto_id, _without_stop(str(form[name].label)), errors[0])
        for name, errors in form.errors.items()
        if name != NON_FIELD_ERRORS
    ]
    sentences = [format_html("{}", error) for error in form.non_field_errors()]
    return format_html(
        '<div class="notice red" role="alert">{}<div><p><b>{}</b></p><ul class="plain">{}</ul></div></div>',
        icon(name="triangle-alert", size="large"),
        ("Plusieurs points sont à revoir" if several else "Un point est à revoir")
        if links
        else "Rien n’a été enregistré",
        format_html_join("", "<li>{}</li>", ((line,) for line in (*sentences, *links))),
    )


@component
def choice_tile(
    *,
    kind: Literal["checkbox", "radio"],
    name: str,
    value: str,
    label: str,
    hint: str = "",
    checked: bool = False,
    id: str = "",  # noqa: A002  the attribute's own name
    required: bool = False,
) -> SafeString:
    """Write a real checkbox or radio button, 22 px in a tile of 52 px; a group of them goes in `div.tiles`."""
    return format_html(
        '<label class="tile"><input class="box" type="{}" name="{}" value="{}"{}{}{}><span><b>{}</b>{}</span></label>',
        kind,
        name,
        value,
        _attributes(id=id),
        SafeString(" checked") if checked else "",
        SafeString(" required") if required else "",
        label,
        format_html("<small>{}</small>", hint) if hint else "",
    )


@component
def day_tile(*, name: str, value: str, letter: str, day: str, checked: bool = False, served: bool = True) -> SafeString:
    """Write a weekday to tick, a square of 52 px; hatched, and only text, when the service is closed that day."""
    if not served:
        return format_html(
            '<span class="day day-closed"><span aria-hidden="true">{}</span>'
            '<span class="v">{} : pas de service</span></span>',
            letter,
            day,
        )
    return format_html(
        '<label class="day"><input type="checkbox" name="{}" value="{}"{}><span aria-hidden="true">{}</span>'
        '<span class="v">{}</span></label>',
        name,
        value,
        SafeString(" checked") if checked else "",
        letter,
        day,
    )


@component
def segmented(*, label: str, choices: Iterable[Choice]) -> SafeString:
    """Write two or three ways to look at a page; `label` names the group for readers."""
    return format_html(
        '<nav class="segmented" aria-label="{}">{}</nav>',
        label,
        format_html_join(
            "",
            '<a href="{}"{}>{}<span>{}</span></a>',
            (
                (
                    choice.url,
                    SafeString(' aria-current="page"') if choice.is_current else "",
                    icon_or_nothing(choice.icon),
                    choice.label,
                )
                for choice in choices
            ),
        ),
    )


@component
def pager(
    *,
    previous_url: str,
    today_url: str,
    next_url: str,
    label: str = "Changer de semaines",
    previous_label: str = "Précédent",
    today_label: str = "Aujourd’hui",
    next_label: str = "Suivant",
) -> SafeString:
    """Write the way to earlier and later pages of the calendar; an end that is reached has an empty address."""
    steps = (
        (previous_url, icon(name="chevron-left"), previous_label, ""),
        (today_url, "", today_label, ""),
        (next_url, "", next_label, icon(name="chevron-right")),
    )
    return format_html(
        '<nav class="pager" aria-label="{}">{}</nav>',
        label,
        format_html_join(
            "",
            '<a class="btn btn-outlined" href="{}">{}<span>{}</span>{}</a>',
            (step for step in steps if step[0]),
        ),
    )


@component
def theme_choice() -> SafeString:
    """Write the choice of the theme, kept by this browser alone; it shows once scripts run."""
    return format_html(
        '<div class="themes" role="group" aria-label="Thème" hidden data-themes>'
        '<span aria-hidden="true">Thème :</span>{}</div>',
        format_html_join(
            "",
            '<button class="btn btn-text" type="button" data-theme-choice="{}" aria-pressed="false">{}</button>',
            (("light", "clair"), ("dark", "sombre"), ("system", "automatique")),
        ),
    )

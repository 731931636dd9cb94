"""The plain controls of forms, written without the template engine: an office page has twenty of them and 200 options.

What is written is what Django's own templates write, which the tests hold; the other widgets keep their templates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in (
        *("checkbox", "color", "date", "datetime", "email", "file", "hidden", "input"),
        *("number", "password", "search", "tel", "text", "time", "url"),
    )
)


class ControlRenderer(DjangoTemplates):
    """Django's own renderer of widgets, quicker for inputs, lists of choices and texts."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        """Will return the HTML of a widget, safe."""
        widget = context.get("widget", {})
        if template_name in INPUTS:
            return _input(widget)
        if template_name == "django/forms/widgets/select.html":
            return _select(widget)
        if template_name == "django/forms/widgets/textarea.html":
            return _textarea(widget)
        return mark_safe(super().render(template_name, context, request))  # noqa: S308  written by its template


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, SafeString) else str(value))


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{_text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    attributes = _attributes(widget["attrs"])
    return mark_safe(f'<input type="{widget["type"]}" name="{_text(widget["name"])}"{value}{attributes}>')  # noqa: S308


def _textarea(widget: Mapping[str, Any]) -> SafeString:
    value = _text(widget["value"]) if widget["value"] else ""
    # A first line that is empty is the element's own: without it, one that somebody wrote would be lost.
    return mark_safe(f'<textarea name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>\n{value}</textarea>')  # noqa: S308


def _select(widget: Mapping[str, Any]) -> SafeString:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{_text(group)}">')
        parts += [
            f'<option value="{_text(one["value"])}"{_attributes(one["attrs"])}>{_text(one["label"])}</option>'
            for one in options
        ]
        if group:
            parts.append("</optgroup>")
    parts.append("</select>")
    return mark_safe("".join(parts))  # noqa: S308  each part is escaped

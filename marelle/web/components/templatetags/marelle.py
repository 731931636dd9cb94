"""The tag that writes a component: `{% c icon name="plus" %}`, or with content `{% c notice %}…{% endc %}`.

The component's signature says whether it takes content. What is misspelt or missing is an error at compile time.
"""

import re
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

# Imported for what they register.
from marelle.web.components import basket, cards, charts, controls, grid, icons, illustrations, messages, tariffs  # noqa: F401
from marelle.web.components.registry import CONTENT, Component, ComponentError, find

register = template.Library()

ATTRIBUTE = re.compile(r"([a-z_]+)=(.+)", re.DOTALL)


class ComponentNode(template.Node):
    child_nodelists = ("content",)

    def __init__(self, component: Component, attributes: dict[str, FilterExpression], content: NodeList | None) -> None:
        self.component = component
        self.attributes = attributes
        self.content = content

    def render(self, context: Context) -> SafeString:
        values: dict[str, Any] = {name: expression.resolve(context) for name, expression in self.attributes.items()}
        if self.content is not None:
            values[CONTENT] = self.content.render(context)
        return conditional_escape(self.component.function(**values))


@register.tag("c")
def write_component(parser: Parser, token: Token) -> ComponentNode:
    """Compile one use of a component. Raises TemplateSyntaxError for a name or an attribute that does not exist."""
    _, *bits = token.split_contents()
    if not bits:
        raise TemplateSyntaxError("{% c %} needs the name of a component")
    name, *pairs = bits
    attributes: dict[str, FilterExpression] = {}
    for pair in pairs:
        match = ATTRIBUTE.fullmatch(pair)
        if match is None:
            raise TemplateSyntaxError(f"{name}: {pair!r} is not written attribute=value")
        if match[1] in attributes:
            raise TemplateSyntaxError(f"{name}: {match[1]!r} is given twice")
        attributes[match[1]] = parser.compile_filter(match[2])
    try:
        component = find(name)
        component.check(attributes, _constants(attributes))
    except ComponentError as error:
        raise TemplateSyntaxError(str(error)) from error
    content = None
    if component.has_content:
        content = parser.parse(("endc",))
        parser.delete_first_token()
    return ComponentNode(component, attributes, content)


def _constants(attributes: dict[str, FilterExpression]) -> dict[str, str]:
    """Return the attributes written as plain text: their value is known before any page is rendered."""
    return {
        name: expression.var
        for name, expression in attributes.items()
        if isinstance(expression.var, str) and not expression.filters
    }

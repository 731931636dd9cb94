"""Components by name, checked when a template is compiled rather than when a family opens the page.

A component is a function with keyword-only parameters that returns safe HTML. A parameter called `content` makes it a
block. Literal and `OneOf` annotations are checked for constant attributes.
"""

import difflib
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from django.utils.safestring import SafeString

CONTENT = "content"

Rendered = TypeVar("Rendered", bound=Callable[..., SafeString])


@dataclass(frozen=True, slots=True)
class OneOf:
    """An annotation's note: the allowed values of an attribute, when they are too many for a Literal."""

    values: Collection[str]


class ComponentError(Exception):
    """A component is unknown, or is used with attributes that it does not have."""


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    function: Callable[..., SafeString]
    required: frozenset[str]
    allowed: Mapping[str, Collection[Any] | None]
    """Each attribute's allowed values, None when any value will do."""
    has_content: bool

    def check(self, attributes: Collection[str], constants: Mapping[str, Any]) -> None:
        """Raise ComponentError unless these attributes can be given, `constants` being those whose value is known."""
        for attribute in attributes:
            if attribute not in self.allowed:
                raise ComponentError(f"{self.name} has no attribute {attribute!r}{_nearest(attribute, self.allowed)}")
        for attribute in sorted(self.required.difference(attributes)):
            raise ComponentError(f"{self.name} needs the attribute {attribute!r}")
        for attribute, value in constants.items():
            values = self.allowed[attribute]
            if values is not None and value not in values:
                raise ComponentError(f"{self.name}: {attribute}={value!r} is not allowed{_nearest(value, values)}")


_components: dict[str, Component] = {}


def component(function: Rendered) -> Rendered:
    """Make a function usable in templates under its own name. Raises TypeError if its parameters can be positional."""
    parameters = inspect.signature(function).parameters
    if any(parameter.kind is not parameter.KEYWORD_ONLY for parameter in parameters.values()):
        raise TypeError(f"{function.__name__}: the parameters of a component are keyword-only")
    hints = get_type_hints(function, include_extras=True)
    attributes = {name: parameter for name, parameter in parameters.items() if name != CONTENT}
    _components[function.__name__] = Component(
        name=function.__name__,
        function=function,
        required=frozenset(name for name, parameter in attributes.items() if parameter.default is parameter.empty),
        allowed={name: _allowed_values(hints.get(name)) for name in attributes},
        has_content=CONTENT in parameters,
    )
    return function


def find(name: str) -> Component:
    """Return the component of that name. Raises ComponentError."""
    try:
        return _components[name]
    except KeyError:
        raise ComponentError(f"there is no component {name!r}{_nearest(name, _components)}") from None


def _allowed_values(hint: Any) -> Collection[Any] | None:
    if get_origin(hint) is Literal:
        return get_args(hint)
    if get_origin(hint) is Annotated:
        return next((note.values for note in get_args(hint) if isinstance(note, OneOf)), None)
    return None


def _nearest(word: Any, words: Collection[Any]) -> str:
    close = difflib.get_close_matches(str(word), [str(known) for known in words], n=1)
    return f", did you mean {close[0]!r}?" if close else ""

"""Who a document is from and for, and the amounts it is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from marelle.domain.authorities.rules.palette import HEX

LOGO_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/svg+xml": "svg"}


@dataclass(frozen=True, slots=True)
class Logo:
    """An image as the authority gave it. Raises ValueError when its type is not one that a document can show."""

    content: bytes
    type: Literal["image/png", "image/jpeg", "image/webp", "image/svg+xml"]

    def __post_init__(self) -> None:
        """Will refuse an image of another type."""
        if self.type not in LOGO_TYPES:
            raise ValueError(f"un logo n’est pas un {self.type}")

    @property
    def path(self) -> str:
        """Will return where the templates find it: named after what it shows."""
        return f"/logos/{hashlib.sha256(self.content).hexdigest()}.{LOGO_TYPES[self.type]}"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The authority that issues a document, its régie, and how to reach them.

    `accent` is the colour it gave (« #3953A8 »); `signatory` is the name and quality of who issues. Raises ValueError
    when the colour is not one.
    """

    name: str
    regie: str = ""
    address: tuple[str, ...] = ()
    siret: str = ""
    phone: str = ""
    email: str = ""
    opening_hours: str = ""
    signatory: str = ""
    logo: Logo | None = None
    accent: str = "#3953A8"

    def __post_init__(self) -> None:
        """Will refuse what is not a colour."""
        if not HEX.fullmatch(self.accent):
            raise ValueError(f"une couleur s’écrit « #3953A8 », non {self.accent!r}")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a document is for, as it is written in the window of an envelope: a name, then one line of address each."""

    name: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount and what it is. Raises ValueError when `cents` is not whole."""

    text: str
    cents: int

    def __post_init__(self) -> None:
        """Will refuse a float."""
        whole(self.text, self.cents)


def whole(what: str, *cents: int | None) -> None:
    """Will refuse, with ValueError, an amount that is not a whole number of cents; None is no amount."""
    for value in cents:
        if value is not None and type(value) is not int:
            raise ValueError(f"{what} : un montant est un nombre entier de centimes, non {value!r}")


def same(what: str, *, said: int, found: int) -> None:
    """Will refuse, with ValueError, a total that is not the sum of its parts."""
    if said != found:
        raise ValueError(f"{what} : {said} centimes annoncés, {found} trouvés")


def total(amounts: Iterable[Amount]) -> int:
    """Will return the sum, in cents."""
    return sum(amount.cents for amount in amounts)

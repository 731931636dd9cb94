"""The animal on a chalk color that stands for a child, so that a line is found at a glance, color-blind or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeVar, cast
from zlib import crc32

from django.utils.html import format_html
from django.utils.safestring import SafeString

from marelle.web.components.icons import sprite_url
from marelle.web.components.registry import component

Animal = Literal["squirrel", "turtle", "bird", "snail", "cat", "dog", "rabbit", "fish", "rat", "panda"]
Chalk = Literal["coral", "mint", "lilac", "sun", "sky"]

ANIMALS: tuple[Animal, ...] = ("squirrel", "turtle", "bird", "snail", "cat", "dog", "rabbit", "fish", "rat", "panda")
CHALKS: tuple[Chalk, ...] = ("coral", "mint", "lilac", "sun", "sky")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class AvatarView:
    animal: Animal
    chalk: Chalk

    @classmethod
    def of(cls, animal: str, chalk: str) -> "AvatarView":
        """Return the avatar that a row names; the component itself refuses one that nobody has drawn."""
        return cls(cast("Animal", animal), cast("Chalk", chalk))


def pick_avatars(keys: Iterable[str]) -> dict[str, AvatarView]:
    """Give each child of a family an animal and a chalk, the same ones every time as long as the order holds.

    `keys` are stable public keys, eldest child first: a later child takes the next free animal and chalk.
    """
    picked: dict[str, AvatarView] = {}
    for key in keys:
        start = crc32(key.encode())
        animals_taken = {avatar.animal for avatar in picked.values()}
        chalks_taken = {avatar.chalk for avatar in picked.values()}
        picked[key] = AvatarView(
            animal=_first_free(ANIMALS, animals_taken, start), chalk=_first_free(CHALKS, chalks_taken, start // 16)
        )
    return picked


@cache
def _alone(start: int) -> AvatarView:
    return AvatarView(ANIMALS[start % len(ANIMALS)], CHALKS[start // 16 % len(CHALKS)])


def avatar_of(key: str) -> AvatarView:
    """Give a child among the others of a list (a stable public key) the animal and the chalk that it has alone."""
    return _alone(crc32(key.encode()) % (16 * len(ANIMALS) * len(CHALKS)))


def _first_free(values: tuple[Value, ...], taken: set[Value], start: int) -> Value:
    turn = [values[(start + step) % len(values)] for step in range(len(values))]
    return next((value for value in turn if value not in taken), turn[0])


@component
def avatar(*, animal: Animal, chalk: Chalk, size: Literal["large", "small"] = "large", photo: str = "") -> SafeString:
    """Draw an animal of 44 or 26 px, or the photo at this address: hidden from readers, the child's name is beside."""
    if animal not in ANIMALS or chalk not in CHALKS:
        raise ValueError(f"there is no {animal!r} on {chalk!r}")
    style = f"avatar {chalk}" if size == "large" else f"avatar avatar-s {chalk}"
    return portrait(url=photo, style=style) if photo else _draw(animal, style)


@cache
def _draw(animal: Animal, style: str) -> SafeString:
    return format_html(
        '<span class="{}" aria-hidden="true"><svg class="icon"><use href="{}#{}"/></svg></span>',
        style,
        sprite_url(),
        animal,
    )


@component
def portrait(*, url: str, style: str = "avatar") -> SafeString:
    """Draw the photo of a child at this address where there is no animal to draw without it."""
    return format_html(
        '<span class="{} has-photo" aria-hidden="true">'
        '<img src="{}" alt="" width="44" height="44" loading="lazy"></span>',
        style,
        url,
    )

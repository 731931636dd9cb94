"""When two accounts of one person may become one, and what stands against it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum


class Obstacle(Enum):
    """Why an account cannot end in another."""

    # Two guardians are two people: who decides that they are one is the town hall, which knows them.
    TWO_GUARDIANS = "two_guardians"
    # Each post was granted for itself: their sum was granted by nobody.
    TWO_POSTS = "two_posts"
    # The other account had a post there, which was closed.
    CLOSED_POST = "closed_post"
    PAYING = "paying"
    # The authority keeps one of the two out of a family that the other one has.
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Held:
    """What an account holds: its guardian in each family, whether its post at each authority is open; all keys.

    `shut` are the families that it is kept out of.
    """

    guardians: Mapping[int, int]
    posts: Mapping[int, bool]
    is_paying: bool
    shut: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """An obstacle, and the family or the authority (keys) where it stands; None for the whole account."""

    obstacle: Obstacle
    where: int | None = None


def against(ended: Held, kept: Held) -> tuple[Against, ...]:
    """Will return all that stands against ending one account in another, in a stable order; empty when nothing does.

    Both may act for the same guardian of a family: once is enough. A post that was closed stays where it was, so that
    it stands against nothing unless it is in the way of one that is open.
    """
    found = [
        Against(Obstacle.TWO_GUARDIANS, family)
        for family in sorted(ended.guardians.keys() & kept.guardians.keys())
        if ended.guardians[family] != kept.guardians[family]
    ]
    found += [
        Against(Obstacle.REMOVED, family)
        for family in sorted({*ended.shut} & kept.guardians.keys() | {*kept.shut} & ended.guardians.keys())
    ]
    found += [
        Against(Obstacle.TWO_POSTS if kept.posts[authority] else Obstacle.CLOSED_POST, authority)
        for authority in sorted(ended.posts.keys() & kept.posts.keys())
        if ended.posts[authority]
    ]
    if ended.is_paying or kept.is_paying:
        found.append(Against(Obstacle.PAYING))
    return tuple(found)

"""To whom a message goes: which people of a family, at which of their addresses, each once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from marelle.domain.news.rules.texts import mobile_number


class Channel(StrEnum):
    """How somebody is written to."""

    EMAIL = "email"
    TEXT = "text"


class Standing(StrEnum):
    """Whether somebody can be told."""

    GOOD = "good"
    LOST = "lost"  # a letter came back from that address
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Person:
    """A guardian, as she can be reached: her account's address, else the one of the file; her number."""

    key: int
    account_email: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """A family, as it can be reached. `lost` are the addresses (small letters) that answer no more."""

    key: int
    people: tuple[Person, ...] = ()
    email: str = ""
    phones: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told: a guardian (key), or the family's own address when None, by a channel.

    `address` is an e-mail address or a number, for the time of one sending; no row keeps it.
    """

    family: int
    guardian: int | None
    channel: Channel
    standing: Standing
    address: str = ""


def recipients_of(home: Home, channels: Collection[Channel]) -> tuple[Recipient, ...]:
    """Will return who is told in a family: each guardian that has an address of her own, else the family's.

    Two guardians who share an address are told once. A family that no channel of `channels` reaches is there once a
    channel, without an address, so that somebody calls it.
    """
    found: list[Recipient] = []
    for channel in sorted(channels):
        found += _by_email(home) if channel is Channel.EMAIL else _by_text(home)
    return tuple(found)


def recipient_now(home: Home, *, guardian: int | None, channel: Channel) -> Recipient:
    """Will return how somebody chosen before (a guardian's key, or None) is told now; her address may have changed.

    Who shares an address with another guardian since is told still: better twice than never.
    """
    alone = Home(home.key, tuple(one for one in home.people if one.key == guardian), home.email, home.phones, home.lost)
    for one in recipients_of(alone, {channel}):
        if one.guardian == guardian:
            return one
    return Recipient(home.key, guardian, channel, Standing.NO_ADDRESS)


def mark_of(recipients: Iterable[Recipient]) -> str:
    """Will return a short mark of who is told and how: what was seen before a sending is compared with what leaves."""
    said = sorted(f"{one.family}.{one.guardian or 0}.{one.channel}.{one.standing}" for one in recipients)
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:24]


def _by_email(home: Home) -> list[Recipient]:
    addresses = [(one.key, (one.account_email or one.email).strip()) for one in home.people]
    found = _each_once(home, Channel.EMAIL, [(key, address, address.lower()) for key, address in addresses])
    own = home.email.strip()
    return found or _each_once(home, Channel.EMAIL, [(None, own, own.lower())]) or _nobody(home, Channel.EMAIL)


def _by_text(home: Home) -> list[Recipient]:
    numbers = [(one.key, mobile_number(one.phone)) for one in home.people]
    found = _each_once(home, Channel.TEXT, [(key, number, number) for key, number in numbers])
    own = next(filter(None, map(mobile_number, home.phones)), "")
    return found or _each_once(home, Channel.TEXT, [(None, own, own)]) or _nobody(home, Channel.TEXT)


def _each_once(home: Home, channel: Channel, named: Iterable[tuple[int | None, str, str]]) -> list[Recipient]:
    found, seen = [], {""}
    for key, address, same in named:
        if same not in seen:
            standing = Standing.LOST if same in home.lost else Standing.GOOD
            found.append(Recipient(home.key, key, channel, standing, address))
            seen.add(same)
    return found


def _nobody(home: Home, channel: Channel) -> list[Recipient]:
    return [Recipient(home.key, None, channel, Standing.NO_ADDRESS)]

"""How much hashing an answer has cost: what a stopwatch would see from outside, without its noise.

A page that says the same thing may still tell who exists by the time it takes, and nearly all of that time is argon2's.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import override_settings


class CountingHasher(Argon2PasswordHasher):
    """The hasher of the house, which also counts."""

    done: ClassVar[list[str]] = []

    def encode(self, password, salt):
        self.done.append("encode")
        return super().encode(password, salt)

    def verify(self, password, encoded):
        self.done.append("verify")
        return super().verify(password, encoded)


@contextmanager
def counted_work():
    """Yield a list that holds one entry for each password that was hashed inside."""
    CountingHasher.done.clear()
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.CountingHasher"]):
        yield CountingHasher.done

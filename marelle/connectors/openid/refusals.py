"""Why nobody was identified: one word, for the page and for the log; never a token, an address or a name."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """Said by its name alone."""

    UNREACHABLE = "nobody answers at the provider's address"
    UNAVAILABLE = "the provider is too slow, too busy or broken"
    UNREADABLE = "the answer is not what the protocol says"
    CLIENT_REFUSED = "the provider does not know this site, or its secret"
    CODE_REFUSED = "the code was used, is too old, or is somebody else's"
    ALGORITHM = "signed in a way that was not agreed on, or not signed"
    KEY = "signed with a key that the provider does not publish"
    SIGNATURE = "the signature is not that of the key"
    ISSUER = "issued by somebody else"
    AUDIENCE = "issued for somebody else"
    EXPIRED = "too old"
    TOO_EARLY = "issued in the future"
    NONCE = "issued for another journey"
    LEVEL = "identified less surely than was asked"
    ACCESS_TOKEN = "the access token is not the one that the signed token names"  # noqa: S105  a sentence
    SUBJECT = "nobody is named, or somebody else"


class IdentityNotProvenError(Exception):
    """The provider's answer proves nobody's identity; `reason` says why, and nothing of the answer."""

    def __init__(self, reason: Reason) -> None:
        """Will carry the reason."""
        super().__init__(reason.name)
        self.reason = reason

"""What the session remembers of somebody who is away at FranceConnect or ProConnect, and of who came back.

A journey is begun by a form of ours, named by its state, and ended once. What it carries is in the session, on our
side: the browser brings back a state and a code, and nothing else is believed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from marelle.connectors.openid.client import Journey
from marelle.foundation import clock

if TYPE_CHECKING:
    from django.http import HttpRequest

KEPT: Final = "identity_journeys"
PENDING: Final = "identity_pending"
HELD: Final = "identity_session"
LASTS_SECONDS: Final = 600  # as long as FranceConnect waits for somebody to say who she is
PENDING_SECONDS: Final = 1800  # as long as FranceConnect's own session
MOST: Final = 5  # tabs

ENTER, LINK, QUOTIENT = "enter", "link", "quotient"


@dataclass(frozen=True, slots=True)
class Kept:
    """A journey under way: why, from whom, and where it goes on."""

    provider: str
    purpose: str
    nonce: str
    begun_at: float
    going_on: str = ""
    user: int | None = None
    family: str = ""

    def as_journey(self, state: str) -> Journey:
        """Will return it as the client knows it."""
        return Journey(state=state, nonce=self.nonce, verifier="")


@dataclass(frozen=True, slots=True)
class Pending:
    """An identity that came back and opens no account yet; it waits for its owner to prove which one is hers."""

    provider: str
    issuer: str
    subject: str
    name: str
    id_token: str
    came_at: float
    going_on: str = ""
    # The account that asked, once it had proved itself again: nothing more is asked of it.
    user: int | None = None


def keep(request: HttpRequest, journey: Journey, **what: Any) -> None:
    """Will remember a journey; the oldest is forgotten when there are too many."""
    kept = Kept(nonce=journey.nonce, begun_at=_now(), **what)
    others: dict[str, Any] = dict(list(request.session.get(KEPT, {}).items())[-(MOST - 1) :])
    request.session[KEPT] = {**others, journey.state: asdict(kept)}


def take(request: HttpRequest, provider: str, state: str) -> Kept | None:
    """Will return the journey of this state and forget it: it ends once. None for any other, or one that is too old."""
    journeys: dict[str, Any] = dict(request.session.get(KEPT, {}))
    found = journeys.pop(state, None)
    if found is None or found["provider"] != provider:
        return None
    request.session[KEPT] = journeys
    kept = Kept(**found)
    return kept if _now() - kept.begun_at < LASTS_SECONDS else None


def let_wait(request: HttpRequest, **what: Any) -> None:
    """Will keep an identity until its owner says which account is hers."""
    request.session[PENDING] = asdict(Pending(came_at=_now(), **what))


def waiting(request: HttpRequest) -> Pending | None:
    """Will return the identity that waits, if one does and it is not too old."""
    found = request.session.get(PENDING)
    if found is None:
        return None
    pending = Pending(**found)
    return pending if _now() - pending.came_at < PENDING_SECONDS else None


def let_wait_again(request: HttpRequest, *, going_on: str) -> None:
    """Will change where one goes once the identity that waits is tied."""
    request.session[PENDING] = {**request.session[PENDING], "going_on": going_on}


def stop_waiting(request: HttpRequest) -> None:
    """Will forget the identity that waits."""
    request.session.pop(PENDING, None)


def hold(request: HttpRequest, provider: str, id_token: str) -> None:
    """Will remember that the browser has a session over there, to end it when ours ends."""
    request.session[HELD] = {"provider": provider, "id_token": id_token}


def held(request: HttpRequest) -> tuple[str, str] | None:
    """Will return with whom the browser has a session and the token that ends it."""
    found = request.session.get(HELD)
    return (found["provider"], found["id_token"]) if found else None


def _now() -> float:
    return clock.machine_now().timestamp()

"""The control address: what a test in the same process does with the server's attributes, in JSON.

GET returns how it stands. POST takes any of: `mood`, `moods` (by operation), `notices` and `returns` (fields of
Manner), `ahead_minutes`, `client` (fields of Client), and what happens: `pay`, `settle`, `alter`, `forge`, `release`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from standins.payfip.messages import Manner
from standins.payfip.moods import Mood
from standins.payfip.till import OUTCOMES, Client, FunctionalError

if TYPE_CHECKING:
    from standins.payfip.server import Server

PATH = "/controle"


def state(server: Server) -> dict[str, Any]:
    """Return how the server stands, and all that was exchanged."""
    return {
        "mood": server.mood,
        "moods": dict(server.moods),
        "notices": asdict(server.notices),
        "returns": asdict(server.returns),
        "now": server.now().isoformat(),
        "held": [asdict(message) for message in server.held],
        "operations": [
            {"idop": each.idop, "outcome": each.outcome, "is_opened": each.opened_at is not None, **each.asked}
            for each in list(server.till.operations.values())
        ],
        "exchanges": [asdict(each) | {"at": each.at.isoformat()} for each in list(server.exchanges)],
    }


def obey(server: Server, orders: dict[str, Any]) -> str:
    """Do what is asked, in the order it is written; return why not, or nothing."""
    try:
        for name, value in orders.items():
            ORDERS[name](server, value)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    except FunctionalError as error:
        return error.code
    return ""


def _set(name: str, read: Callable[[Server, Any], Any]) -> Callable[[Server, Any], None]:
    return lambda server, value: setattr(server, name, read(server, value))


def _changed(manner: Manner, value: Any) -> Manner:
    return replace(manner, **value)


def _register(server: Server, value: Any) -> None:
    client = Client(**value)
    server.till.clients[client.numcli] = client


def _alter(server: Server, value: Any) -> None:
    server.till.operations[value["idop"]].altered = dict(value["fields"])


def _outcome(value: dict[str, str]) -> str:
    outcome = value.get("outcome", "P")
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    return outcome


ORDERS: dict[str, Callable[[Server, Any], object]] = {
    "mood": _set("mood", lambda _server, value: Mood(value)),
    "moods": _set("moods", lambda _server, value: {name: Mood(mood) for name, mood in value.items()}),
    "notices": _set("notices", lambda server, value: _changed(server.notices, value)),
    "returns": _set("returns", lambda server, value: _changed(server.returns, value)),
    "ahead_minutes": _set("ahead", lambda _server, value: timedelta(minutes=float(value))),
    "client": _register,
    "alter": _alter,
    "pay": lambda server, value: server.pay(value["idop"], _outcome(value)),
    "settle": lambda server, value: server.settle(value["idop"], _outcome(value)),
    "forge": lambda server, value: server.forge(value["idop"], value.get("fields", {})),
    "release": lambda server, value: server.release(is_reversed=value == "reversed"),
}

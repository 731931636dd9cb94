"""The page where a person upsets the stand-in, and sees what was exchanged; the control address does more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from standins.payfip.moods import Mood
from standins.payfip.page import whole_page
from standins.payfip.till import OUTCOMES, PARIS

if TYPE_CHECKING:
    from standins.payfip.messages import Manner
    from standins.payfip.server import Server

MOODS = {
    Mood.GOOD: "répond",
    Mood.SILENT: "ne répond pas à temps",
    Mood.UNAVAILABLE: "est en panne (503)",
    Mood.TECHNICAL: "dit une erreur technique",
    Mood.GARBAGE: "répond n’importe quoi",
}
NOTICES: dict[str, tuple[str, dict[str, Any]]] = {
    "once": ("envoyée une fois", {}),
    "lost": ("perdue", {"drops": True}),
    "twice": ("envoyée deux fois", {"times": 2}),
    "late": ("envoyée dix secondes après le retour", {"delay_seconds": 10.0}),
    "held": ("retenue jusqu’à ce qu’on la délivre", {"is_held": True}),
}
RETURNS: dict[str, tuple[str, dict[str, Any]]] = {
    "once": ("ramené sur le site", {}),
    "lost": ("laissé sur la page de PayFiP", {"drops": True}),
}
MINUTES = {"0": "l’heure qu’il est", "16": "16 minutes plus tard", "125": "125 minutes plus tard", "1440": "demain"}
PLAIN: dict[str, Any] = {"drops": False, "times": 1, "delay_seconds": 0.0, "is_held": False, "says": ""}
SHOWN = 40


def orders_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form asks, as the control address is asked it."""
    if "release" in fields:
        return {"release": fields["release"]}
    return {
        "mood": fields.get("mood", Mood.GOOD),
        "notices": PLAIN | NOTICES.get(fields.get("notices", ""), NOTICES["once"])[1],
        "returns": PLAIN | RETURNS.get(fields.get("returns", ""), RETURNS["once"])[1],
        "ahead_minutes": fields.get("ahead", "0"),
    }


def switches_page(server: Server) -> str:
    """Return the page."""
    mood = {str(each): words for each, words in MOODS.items()}
    manners = (
        ("notices", "La notification est", NOTICES, server.notices),
        ("returns", "Le navigateur est", RETURNS, server.returns),
    )
    lists = _list("mood", "Le service", mood, str(server.mood)) + "".join(
        _list(name, words, {key: said for key, (said, _) in known.items()}, _chosen(known, manner))
        for name, words, known, manner in manners
    )
    ahead = f"{server.ahead.total_seconds() / 60:.0f}"
    lists += _list("ahead", "Pour PayFiP, il est", MINUTES, ahead)
    form = f'<form method="post">{lists}<button class="main">Changer</button></form>'
    if server.held:
        held = f"Délivrer ce qui est retenu ({len(server.held)})"
        form += f'<form method="post"><button name="release" value="in-order">{held}</button>'
        form += '<button name="release" value="reversed">Le délivrer dans l’ordre inverse</button></form>'
    operations = [
        (each.asked["refdet"], each.asked["montant"], OUTCOMES.get(each.outcome, "en cours"))
        for each in list(server.till.operations.values())[-SHOWN:]
    ]
    exchanges = [
        (each.at.astimezone(PARIS).strftime("%H:%M:%S"), each.kind, each.what, each.outcome)
        for each in list(server.exchanges)[-SHOWN:]
    ]
    return whole_page(
        "Réglages",
        form
        + _table("Opérations", ("Référence", "Centimes", "Issue"), operations)
        + _table("Échanges", ("À", "Genre", "Quoi", "Réponse"), exchanges),
    )


def _chosen(known: Mapping[str, tuple[str, dict[str, Any]]], manner: Manner) -> str:
    present = {name: getattr(manner, name) for name in PLAIN}
    return next((key for key, (_, asked) in known.items() if present == PLAIN | asked), "")


def _list(name: str, words: str, known: Mapping[str, str], chosen: str) -> str:
    options = "".join(
        f'<option value="{key}"{" selected" if key == chosen else ""}>{escape(said)}</option>'
        for key, said in known.items()
    )
    other = "" if chosen in known else "<option selected disabled>autre chose</option>"
    return f'<p><label for="{name}">{words}</label> <select id="{name}" name="{name}">{other}{options}</select></p>'


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>Rien encore.</p>"
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in reversed(rows))
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

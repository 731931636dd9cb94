"""What families are told of an event, and that it is undone: the words around those of the agent."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from marelle.domain.news.rules.messages import LONGEST_SUBJECT, Words
from marelle.domain.reservations.rules.disruptions import Effect
from marelle.foundation.french_dates import in_full, listed, short_days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

DONE = {
    Effect.CANCEL: (
        "Ces réservations sont annulées, rien ne vous est facturé. Ce qui l’était déjà vous est rendu par un avoir.",
        "Réservations annulées, non facturées.",
    ),
    Effect.ABSENCE: (
        "Vos enfants sont notés absents ces jours-là ; le règlement dit ce qui reste dû. Vous n’avez rien à faire.",
        "Absences notées, vous n’avez rien à faire.",
    ),
    Effect.KEEP: ("Vos réservations sont gardées. Vous n’avez rien à faire.", "Réservations gardées."),
}
UNDONE = {
    Effect.CANCEL: (
        "Vos réservations sont rétablies, sauf celles dont la place n’est plus libre : voyez votre calendrier.",
        "Réservations rétablies : voyez votre calendrier.",
    ),
    Effect.ABSENCE: ("Vos enfants sont de nouveau attendus ces jours-là.", "Vos enfants sont de nouveau attendus."),
    Effect.KEEP: ("Vos réservations n’ont pas changé.", "Réservations inchangées."),
}


def told_words(title: str, own: str, effect: Effect, starts_on: date, ends_on: date) -> Words:
    """Will write what the families of an event are told; `own` are the words of the agent. Blanks are filled later."""
    when = days_said(starts_on, ends_on)
    long, short = DONE[effect]
    parts = [f"{title}, {when}.", "{jours}", long, own.strip()]
    return Words(
        _subject(title, when), "\n\n".join(part for part in parts if part), f"{title}, {when} : {{enfants}}. {short}"
    )


def undone_words(title: str, effect: Effect, starts_on: date, ends_on: date) -> Words:
    """Will write what those who were told are told when it is undone."""
    when = days_said(starts_on, ends_on)
    long, short = UNDONE[effect]
    first = f"Ce que nous vous avions annoncé n’a plus lieu : {title}, {when}."
    return Words(
        _subject(f"Annulé : {title}", when),
        f"{first}\n\n{{jours}}\n\n{long}",
        f"N’a plus lieu : {title}, {when}. {{enfants}} : {short}",
    )


def days_said(first: date, last: date) -> str:
    """Will write « le jeudi 26 novembre », or « du lundi 23 novembre au vendredi 27 novembre »."""
    return f"le {in_full(first)}" if first == last else f"du {in_full(first)} au {in_full(last)}"


def days_in_words(days: Sequence[tuple[str, str, date]]) -> str:
    """Will write a paragraph for each child: « Lucia : repas (jeu. 26 et ven. 27 nov.) et garderie (jeu. 26 nov.). ».

    `days` are first names, what was reserved, the day; those of a child follow each other.
    """
    paragraphs = []
    for name, rows in groupby(days, key=lambda row: row[0]):
        by_product: dict[str, list[date]] = {}
        for _name, product, day in rows:
            by_product.setdefault(product, []).append(day)
        said = [f"{product} ({short_days(each)})" for product, each in by_product.items()]
        paragraphs.append(f"{name} : {listed(said)}.")
    return "\n\n".join(paragraphs)


def _subject(title: str, when: str) -> str:
    return f"{title}, {when}"[:LONGEST_SUBJECT]

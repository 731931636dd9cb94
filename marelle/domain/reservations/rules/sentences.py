"""Why, since when, what now: the sentences of a square and of a refusal."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.cutoffs import Boundary, Cutoff, Never
from marelle.domain.catalog.rules.sentences import cutoff_in_words
from marelle.domain.reservations.rules.decisions import Reason, Refusal, Wish
from marelle.domain.reservations.rules.squares import Square, SquareState
from marelle.foundation.french_dates import in_full, moment

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.days import DayRule


@lru_cache(maxsize=4096)  # the same limit is written on the squares of every child, at every page
def until(verb: str, deadline: Deadline | None) -> str:
    """Will write « Réservable jusqu’au jeudi 27 novembre, 9 h. »: the last moment, on the side the rule gives it."""
    if deadline is None:
        return ""
    if deadline.boundary is Boundary.BEFORE:
        return f"{verb} jusqu’au {moment(deadline.moment)}."
    return f"{verb} jusqu’au {moment(deadline.moment)} inclus."


@lru_cache(maxsize=1024)
def rule_sentence(product_name: str, cutoff: Cutoff, wish: Wish) -> str:
    """Will say the rule itself: « Étude : se réserve la veille avant 9 h. »."""
    verb = "se réserve" if wish is Wish.RESERVE else "s’annule"
    if isinstance(cutoff, Never):
        verb = "ne se réserve pas" if wish is Wish.RESERVE else "ne s’annule pas"
        return f"{product_name} : {verb} en ligne."
    return f"{product_name} : {verb} {cutoff_in_words(cutoff)}."


def refusal_sentence(  # noqa: C901, PLR0911, PLR0912  one return a reason
    refusal: Refusal, *, wish: Wish, product_name: str, child_name: str, rule: DayRule
) -> tuple[str, str]:
    """Will return what is said first, with its moment, and what explains it and says what to do."""
    reserve = wish is Wish.RESERVE
    match refusal.reason:
        case Reason.TOO_LATE:
            since = f"Trop tard depuis le {moment(refusal.since)}." if refusal.since else "Trop tard."
            rule_words = rule_sentence(product_name, rule.book if reserve else rule.cancel, wish)
            return since, f"{rule_words} Pour un imprévu, contactez la mairie."
        case Reason.PAST:
            return "Ce jour est passé.", "Rien ne peut plus être changé en ligne."
        case Reason.NOT_ONLINE:
            first = "Pas de réservation en ligne." if reserve else "Pas d’annulation en ligne."
            return first, "Contactez la mairie."
        case Reason.UNCLEAR:
            return "À demander à la mairie.", "Le règlement de ce service ne permet pas de répondre ici."
        case Reason.FULL:
            return "Complet.", "Toutes les places sont prises."
        case Reason.NOT_ENROLLED:
            return f"Pas d’inscription pour {child_name}.", "L’inscription se demande à la mairie."
        case Reason.WRONG_AGE:
            return "Pas de place pour cet âge.", f"Aucun groupe n’accueille {child_name} ce jour-là."
        case Reason.SAME_TIME:
            return "Ces heures sont déjà prises.", f"Pour changer, retirez d’abord « {refusal.detail} »."
        case Reason.CLOSED:
            return "Fermé.", _sentence(refusal.detail) or "Pas de service ce jour-là."
        case Reason.OTHER_HOME:
            return "Réservé par l’autre foyer.", "Seul le foyer qui a réservé peut changer ce jour."
        case Reason.ALREADY_RESERVED:
            return "Déjà réservé.", "Ce jour est déjà enregistré."
        case Reason.ALREADY_ASKED:
            return "Annulation déjà demandée.", "La mairie doit répondre."
        case Reason.NOT_RESERVED:
            return "Rien à annuler.", "Ce jour n’est plus réservé."
    message = f"a refusal without words: {refusal.reason}"
    raise AssertionError(message)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}." if words else ""


def square_sentences(  # noqa: PLR0911  one return a state
    shown: Square, *, rule: DayRule, product_name: str, child_name: str
) -> tuple[str, str]:
    """Will return the first sentence of a square's bubble and its explanation; two empty texts when it says all."""
    lost = "Ce n’est plus possible : retirez ce jour du panier. " if shown.is_lost else ""
    match shown.state:
        case SquareState.BOOKABLE:
            return until("Réservable", shown.until), ""
        case SquareState.IN_BASKET:
            return f"{lost}Pas encore validé.", until("Modifiable", shown.until)
        case SquareState.RESERVED:
            return until("Modifiable", shown.until), "Décochez pour signaler une absence."
        case SquareState.HELD if shown.refusal is None:
            return until("Modifiable", shown.until), "Décochez pour rendre la place."
        case SquareState.TO_CANCEL:
            return f"{lost}Annulation au panier.", "Recochez pour garder ce jour."
        case SquareState.LOCKED | SquareState.HELD if shown.refusal:
            first, second = refusal_sentence(
                shown.refusal, wish=Wish.CANCEL, product_name=product_name, child_name=child_name, rule=rule
            )
            return first.replace("Trop tard depuis", "Trop tard pour annuler depuis"), second
    if shown.refusal:
        return refusal_sentence(
            shown.refusal, wish=Wish.RESERVE, product_name=product_name, child_name=child_name, rule=rule
        )
    return "", ""


def on_day(child_name: str, product_name: str, day: date) -> str:
    """Will write « Lucia, étude, jeudi 4 décembre »."""
    return f"{child_name}, {product_name.lower()}, {in_full(day)}"

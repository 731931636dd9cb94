"""Why, since when, what now: the sentences of a square and of a refusal."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.blocks import BlockKind
from marelle.domain.catalog.rules.cutoffs import LAST_MINUTE, Boundary, Never
from marelle.domain.catalog.rules.price_steps import PLAIN
from marelle.domain.catalog.rules.pricing import PriceKind
from marelle.domain.catalog.rules.quotas import AtMost, WholeWeek
from marelle.domain.catalog.rules.sentences import closing_in_words, price_in_words
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.reservations.rules.absences import TOLD_WITHIN_DAYS, Untold
from marelle.domain.reservations.rules.decisions import Decision, Outcome, Reason, Refusal, Wish
from marelle.domain.reservations.rules.squares import Square, SquareState
from marelle.foundation.french_dates import hour, in_full, moment, short_days
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.blocks import FamilyBlock
    from marelle.domain.catalog.rules.closings import Closing
    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.days import DayRule
    from marelle.domain.catalog.rules.price_steps import PriceStep
    from marelle.domain.catalog.rules.pricing import PriceRule
    from marelle.domain.catalog.rules.quotas import TooFew
    from marelle.domain.catalog.rules.reglements import Reglement
    from marelle.domain.reservations.rules.absences import NotTold, Reading

IN_THE = {
    Per.WEEK: "cette semaine-là",
    Per.MONTH: "ce mois-là",
    Per.PERIOD: "cette période-là",
    Per.SCHOOL_YEAR: "cette année scolaire",
}


@lru_cache(maxsize=4096)  # the same limit is written on the squares of every child, at every page
def until(verb: str, deadline: Deadline | None) -> str:
    """Will write « Réservable jusqu’au jeudi 27 novembre, 9 h. »: the last moment, on the side the rule gives it."""
    if deadline is None:
        return ""
    if deadline.boundary is Boundary.BEFORE:
        return f"{verb} jusqu’au {moment(deadline.moment)}."
    return f"{verb} jusqu’au {moment(deadline.moment)} inclus."


@lru_cache(maxsize=1024)
def rule_sentence(product_name: str, closing: Closing, wish: Wish) -> str:
    """Will say the rule itself: « Étude : se réserve la veille avant 9 h. »."""
    verb = "se réserve" if wish is Wish.RESERVE else "s’annule"
    if isinstance(closing.cutoff, Never) and not closing.replacements:
        verb = "ne se réserve pas" if wish is Wish.RESERVE else "ne s’annule pas"
        return f"{product_name} : {verb} en ligne."
    return f"{product_name} : {verb} {closing_in_words(closing)}."


@lru_cache(maxsize=1024)
def limits_sentence(product_name: str, rules: Reglement) -> str:
    """Will say in one line until when a product is booked and cancelled: what stands under the calendar."""
    book = rule_sentence(product_name, rules.book.closes, Wish.RESERVE)
    if rules.cancel.closes == rules.book.closes:
        return f"{book} S’annule dans le même délai."
    cancel = rule_sentence(product_name, rules.cancel.closes, Wish.CANCEL).removeprefix(f"{product_name} : ")
    return f"{book} {cancel[:1].upper()}{cancel[1:]}"


def refusal_sentence(  # noqa: C901, PLR0911, PLR0912  one return a reason
    refusal: Refusal, *, wish: Wish, product_name: str, child_name: str, rule: DayRule
) -> tuple[str, str]:
    """Will return what is said first, with its moment, and what explains it and says what to do."""
    reserve = wish is Wish.RESERVE
    match refusal.reason:
        case Reason.TOO_LATE:
            since = f"Trop tard depuis le {moment(refusal.since)}." if refusal.since else "Trop tard."
            times = rule.book if reserve else rule.cancel
            rule_words = f"{rule_sentence(product_name, times.act.closes, wish)} " if times else ""
            return since, f"{rule_words}Pour un imprévu, contactez la mairie."
        case Reason.NOT_OPEN if refusal.until:
            return f"Pas encore ouvert : réservable à partir du {moment(refusal.until)}.", "Revenez à ce moment-là."
        case Reason.NOT_OPEN:
            return "Pas ouvert à votre famille.", "Ces réservations sont ouvertes à d’autres catégories de familles."
        case Reason.BLOCKED if refusal.block:
            return block_sentence(refusal.block)
        case Reason.AT_MOST if refusal.quota:
            return (
                f"Déjà {days_in_words(refusal.quota)}.",
                "C’est le maximum. Pour changer, retirez d’abord un autre jour.",
            )
        case Reason.EXCLUDED:
            return "Pas le même jour.", f"{product_name} ne se réserve pas avec {refusal.detail} le même jour."
        case Reason.REQUIRED:
            return f"Avec {refusal.detail} seulement.", f"Réservez d’abord {refusal.detail} pour ce jour."
        case Reason.NEEDED:
            return "Nécessaire ce jour-là.", f"« {refusal.detail} » en dépend : retirez d’abord « {refusal.detail} »."
        case Reason.NEW_PRICE:
            return "Le prix a changé.", "Le délai est passé, ou un tarif a changé : voyez le nouveau prix."
        case Reason.WITHOUT_PARTNER:
            return "Le changement n’est plus possible.", "Rien n’a changé : ce jour reste comme il était."
        case Reason.TOO_FEW if refusal.lack:
            return lack_sentence(refusal.lack)
        case Reason.PAST:
            return "Ce jour est passé.", "Rien ne peut plus être changé en ligne."
        case Reason.NOT_ONLINE:
            first = "Pas de réservation en ligne." if reserve else "Pas d’annulation en ligne."
            return first, "Contactez la mairie."
        case Reason.UNCLEAR:
            return "À demander à la mairie.", refusal.detail or "Le règlement ne permet pas de répondre ici."
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
        case Reason.AWAITED:
            return "Déjà en liste d’attente.", f"Une place est déjà attendue ce jour-là pour {child_name}."
        case Reason.ELSEWHERE:
            return (
                "Jour de l’autre foyer.",
                "C’est lui qui réserve ce jour. Pour l’avoir, proposez-lui un échange.",
            )
        case Reason.ALREADY_RESERVED:
            return "Déjà réservé.", "Ce jour est déjà enregistré."
        case Reason.ALREADY_ASKED:
            return "Annulation déjà demandée.", "La mairie doit répondre."
        case Reason.TOLD_ABSENT:
            return "Absence signalée.", "Retirez d’abord l’absence que vous avez signalée."
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
        case SquareState.BOOKABLE if shown.decision and shown.decision.is_late:
            return late_sentences(shown.decision)
        case SquareState.BOOKABLE:
            return until("Réservable", shown.until), ""
        case SquareState.IN_BASKET if shown.decision and shown.decision.is_late:
            return f"{lost}Pas encore validé.", " ".join(late_sentences(shown.decision))
        case SquareState.IN_BASKET:
            return f"{lost}Pas encore validé.", until("Modifiable", shown.until)
        case SquareState.RESERVED if shown.decision:
            return until("Modifiable", shown.until), cancellation_sentence(shown.decision)
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


def late_sentences(decision: Decision) -> tuple[str, str]:
    """Will say what booking late costs, until when, and who decides."""
    price = "" if decision.price.kind is PriceKind.FULL else f", {price_in_words(decision.price)}"
    if decision.outcome is Outcome.REQUEST:
        first = f"Le délai est passé : demande à la mairie{price}."
    else:
        first = f"Le délai est passé{price or ', c’est encore au prix ordinaire'}."
    return first, until("Encore possible", decision.until)


def cancellation_sentence(decision: Decision) -> str:
    """Will say what unticking a reserved day comes to."""
    due = decision.price.kind
    kept = "" if due is PriceKind.NOTHING else f" Reste dû : {price_in_words(decision.price)}."
    if decision.outcome is Outcome.REQUEST:
        return f"Décochez pour demander l’annulation, la mairie répond.{kept}"
    return f"Décochez pour annuler.{kept}"


def block_sentence(block: FamilyBlock) -> tuple[str, str]:
    """Will say what stands against the family, and what to do about it."""
    match block.kind:
        case BlockKind.UNPAID:
            return (
                "Réservations suspendues.",
                f"{in_euros(block.cents)} restent à payer : réglez vos factures pour réserver.",
            )
        case BlockKind.MISSING_DOCUMENT:
            what = f"« {block.document} »" if block.document else "un document"
            return (
                "Réservations suspendues.",
                f"Il manque {what} à votre dossier : envoyez-le à la mairie pour réserver.",
            )
        case BlockKind.INCOMPLETE_FILE:
            return (
                "Réservations suspendues.",
                "Votre dossier est incomplet : complétez-le auprès de la mairie pour réserver.",
            )


def days_in_words(quota: AtMost) -> str:
    """Will write « 3 jours cette semaine-là »."""
    return f"{quota.count} jour{'s' if quota.count > 1 else ''} {IN_THE[quota.per]}"


def lack_sentence(lack: TooFew) -> tuple[str, str]:
    """Will say how many days are missing, and the two ways out."""
    days = short_days(lack.days).removesuffix(".")
    more = f"{lack.missing} jour{'s' if lack.missing > 1 else ''}"
    if isinstance(lack.quota, WholeWeek):
        return (
            "La semaine entière ou rien.",
            f"Pendant les vacances, la semaine se réserve entière. Il manque {more} à côté de : {days}.",
        )
    count = lack.quota.count
    return (
        f"Au moins {count} jour{'s' if count > 1 else ''} {IN_THE[lack.quota.per]}.",
        f"Il manque {more} à côté de : {days}. Ajoutez-en, ou retirez ceux-là.",
    )


def on_day(child_name: str, product_name: str, day: date) -> str:
    """Will write « Lucia, étude, jeudi 4 décembre »."""
    return f"{child_name}, {product_name.lower()}, {in_full(day)}"


_UNTOLD = {
    Untold.CANCEL_INSTEAD: ("Ce jour s’annule.", "Décochez-le plutôt dans le calendrier."),
    Untold.NOT_RESERVED: ("Ce jour n’est pas réservé.", "Il n’y a rien à signaler."),
    Untold.HELD: (
        "Cette place est seulement gardée.",
        "Elle n’est pas encore confirmée : rendez-la dans le calendrier.",
    ),
    Untold.OTHER_HOME: (
        "Réservé par l’autre foyer.",
        "Seul le foyer qui a réservé peut signaler l’absence de ce jour.",
    ),
    Untold.ASKED: ("Annulation déjà demandée.", "La mairie doit répondre."),
    Untold.ALREADY_TOLD: ("Absence déjà signalée.", "Il n’y a rien de plus à faire."),
    Untold.NOT_TOLD: ("Aucune absence signalée ce jour-là.", "Il n’y a rien à retirer."),
    Untold.WAS_PRESENT: ("Une présence est notée ce jour-là.", "Si c’est une erreur, contactez la mairie."),
    Untold.CLOSED: ("Fermé.", "Pas de service ce jour-là : il n’y a rien à signaler."),
    Untold.UNCLEAR: ("À demander à la mairie.", "Le règlement ne permet pas de répondre ici."),
    Untold.TOO_LONG_AGO: ("Ce jour est trop ancien.", f"Une absence se signale dans les {TOLD_WITHIN_DAYS} jours."),
    Untold.SERVICE_OVER: ("Le service est passé.", "Pour corriger ce qui a été signalé, contactez la mairie."),
}


def untold_sentence(no: NotTold) -> tuple[str, str]:
    """Will say why an absence cannot be told, or withdrawn, and what to do instead."""
    if no.reason is Untold.CANCEL_INSTEAD and no.until is not None:
        return (
            "Il est encore temps d’annuler.",
            f"{until('Annulable', no.until)} Décochez ce jour dans le calendrier : un autre enfant aura sa place.",
        )
    return _UNTOLD[no.reason]


def told_sentence(told_at: datetime) -> str:
    """Will write « Prévenu lundi 24 novembre, 8 h 40. » for a moment in the authority's zone."""
    return f"Prévenu {moment(told_at)}."


def may_tell_sentence(product_name: str, rule: DayRule) -> str:
    """Will say, under a square too late to cancel, the rule and that an absence can be told."""
    ruled = f"{rule_sentence(product_name, rule.cancel.act.closes, Wish.CANCEL)} " if rule.cancel else ""
    return f"{ruled}Absence imprévue ?"


def reading_sentence(reading: Reading | None, *, zone: ZoneInfo) -> str:
    """Will say what a told day costs, and until when a certificate may change it, to the minute."""
    if reading is None:
        return "Ce qui est facturé est à demander à la mairie : le règlement ne permet pas de répondre ici."
    bills = billed_shortly(reading.decision.bills)
    if reading.with_certificate is not None:
        changed = billed_shortly(reading.with_certificate.bills)
        limit = f" {by_then(reading.certificate_by, zone)}" if reading.certificate_by else ""
        return f"{changed} si un certificat arrive{limit}, sinon {bills[:1].lower()}{bills[1:]}."
    if reading.missed_notice is not None:
        return f"{bills} : le délai pour prévenir était {_limit_near(reading.missed_notice, reading.facts.day, zone)}."
    if reading.missed_certificate is not None:
        return f"{bills} : un certificat devait arriver {by_then(reading.missed_certificate, zone)}."
    return f"{bills}."


def billed_shortly(price: PriceRule) -> str:
    """Will write « Non facturé », « Facturé », « Facturé la moitié du prix »."""
    match price.kind:
        case PriceKind.NOTHING:
            return "Non facturé"
        case PriceKind.FULL:
            return "Facturé"
        case _:
            return f"Facturé {price_in_words(price)}"


def by_then(deadline: Deadline, zone: ZoneInfo) -> str:
    """Will write « avant mercredi 26 novembre, 8 h 40 », or « au plus tard mercredi 26 novembre, 8 h 40 »."""
    local = deadline.moment.astimezone(zone)
    if deadline.boundary is Boundary.BEFORE:
        return f"avant {moment(local)}"
    # The end of a day is said as the day.
    return f"au plus tard {in_full(local.date()) if local.time() == LAST_MINUTE else moment(local)}"


def steps_in_words(steps: Iterable[PriceStep]) -> str:
    """Will write how a price is made: « Quotient 742 → tranche 3 : 3,10 € · 2ᵉ enfant −10 % : −0,31 € »."""
    return " · ".join(in_euros(cents) if label == PLAIN else f"{label} : {in_euros(cents)}" for label, cents in steps)


def _limit_near(deadline: Deadline, day: date, zone: ZoneInfo) -> str:
    local = deadline.moment.astimezone(zone)
    return hour(local) if local.date() == day else f"le {moment(local)}"

"""The letters about reservations: what each one says. Everything is read anew from what is recorded."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from marelle.domain.catalog.models import Product
from marelle.domain.families.models import Child
from marelle.domain.news.rules.texts import plainer
from marelle.domain.payments.models import PaymentLine, PaymentSettings
from marelle.domain.payments.queries.paying import lines_of_confirmation
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.rules.sentences import reading_sentence, told_sentence
from marelle.foundation.french_dates import in_full, listed, moment, short_days
from marelle.foundation.money import in_euros
from marelle.letters.writing import Block, Draft, link, listing, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.reservations.models import (
        Absence,
        CancellationRequest,
        Confirmation,
        PlaceOffer,
        WaitingListEntry,
    )
    from marelle.domain.reservations.rules.absences import Reading

FAMILY_SITE = "marelle.config.urls_family"


def basket_confirmed(confirmation: Confirmation, authority: Authority) -> Draft:
    """Will say what *Valider* recorded, what is held and until when, and what waits for the agents."""
    recorded = _in_order(_as_they_became(confirmation))
    lines = {outcome: list(rows) for outcome, rows in groupby(recorded, lambda row: row["outcome"])}
    children = Child.objects.in_bulk({row["child"] for row in confirmation.lines})
    products = Product.objects.in_bulk({row["product"] for row in confirmation.lines})

    def said(outcome: str, *, with_amounts: bool = False) -> list[str]:
        return _by_child_and_product(lines[outcome], children, products, with_amounts=with_amounts)

    blocks = [
        words(
            f"Voici ce que vous avez validé le {_when(confirmation.confirmed_at, authority)}. "
            f"Numéro de la confirmation : {confirmation.number}."
        )
    ]
    if "reserved" in lines:
        blocks.append(listing("Réservé, à payer en fin de mois", said("reserved", with_amounts=True)))
    if "held" in lines:
        until = _held_until(confirmation, authority)
        blocks += [
            listing(f"Places gardées{f' jusqu’au {until}' if until else ''}", said("held", with_amounts=True)),
            words(
                "Ces places se règlent au guichet, qui les confirme alors pour de bon. "
                "Passé ce moment, elles sont proposées à d’autres familles."
            ),
        ]
    blocks += _paid_online(lines, said, authority)
    if "asked" in lines:
        blocks += [
            listing("Annulations demandées", said("asked")),
            words(
                "La mairie doit répondre à ces demandes : nous vous écrirons. Jusque-là, ces jours restent réservés. "
                "Selon le règlement du service, une annulation peut donner lieu à un remboursement ou non."
            ),
        ]
    if "requested" in lines:
        blocks += [
            listing("Demandées hors délai", said("requested", with_amounts=True)),
            words("La mairie doit répondre à ces demandes : nous vous écrirons. Les places sont gardées d’ici là."),
        ]
    if "cancelled" in lines:
        blocks.append(listing("Annulations enregistrées", said("cancelled")))
    if "given_back" in lines:
        blocks.append(listing("Places rendues", said("given_back")))
    blocks.append(_calendar(authority))
    return _draft(_confirmation_subject(confirmation, set(lines)), blocks, authority)


def cancellation_decided(request: CancellationRequest, authority: Authority) -> Draft:
    """Will say the answer to a cancellation request, its reason, and whether it is refunded."""
    what = _what(request.reservation)
    asked = f"le {_when(request.asked_at, authority)}"
    reason = [words(f"Réponse de la mairie : « {request.reason} »")] if request.reason else []
    if request.state == request.State.ACCEPTED:
        money = (
            "Ce jour ne vous sera pas facturé ; s’il est déjà réglé, il vous sera remboursé."
            if request.is_refunded
            else "Selon le règlement du service, ce jour reste facturé."
        )
        first = f"L’annulation que vous avez demandée {asked} est acceptée : {what}."
        subject = f"Annulation acceptée : {_on_day(request.reservation)}"
    else:
        money = "La réservation est maintenue, et reste facturée."
        first = f"L’annulation que vous avez demandée {asked} n’a pas pu être acceptée : {what}."
        subject = f"Annulation refusée : {_on_day(request.reservation)}"
    seen = link("Voir mes demandes", _url("requests", authority))
    return _draft(subject, [words(first), *reason, words(money), seen], authority)


def held_place_confirmed(reservation: Reservation, authority: Authority) -> Draft:
    """Will say that a place that was held is reserved for good."""
    return _draft(
        f"Place confirmée : {_on_day(reservation)}",
        [
            words(f"La mairie a confirmé la place qui vous était gardée : {_what(reservation)}."),
            words("La réservation est définitive."),
            _calendar(authority),
        ],
        authority,
    )


def held_place_released(reservation: Reservation, authority: Authority) -> Draft:
    """Will say that a place that was held is held no more, and why."""
    why = f" Motif : {reservation.reason}." if reservation.reason else ""
    return _draft(
        f"Place rendue : {_on_day(reservation)}",
        [
            words(f"La place qui vous était gardée ne l’est plus : {_what(reservation)}.{why}"),
            words("Rien ne vous est facturé pour ce jour. S’il reste des places, vous pouvez réserver à nouveau."),
            _calendar(authority),
        ],
        authority,
    )


def reserved_for_family(reservation: Reservation, authority: Authority) -> Draft:
    """Will say that an agent reserved for the family, and why."""
    return _draft(
        f"Réservé par la mairie : {_on_day(reservation)}",
        [
            words(f"La mairie a réservé pour vous : {_what(reservation)}."),
            words(f"Motif : « {reservation.reason} »"),
            _calendar(authority),
        ],
        authority,
    )


def cancelled_for_family(reservation: Reservation, authority: Authority, *, is_refunded: bool) -> Draft:
    """Will say that an agent cancelled for the family, why, and whether it is refunded."""
    money = (
        "Ce jour ne vous sera pas facturé ; s’il est déjà réglé, il vous sera remboursé."
        if is_refunded
        else "Selon le règlement du service, ce jour reste facturé."
    )
    return _draft(
        f"Annulé par la mairie : {_on_day(reservation)}",
        [
            words(f"La mairie a annulé pour vous : {_what(reservation)}."),
            words(f"Motif : « {reservation.reason} »"),
            words(money),
            _calendar(authority),
        ],
        authority,
    )


def place_freed(entry: WaitingListEntry, authority: Authority) -> Draft:
    """Will say to who waits that a place is free, and that it is not held."""
    return _draft(
        f"Une place s’est libérée : {_on_day(entry)}",
        [
            words(f"Une place s’est libérée : {_what(entry)}."),
            words(
                "Cette place n’est pas gardée : elle va à la première famille qui la réserve. "
                "Si elle ne vous intéresse plus, vous n’avez rien à faire."
            ),
            link("Réserver cette place", f"{_url('calendar', authority)}?{_where(entry)}"),
        ],
        authority,
    )


def place_offered(offer: PlaceOffer, authority: Authority) -> Draft:
    """Will say to who waits that a place is kept for them, until when, and where to answer."""
    entry = offer.entry
    return _draft(
        f"Une place vous est proposée : {_on_day(entry)}",
        [
            words(f"Une place s’est libérée, et c’est votre tour : {_what(entry)}."),
            words(
                f"Elle est gardée pour vous jusqu’au {_when(offer.expires_at, authority)}. Sans réponse de votre part, "
                "elle sera proposée à une autre famille."
            ),
            link("Accepter ou refuser", _url("waiting", authority)),
        ],
        authority,
    )


def place_offered_text(offer: PlaceOffer, authority: Authority) -> str:
    """Will say the same in a text: what for, until when, where to answer."""
    return plainer(
        f"{authority.name} : une place est gardée pour vous, {_what(offer.entry)}. "
        f"Répondez avant le {_when(offer.expires_at, authority)} : {_url('waiting', authority)}"
    )


def offer_expired(entry: WaitingListEntry, authority: Authority) -> Draft:
    """Will say to who did not answer that the place is offered no more, and what becomes of their wait."""
    return _draft(
        f"Proposition terminée : {_on_day(entry)}",
        [
            words(f"La place qui vous était proposée ne l’est plus, faute de réponse : {_what(entry)}."),
            words("Rien ne vous est facturé pour ce jour, et vous n’y attendez plus de place."),
            link("Voir mes attentes", _url("waiting", authority)),
        ],
        authority,
    )


def absence_told(absence: Absence, reading: Reading | None, authority: Authority) -> Draft:
    """Will say that an absence was told, when, and what the règlement makes of it; never for what cause."""
    reservation = absence.reservation
    told = told_sentence(absence.told_at.astimezone(authority.zone))
    return _draft(
        f"Absence signalée : {_on_day(reservation)}",
        [
            words(f"Nous avons noté une absence : {_what(reservation)}. {told}"),
            words(f"Ce que dit le règlement à ce jour. {reading_sentence(reading, zone=authority.zone)}"),
            words("La place reste réservée. Si votre enfant vient, retirez cette absence avant la fin du service."),
            link("Voir cette absence", _absence_url(reservation, authority)),
        ],
        authority,
    )


def contact_lines(authority: Authority) -> tuple[str, ...]:
    """Will return how to reach the authority, a line for each way."""
    return tuple(
        line
        for line in (authority.name, authority.phone, authority.email, authority.address, authority.opening_hours)
        if line
    )


def _draft(subject: str, blocks: Sequence[Block], authority: Authority) -> Draft:
    return Draft(subject, tuple(blocks), f"{authority.name}, espace famille", contact_lines(authority))


def _calendar(authority: Authority) -> Block:
    return link("Voir mes réservations", _url("calendar", authority))


def _url(name: str, authority: Authority) -> str:
    return settings.FAMILY_URL + reverse(name, urlconf=FAMILY_SITE, kwargs={"authority": authority.slug})


def _absence_url(reservation: Reservation, authority: Authority) -> str:
    square = f"{reservation.child.public_id}.{reservation.product.public_id}.{reservation.date.isoformat()}"
    at = {"authority": authority.slug, "square": square}
    return settings.FAMILY_URL + reverse("absence", urlconf=FAMILY_SITE, kwargs=at)


def _where(entry: WaitingListEntry) -> str:
    """Will return the query that opens the page of reservations on that child, that place and that week."""
    return urlencode(
        {
            "site": entry.product.activity.facility.code,
            "enfant": entry.child.public_id,
            "semaine": entry.date.isoformat(),
        }
    )


def _when(at: datetime, authority: Authority) -> str:
    return moment(at.astimezone(authority.zone))


def _what(row: Reservation | WaitingListEntry) -> str:
    return f"{row.child.first_name}, {row.product.noun}, {in_full(row.date)}"


def _on_day(row: Reservation | WaitingListEntry) -> str:
    return f"{row.product.noun} du {in_full(row.date)}"


def _confirmation_subject(confirmation: Confirmation, outcomes: set[str]) -> str:
    said = [
        sentence
        for outcome, sentence in (
            ("reserved", "réservations enregistrées"),
            ("held", "places gardées"),
            ("to_pay", "places à payer"),
            ("paid", "places payées"),
            ("released", "places revenues au panier"),
            ("requested", "demandes hors délai"),
            ("asked", "annulations demandées"),
            ("cancelled", "annulations enregistrées"),
            ("given_back", "places rendues"),
        )
        if outcome in outcomes
    ]
    return f"{listed(said).capitalize()} ({confirmation.number})"


def _as_they_became(confirmation: Confirmation) -> list[dict[str, Any]]:
    """Will return the lines of a confirmation, a place that is paid online with what became of it since."""
    became = {
        (one.reservation.child_id, one.reservation.product_id, one.reservation.date.isoformat()): _became(one)
        for one in lines_of_confirmation(confirmation)
        if one.reservation is not None
    }
    return [
        {**row, "outcome": became.get((row["child"], row["product"], row["date"]), "held")}
        if row["outcome"] == "held"
        else row
        for row in confirmation.lines
    ]


def _became(line: PaymentLine) -> str:
    match line.state:
        case PaymentLine.State.SETTLED:
            return "paid"
        case PaymentLine.State.RELEASED | PaymentLine.State.GONE:
            return "released"
        case _:
            return "held" if line.attempt.gateway == PaymentSettings.Gateway.DESK else "to_pay"


def _paid_online(
    lines: dict[str, list[dict[str, Any]]],
    said: Callable[..., list[str]],
    authority: Authority,
) -> list[Block]:
    """Will say what is paid, or still to be, of what is paid online; a letter of its own confirms each payment."""
    blocks: list[Block] = []
    if "paid" in lines:
        blocks.append(listing("Réservé et payé", said("paid", with_amounts=True)))
    if "to_pay" in lines:
        blocks += [
            listing("Places gardées le temps du paiement", said("to_pay", with_amounts=True)),
            words(
                "Elles sont confirmées dès que le paiement en ligne est reçu : nous vous l’écrirons. S’il n’aboutit "
                "pas, rien n’est débité et elles reviennent dans votre panier."
            ),
            link("Voir mes paiements", _url("payments", authority)),
        ]
    if "released" in lines:
        blocks.append(listing("Revenues au panier, faute de paiement", said("released")))
    return blocks


def _held_until(confirmation: Confirmation, authority: Authority) -> str:
    """Will return the first moment at which a place is let go; nothing when none is held any more."""
    moments = Reservation.objects.filter(
        confirmation=confirmation, state=Reservation.State.HELD, held_until__isnull=False
    ).values_list("held_until", flat=True)
    first = min((at for at in moments if at), default=None)
    return _when(first, authority) if first else ""


def _in_order(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda row: (row["outcome"], row["child"], row["product"], row["date"]))


def _by_child_and_product(
    rows: list[dict[str, Any]], children: dict[int, Child], products: dict[int, Product], *, with_amounts: bool
) -> list[str]:
    """Will write « Lucia, 3 repas : lun. 1, mar. 2 et jeu. 4 déc. (9,30 €) », a line for each child and product."""
    said = []
    for (child, product), found in groupby(rows, lambda row: (row["child"], row["product"])):
        days = list(found)
        kind = products[product]
        counted = f"{len(days)} {kind.noun if len(days) == 1 else kind.plural}"
        dates = short_days([date.fromisoformat(row["date"]) for row in days])
        cents = [row["cents"] for row in days]
        amount = f" ({in_euros(sum(cents))})" if with_amounts and None not in cents else ""
        said.append(f"{children[child].first_name}, {counted} : {dates}{amount}")
    return said

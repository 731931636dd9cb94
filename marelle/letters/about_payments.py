"""The letters about a payment: what was received and for what, or that nothing was taken; and a wallet running low."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.urls import reverse

from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.rules.attempts import State
from marelle.foundation.french_dates import in_full, moment
from marelle.foundation.money import in_euros
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, listing, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.models import PayerAccount
    from marelle.domain.payments.queries.stories import PaidPlace, Story
    from marelle.letters.writing import Block

MEANS: Final = {
    "card": "par carte bancaire",
    "cash": "en espèces",
    "cheque": "par chèque",
    "transfer": "par virement",
    "debit": "par prélèvement",
    "cesu": "en CESU",
    "holiday": "en chèques-vacances",
}
WHY: Final = {
    State.REFUSED: "Le paiement a été refusé",
    State.ABANDONED: "Le paiement n’est pas allé jusqu’au bout",
    State.EXPIRED: "Le délai de paiement est passé",
}

BY_ANYBODY: Final = "Quelqu’un qui avait votre facture l’a payée sans compte, avec sa référence et son montant."


def payment_received(story: Story, authority: Authority) -> Draft:
    """Will say what was received, and what it settles: places, invoices, the wallet, and what came too late."""
    attempt = story.attempt
    blocks: list[Block] = [words(_received(story, authority))]
    if attempt.is_without_account:
        blocks.append(words(BY_ANYBODY))
    if story.confirmed:
        one = len(story.confirmed) == 1
        title = "Cette réservation est confirmée :" if one else "Ces réservations sont confirmées :"
        blocks.append(listing(title, _places(story.confirmed)))
    if story.invoices:
        lines = [f"{one.number}, {one.label} : {in_euros(one.cents)}" for one in story.invoices]
        blocks.append(listing("Facture réglée :" if len(lines) == 1 else "Factures réglées :", lines))
    if story.gone:
        one = len(story.gone) == 1
        title = "Cette place n’était plus libre :" if one else "Ces places n’étaient plus libres :"
        blocks.append(listing(title, _places(story.gone)))
    if story.to_wallet:
        blocks.append(words(_to_wallet(story)))
    if story.confirmed:
        blocks.append(link("Voir mes réservations", _url("calendar", authority)))
    blocks.append(link("Voir mes paiements et mes quittances", _url("payments", authority)))
    total = attempt.cents + attempt.wallet_cents
    subject = f"Paiement reçu : {in_euros(total)}"
    if story.gone:
        subject += ", une place n’est plus libre" if len(story.gone) == 1 else ", des places ne sont plus libres"
    return _draft(subject, blocks, authority)


def receipt_without_account(story: Story, authority: Authority) -> Draft:
    """Will be the receipt of somebody who paid an invoice without an account: nothing is said of whose it is."""
    return _invoice_receipt(story, authority, last="Nous oublions votre adresse maintenant.")


def receipt_of_account(story: Story, authority: Authority) -> Draft:
    """Will be the receipt of an account that paid invoices of no family, which it had added to its list."""
    return _invoice_receipt(story, authority, last="Vos paiements sont aussi sur le site des factures en ligne.")


def _invoice_receipt(story: Story, authority: Authority, *, last: str) -> Draft:
    attempt = story.attempt
    blocks: list[Block] = [words(_received(story, authority))]
    lines = [f"{one.number}, {one.label} : {in_euros(one.cents)}" for one in story.invoices]
    if lines:
        blocks.append(listing("Facture réglée :" if len(lines) == 1 else "Factures réglées :", lines))
    blocks.append(words(f"Encaissé par : {attempt.regie.name}, {authority.name}."))
    if story.to_wallet:
        blocks.append(
            words(
                f"{in_euros(story.to_wallet)} de plus que ce qui était dû : quelqu’un avait réglé cette facture par"
                " ailleurs. La régie les garde au nom de cette facture ; demandez-lui de vous les rendre."
            )
        )
    blocks.append(words(f"Gardez ce message : il vaut quittance. {last}"))
    sender = f"{authority.name}, factures en ligne"
    return Draft(f"Quittance : {in_euros(attempt.cents)}", tuple(blocks), sender, contact_lines(authority))


def payment_failed(story: Story, authority: Authority) -> Draft:
    """Will say that a payment did not succeed, that nothing was taken, and where to try again."""
    attempt = story.attempt
    state = State(attempt.state)
    begun = moment(attempt.created_at.astimezone(authority.zone))
    said = f"{WHY.get(state, WHY[State.ABANDONED])} : {in_euros(attempt.cents)}, commencé le {begun}."
    is_desk = attempt.gateway == "desk"
    blocks: list[Block] = [words(said)]
    if not is_desk:
        blocks.append(
            words(
                "Rien n’a été débité par ce paiement. Si votre banque montre malgré tout ce montant, il nous parviendra"
                " : il sera alors noté à votre compte, et nous vous l’écrirons."
            )
        )
    if story.released:
        one = len(story.released) == 1
        title = "Cette place n’est plus gardée :" if one else "Ces places ne sont plus gardées :"
        blocks.append(listing(title, _places(story.released)))
        back = "Elle est revenue" if one else "Elles sont revenues"
        blocks.append(words(f"{back} dans votre panier. S’il reste de la place, vous pouvez valider de nouveau."))
        blocks.append(link("Voir mon panier", _url("basket", authority)))
    elif attempt.purpose == PaymentAttempt.Purpose.INVOICES:
        numbers = ", ".join(one.number for one in story.invoices)
        blocks.append(words(f"Cela concernait : {numbers}." if numbers else "Vos factures restent à payer."))
        blocks.append(link("Voir mes factures", _url("invoices", authority)))
    else:
        blocks.append(link("Voir mes paiements", _url("payments", authority)))
    return _draft(f"Paiement non abouti : {in_euros(attempt.cents)}", blocks, authority)


def wallet_low(payer: PayerAccount, left: int, authority: Authority) -> Draft:
    """Will say that little is left in a wallet (cents)."""
    return _draft(
        f"Porte-monnaie : il reste {in_euros(left)}",
        [
            words(f"Il reste {in_euros(left)} dans votre porte-monnaie ({payer.regie.name})."),
            words("Vous pouvez le recharger, ou payer autrement : rien n’est bloqué."),
            link("Voir mon porte-monnaie", _url("wallet", authority)),
        ],
        authority,
    )


def _received(story: Story, authority: Authority) -> str:
    attempt = story.attempt
    paid = (attempt.paid_at or attempt.ended_at or attempt.created_at).astimezone(authority.zone)
    day = in_full(paid.date(), year=True)
    if not attempt.cents:
        return f"{in_euros(attempt.wallet_cents)} ont été pris sur votre porte-monnaie le {day}."
    means = MEANS.get(attempt.means, "")
    said = f"Nous avons reçu {in_euros(attempt.cents)}{f' {means}' if means else ''} le {day}"
    if attempt.wallet_cents:
        said += f", et pris {in_euros(attempt.wallet_cents)} sur votre porte-monnaie"
    receipt = f" Quittance n° {story.receipt.number}." if story.receipt is not None else ""
    return f"{said}. Référence du paiement : {attempt.reference}.{receipt}"


def _to_wallet(story: Story) -> str:
    amount = in_euros(story.to_wallet)
    if story.attempt.purpose == PaymentAttempt.Purpose.TOP_UP:
        return f"{amount} sont dans votre porte-monnaie."
    if story.gone:
        return (
            f"Votre paiement est arrivé après le délai, et ce qui était gardé avait été rendu. {amount} sont dans votre"
            " porte-monnaie : ils serviront à une prochaine réservation ou facture. Vous préférez un remboursement ?"
            " Écrivez à la mairie."
        )
    return f"{amount} de plus que ce qui était dû sont gardés dans votre porte-monnaie."


def _places(places: Sequence[PaidPlace]) -> list[str]:
    return [f"{one.child}, {one.product}, {in_full(one.date)} : {in_euros(one.cents)}" for one in places]


def _url(name: str, authority: Authority) -> str:
    return settings.FAMILY_URL + reverse(name, urlconf=FAMILY_SITE, kwargs={"authority": authority.slug})


def _draft(subject: str, blocks: Sequence[Block], authority: Authority) -> Draft:
    return Draft(subject, tuple(blocks), f"{authority.name}, espace famille", contact_lines(authority))

"""What a régie signs, as documents: its deposit statements, its hand-over from one régisseur to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.billing.models import Posting
from marelle.domain.payments.models import BankDeposit, Receipt
from marelle.foundation.french_dates import in_digits, without_weekday
from marelle.foundation.money import in_euros
from marelle.letters.billing_documents import issuer_of
from marelle.letters.documents.parties import Recipient
from marelle.letters.documents.statements import Row, StatementDocument, Table

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.payments.models import RegieHandover

COMPTABLE: Final = Recipient("Au comptable public")
CENTS_OF_A_NOTE: Final = 500


def deposit_document(deposit: BankDeposit, authority: Authority) -> StatementDocument:
    """Will return the document of a deposit of `authority`, which holds its logo: each receipt, then the total."""
    receipts = Receipt.objects.filter(deposit=deposit).order_by("sequence")
    means = Posting.Means(deposit.means).label
    handed = without_weekday(deposit.handed_on, year=True) if deposit.handed_on else "à verser"
    facts = [
        ("Préparé le", without_weekday(deposit.prepared_on, year=True)),
        ("Exercice", str(deposit.exercice)),
        ("État", deposit.get_state_display()),
    ]
    if deposit.reference:
        facts.append(("Référence", deposit.reference))
    return StatementDocument(
        title=f"Bordereau de versement {deposit.number}",
        subtitle=f"{means}, {deposit.receipt_count} quittance{'s' if deposit.receipt_count > 1 else ''}",
        issued_on=deposit.handed_on or deposit.prepared_on,
        issuer=issuer_of(authority, deposit.regie),
        recipient=COMPTABLE,
        facts=tuple(facts),
        answers=(("Montant", in_euros(deposit.cents)), ("Moyen", means), ("Versé le", handed)),
        tables=(
            Table(
                "Quittances",
                ("Quittance", "Jour", "Reçu de", "Pour"),
                tuple(Row((one.number, in_digits(one.date), one.payer_name, one.label), one.cents) for one in receipts),
                deposit.cents,
            ),
        ),
        signed_by=("Le régisseur", "Le comptable public"),
    )


def handover_document(handover: RegieHandover, authority: Authority) -> StatementDocument:
    """Will return the record of a hand-over (procès-verbal de remise de service), to be signed by both."""
    leaving, coming, count = handover.leaving, handover.coming, handover.cash_count
    pieces = [(int(value), number) for value, number in count.pieces.items()]
    counted = Table(
        "Caisse comptée",
        ("Pièce ou billet", "Nombre"),
        tuple(
            Row(
                (f"{'Billet' if value >= CENTS_OF_A_NOTE else 'Pièce'} de {in_euros(value)}", str(number)),
                value * number,
            )
            for value, number in sorted(pieces, reverse=True)
        ),
        count.counted_cents,
    )
    held = Table(
        "Recettes remises, non encore versées",
        ("Moyen de paiement", "Quittances"),
        tuple(Row((Posting.Means(means).label, str(number)), cents) for means, number, cents in handover.held),
        sum(cents for _means, _number, cents in handover.held),
    )
    words = [
        f"Fonds de caisse remis : {in_euros(handover.float_cents)}.",
        f"Attendu en caisse : {in_euros(count.expected_cents)}. Écart : {in_euros(count.difference_cents)}.",
        *_last("Dernière quittance", handover.last_receipts, ""),
        *_last("Dernier bordereau de versement", handover.last_deposits, "V-"),
    ]
    if handover.words:
        words.append(f"Réserves : {handover.words}")
    day = without_weekday(handover.date, year=True)
    return StatementDocument(
        title="Procès-verbal de remise de service",
        subtitle=f"{handover.regie.name}, le {day}",
        issued_on=handover.date,
        issuer=issuer_of(authority, handover.regie),
        recipient=COMPTABLE,
        facts=(("Fait le", day), ("Régisseur sortant", leaving.name), ("Régisseur entrant", coming.name)),
        answers=(("En caisse", in_euros(count.counted_cents)), ("Remise par", leaving.name), ("À", coming.name)),
        tables=(counted, held),
        words=tuple(words),
        signed_by=("Le régisseur sortant", "Le régisseur entrant", "Le comptable public"),
    )


def _last(what: str, numbers: dict[str, int], prefix: str) -> list[str]:
    return [f"{what} de l’exercice {year} : {prefix}{year}-{last:04d}." for year, last in sorted(numbers.items())]

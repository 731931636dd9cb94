"""Effects on money: a quotient, a mandate, an invoice contested, a wallet paid back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations.corrections import UnableToCorrectError, WhyNotCorrected, correct
from marelle.domain.billing.operations.manual import UnableToChargeError, add_manual_charge
from marelle.domain.billing.operations.payers import open_account
from marelle.domain.billing.operations.runs import UnableToBillError
from marelle.domain.families.models import FamilyQuotient, SupportingDocument
from marelle.domain.families.operations.quotients import UnableToRecordQuotientError, record_quotient
from marelle.domain.families.rules.quotients import doubt_sentence
from marelle.domain.payments.models import CreditorAccount, RefundRequest
from marelle.domain.payments.operations.mandates import (
    SignedAccount,
    UnableToSignError,
    WhyNotSigned,
    sign_mandate,
)
from marelle.domain.payments.operations.refunds import (
    Asked,
    UnableToPayBackError,
    WhyNotRefunded,
    accept_refund,
    ask_refund,
)
from marelle.domain.payments.rules.bank_accounts import WrongAccountError
from marelle.domain.procedures.models import Application
from marelle.domain.procedures.operations.effects.done import Done, UnableToApplyError
from marelle.domain.procedures.operations.effects.named import cents, day, regie_named, text
from marelle.domain.procedures.rules.answers import Address, Value
from marelle.foundation.actors import Actor
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.money import in_euros

NOT_SIGNED: Final = {
    WhyNotSigned.NO_CREDITOR: "Cette régie ne propose pas le prélèvement pour le moment.",
    WhyNotSigned.SIGNED_ALREADY: "Un mandat est déjà signé pour cette régie : la famille peut en changer le compte.",
    WhyNotSigned.INCOMPLETE: "Il manque le titulaire, son adresse ou le lieu.",
}
NOT_CORRECTED: Final = {
    WhyNotCorrected.NOT_ISSUED: "Seule la facture d’une famille, déjà émise, se corrige ainsi.",
    WhyNotCorrected.RUN_UNDER_WAY: "Une facturation est en cours. Réessayez dans quelques minutes.",
    WhyNotCorrected.NOTHING: (
        "Il n’y a rien à corriger : cette facture dit ce qui est noté aujourd’hui. Corrigez d’abord les présences, "
        "ou indiquez un montant à rendre."
    ),
}
NOT_REFUNDED: Final = {
    WhyNotRefunded.ONE_IS_OPEN: "Un remboursement est déjà en cours pour ce porte-monnaie.",
    WhyNotRefunded.NOT_THAT_MUCH: "Le porte-monnaie de la famille ne contient pas autant.",
    WhyNotRefunded.NO_HOLDER: "Il manque le titulaire du compte.",
}


def note_quotient(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will note the quotient that the agent read on the document, which it keeps as its proof."""
    value, starts_on = cents(values, "quotient"), day(values, "starts_on")
    proof = SupportingDocument.objects.filter(applications__application=application).order_by("pk").first()
    try:
        quotient = record_quotient(
            application.family,
            value_cents=value,
            valid_from=starts_on,
            source=FamilyQuotient.Source.DOCUMENT if proof else FamilyQuotient.Source.DECLARED,
            document=proof,
            is_confirmed=True,
            by=by,
            at=at,
        )
    except UnableToRecordQuotientError as error:
        raise UnableToApplyError(*(doubt_sentence(doubt, value) for doubt in error.doubts)) from None
    said = f"Le quotient est de {in_euros(value)} à partir du {without_weekday(starts_on, year=True)}."
    return Done((said,), (("familyquotient", quotient.pk),))


def sign(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will record the mandate that the family signs by its application, on the day it sent it."""
    regie = regie_named(values)
    address = values["holder_address"]
    assert isinstance(address, Address)  # noqa: S101  the definition says so
    payer = open_account(application.family, regie, by=by, at=at)
    signed = (application.submitted_at or at).astimezone(application.family.authority.zone).date()
    account = SignedAccount(
        holder=text(values, "holder"), address=address.in_one_line, iban=text(values, "iban"), bic=text(values, "bic")
    )
    try:
        mandate = sign_mandate(payer, account, place=text(values, "place"), on=signed, by=by, at=at)
    except UnableToSignError as error:
        raise UnableToApplyError(NOT_SIGNED.get(error.why, "Ce mandat n’a pas pu être signé.")) from None
    except WrongAccountError as error:
        raise UnableToApplyError(error.fault.value) from None
    said = f"Mandat {mandate.rum} signé pour {regie.name} : ses prochaines factures seront prélevées."
    return Done((said,), (("direct_debit_mandate", mandate.pk),))


def correct_contested(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will bill a contested invoice again from what is recorded now, or take an amount off the next one."""
    authority = application.family.authority
    invoice = Invoice.objects.filter(public_id=text(values, "invoice"), family=application.family_id).first()
    if invoice is None:
        raise UnableToApplyError(NOT_CORRECTED[WhyNotCorrected.NOT_ISSUED])
    credit = cents(values, "credit")
    if credit:
        return _take_off(application, invoice, credit, by=by, at=at)
    reason = f"Demande n° {application.number} acceptée"
    try:
        made = correct(invoice, authority=authority, reason=reason, by=by, at=at)
    except UnableToCorrectError as error:
        raise UnableToApplyError(NOT_CORRECTED.get(error.why, "Cette facture n’a pas pu être corrigée.")) from None
    if made.total_cents < 0:
        said = f"Avoir {made.number} de {in_euros(-made.total_cents)} sur la facture {invoice.number}."
    else:
        said = (
            f"Facture complémentaire {made.number} de {in_euros(made.total_cents)}, après la facture {invoice.number}."
        )
    return Done((said,), (("invoice", made.pk),))


def _take_off(application: Application, invoice: Invoice, credit: int, *, by: Actor, at: datetime) -> Done:
    if credit > invoice.total_cents:
        message = f"La facture est de {in_euros(invoice.total_cents)} : rendez ce montant au plus."
        raise UnableToApplyError(message)
    authority = application.family.authority
    try:
        charge = add_manual_charge(
            invoice.payer,
            authority=authority,
            label=f"Rendu sur la facture {invoice.number}",
            cents=-credit,
            date=at.astimezone(authority.zone).date(),
            reason=f"Demande n° {application.number} acceptée",
            by=by,
            at=at,
        )
    except UnableToChargeError:
        message = "Ce montant ne peut pas être rendu à cette famille."
        raise UnableToApplyError(message) from None
    except UnableToBillError:
        raise UnableToApplyError(NOT_CORRECTED[WhyNotCorrected.RUN_UNDER_WAY]) from None
    said = f"{in_euros(credit)} seront déduits de la prochaine facture."
    return Done((said,), (("manual_charge", charge.pk),))


def pay_back(application: Application, values: Mapping[str, Value], *, by: Actor, at: datetime) -> Done:
    """Will put a refund among the transfers of the régie; where it makes none, the régie pays it by the Trésor."""
    regie = regie_named(values)
    amount = cents(values, "amount")
    payer = open_account(application.family, regie, by=by, at=at)
    asked = Asked(
        cents=amount,
        holder=text(values, "holder"),
        iban=text(values, "iban"),
        bic=text(values, "bic"),
        words=f"Demande n° {application.number}",
    )
    today = at.astimezone(application.family.authority.zone).date()
    makes_transfers = CreditorAccount.objects.filter(regie=regie).exists()
    try:
        request = ask_refund(payer, asked, by=by, at=at)
        if makes_transfers:
            accept_refund(request, way=RefundRequest.Way.TRANSFER, on=today, by=by, at=at)
    except UnableToPayBackError as error:
        raise UnableToApplyError(NOT_REFUNDED.get(error.why, "Ce remboursement n’est pas possible.")) from None
    except WrongAccountError as error:
        raise UnableToApplyError(error.fault.value) from None
    how = "partira avec le prochain fichier de virements" if makes_transfers else "est à faire payer par le Trésor"
    return Done((f"Remboursement de {in_euros(amount)} : il {how}.",), (("refund_request", request.pk),))

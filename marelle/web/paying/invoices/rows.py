"""The invoices of an account as Mes factures shows them: rows, grouped by the till that they are paid to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from marelle.domain.billing.models import Posting
from marelle.domain.billing.rules.standing import Stand, countdown, in_words
from marelle.foundation.french_dates import NO_BREAK, hour, listed, without_weekday
from marelle.foundation.money import in_euros
from marelle.web.family_addresses import address_at, address_of_all
from marelle.web.online_invoices_words import read_only_words
from marelle.web.paying.invoices import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.queries.family_invoices import FamilyInvoice, Settlement
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.domain.payments.queries.direct_debits import ExpectedDebit

Tone = Literal["amber", "red", "green", "quiet", "blue"]
TAGS: dict[Stand, tuple[Tone, str]] = {
    Stand.CREDIT: ("green", "undo-2"),
    Stand.SETTLED: ("green", "check"),
    Stand.IN_RECOVERY: ("red", "landmark"),
    Stand.LATE: ("red", "triangle-alert"),
    Stand.TODAY: ("amber", "bell"),
    Stand.COMING: ("amber", "clock"),
    Stand.UNDATED: ("amber", "clock"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice of the list: each text is whole, empty when there is nothing to say."""

    public_id: str
    title: str
    aside: str
    short: str
    reference: str
    what: str
    debit: str
    tag: str
    tone: Tone
    icon: str
    cents: int
    amount: str
    owed: str
    notes: tuple[str, ...]
    detail_url: str
    pdf_url: str
    can_be_chosen: bool
    is_chosen: bool
    is_hidden: bool
    is_owed: bool
    under_way: str = ""
    resume_url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The invoices of a till, under « AUTHORITY – SERVICE »."""

    key: str
    authority: str
    services: str
    regie: str
    crest_url: str
    is_online: bool
    notice: str
    rows: tuple[Row, ...]


def groups_of(
    found: Iterable[FamilyInvoice],
    *,
    chosen: Collection[str] = (),
    busy: Mapping[int, PaymentAttempt] | None = None,
    debits: Mapping[int, ExpectedDebit] | None = None,
) -> list[Group]:
    """Will group invoices by authority and régie, in the order of their names.

    `busy`: what is being paid of them; `debits`: what is about to be debited, both by invoice (key).
    """
    ordered = sorted(found, key=_till)
    return [_group(list(members), chosen, busy or {}, debits or {}) for _key, members in groupby(ordered, key=_till)]


def _till(one: FamilyInvoice) -> tuple[str, int, str, int]:
    return (one.authority.name, one.authority.pk, one.regie.name, one.regie.pk)


def _group(
    members: Sequence[FamilyInvoice],
    chosen: Collection[str],
    busy: Mapping[int, PaymentAttempt],
    debits: Mapping[int, ExpectedDebit],
) -> Group:
    first = members[0]
    services = list(dict.fromkeys(service for one in members for service in one.services))
    return Group(
        key=f"{first.authority.slug}-{first.regie.code}",
        authority=first.authority.name,
        services=listed([services[0], *(name[:1].lower() + name[1:] for name in services[1:])]) if services else "",
        regie=first.regie.name,
        crest_url=crest_of(first.authority),
        is_online=first.is_online,
        notice=_not_online(first),
        rows=tuple(
            row_of(
                one,
                is_chosen=one.invoice.public_id in chosen,
                busy=busy.get(one.invoice.pk),
                debit=debits.get(one.invoice.pk),
            )
            for one in members
        ),
    )


def crest_of(authority: Authority) -> str:
    """Will return the address of the logo of an authority, empty when it gave none."""
    return address_of_all("logo", authority.slug) if authority.logo_type else ""


def _not_online(one: FamilyInvoice) -> str:
    if one.is_online:
        return ""
    return read_only_words(one.authority.name, one.regie.online_from)


def row_of(
    one: FamilyInvoice,
    *,
    is_chosen: bool = False,
    busy: PaymentAttempt | None = None,
    debit: ExpectedDebit | None = None,
) -> Row:
    """Will write an invoice; `is_chosen` says that it is ticked, `busy` is the payment of it that is under way.

    `debit` says that it is about to be debited.
    """
    invoice, stand = one.invoice, one.standing
    tone, icon = TAGS[stand.stand]
    address = [one.authority.slug, invoice.public_id]
    reference = f"(réf{NO_BREAK}: {invoice.number})"
    asides = [countdown(stand), reference] if countdown(stand) else [reference]
    owed = one.left_cents if stand.is_owed else invoice.total_cents
    return Row(
        public_id=invoice.public_id,
        title=one.title,
        aside=" — ".join(asides),
        short=f"n°{NO_BREAK}{invoice.number}",
        reference=invoice.number,
        what=" · ".join(filter(None, (invoice.label if invoice.label != one.title else "", listed(one.children)))),
        debit=debit_words(debit, on=one.today) if debit and one.standing.is_owed else "",
        tag=tag_of(one),
        tone=tone,
        icon=icon,
        cents=one.left_cents,
        amount=in_euros(owed),
        owed=in_euros(one.left_cents),
        notes=notes_of(one),
        detail_url=address_at("invoice", *address),
        pdf_url=address_at("invoice_pdf", *address) if one.has_document else "",
        can_be_chosen=one.can_be_chosen and not one.is_hidden and busy is None,
        is_chosen=is_chosen and one.can_be_chosen and not one.is_hidden and busy is None,
        is_hidden=one.is_hidden,
        is_owed=stand.is_owed,
        under_way=str(wording.UNDER_WAY).format(hour=hour(busy.created_at.astimezone(one.authority.zone)))
        if busy is not None
        else "",
        resume_url=address_at("payment_result", one.authority.slug, busy.checkout) if busy is not None else "",
    )


def debit_words(debit: ExpectedDebit, *, on: date) -> str:
    """Will write « Prélèvement de 82,40 € prévu le 10 décembre 2026 »; from that day, that the bank did not say."""
    words = wording.DEBIT if on < debit.due_on else wording.DEBIT_MADE
    return str(words).format(amount=in_euros(debit.cents), day=without_weekday(debit.due_on, year=True))


def tag_of(one: FamilyInvoice) -> str:
    """Will write what is to be done of an invoice, or when it was paid."""
    if one.standing.stand is Stand.SETTLED and one.settlements:
        last = one.settlements[-1]
        if last.is_withdrawn:
            return str(wording.WITHDRAWN_TAG).format(day=without_weekday(last.date, year=True))
        if last.is_written_off:
            return str(wording.WRITTEN_OFF_TAG)
        where = f"{wording.AT_TREASURY_TAG} " if last.is_at_treasury else ""
        return f"Payée {where}le {without_weekday(last.date, year=True)}"
    return in_words(one.standing, due_on=one.invoice.due_on, on=one.today)


def notes_of(one: FamilyInvoice) -> tuple[str, ...]:
    """Will write what else must be known: what it corrects, what was paid of it, who takes the payment."""
    invoice, notes = one.invoice, []
    if one.corrects and invoice.kind in wording.CORRECTS:
        notes.append(str(wording.CORRECTS[invoice.kind]).format(number=one.corrects))
    if one.standing.is_owed and one.settled_cents > 0:
        paid, left = in_euros(one.settled_cents), in_euros(one.left_cents)
        notes.append(str(wording.PART_PAID).format(paid=paid, left=left))
        notes += [settled_words(each) for each in one.settlements if each.is_at_treasury]
    if one.standing.stand is Stand.IN_RECOVERY:
        number = invoice.recovery_number
        said = str(wording.RECOVERY_NUMBER).format(number=number) if number else ""
        notes.append(str(wording.RECOVERY).format(number=said))
    if one.standing.stand is Stand.CREDIT:
        notes += [settled_words(each) for each in one.settlements]
        if one.left_cents:
            notes.append(str(wording.CREDIT_LEFT).format(left=in_euros(-one.left_cents)))
    if one.standing.stand is Stand.SETTLED:
        notes += [settled_words(each) for each in one.settlements]
    return tuple(notes)


def settled_words(one: Settlement) -> str:
    """Will write one payment: « 20,00 € le 3 novembre 2026, par carte bancaire »."""
    day = without_weekday(one.date, year=True)
    if one.kind == Posting.Kind.REVERSAL:
        return str(wording.PAYMENT_CANCELLED).format(amount=in_euros(-one.cents), day=day)
    if one.cents < 0:
        taken, kept = -one.cents - one.kept_cents, in_euros(one.kept_cents)
        went = str(wording.CREDIT_WENT).format(amount=in_euros(taken), numbers=listed(one.numbers), day=day)
        stayed = str(wording.CREDIT_KEPT).format(amount=kept, day=day)
        return " ".join(([went] if one.numbers else []) + ([stayed] if one.kept_cents else []))
    if one.is_withdrawn:
        return str(wording.WITHDRAWN).format(day=day)
    if one.is_written_off:
        return str(wording.WRITTEN_OFF).format(amount=in_euros(one.cents), day=day)
    if one.is_at_treasury:
        how = str(wording.AT_TREASURY)
    elif one.is_payment:
        how = str(wording.BY_MEANS.get(Posting.Means(one.means), "")) if one.means else ""
    elif one.numbers:
        how = str(wording.BY_CREDIT).format(number=listed(one.numbers))
    else:
        how = str(wording.BY_WALLET)
    words = f"{in_euros(one.cents)} le {day}"
    return f"{words}, {how}." if how else f"{words}."


def known_until(owed: Sequence[FamilyInvoice]) -> list[str]:
    """Will say until when each till knows what was paid: once, when all know the same."""
    tills = {one.regie.pk: one for one in owed}
    said = [
        (
            f"{one.authority.name}, {one.regie.name}",
            str(wording.KNOWN_UNTIL).format(day=without_weekday(known, year=True)),
        )
        for one in tills.values()
        if (known := one.regie.payments_known_until) is not None
    ]
    days = list(dict.fromkeys(words for _whose, words in said))
    return days if len(days) == 1 else [f"{whose} : {words[:1].lower()}{words[1:]}" for whose, words in said]

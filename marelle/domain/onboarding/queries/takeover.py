"""What comparisons ask of the base beside the files of a former software: accounts, invoices, mandates, days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import Invoice, LedgerEntry
from marelle.domain.billing.queries.taking_over import standing_openings
from marelle.domain.catalog.queries import Offer, offer_of
from marelle.domain.onboarding.queries.imports import family_facts
from marelle.domain.onboarding.rules.imports.kinds import Entry, Options
from marelle.domain.onboarding.rules.imports.known import Known
from marelle.domain.onboarding.rules.imports.takeover.accounts import (
    Accounts,
    KnownInvoice,
    KnownMandate,
    KnownOpening,
)
from marelle.domain.onboarding.rules.imports.takeover.days import KnownDays, KnownProduct, Triple, asked
from marelle.domain.onboarding.rules.imports.takeover.whose import KnownRegie
from marelle.domain.payments.models import CreditorAccount, DirectDebitMandate
from marelle.domain.payments.models.direct_debits import LIVING_STATES
from marelle.domain.reservations.queries.planning import BasketWish, ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import WAIVED, Reason, Wish
from marelle.domain.reservations.rules.sentences import refusal_sentence


def money_facts(authority: Authority, options: Options) -> Accounts:
    """Will return families, régies that invoice here, balances taken over and invoices of other software."""
    sums: dict[int, dict[str, int]] = {}
    postings = list(standing_openings().filter(authority=authority).select_related("payer"))
    entries = LedgerEntry.objects.filter(posting__in=[one.pk for one in postings])
    for posting, name, cents in entries.values_list("posting", "account").annotate(sum=Sum("cents")):
        sums.setdefault(posting, {})[name] = cents
    account = LedgerEntry.Account
    imported = Invoice.objects.issued().exclude(origin=Invoice.Origin.MARELLE)
    return Accounts(
        families=family_facts(authority, on=options.on),
        regies=_regies(authority),
        openings={
            (one.payer.family_id, one.regie_id): KnownOpening(
                sums[one.pk].get(account.RECEIVABLE, 0), -sums[one.pk].get(account.WALLET, 0), one.date
            )
            for one in postings
            if one.payer.family_id is not None
        },
        invoices={
            (one.regie_id, one.number.upper()): KnownInvoice(
                one.number, one.family_id, one.total_cents, one.issued_on, one.due_on
            )
            for one in imported.filter(authority=authority, withdrawn_at=None)
        },
    )


def mandate_facts(authority: Authority, options: Options) -> Accounts:
    """Will return families, régies with their creditors, and mandates."""
    return Accounts(
        families=family_facts(authority, on=options.on),
        regies=_regies(authority),
        mandates=tuple(
            KnownMandate(
                one.family_id, one.regie_id, one.ics, one.rum, one.iban, one.signed_on, one.state in LIVING_STATES
            )
            for one in DirectDebitMandate.objects.filter(authority=authority).order_by("pk")
        ),
    )


def _regies(authority: Authority) -> tuple[KnownRegie, ...]:
    ics = dict(CreditorAccount.objects.filter(authority=authority).values_list("regie", "ics"))
    rows = Regie.objects.filter(authority=authority, has_billing=True).order_by("name", "pk")
    return tuple(KnownRegie(one.pk, one.code, one.name, ics.get(one.pk, "")) for one in rows)


def day_facts(authority: Authority, entries: Sequence[Entry], options: Options) -> KnownDays:
    """Will return what is known of the days that rows ask for: one statement for all the children and days."""
    families = family_facts(authority, on=options.on)
    offer = offer_of(authority)
    products = tuple(
        KnownProduct(one.pk, one.code, one.name, one.activity.service.is_prepaid) for one in offer.products
    )
    wanted = asked(entries, families, products, options)
    if not wanted:
        return KnownDays(families, products)
    at = datetime.combine(options.on, datetime.min.time(), tzinfo=authority.zone)
    return _days(wanted, families, products, offer, at)


def _days(
    wanted: list[tuple[int, Triple]],
    families: Known,
    products: tuple[KnownProduct, ...],
    offer: Offer,
    at: datetime,
) -> KnownDays:
    dates = [key.day for _family, key in wanted]
    children = {key.child: families.child_of[key.child] for _family, key in wanted}
    # Of the home that is named, only its blocks and what it has in common with others are read: an agent passes over.
    planning = read_planning(
        [ChildFacts(one.key, one.birth_date) for one in children.values()],
        [offer.product_by_pk[key] for key in sorted({key.product for _family, key in wanted})],
        min(dates),
        max(dates),
        offer=offer,
        family=wanted[0][0],
        user=None,
    )
    booked: dict[Triple, int] = {}
    enrolled: set[Triple] = set()
    against: dict[Triple, str] = {}
    slots: dict[Triple, tuple[int, ...]] = {}
    left: dict[int, int] = {}
    for _family, triple in wanted:
        key = DayKey(*triple)
        product = offer.product_by_pk[key.product]
        if planning.is_enrolled(key.child, product.activity.pk, key.date):
            enrolled.add(triple)
        if key in planning.booked:
            booked[triple] = planning.booked[key].family
            continue
        if triple in slots:
            continue  # the same day twice: the second row is refused for it
        no = [
            one
            for one in planning.decision(key, Wish.RESERVE, at=at).refusals
            if one.reason not in WAIVED and one.reason is not Reason.FULL
        ]
        if no:
            first, more = refusal_sentence(
                no[0],
                wish=Wish.RESERVE,
                product_name=product.name,
                child_name=children[key.child].first_name,
                rule=offer.day(product, key.date),
            )
            against[triple] = f"{first} {more}".strip()
            continue
        places = planning.slots_for(key) or ()
        slots[triple] = tuple(one.pk for one in places)
        left |= {one.pk: one.left for one in places if one.left is not None}
        # The rows before it count: a child does not come to two things at the same hours.
        planning.wish(key, BasketWish(Wish.RESERVE))
    return KnownDays(families, products, booked, frozenset(enrolled), against, slots, left)

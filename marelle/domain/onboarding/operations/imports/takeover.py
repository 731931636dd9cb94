"""What a former software knew is written by the operations of the rooms below, and undone by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Final, TypeVar

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import InvoiceLine
from marelle.domain.billing.operations.payers import open_account
from marelle.domain.billing.operations.taking_over import (
    Opening,
    UnableToTakeOverError,
    close_openings,
    open_balances,
    take_over_invoices,
)
from marelle.domain.billing.rules.imports import Wanted
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Family
from marelle.domain.onboarding.models import ImportLine
from marelle.domain.onboarding.operations.imports.rows import ChangedSinceError, Done, Taken
from marelle.domain.onboarding.queries.takeover import day_facts, mandate_facts, money_facts
from marelle.domain.onboarding.rules.imports.kinds import (
    Entry,
    Options,
    TakeBalance,
    TakeDay,
    TakeInvoice,
    TakeMandate,
)
from marelle.domain.onboarding.rules.imports.takeover.accounts import Accounts
from marelle.domain.onboarding.rules.imports.takeover.balances import BalancesOfFamilies
from marelle.domain.onboarding.rules.imports.takeover.days import DaysToCome, KnownDays
from marelle.domain.onboarding.rules.imports.takeover.invoices import UnpaidInvoices
from marelle.domain.onboarding.rules.imports.takeover.mandates import MandatesOfFamilies
from marelle.domain.payments.models import DirectDebitMandate
from marelle.domain.payments.operations.mandates import (
    SignedAccount,
    UnableToSignError,
    drop_mandate,
    take_over_mandate,
)
from marelle.domain.payments.operations.withdrawing import withdraw_untouched
from marelle.domain.payments.rules.bank_accounts import WrongAccountError
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.by_agents import UnableToRecordError
from marelle.domain.reservations.operations.taking_over import give_back_days, take_over_days
from marelle.domain.reservations.queries.planning import DayKey
from marelle.foundation.actors import Actor

IN_USE: Final = ImportLine.Left.IN_USE.value
A = TypeVar("A", TakeBalance, TakeInvoice, TakeDay, TakeMandate)
OfRegie = TypeVar("OfRegie", TakeBalance, TakeInvoice, TakeMandate)


def _acts(taken: Sequence[Taken], kind: type[A]) -> list[tuple[int, A]]:
    """Will return the acts of these lines, each with the place of its line; another kind of act is not written here."""
    found: list[tuple[int, A]] = []
    for line in taken:
        for act in line.acts:
            if not isinstance(act, kind):
                raise TypeError(type(act).__name__)
            found.append((line.position, act))
    return found


def _by_regie(
    authority: Authority, acts: Sequence[tuple[int, OfRegie]]
) -> list[tuple[Regie, list[tuple[int, OfRegie]]]]:
    of: defaultdict[int, list[tuple[int, OfRegie]]] = defaultdict(list)
    for position, act in acts:
        of[act.regie].append((position, act))
    regies = Regie.objects.filter(authority=authority).in_bulk(of)
    return [(regies[key], of[key]) for key in sorted(of)]


def _keys(done: Mapping[int, list[Done]]) -> dict[int, int]:
    """Will return, by the row (key) that it made, the place of each line."""
    return {one[1]: position for position, acts in done.items() for one in acts}


class OfBalances:
    """Balances: postings of the ledger against an « à nouveau »; undone by their counter-entries."""

    kind = BalancesOfFamilies()

    def known(self, authority: Authority, entries: Sequence[Entry], options: Options) -> Accounts:
        """Will return accounts and the balances that were taken over."""
        return money_facts(authority, options)

    def write(
        self, authority: Authority, taken: Sequence[Taken], *, by: Actor, at: datetime, tell: Callable[[int], None]
    ) -> Mapping[int, list[Done]]:
        """Will post the balances, régie by régie."""
        done: dict[int, list[Done]] = {}
        for regie, acts in _by_regie(authority, _acts(taken, TakeBalance)):
            openings = [Opening(one.family, one.owed_cents, one.advance_cents, one.on) for _position, one in acts]
            try:
                made = open_balances(regie, openings, by=by, at=at)
            except UnableToTakeOverError as error:
                raise ChangedSinceError from error
            done |= {position: [["opening", made[one.family]]] for position, one in acts}
            tell(100 * len(done) // len(taken))
        return done

    def undo(
        self, authority: Authority, done: Mapping[int, list[Done]], *, by: Actor, at: datetime
    ) -> Mapping[int, str]:
        """Will post their counter-entries; a balance that was paid or spent since stays."""
        keys = _keys(done)
        stays = close_openings(keys, date=at.astimezone(authority.zone).date(), by=by, at=at)
        return {keys[one]: IN_USE for one in stays}


class OfInvoices:
    """Unpaid invoices: imported invoices of known families; undone by withdrawing them."""

    kind = UnpaidInvoices()

    def known(self, authority: Authority, entries: Sequence[Entry], options: Options) -> Accounts:
        """Will return accounts and the invoices of other software."""
        return money_facts(authority, options)

    def write(
        self, authority: Authority, taken: Sequence[Taken], *, by: Actor, at: datetime, tell: Callable[[int], None]
    ) -> Mapping[int, list[Done]]:
        """Will issue and post what is left of the invoices, régie by régie, on the day of the import."""
        done: dict[int, list[Done]] = {}
        on = at.astimezone(authority.zone).date()
        for regie, acts in _by_regie(authority, _acts(taken, TakeInvoice)):
            names = dict(Family.objects.filter(pk__in={one.family for _at, one in acts}).values_list("pk", "name"))
            wanted = [
                (
                    one.family,
                    Wanted(one.number, one.label, one.cents, one.issued_on, one.due_on, names[one.family]),
                )
                for _position, one in acts
            ]
            try:
                made = take_over_invoices(regie, wanted, on=on, by=by, at=at)
            except UnableToTakeOverError as error:
                raise ChangedSinceError from error
            done |= {position: [["invoice", made[one.number]]] for position, one in acts}
            tell(100 * len(done) // len(taken))
        return done

    def undo(
        self, authority: Authority, done: Mapping[int, list[Done]], *, by: Actor, at: datetime
    ) -> Mapping[int, str]:
        """Will withdraw the invoices; one that is paid, or being paid, stays."""
        keys = _keys(done)
        stays = withdraw_untouched(keys.keys(), on=at.astimezone(authority.zone).date(), by=by, at=at)
        return {keys[one]: IN_USE for one in stays}


class OfDays:
    """Reservations to come: places taken family by family; undone by giving them back."""

    kind = DaysToCome()

    def known(self, authority: Authority, entries: Sequence[Entry], options: Options) -> KnownDays:
        """Will return what is known of the days that are asked for."""
        return day_facts(authority, entries, options)

    def write(
        self, authority: Authority, taken: Sequence[Taken], *, by: Actor, at: datetime, tell: Callable[[int], None]
    ) -> Mapping[int, list[Done]]:
        """Will reserve the days, all or none: a place that went meanwhile stops everything."""
        homes: defaultdict[int, list[tuple[int, DayKey]]] = defaultdict(list)
        for position, act in _acts(taken, TakeDay):
            homes[act.family].append((position, DayKey(act.child, act.product, act.day)))
        offer = offer_of(authority)
        done: dict[int, list[Done]] = {}
        for family, days in sorted(homes.items()):
            try:
                made = take_over_days(family, [key for _position, key in days], offer=offer, by=by, at=at)
            except UnableToRecordError as error:
                raise ChangedSinceError from error
            done |= {position: [["day", made[key]]] for position, key in days}
            tell(100 * len(done) // len(taken))
        return done

    def undo(
        self, authority: Authority, done: Mapping[int, list[Done]], *, by: Actor, at: datetime
    ) -> Mapping[int, str]:
        """Will give the places back; a day that was invoiced, lived, or that a family asked about since stays."""
        keys = _keys(done)
        days = {
            pk: (child, product, day)
            for pk, child, product, day in Reservation.objects.filter(authority=authority, pk__in=keys).values_list(
                "pk", "child_id", "product_id", "date"
            )
        }
        lines = InvoiceLine.objects.filter(
            authority=authority, child__in={child for child, _product, _day in days.values()}
        )
        invoiced = {
            (child, product, day)
            for child, product, on in lines.values_list("child_id", "product_id", "days")
            for day in on
        }
        billed = {key for key, day in days.items() if day in invoiced}
        stays = billed | give_back_days(keys.keys() - billed, by=by, at=at)
        return {keys[one]: IN_USE for one in stays}


class OfMandates:
    """Mandates: recorded under their own reference; undone as long as none served."""

    kind = MandatesOfFamilies()

    def known(self, authority: Authority, entries: Sequence[Entry], options: Options) -> Accounts:
        """Will return accounts and mandates."""
        return mandate_facts(authority, options)

    def write(
        self, authority: Authority, taken: Sequence[Taken], *, by: Actor, at: datetime, tell: Callable[[int], None]
    ) -> Mapping[int, list[Done]]:
        """Will record the mandates, the accounts of their families opened where they had none."""
        done: dict[int, list[Done]] = {}
        for regie, acts in _by_regie(authority, _acts(taken, TakeMandate)):
            families = Family.objects.filter(authority=authority).in_bulk([one.family for _position, one in acts])
            for position, one in acts:
                payer = open_account(families[one.family], regie, by=by, at=at)
                try:
                    made = take_over_mandate(
                        payer,
                        SignedAccount(one.holder, one.address, one.iban, one.bic),
                        rum=one.rum,
                        place=one.place,
                        signed_on=one.signed_on,
                        # The hour is not known.
                        signed_at=datetime.combine(one.signed_on, time(12), tzinfo=authority.zone),
                        last_used_on=one.last_used_on,
                        by=by,
                        at=at,
                    )
                except (UnableToSignError, WrongAccountError) as error:
                    raise ChangedSinceError from error
                done[position] = [["mandate", made.pk]]
                tell(100 * len(done) // len(taken))
        return done

    def undo(
        self, authority: Authority, done: Mapping[int, list[Done]], *, by: Actor, at: datetime
    ) -> Mapping[int, str]:
        """Will remove the mandates; one that serves, was changed or revoked since stays."""
        keys = _keys(done)
        rows = DirectDebitMandate.objects.filter(authority=authority, pk__in=keys).order_by("pk")
        return {keys[one.pk]: IN_USE for one in rows if not drop_mandate(one, by=by, at=at)}

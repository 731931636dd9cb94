"""What is due by package: for a span, in parts, by cards; and what is given back of the days that are in one."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.billing.rules.charges.books import Unit
from marelle.domain.billing.rules.charges.charge import EVERY_CHILD, TROUBLE_OF, Kind, Name
from marelle.domain.billing.rules.charges.goods import last_day
from marelle.domain.catalog.rules.price_steps import PriceStep, Unpriced, amount_of
from marelle.domain.catalog.rules.pricing import NOTHING_DUE
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import Package, Scope
from marelle.domain.reservations.rules.delivered import Lived, What
from marelle.domain.reservations.rules.two_homes import Share, half_installment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.billing.rules.charges.books import Books
    from marelle.domain.billing.rules.charges.goods import Good, Voted
    from marelle.domain.catalog.rules.tariffs import Tariff
    from marelle.foundation.periods import Period

# What an invoice says of a package that two homes pay, without a word of the other one.
HALF: Final = "moitié"
HALF_OF_IT: Final = "La moitié"


class _Sale(NamedTuple):
    """A package that is due from a day on: of a child or of all of them, for the child `payer`, priced as on `priced`.

    `until` is the last day on which that child is enrolled under it.
    """

    package: Package
    good: Good
    voted: Voted
    child: int
    payer: int
    day: date
    priced: date
    until: date


def package_of(books: Books, one: Lived, good: Good, day: date) -> Package | None:
    """Will return the package in which the day is, None when it is paid by itself."""
    tariff = good.tariff_on(day)
    if tariff is None or tariff.rules is None or not tariff.rules.packages:
        return None
    formula = books.home.formula(one.child, good.activity, day)
    if formula is None:
        return None
    return next(
        (package for package in tariff.rules.packages if package.includes_days and _is_under(package, formula)),
        None,
    )


def give_back_days(books: Books, package: Package, one: Lived, days: tuple[date, ...], tariff: Tariff | None) -> None:
    """Will give back what the home pays of each day of a package that the règlement gives back."""
    if not package.refund or one.rule != NOTHING_DUE:
        return
    good = books.goods[one.product]
    shares: dict[Share, list[date]] = defaultdict(list)
    for day in days:
        shares[_refunded(books, package, one.child, good, day)].append(day)
    for share, each in shares.items():
        cents = share.of(package.refund)
        if not cents:
            continue
        label = f"{package.name}, jour rendu"
        name = Name(Kind.PACKAGE_REFUND, one.child, one.product, package.code)
        steps = [PriceStep(f"Remboursé par {good.sold.noun}", -package.refund)]
        if share.is_half:
            steps.append(PriceStep(HALF_OF_IT, package.refund - cents))
        books.enter(Unit(name, -cents, label, tuple(steps)), tuple(each), tariff)


def _refunded(books: Books, package: Package, child: int, good: Good, day: date) -> Share:
    """Will return what the home pays of the package in which a day is: as of the day on which it was due."""
    if child not in books.home.shared or package.sessions:
        return Share.WHOLE
    due = day
    if not package.installments:
        span = span_of(day, package.per or Per.MONTH, books.calendar)
        due = min(
            max(span.starts_on, one.starts_on)
            for one in books.home.under_packages(good.activity)
            if one.child == child and _is_under(package, one.formula) and span.starts_on <= one.ends_on
        )
    return books.home.share(child, good.service, due)


def give_back_elsewhere(books: Books, elsewhere: Sequence[Lived]) -> None:
    """Will give back what the home pays of days, of a package, that another home of the child answers for."""
    for one in elsewhere:
        good = books.goods.get(one.product)
        if good is None or one.rule != NOTHING_DUE or one.due is not None:
            continue
        for day in one.days:
            package, tariff = package_of(books, one, good, day), good.tariff_on(day)
            if package is not None and not package.sessions and tariff is not None:
                give_back_days(books, package, one, (day,), tariff.rules)


def charge_packages(books: Books) -> None:
    """Will charge the packages of the children enrolled under them."""
    for good in books.goods.values():
        offered = [one for voted in good.sold.tariffs if voted.rules is not None for one in voted.rules.packages]
        if any(not package.sessions for package in offered):
            _sell(books, good)
        for code in dict.fromkeys(package.code for package in offered if package.sessions):
            _sell_cards(books, code, good)


def _sell(books: Books, good: Good) -> None:
    """Will charge each package once in each of its spans that the period shares, from the day on which it is due.

    A child who leaves owes it whole, and one who comes back in the same span, or comes from its other home, owes it
    once.
    """
    enrolled = books.home.under_packages(good.activity)
    sold: set[tuple[str, int, date]] = set()
    due: dict[tuple[str, int, date], list[_Sale]] = {}
    for one in enrolled:
        for voted in good.sold.tariffs:
            for package in voted.rules.packages if voted.rules is not None else ():
                if package.sessions or not _is_under(package, one.formula):
                    continue
                child = EVERY_CHILD if package.scope is Scope.FAMILY else one.child
                until = max(
                    other.ends_on
                    for other in enrolled
                    if other.child == one.child and _is_under(package, other.formula)
                )
                for span in _spans(books, package.per or Per.MONTH, one.starts_on, one.ends_on):
                    day = max(span.starts_on, one.starts_on)
                    key = (package.code, one.child, span.starts_on)
                    if key not in sold and good.tariff_on(day) is voted:
                        sold.add(key)
                        priced = _came(books, one.child, good, span) or day
                        sale = _Sale(package, good, voted, child, one.child, day, priced, until)
                        due.setdefault((package.code, child, span.starts_on), []).append(sale)
    for (_code, _child, starts_on), sales in due.items():
        _due(books, sales, starts_on)


def _came(books: Books, child: int, good: Good, span: Period) -> date | None:
    """Will return the first day of a span on which the child is enrolled from this home."""
    return min(
        (
            max(span.starts_on, one.starts_on)
            for one in books.home.enrolled
            if (one.child, one.activity) == (child, good.activity)
            and one.starts_on <= last_day(span)
            and one.ends_on >= span.starts_on
        ),
        default=None,
    )


def _spans(books: Books, per: Per, starts_on: date, ends_on: date) -> Iterable[Period]:
    """Will yield the spans of an enrollment that the period shares, in order."""
    day = max(starts_on, span_of(books.period.starts_on, per, books.calendar).starts_on)
    while day <= min(books.last, ends_on):
        span = span_of(day, per, books.calendar)
        yield span
        day = last_day(span) + timedelta(days=1)


def _due(books: Books, sales: Sequence[_Sale], year_starts_on: date) -> None:
    """Will charge what the home pays of a package: once, for whichever of its children it pays the most."""
    package = sales[0].package
    if not package.installments:
        sale = max(sales, key=lambda each: _share(books, each, each.day))
        _sold(books, sale, sale.day, share=_share(books, sale, sale.day))
        return
    # Who comes after some of them owes these at once; who leaves owes no more of them.
    parts: dict[tuple[date, Share], list[int]] = defaultdict(list)
    for nth, month in enumerate(_months(year_starts_on, package.installments)):
        found = [(_share(books, sale, day), day) for sale in sales if (day := max(month, sale.day)) <= sale.until]
        if found:
            share, day = max(found, key=lambda each: (each[0], -each[1].toordinal()))
            parts[day, share].append(nth)
    first_month = span_of(books.period.starts_on, Per.MONTH, books.calendar).starts_on
    payer = max(sales, key=lambda each: _share(books, each, each.day))
    for (day, share), places in parts.items():
        if first_month <= day <= books.last:
            _sold(books, payer, day, places=places, share=share)


def _share(books: Books, sale: _Sale, day: date) -> Share:
    return books.home.share(sale.payer, sale.good.service, day)


def _sell_cards(books: Books, code: str, good: Good) -> None:
    """Will charge a card of so many sessions each time that one is begun; none lasts beyond its school year.

    Each of two homes has its own.
    """
    left: dict[tuple[int, date], int] = defaultdict(int)
    opened: dict[tuple[int, date], list[_Sale]] = defaultdict(list)
    for day, child in sorted(_sessions(books, good)):
        voted, enrollment = good.tariff_on(day), books.home.enrollment(child, good.activity, day)
        if voted is None or voted.rules is None or enrollment is None:
            continue
        for package in voted.rules.packages:
            if package.code != code or not package.sessions or not _is_under(package, enrollment.formula):
                continue
            owner = EVERY_CHILD if package.scope is Scope.FAMILY else child
            year = span_of(day, Per.SCHOOL_YEAR, books.calendar).starts_on
            if not left[owner, year]:
                left[owner, year] = package.sessions
                opened[owner, day].append(_Sale(package, good, voted, owner, child, day, day, day))
            left[owner, year] -= 1
    for (_owner, day), sales in opened.items():
        if day in books.period:
            _sold(books, sales[0], day, cards=len(sales))


def _sessions(books: Books, good: Good) -> set[tuple[date, int]]:
    """Will return the days that count on a card, each with the child: all but those that are given back."""
    return {
        (day, one.child)
        for one in books.lived
        if one.product == good.sold.pk and one.what is not What.CANCELLED and one.rule != NOTHING_DUE
        for day in one.days
    }


def _sold(
    books: Books, sale: _Sale, day: date, *, places: Sequence[int] = (), cards: int = 1, share: Share = Share.WHOLE
) -> None:
    if share is Share.NOTHING:
        return
    # Priced as on the day on which it is due first: a year begun in September keeps its quotient.
    package, good = sale.package, sale.good
    facts = books.home.facts(sale.payer, good.activity, sale.priced, together=good.together)
    rules = sale.voted.rules
    if rules is None:  # pragma: no cover  a package comes from rules that were read
        return
    priced = amount_of(package.amount, facts, rounding=rules.rounding)
    if isinstance(priced, Unpriced):
        books.noted.setdefault((TROUBLE_OF[priced.lacking], sale.payer, good.sold.pk), []).append(day)
        return
    cents, steps, label = priced.cents, priced.steps, package.name
    parts: tuple[int, ...] = (cents,)
    if places:
        of = len(package.installments)
        parts = tuple(priced.cents // of + (nth < priced.cents % of) for nth in range(of))
        cents = sum(parts[nth] for nth in places)
        said = _installments_in_words(places, of)
        label = f"{package.name}, {said}"
        steps = (*steps, PriceStep(f"{said[:1].upper()}{said[1:]}", cents - priced.cents))
    elif cards > 1:
        cents = priced.cents * cards
        label = f"{package.name}, {cards} cartes"
        steps = (*steps, PriceStep(f"{cards} cartes", cents - priced.cents))
    if share.is_half:
        half = sum(half_installment(share, parts, nth) for nth in places or (0,))
        cents, steps, label = half, (*steps, PriceStep(HALF_OF_IT, half - cents)), f"{label}, {HALF}"
    name = Name(Kind.PACKAGE, sale.child, good.sold.pk, package.code)
    books.keep(Unit(name, cents, label, steps, priced.measured, priced.bracket), [day], rules.components)


def _is_under(package: Package, formula: str) -> bool:
    return package.is_for_all or package.code == formula


def _installments_in_words(places: Sequence[int], of: int) -> str:
    if len(places) == 1:
        return f"échéance {places[0] + 1} sur {of}"
    return f"échéances {places[0] + 1} à {places[-1] + 1} sur {of}"


def _months(year_starts_on: date, months: Iterable[int]) -> list[date]:
    """Will return the first day of each of these months of the school year, in its order."""
    found = []
    for month in months:
        year = year_starts_on.year if month >= year_starts_on.month else year_starts_on.year + 1
        found.append(date(year, month, 1))
    return sorted(found)

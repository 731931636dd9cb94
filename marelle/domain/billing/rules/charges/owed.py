"""What a home owes for a period: its days and packages, less what caps and aids take off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.rules.charges.aids import take_aids_off
from marelle.domain.billing.rules.charges.books import Books
from marelle.domain.billing.rules.charges.caps import take_caps_off
from marelle.domain.billing.rules.charges.days import charge_days
from marelle.domain.billing.rules.charges.packages import charge_packages, give_back_elsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marelle.domain.billing.rules.charges.charge import Account
    from marelle.domain.billing.rules.charges.goods import Good, Helped
    from marelle.domain.reservations.rules.delivered import Lived
    from marelle.domain.reservations.rules.homes import Home
    from marelle.foundation.periods import Period
    from marelle.foundation.school_days import Calendar


def charges_of(
    home: Home,
    lived: Sequence[Lived],
    goods: Mapping[int, Good],
    *,
    period: Period,
    calendar: Calendar,
    aids: Sequence[Helped] = (),
    elsewhere: Sequence[Lived] = (),
) -> Account:
    """Will return what a home owes for `period`, for what was lived around it (see `widest`), aids taken off.

    `goods` by product key: what is not among them is not billed. `elsewhere` is what its children lived on days that
    another home answers for: a day that is given back out of a package is given back to who pays the package.
    """
    books = Books(home, lived, goods, period, calendar)
    charge_days(books)
    charge_packages(books)
    give_back_elsewhere(books, elsewhere)
    take_caps_off(books)
    take_aids_off(books, aids)
    return books.closed()

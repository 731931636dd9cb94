"""What a home owes for what was lived: from days to charges. In cents.

A charge derives from facts and is never typed twice. It is named by what it is for (kind, child, product, key, day):
what was invoiced already under the same name is taken off it in `differences.py`.
"""

from marelle.domain.billing.rules.charges.charge import (
    EVERY_CHILD,
    NOT_BILLED,
    Account,
    Charge,
    Kind,
    Name,
    Noted,
    Trouble,
)
from marelle.domain.billing.rules.charges.goods import Good, Helped, Sold, Voted, last_day, widest
from marelle.domain.billing.rules.charges.owed import charges_of

__all__ = [
    "EVERY_CHILD",
    "NOT_BILLED",
    "Account",
    "Charge",
    "Good",
    "Helped",
    "Kind",
    "Name",
    "Noted",
    "Sold",
    "Trouble",
    "Voted",
    "charges_of",
    "last_day",
    "widest",
]

"""The règlement, and the tariff, as data: what is stored, written in a file, and read back exactly.

```yaml
book: {shape: offset, count: 1, unit: school_day, time: "09:00", boundary: lt}
cancel: same            # or another act
article: "article 6"    # where the council's text says it
```
Times are quoted, weekdays are mon … sun, as in the corpus of published rules; amounts are « "3,10" », in euros.
"""

from marelle.domain.catalog.rules.written.fields import WEEKDAY_CODES, InvalidReglementError
from marelle.domain.catalog.rules.written.reglement import read_reglement, write_reglement
from marelle.domain.catalog.rules.written.tariff import InvalidTariffError, read_tariff, write_tariff

__all__ = [
    "WEEKDAY_CODES",
    "InvalidReglementError",
    "InvalidTariffError",
    "read_reglement",
    "read_tariff",
    "write_reglement",
    "write_tariff",
]

"""Reading tariffs with worked prices: our own form (`tariffs`), or a corpus of published rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from marelle.commands.published_rules.cases import IS_AMBIGUOUS
from marelle.commands.published_rules.reading import read_corpus
from marelle.commands.published_rules.written_file import plain_values
from marelle.commands.published_tariffs.corpus import worked_of
from marelle.commands.published_tariffs.worked import Asked, Worked
from marelle.domain.catalog.rules.price_steps import PriceFacts
from marelle.domain.catalog.rules.pricing import FULL_PRICE
from marelle.domain.catalog.rules.tariffs import Counted, Tariff
from marelle.domain.catalog.rules.written.fields import InvalidWrittenError, any_date
from marelle.domain.catalog.rules.written.reglement import read_price
from marelle.domain.catalog.rules.written.tariff import LONGEST_MINUTES, TariffFields, as_bound, read_tariff
from marelle.foundation.yaml_files import Fault, InvalidFile, Where, key_in_words

NEITHER: Final = "le fichier doit avoir une liste « tariffs », ou « communes » et « tariff_only »"
IDENTITY: Final = ("id", "name", "url", "product", "valid_from", "resolution", "prices")
MOST: Final = 366


def read_worked(path: Path) -> list[Worked]:
    """Will read the worked prices of a file; raises UnreadableFile or InvalidFile, with all the faults."""
    root, lines = plain_values(path)
    if isinstance(root, dict) and {"communes", "tariff_only"} & set(root):
        return worked_of(read_corpus(path))
    if not isinstance(root, dict) or not isinstance(root.get("tariffs"), list):
        raise InvalidFile([Fault(1, "", NEITHER)])
    reader = _Reader(path, lines)
    worked = [one for place, said in enumerate(root["tariffs"]) for one in reader.tariff(said, ("tariffs", place))]
    if reader.faults:
        raise InvalidFile(reader.faults)
    return worked


class _Reader:
    """Reads our own form, and gathers what is wrong in `faults`."""

    def __init__(self, path: Path, lines: Mapping[Where, int]) -> None:
        self._path = path
        self._lines = lines
        self.faults: list[Fault] = []

    def tariff(self, said: Any, where: Where) -> Iterator[Worked]:
        try:
            fields = TariffFields(said, TariffFields.root)
            named = fields.words("id")
            product = fields.words("product", required=False)
            for name in ("name", "url", "resolution"):
                fields.text(name)
            if "valid_from" in fields:
                fields.read("valid_from", any_date)
            prices = fields.each("prices")
            tariff = read_tariff({name: value for name, value in said.items() if name not in IDENTITY})
        except InvalidWrittenError as error:
            self._fault(error, where)
            return
        about = f"{named}, {product}" if product else named
        for place, (_key, value) in enumerate(prices):
            at: Where = (*where, "prices", place)
            try:
                yield self._price(value, tariff, f"{self._path}:{self._line(at)}: {about}")
            except InvalidWrittenError as error:
                self._fault(error, at)

    def _price(self, value: Any, tariff: Tariff, place: str) -> Worked:
        fields = TariffFields(value, TariffFields.root)
        about = ", ".join(f"{name} : {_said(each)}" for name, each in value.items() if name not in ("expected", "why"))
        why = fields.text("why")
        if "expected" not in fields:
            raise fields.fault("expected", "ce champ est obligatoire")
        asked = _asked(fields, tariff)
        expected = fields.take("expected")
        if expected == "ambiguous":
            fields.done()
            return Worked(place, about, asked, kind=IS_AMBIGUOUS, why=why)
        cents = None if expected == "none" else TariffFields({"expected": expected}, fields.root).cents("expected")
        fields.done()
        return Worked(place, about, asked, tariff, cents, why)

    def _fault(self, error: InvalidWrittenError, where: Where) -> None:
        steps = () if error.key == TariffFields.root else tuple(error.key.split("."))
        at = (*where, *(int(step) if step.isdigit() else step for step in steps))
        self.faults.append(Fault(self._line(at), key_in_words(at), error.reason))

    def _line(self, where: Where) -> int:
        while where and where not in self._lines:
            where = where[:-1]
        return self._lines.get(where, 1)


def _asked(fields: TariffFields, tariff: Tariff) -> Asked:
    ruled = fields.read("ruled", read_price) if "ruled" in fields else FULL_PRICE
    package = fields.words("package") if "package" in fields else None
    if package is not None and package not in {one.code for one in tariff.packages}:
        raise fields.fault("package", f"aucun forfait n’a le code « {package} »")
    if "late_pickup" in fields and tariff.late_pickup is None:
        raise fields.fault("late_pickup", "ce tarif ne dit rien des retards")
    return Asked(
        PriceFacts(
            fields.read("quotient", as_bound) if "quotient" in fields else None,
            fields.read("income", as_bound) if "income" in fields else None,
            frozenset(fields.codes("situations")) if "situations" in fields else frozenset(),
            minutes=fields.count("minutes", 0, LONGEST_MINUTES, default=None),
            **{counted.value: fields.count(counted.value, 1, MOST, default=1) for counted in Counted},
        ),
        ruled,
        package,
        fields.count("refunded", 0, MOST, default=0),
        fields.count("late_pickup", 0, LONGEST_MINUTES, default=None),
        fields.count("home", 1, MOST, default=None),
    )


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)

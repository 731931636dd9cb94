"""A price as a form: one amount, a table of bands, an effort rate, by situation, by number, by duration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from marelle.domain.catalog.rules.acts import NON_RESIDENT
from marelle.domain.catalog.rules.price_steps import SITUATIONS
from marelle.domain.catalog.rules.tariffs import Counted, Measure
from marelle.web.office.long_forms.pieces import (
    OMIT,
    Checks,
    Flag,
    Group,
    Line,
    Number,
    Option,
    Rows,
    Select,
    Variant,
    keyed,
    nothing,
    plain,
    tagged,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_COLUMNS: Final = 5
MEASURES: Final = ((Measure.QUOTIENT.value, "quotient familial"), (Measure.INCOME.value, "revenu mensuel"))
COUNTS: Final = (
    (Counted.RANK.value, "le rang de l’enfant parmi les inscrits"),
    (Counted.RANK_PRESENT.value, "le rang de l’enfant parmi les présents ce jour"),
    (Counted.SIBLINGS_PRESENT.value, "le nombre d’enfants présents ce jour"),
    (Counted.CHILDREN_ENROLLED.value, "le nombre d’enfants inscrits"),
    (Counted.DAYS_OF_WEEK.value, "le nombre de jours dans la semaine"),
)


class Codes(Group):
    """Situations: those that every town has, ticked, and codes of its own, typed with commas."""

    __slots__ = ()

    def written(self, typed: dict[str, Any]) -> Any:
        """Will return the codes, those ticked first."""
        others = (code.strip() for code in typed["others"].replace(";", ",").split(","))
        return [*typed["known"], *(code for code in others if code)] or OMIT

    def typed(self, written: Any) -> dict[str, Any]:
        """Will tell the known codes from the others."""
        codes = () if written is OMIT else tuple(written)
        return {
            "known": tuple(code for code in codes if code in SITUATIONS),
            "others": ", ".join(code for code in codes if code not in SITUATIONS),
        }


class Place(Select):
    """The first, the last, or the number of another."""

    __slots__ = ()

    def written(self, typed: str) -> Any:
        """Will return the number as one."""
        return int(typed) if typed.isascii() and typed.isdecimal() else typed or OMIT


def codes(label: str) -> Codes:
    """Will describe for whom something holds."""
    return Codes(
        label,
        (
            ("known", Checks("Situations", tuple(SITUATIONS.items()))),
            (
                "others",
                Line(
                    "Autres codes",
                    is_optional=True,
                    hint="Catégories de familles, formules ou options d’inscription, niveaux (cp, ce1…), "
                    "séparés par des virgules.",
                ),
            ),
        ),
    )


def money(label: str, *, is_optional: bool = False, hint: str = "") -> Line:
    """Will describe an amount."""
    return Line(label, "money", unit="€", is_optional=is_optional, hint=hint)


FLAT: Final = plain("flat", "un prix", money("Prix"))


def _columns(written: Any) -> Any:
    if (
        not isinstance(written, dict)
        or written.get("by") not in list(Counted)
        or set(written) - {"by", "prices", "together"}
    ):
        return None
    prices = written.get("prices")
    if not isinstance(prices, list) or len(prices) > MOST_COLUMNS or not all(isinstance(one, str) for one in prices):
        return None
    together = {"together": True} if written.get("together") else {}
    return {"by": written["by"], **together, **{f"prices.{place}": one for place, one in enumerate(prices)}}


def _from_columns(group: dict[str, Any]) -> Any:
    prices = [group.get(f"prices.{place}", "") for place in range(MOST_COLUMNS)]
    while len(prices) > 1 and not prices[-1]:
        prices.pop()
    together = {"together": True} if group.get("together") else {}
    return {"by": group.get("by", ""), "prices": prices, **together}


# A table of bands has these as columns: no row to add for each.
COLUMNS: Final = Option(
    "columns",
    "un prix par enfant ou par jour compté",
    _columns,
    _from_columns,
    Group(
        "",
        (
            ("by", Select("Selon", COUNTS)),
            ("prices.0", money("Pour 1 (ou le 1er)")),
            *(
                (
                    f"prices.{place}",
                    money(f"Pour {place + 1} (ou le {place + 1}e)", is_optional=True),
                )
                for place in range(1, MOST_COLUMNS)
            ),
            ("together", Flag("C’est le prix de tous les enfants présents ensemble")),
        ),
        "Le dernier prix vaut pour les suivants.",
    ),
)


def _outsiders(written: Any) -> Any:
    match written:
        case {"by": "situation", "cases": [{"for": [code], "price": str(outside), **more}], "otherwise": inside}:
            if code == NON_RESIDENT and not more and (isinstance(inside, str) or _columns(inside) is not None):
                return {"otherwise": inside, "cases.0.price": outside}
    return None


OUTSIDERS: Final = Option(
    "outsiders",
    "un prix hors commune, un autre pour les habitants",
    _outsiders,
    lambda group: {
        "by": "situation",
        "cases": [{"for": [NON_RESIDENT], "price": group.get("cases.0.price", "")}],
        "otherwise": group.get("otherwise", ""),
    },
    Group(
        "",
        (
            ("cases.0.price", money("Hors commune")),
            ("otherwise", Variant("Les habitants paient", (FLAT, COLUMNS))),
        ),
    ),
)

BAND: Final = Group(
    "",
    (
        (
            "+end",
            Variant(
                "La tranche va",
                (
                    keyed("up_to", "jusqu’à (compris)", ("up_to", money("Jusqu’à"))),
                    keyed("below", "en dessous de (non compris)", ("below", money("En dessous de"))),
                    nothing("sans fin : c’est la dernière", "end"),
                ),
            ),
        ),
        ("name", Line("Nom", is_optional=True, hint="Vide : son numéro.")),
        ("price", Variant("On paie", (FLAT, COLUMNS, OUTSIDERS))),
    ),
)


def _bands(written: Any) -> Any:
    return written if isinstance(written, dict) and written.get("by") in list(Measure) else None


BANDS: Final = Option(
    "bands",
    "par tranches de quotient ou de revenu",
    _bands,
    group=Group(
        "",
        (
            ("by", Select("Tranches de", MEASURES)),
            (
                "missing",
                Place(
                    "Qui ne l’a pas donné",
                    (
                        ("", "n’a pas de prix"),
                        ("highest", "paie la dernière tranche"),
                        ("lowest", "paie la première tranche"),
                    ),
                ),
            ),
            ("whole", Flag("Les centimes ne comptent pas")),
            ("bands", Rows("Tranches, de la plus basse à la plus haute", "Ajouter une tranche", BAND)),
        ),
    ),
)

RATE: Final = tagged(
    "by",
    "effort_rate",
    "un taux d’effort",
    ("of", Select("Part", (("", "du quotient familial"), (Measure.INCOME.value, "du revenu mensuel")))),
    ("percent", Line("Taux", "decimal", unit="%", hint="Par exemple 0,36.")),
    ("floor", money("Au moins", is_optional=True)),
    ("ceiling", money("Au plus", is_optional=True)),
    (
        "missing",
        Variant(
            "Qui ne l’a pas donné",
            (
                nothing("n’a pas de prix"),
                word("ceiling", "paie le maximum"),
                plain("amount", "paie un montant", money("Montant")),
            ),
        ),
    ),
)


def _situation(label: str, price: Callable[..., Variant]) -> Option:
    case = Group(
        "",
        (("name", Line("Nom", is_optional=True)), ("for", codes("Pour qui")), ("price", price("On paie"))),
    )
    return tagged(
        "by",
        "situation",
        label,
        ("cases", Rows("La première situation qui convient décide", "Ajouter une situation", case)),
        ("otherwise", price("Les autres", nothing("n’ont pas de prix"))),
    )


def _counted_amounts(written: Any) -> Any:
    return written if isinstance(written, dict) and written.get("by") in list(Counted) else None


# Of what is counted, each with a price of any shape: the rates of nurseries, by number of children.
COUNTED: Final = Option(
    "counted",
    "selon un nombre, chaque fois un autre calcul",
    _counted_amounts,
    group=Group(
        "",
        (
            ("by", Select("Selon", COUNTS)),
            (
                "prices",
                Rows(
                    "Pour 1, puis 2, puis 3… le dernier vaut pour les suivants",
                    "Ajouter un nombre",
                    Variant(
                        "On paie",
                        (
                            FLAT,
                            RATE,
                            _situation(
                                "selon la situation", lambda label, *first: Variant(label, (*first, FLAT, COLUMNS))
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)


def inner(label: str, *first: Option) -> Variant:
    """Will describe a price inside a choice."""
    return Variant(label, (*first, FLAT, BANDS, RATE, COLUMNS, COUNTED, OUTSIDERS))


SITUATION: Final = _situation("selon la situation", inner)
DURATION: Final = tagged(
    "by",
    "duration",
    "à la durée",
    ("minutes", Number("Par tranche de", "number", unit="min", hint="Toute tranche commencée est due.")),
    (
        "presumed",
        Number("Durée supposée quand personne ne l’a notée", "number", unit="min", is_optional=True),
    ),
    ("price", inner("Une tranche de temps coûte")),
)

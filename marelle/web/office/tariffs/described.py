"""The tariff as a form: the shapes that councils vote, in their words. A rarer shape is written as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from marelle.domain.catalog.rules.acts import NON_RESIDENT
from marelle.domain.catalog.rules.price_steps import SITUATIONS
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import Counted, Measure, RoundingMode, Scope
from marelle.domain.catalog.rules.written import read_tariff, write_tariff
from marelle.foundation.french_dates import MONTHS
from marelle.web.office.long_forms.pieces import (
    OMIT,
    Checks,
    Flag,
    Group,
    Line,
    Number,
    Option,
    Piece,
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

    from marelle.domain.catalog.rules.tariffs import Tariff

MOST_COLUMNS: Final = 5
SEPTEMBER: Final = 9
MEASURES: Final = ((Measure.QUOTIENT.value, "quotient familial"), (Measure.INCOME.value, "revenu mensuel"))
COUNTS: Final = (
    (Counted.RANK.value, "le rang de l’enfant parmi les inscrits"),
    (Counted.RANK_PRESENT.value, "le rang de l’enfant parmi les présents ce jour"),
    (Counted.SIBLINGS_PRESENT.value, "le nombre d’enfants présents ce jour"),
    (Counted.CHILDREN_ENROLLED.value, "le nombre d’enfants inscrits"),
    (Counted.DAYS_OF_WEEK.value, "le nombre de jours dans la semaine"),
)
SPANS: Final = (
    (Per.WEEK.value, "semaine"),
    (Per.MONTH.value, "mois"),
    (Per.PERIOD.value, "période (entre deux vacances)"),
    (Per.SCHOOL_YEAR.value, "année scolaire"),
)
SCOPES: Final = ((Scope.CHILD.value, "chaque enfant"), (Scope.FAMILY.value, "tous les enfants du foyer"))
SCHOOL_MONTHS: Final = tuple(range(SEPTEMBER, 13)) + tuple(range(1, SEPTEMBER))


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


class Months(Checks):
    """Months, as numbers."""

    __slots__ = ()

    def written(self, typed: tuple[str, ...]) -> Any:
        """Will return the numbers; what is none is left to the reader to refuse."""
        return [int(one) if one.isascii() and one.isdecimal() else one for one in typed] or OMIT


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


# ------------------------------------------------------------------------------------------------------ what is due
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


# ------------------------------------------------------------------------------------------- what stands around a price
def _less(name: str) -> Any:
    def parse(written: Any) -> Any:
        value = written.get(name) if isinstance(written, dict) else None
        is_less = value < 0 if isinstance(value, int) else isinstance(value, str) and value[:1] == "-"
        return {name: str(value).removeprefix("-")} if is_less else None

    return parse


def _negative(name: str) -> Any:
    def build(group: dict[str, Any]) -> Any:
        value = group.get(name, "")
        return {name: -value if isinstance(value, int) else f"-{value}"}

    return build


def _less_option(name: str, label: str, piece: Line) -> Option:
    return Option(f"less_{name}", label, _less(name), _negative(name), Group("", ((name, piece),)))


def _counted(written: Any, name: str) -> Any:
    if not isinstance(written, dict) or name not in written:
        return None
    value = written[name]
    span = value if isinstance(value, dict) else {"least": value, "upto": value}
    return {f"{name}.{end}": each for end, each in span.items()}


def _count_option(name: str, label: str) -> Option:
    def build(group: dict[str, Any]) -> Any:
        return {name: {end: group[f"{name}.{end}"] for end in ("least", "upto") if f"{name}.{end}" in group}}

    return Option(
        name,
        label.removeprefix("le ").capitalize() if label.startswith("le ") else label,
        lambda written: _counted(written, name),
        build,
        Group(
            "",
            (
                (f"{name}.least", Number("De", "number", is_optional=True)),
                (f"{name}.upto", Number("à", "number", is_optional=True, hint="Vide : et plus.")),
            ),
        ),
    )


CHANGE: Final = Group(
    "",
    (
        ("name", Line("Nom", hint="Tel qu’il sera écrit sur la facture.")),
        (
            "+amount",
            Variant(
                "C’est",
                (
                    _less_option("percent", "une réduction en pour cent", Number("Réduction", "number", unit="%")),
                    _less_option("amount", "une réduction en euros", money("Réduction")),
                    keyed(
                        "percent",
                        "un supplément en pour cent",
                        ("percent", Number("Supplément", "number", unit="%")),
                    ),
                    keyed("amount", "un supplément en euros", ("amount", money("Supplément"))),
                ),
            ),
        ),
        (
            "when",
            Variant(
                "Quand",
                (
                    nothing("toujours"),
                    Option(
                        "own",
                        "à une condition",
                        lambda written: written if isinstance(written, dict) else None,
                        group=Group(
                            "",
                            (
                                ("for", codes("Pour qui (rien de coché : tous)")),
                                (
                                    "+count",
                                    Variant(
                                        "Selon un nombre",
                                        (nothing("peu importe"), *(_count_option(*each) for each in COUNTS)),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)


def _per(value: str, label: str) -> Option:
    return Option(
        value,
        label,
        lambda written: {} if isinstance(written, dict) and written.get("per") == value else None,
        lambda _group: {"per": value},
    )


PACKAGE: Final = Group(
    "",
    (
        ("name", Line("Nom")),
        ("code", Line("Code", hint="Celui de la formule d’inscription.")),
        (
            "+span",
            Variant(
                "Il vaut",
                (
                    _per(Per.MONTH.value, "un mois"),
                    _per(Per.SCHOOL_YEAR.value, "une année scolaire"),
                    keyed("sessions", "un nombre de séances", ("sessions", Number("Séances", "number"))),
                ),
            ),
        ),
        ("price", inner("Il coûte")),
        ("for", Select("Pour", SCOPES)),
        ("everyone", Flag("Pour tous les enfants inscrits, quelle que soit leur formule")),
        (
            "includes_days",
            Variant(
                "Chaque jour",
                (
                    nothing("est compris"),
                    Option("no", "se paie en plus", lambda written: {} if written is False else None, lambda _: False),
                ),
            ),
        ),
        ("refund", money("Rendu pour un jour que le règlement rend", is_optional=True)),
        (
            "installments",
            Months(
                "Payé en plusieurs fois, en",
                tuple((str(month), MONTHS[month - 1]) for month in SCHOOL_MONTHS),
                hint="Pour un forfait annuel.",
            ),
        ),
    ),
)
COMPONENT: Final = Group(
    "",
    (
        ("code", Line("Code comptable")),
        ("name", Line("Nom", is_optional=True)),
        (
            "+amount",
            Variant(
                "Cette part est",
                (
                    nothing("ce qui reste"),
                    keyed("amount", "un montant", ("amount", money("Montant"))),
                    keyed("percent", "un pourcentage du prix", ("percent", Number("Part", "number", unit="%"))),
                ),
            ),
        ),
        ("childcare", Flag("Garde d’enfant (crédit d’impôt)")),
        ("cesu", Flag("Payable en CESU")),
    ),
)
ROUNDING: Final = Group(
    "",
    (
        ("to", money("À un multiple de", is_optional=True, hint="Vide : 0,01.")),
        (
            "mode",
            Select(
                "Vers",
                (
                    (RoundingMode.HALF_UP.value, "le plus proche"),
                    (RoundingMode.UP.value, "le haut"),
                    (RoundingMode.DOWN.value, "le bas"),
                ),
            ),
        ),
        ("at", Select("Quand", (("end", "une fois, à la fin"), ("each_step", "à chaque étape du calcul")))),
    ),
)
LATE: Final = Group(
    "",
    (
        ("price", money("Il coûte")),
        ("minutes", Number("par tranche de", "number", unit="min")),
        ("grace", Number("Rien jusqu’à", "number", unit="min", is_optional=True)),
    ),
)


def _own(label: str, group: Group) -> Option:
    return Option("own", label, lambda written: written if isinstance(written, dict) else None, group=group)


PIECES: Final[tuple[tuple[str, Piece], ...]] = (
    (
        "price",
        Variant("Le prix d’un jour", (FLAT, BANDS, RATE, SITUATION, COLUMNS, COUNTED, OUTSIDERS, DURATION)),
    ),
    ("changes", Rows("Réductions et suppléments, dans l’ordre", "Ajouter une réduction ou un supplément", CHANGE)),
    ("packages", Rows("Forfaits", "Ajouter un forfait", PACKAGE)),
    (
        "caps",
        Rows(
            "Plafonds",
            "Ajouter un plafond",
            Group(
                "",
                (
                    ("amount", money("Pas plus de")),
                    ("per", Select("par", SPANS)),
                    ("for", Select("pour", SCOPES)),
                ),
            ),
        ),
    ),
    (
        "late_pickup",
        Variant("Un enfant repris en retard", (nothing("ne coûte rien de plus"), _own("coûte un supplément", LATE))),
    ),
    (
        "rounding",
        Variant("Un prix calculé est arrondi", (nothing("au centime le plus proche"), _own("autrement", ROUNDING))),
    ),
    (
        "components",
        Rows(
            "Ce que comprend le prix",
            "Ajouter une part",
            COMPONENT,
            hint="Pour la comptabilité, le crédit d’impôt et les CESU. Une part, et une seule, prend ce qui reste.",
        ),
    ),
    ("note", Line("Note", is_optional=True)),
)
TARIFF: Final = Group("", PIECES)


def fits(tariff: Tariff) -> bool:
    """Will tell whether the form holds this tariff whole; otherwise it can only be written as a text."""
    try:
        return read_tariff(TARIFF.written(TARIFF.typed(write_tariff(tariff)))) == tariff
    except (ValueError, TypeError, KeyError, AttributeError):
        return False

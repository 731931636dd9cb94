"""The tariff as a form: the shapes that councils vote, in their words. A rarer shape is written as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import RoundingMode, Scope
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
)
from marelle.web.office.tariffs.prices import (
    BANDS,
    COLUMNS,
    COUNTED,
    COUNTS,
    DURATION,
    FLAT,
    OUTSIDERS,
    RATE,
    SITUATION,
    codes,
    inner,
    money,
)

if TYPE_CHECKING:
    from marelle.domain.catalog.rules.tariffs import Tariff

SEPTEMBER: Final = 9
SPANS: Final = (
    (Per.WEEK.value, "semaine"),
    (Per.MONTH.value, "mois"),
    (Per.PERIOD.value, "période (entre deux vacances)"),
    (Per.SCHOOL_YEAR.value, "année scolaire"),
)
SCOPES: Final = ((Scope.CHILD.value, "chaque enfant"), (Scope.FAMILY.value, "tous les enfants du foyer"))
SCHOOL_MONTHS: Final = tuple(range(SEPTEMBER, 13)) + tuple(range(1, SEPTEMBER))


class Months(Checks):
    """Months, as numbers."""

    __slots__ = ()

    def written(self, typed: tuple[str, ...]) -> Any:
        """Will return the numbers; what is none is left to the reader to refuse."""
        return [int(one) if one.isascii() and one.isdecimal() else one for one in typed] or OMIT


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

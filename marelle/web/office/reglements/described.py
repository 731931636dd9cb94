"""The règlement as a form: every field, in the words of a town hall, in the order in which a council reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from marelle.domain.catalog.rules.absences import Cause, CountedIn
from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.blocks import BlockKind
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.waiting import SCHOOL, SIBLING
from marelle.web.office.long_forms.pieces import (
    Checks,
    Flag,
    Group,
    Line,
    Moment,
    Number,
    Option,
    Piece,
    Rows,
    Select,
    Variant,
    keyed,
    nothing,
    tagged,
    word,
)
from marelle.web.office.reglements.limits import UNITS, closing, cutoff

if TYPE_CHECKING:
    from collections.abc import Mapping

SPANS: Final = (
    (Per.WEEK.value, "semaine"),
    (Per.MONTH.value, "mois"),
    (Per.PERIOD.value, "période (entre deux vacances)"),
    (Per.SCHOOL_YEAR.value, "année scolaire"),
)
CAUSES: Final = (
    (Cause.ILLNESS.value, "maladie"),
    (Cause.EXCEPTIONAL.value, "événement exceptionnel"),
    (Cause.STRIKE.value, "grève"),
    (Cause.ABSENT_TEACHER.value, "enseignant absent"),
    (Cause.OUTING.value, "sortie scolaire"),
    (Cause.CLOSURE.value, "fermeture"),
    (Cause.OTHER.value, "autre"),
)


def price(label: str, *first: Option, is_free_first: bool = False) -> Variant:
    """Will describe what something costs: at first the ordinary price, or nothing."""
    words = (word("full", "le prix ordinaire"), word("nothing", "rien"))
    return Variant(
        label,
        (
            *first,
            *(reversed(words) if is_free_first else words),
            keyed("part", "une part du prix", ("part", Number("Pour cent du prix", "number", unit="%"))),
            keyed("more_percent", "le prix et un pourcentage", ("more_percent", Number("En plus", "number", unit="%"))),
            keyed("more", "le prix et un montant", ("more", Line("En plus", "money", unit="€"))),
            keyed("instead", "un autre prix", ("instead", Line("Prix", "money", unit="€"))),
        ),
    )


def _counted(label: str) -> Group:
    return Group(label, (("count", Number("Combien", "number")), ("per", Select("par", SPANS))))


def _wave_moment(name: str) -> Any:
    return lambda written: {name: written[name]} if isinstance(written, dict) and name in written else None


WAVE: Final = Group(
    "",
    (
        (
            "for",
            Line(
                "Pour",
                "audience",
                hint=f"« {EVERYONE} » : toutes les familles ; « {RESIDENT} » : celles de la commune ; "
                f"« {NON_RESIDENT} » : les autres ; ou le code d’une catégorie.",
            ),
        ),
        (
            "+moment",
            Variant(
                "Ouvre",
                (
                    Option(
                        "at",
                        "à une date",
                        _wave_moment("at"),
                        group=Group("", (("at", Moment("Le", "datetime-local")),)),
                    ),
                    Option(
                        "from",
                        "un certain temps avant chaque jour",
                        _wave_moment("from"),
                        group=Group("", (("from", cutoff("L’ouverture est fixée par")),)),
                    ),
                ),
            ),
        ),
    ),
)


LATE: Final = Group(
    "",
    (
        ("price", price("Hors délai, cela coûte")),
        (
            "until",
            Variant(
                "Jusqu’à quand",
                (
                    nothing("jusqu’à la fin du service"),
                    Option(
                        "own",
                        "jusqu’à une seconde limite",
                        lambda written: written if isinstance(written, dict) else None,
                        group=closing("Seconde limite"),
                    ),
                ),
            ),
        ),
        (
            "+counted",
            Variant(
                "Les premières fois",
                (
                    nothing("comme les autres"),
                    keyed("free_first", "sont au prix ordinaire", ("free_first", _counted("Les premières"))),
                    keyed("only_first", "sont seules à ce prix", ("only_first", _counted("Les premières"))),
                ),
            ),
        ),
        ("on_request", Flag("Un agent décide de chaque demande hors délai")),
    ),
)


def act(label: str) -> Group:
    """Will describe an act: when it closes, when it opens, what is possible late."""
    return Group(
        label,
        (
            ("closes", closing("Jusqu’à quand")),
            ("opens", Rows("Quand cela ouvre", "Ajouter une ouverture", WAVE, hint="Sans ouverture : tout de suite.")),
            (
                "late",
                Variant(
                    "Après la limite",
                    (
                        nothing("ce n’est plus possible"),
                        Option(
                            "own",
                            "c’est encore possible, à une condition",
                            lambda written: written if isinstance(written, dict) else None,
                            group=LATE,
                        ),
                    ),
                ),
            ),
        ),
    )


def _own(label: str) -> Option:
    return Option("own", label, lambda written: written if isinstance(written, dict) else None, group=act(""))


def _notice(written: Any) -> Any:
    return written if isinstance(written, dict) and "by" in written else None


CLAUSE: Final = Group(
    "",
    (
        ("causes", Checks("Pour ces causes", CAUSES, hint="Aucune cochée : toutes.")),
        (
            "told",
            Variant(
                "La mairie doit avoir été prévenue",
                (
                    nothing("peu importe"),
                    word("in_time", "avant la limite pour annuler"),
                    Option(
                        "by",
                        "avant une autre limite",
                        _notice,
                        group=Group(
                            "",
                            (
                                ("by", cutoff("Cette limite est fixée par")),
                                ("of_first_day", Flag("Comptée du premier jour de l’absence")),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        (
            "certificate",
            Variant(
                "Certificat",
                (
                    nothing("pas demandé"),
                    word("required", "demandé, sans délai"),
                    keyed(
                        "within",
                        "demandé dans un délai",
                        ("within", Number("Dans les", "number")),
                        ("unit", Select("unité", (UNITS[-1], *UNITS[:-1]))),
                    ),
                ),
            ),
        ),
        (
            "lasts",
            Variant(
                "Durée de l’absence",
                (
                    nothing("peu importe"),
                    keyed(
                        "at_least",
                        "au moins",
                        ("at_least", Number("Combien", "number")),
                        (
                            "in",
                            Select(
                                "de",
                                (
                                    (CountedIn.SERVICE_DAY.value, "jours de service"),
                                    (CountedIn.SCHOOL_DAY.value, "jours de classe"),
                                    (CountedIn.DAY.value, "jours"),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        ("asked_within_days", Number("Demande écrite dans les (jours)", "number", is_optional=True)),
        ("from_day", Number("Du jour d’absence numéro", "number", is_optional=True, hint="1 : dès le premier.")),
        ("to_day", Number("au jour d’absence numéro", "number", is_optional=True)),
        ("bills", price("La journée coûte", is_free_first=True)),
    ),
)


WAITING: Final = Group(
    "Liste d’attente",
    (
        (
            "priorities",
            Rows(
                "Qui passe d’abord, avant l’ordre des demandes",
                "Ajouter une priorité",
                Line(
                    "Priorité",
                    hint=f"« {SIBLING} » : un frère ou une sœur a une place ce jour-là ; « {SCHOOL} » : l’enfant est "
                    f"de l’école ; « {RESIDENT} » : la famille est de la commune ; ou le code d’une catégorie.",
                ),
                has_order=True,
            ),
        ),
        (
            "+gives",
            Variant(
                "Quand une place se libère",
                (
                    tagged(
                        "gives",
                        "offer",
                        "elle est gardée pour la famille suivante",
                        ("hours", Number("Pendant combien d’heures", "number", is_optional=True, hint="Vide : 24.")),
                        ("past_limit", Flag("Proposer aussi les places libérées après la limite, une heure chacune")),
                    ),
                    tagged("gives", "word", "la famille suivante est prévenue, la place n’est pas gardée"),
                ),
                tag="gives",
            ),
        ),
    ),
)


def reglement(products: Mapping[str, str]) -> Group:
    """Will describe the whole règlement; `products` are the names, by code, that limits may speak of."""
    codes = tuple(products.items())
    limits = Variant(
        "Limite",
        (
            keyed("at_most", "au plus", ("at_most", Number("Jours", "number")), ("per", Select("par", SPANS))),
            keyed("at_least", "au moins", ("at_least", Number("Jours", "number")), ("per", Select("par", SPANS))),
            Option(
                "whole",
                "pendant les vacances, la semaine entière ou rien",
                lambda written: {} if isinstance(written, dict) and "whole" in written else None,
                lambda _group: {"whole": "holiday_week"},
            ),
            keyed("excludes", "pas le même jour que", ("excludes", Checks("Prestations", codes))),
            keyed("requires", "seulement avec, le même jour", ("requires", Checks("Prestations", codes))),
        ),
    )
    blocks = Variant(
        "Ce qui empêche de réserver",
        (
            tagged(
                "kind",
                BlockKind.UNPAID.value,
                "des factures impayées",
                ("above", Line("Au-delà de", "money", unit="€", is_optional=True)),
            ),
            tagged("kind", BlockKind.INCOMPLETE_FILE.value, "un dossier incomplet"),
            tagged(
                "kind",
                BlockKind.MISSING_DOCUMENT.value,
                "un document manquant",
                ("document", Line("Lequel", is_optional=True, hint="Vide : n’importe lequel.")),
            ),
        ),
        tag="kind",
    )
    pieces: tuple[tuple[str, Piece], ...] = (
        ("book", act("Réserver")),
        (
            "cancel",
            Variant(
                "Annuler", (word("same", "jusqu’à la même limite que pour réserver"), _own("selon une autre règle"))
            ),
        ),
        (
            "change",
            Variant("Modifier", (nothing("c’est annuler et réserver"), _own("selon une règle à part"))),
        ),
        (
            "cancellation",
            Group(
                "Ce que donne une annulation dans les délais",
                (
                    (
                        "decided_by",
                        Select("Décidée", (("agent", "par un agent"), ("automatic", "aussitôt, sans agent"))),
                    ),
                    ("bills", price("Il reste dû", is_free_first=True)),
                    (
                        "gives",
                        Select("Ce qui a été payé", (("refund", "est remboursé"), ("credit", "devient un avoir"))),
                    ),
                ),
            ),
        ),
        ("limits", Rows("Jusqu’à combien", "Ajouter une limite", limits)),
        ("blocked_if", Rows("Qui ne peut pas réserver", "Ajouter un empêchement", blocks)),
        (
            "absence",
            Group(
                "Absences",
                (
                    ("clauses", Rows("La première clause remplie décide", "Ajouter une clause", CLAUSE)),
                    ("otherwise", price("Sinon, la journée coûte")),
                    ("no_show", price("Sans prévenir personne, elle coûte", nothing("la même chose"))),
                ),
            ),
        ),
        ("unbooked", price("Une présence sans réservation coûte", nothing("le règlement n’en dit rien"))),
        ("waiting_list", WAITING),
        ("article", Line("Où la délibération le dit", is_optional=True, hint="Par exemple : article 6.")),
    )
    return Group("", pieces)


def typed_from(described: Group, written: dict[str, Any]) -> dict[str, Any]:
    """Will return what is to be typed for a règlement in its written form."""
    acts = {name: _opened(written[name]) for name in ("book", "cancel", "change") if name in written}
    return described.typed({**written, **acts})


def _opened(written: Any) -> Any:
    """Will give an act that is only a closing the group that the form shows for it."""
    if isinstance(written, dict) and not {"closes", "opens", "late"} & set(written):
        return {"closes": written}
    return written

"""The design page: every component and every state of a square, on made-up values, to look at while changing one."""

from typing import Any, NamedTuple

from django import forms

from marelle.web.components.avatars import AvatarView
from marelle.web.components.basket import Basket, BasketChild, BasketLine
from marelle.web.components.charts import Chart, Series
from marelle.web.components.controls import Choice
from marelle.web.components.grid import Action, Band, Cell, Day, Line, State, WayOut, Week

LUCIA = AvatarView("squirrel", "coral")
MATEO = AvatarView("turtle", "mint")
SOFIA = AvatarView("bird", "lilac")

TICKED: dict[str, bool] = {"bookable": False, "in_basket": True, "reserved": True, "to_cancel": False}
BUBBLES: dict[str, tuple[str, str]] = {
    "bookable": ("Réservable jusqu’au mercredi 26 novembre, 9 h.", ""),
    "in_basket": ("Pas encore validé.", "Modifiable jusqu’au mercredi 26 novembre, 9 h."),
    "reserved": ("Modifiable jusqu’au jeudi 27 novembre, 9 h.", "Décochez pour annuler."),
    "locked": ("Trop tard pour annuler depuis le lundi 24 novembre, 9 h.", "Un repas s’annule la veille avant 9 h."),
    "to_cancel": ("Annulation au panier.", "Recochez pour garder ce jour."),
    "awaiting_agent": ("Annulation demandée lundi 24 novembre.", "La mairie doit accepter cette annulation."),
    "held": ("Place gardée jusqu’au vendredi 28 novembre, 17 h.", "À payer d’ici là."),
    "full": ("Complet : 24 places sur 24.", "Vous pouvez entrer en liste d’attente, vous seriez 3ᵉ."),
    "waiting_list": ("En liste d’attente : 2ᵉ.", "Nous vous écrivons dès qu’une place se libère."),
    "too_late": ("Trop tard depuis le lundi 24 novembre, 9 h.", "L’étude se réserve la veille avant 9 h."),
    "not_open": ("Pas encore ouvert : réservable à partir du lundi 1ᵉʳ décembre, 7 h.", "Revenez à ce moment-là."),
    "unavailable": ("Déjà 3 jours cette semaine-là.", "C’est le maximum. Pour changer, retirez d’abord un autre jour."),
    "elsewhere": (
        "Jour de l’autre foyer.",
        "C’est lui qui réserve ce jour. Pour l’avoir, proposez-lui un échange.",
    ),
    "absence_told": ("Prévenu lundi 24 novembre, 8 h 40.", "La place reste réservée."),
    "not_enrolled": ("Lucia n’est pas inscrite à l’étude.", "L’inscription se fait dans « Mes demandes »."),
}
LETTERS: dict[str, State] = {
    "+": "bookable",
    "P": "in_basket",
    "R": "reserved",
    "L": "locked",
    "A": "to_cancel",
    "W": "awaiting_agent",
    "H": "held",
    "F": "full",
    "2": "waiting_list",
    "T": "too_late",
    "N": "not_enrolled",
    "O": "not_open",
    "U": "unavailable",
    "X": "closed",
    "C": "cancelled",
    "p": "present",
    "a": "absent",
    "t": "absence_told",
    "_": "unbooked",
    "E": "elsewhere",
}
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def sample_cell(state: State, *, key: str, name: str) -> Cell:
    title, explanation = BUBBLES.get(state, ("", ""))
    return Cell(
        key=key,
        state=state,
        full_name=name,
        word="2ᵉ en liste" if state == "waiting_list" else "",
        ticked=TICKED.get(state),
        title=title,
        explanation=explanation,
        way_out=WayOut("Écrivez à la mairie", "#contact") if state == "too_late" else None,
        action=Action("wait", key, "Entrer en liste d’attente") if state == "full" else None,
    )


def sample_week(
    number: int,
    *,
    numbers: tuple[str, ...],
    caption: str,
    rows: tuple[str, ...],
    today: int | None = None,
    closed: tuple[str, ...] = (),
    month: str = "décembre",
    unserved: frozenset[int] = frozenset({2}),
) -> Week:
    """Draw a week from letters, one per day (see LETTERS), a dot where there is no service."""
    days = tuple(
        Day(
            letter=WEEKDAYS[index][0].upper(),
            number=text,
            long_name=f"{WEEKDAYS[index]} {text} {month}",
            is_today=index == today,
            served=index not in unserved,
        )
        for index, text in enumerate(numbers)
    )
    products = (
        (LUCIA, "Lucia", "Repas"),
        (LUCIA, "Lucia", "Étude"),
        (MATEO, "Mateo", "Repas"),
        (MATEO, "Mateo", "Garderie du soir"),
    )
    lines = []
    for position, ((child, child_name, product), letters) in enumerate(zip(products, rows, strict=True)):
        cells = tuple(
            sample_cell(
                LETTERS[letter],
                key=f"{child.animal}.produit{position}.s{number}.{index}",
                name=f"{child_name}, {product.lower()}, {days[index].long_name}",
            )
            if letter != "."
            else None
            for index, letter in enumerate(letters)
        )
        lines.append(
            Line(
                key=f"{child.animal}.produit{position}.s{number}",
                child=child,
                child_name=child_name,
                product_name=product,
                cells=cells,
                bookable=letters.count("+") > 1,
                starts_child=child is MATEO and product == "Repas",
            )
        )
    return Week(
        key=f"2025-S{number}",
        number=number,
        caption=caption,
        days=days,
        lines=tuple(lines),
        closed=closed,
        is_current=today is not None,
    )


def sample_weeks() -> tuple[Week, ...]:
    return (
        sample_week(
            48,
            numbers=("24", "25", "26", "27", "28"),
            caption="du 24/11 au 28/11/2025",
            rows=("pL.WR", "aT.P+", "pL.RR", "_T.++"),
            today=1,
            month="novembre",
        ),
        sample_week(
            49,
            numbers=("1ᵉʳ", "2", "3", "4", "5"),
            caption="du 01/12 au 05/12/2025",
            rows=("RA.R+", "PP.F+", "RR.AR", "P2.++"),
        ),
        sample_week(
            50,
            numbers=("8", "9", "10", "11", "12"),
            caption="du 08/12 au 12/12/2025",
            rows=("X+.++", "X+.++", "Xt.RR", "X+.++"),
            closed=("Lundi 8 : journée pédagogique",),
        ),
        sample_week(
            51,
            numbers=("15", "16", "17", "18", "19"),
            caption="du 15/12 au 19/12/2025",
            rows=("++.++", "NN.NN", "RR.CR", "HH.++"),
        ),
    )


def sample_wide_week() -> Week:
    """Draw a week of a leisure center, weekend included."""
    return sample_week(
        52,
        numbers=("22", "23", "24", "25", "26", "27", "28"),
        caption="du 22/12 au 28/12/2025",
        rows=("++R+RAP", "FFFT++2", "RRRRRRR", "++X++++"),
        unserved=frozenset(),
    )


def sample_band() -> Band:
    return Band(
        title="Vacances de Noël",
        text="Du samedi 20 décembre au dimanche 4 janvier. Pas de cantine ni d’étude.",
        way_out=WayOut("Voir le centre de loisirs de JolieVille", "#loisirs"),
        icon="snowflake",
    )


def sample_basket(*, csrf_token: str = "", action_url: str = "#") -> Basket:
    return Basket(
        children=(
            BasketChild(
                avatar=LUCIA,
                name="Lucia Sanchez-Cordoves",
                lines=(
                    BasketLine(
                        removal_key="lucia.etude",
                        sign="+",
                        text="3 études",
                        dates="jeu. 27 nov., lun. 1ᵉʳ et mar. 2 déc.",
                        amount="7,80 €",
                    ),
                    BasketLine(
                        removal_key="lucia.repas",
                        sign="-",
                        text="1 repas annulé",
                        dates="mar. 2 déc.",
                        amount="− 3,85 €",
                    ),
                ),
            ),
            BasketChild(
                avatar=MATEO,
                name="Mateo Sanchez-Cordoves",
                lines=(
                    BasketLine(
                        removal_key="mateo.garderie",
                        sign="+",
                        text="1 garderie du soir",
                        dates="lun. 1ᵉʳ déc.",
                        amount="2,10 €",
                    ),
                    BasketLine(
                        removal_key="mateo.repas",
                        sign="-",
                        text="1 repas annulé",
                        dates="jeu. 4 déc.",
                        amount="− 3,85 €",
                    ),
                ),
            ),
        ),
        count=6,
        action_url=action_url,
        csrf_token=csrf_token,
        checkout_url="#valider",
        now_text="0,00 €",
        later_text="9,90 €",
        bar_text="9,90 € en fin de mois",
        note="Et 7,70 € en moins si la mairie accepte vos deux annulations.",
        announcement="Annulation ajoutée au panier. 6 changements.",
    )


class SampleForm(forms.Form):
    email = forms.EmailField(label="Adresse e-mail", help_text="Celle que vous avez donnée à la mairie.")
    password = forms.CharField(label="Mot de passe", widget=forms.PasswordInput)
    starts_on = forms.DateField(
        label="À partir du", help_text="Par exemple : 01/12/2025", widget=forms.DateInput(attrs={"type": "date"})
    )
    subject = forms.ChoiceField(label="Thématique", choices=[("a", "Autorisation de récupération d’un enfant")])
    child = forms.MultipleChoiceField(
        label="Quel enfant ?",
        choices=[("lucia", "Lucia"), ("mateo", "Mateo")],
        widget=forms.CheckboxSelectMultiple,
    )
    action = forms.ChoiceField(
        label="Que faire ?", choices=[("book", "Réserver"), ("cancel", "Annuler")], widget=forms.RadioSelect
    )
    message = forms.CharField(label="Votre message", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agrees = forms.BooleanField(label="Recevoir un courriel de confirmation", required=False)


class SampleTable(NamedTuple):
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class SampleSection(NamedTuple):
    title: str
    sentences: tuple[str, ...]
    table: SampleTable | None = None


TARIFF = (
    SampleSection(
        "Prix",
        ("La tranche 3 vaut pour qui n’a pas donné son quotient familial.",),
        SampleTable(
            ("Quotient familial", "1ᵉʳ enfant", "2ᵉ enfant ou plus"),
            (
                ("Tranche 1 : jusqu’à 600", "1,20 €", "1,00 €"),
                ("Tranche 2 : plus de 600, jusqu’à 1 200", "3,10 €", "2,80 €"),
                ("Tranche 3 : plus de 1 200", "4,60 €", "4,20 €"),
            ),
        ),
    ),
    SampleSection("Plafonds", ("Pas plus de 80,00 € par mois, pour tous les enfants du foyer ensemble.",)),
)


MONTHS = ("sept.", "oct.", "nov.", "déc.")
CHARTS = (
    Chart(
        "Repas servis",
        MONTHS,
        (
            Series("Présents", (1240, 1180, 1315, 890)),
            Series("Absents", (62, 70, 58, 41)),
            Series("Sans réservation", (14, 9, 22, 6)),
            Series("Non pointés", (0, 0, 120, 310)),
        ),
        "4 625 présences de septembre à décembre.",
        shape="stacked",
        labelled="Mois",
    ),
    Chart(
        "Prévision des mercredis",
        ("02/12", "09/12", "16/12", "06/01", "13/01"),
        (
            Series("Prévus", (48, 52, 55, 40, 44)),
            Series("Réservés à ce jour", (41, 38, 30, 12, 9)),
            Series("L’an dernier", (50, 51, None, 42, 45)),
        ),
        "239 enfants prévus en cinq mercredis.",
        shape="lines",
        labelled="Mercredi",
    ),
    Chart(
        "Places prises, en pourcentage",
        ("Cantine", "Matin", "Soir"),
        (Series("Places prises", (92, 41.5, 78)),),
        "Huit places sur dix sont prises.",
        unit="%",
        labelled="Service",
        highest=100,
    ),
    Chart(
        "Impayés par ancienneté",
        ("30 jours au plus", "31 à 60 jours", "plus de 60 jours"),
        (Series("Régie", (125_40, 80_10, 310_00)), Series("Trésor public", (0, 12_00, 95_20))),
        "622,70 € en tout.",
        unit="€",
        labelled="Retard",
    ),
)


def design_page_context() -> dict[str, Any]:
    """Return what the template `design.html` shows. Nothing is read from anywhere."""
    form = SampleForm(
        {"email": "m.sanchez@exemple.fr", "password": "", "subject": "a", "child": ["lucia"], "action": "book"}
    )
    form.errors["starts_on"] = form.error_class(["Indiquez un jour, à partir de demain, 26 novembre."])
    return {
        "weeks": sample_weeks(),
        "wide_week": sample_wide_week(),
        "band": sample_band(),
        "basket": sample_basket(),
        "form": form,
        "everyone": (LUCIA, MATEO),
        "views": (
            Choice("Vue semaine", "#semaine", is_current=True, icon="calendar-days"),
            Choice("Vue période", "#periode", icon="calendar-range"),
        ),
        "tariff": TARIFF,
        "charts": CHARTS,
        "own_bands": ("2",),
        "address": "1 place de la Mairie\n77163 Dammartin-sur-Tigeaux",
        "hours": ("Lundi, mardi, jeudi : 9 h à 12 h", "Vendredi : 14 h à 17 h"),
    }

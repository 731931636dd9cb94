"""The printed tariff: what a council reads before it votes, and the tables that a screen draws."""

import pytest

from marelle.domain.catalog.rules.tariff_sentences import sections_of, sentences_of
from marelle.domain.catalog.rules.written import read_tariff


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def printed(price, names=None, **more):
    return [plain(line) for line in sentences_of(read_tariff({"price": price, **more}), names=names or {})]


def table(price, **more):
    for section in sections_of(read_tariff({"price": price, **more})):
        if section.table is not None:
            return [tuple(map(plain, row)) for row in (section.table.header, *section.table.rows)]
    return None


TWO_BANDS = [{"up_to": 650, "price": "1,00"}, {"price": "2,00"}]
ROUNDED = [
    "Arrondi",
    (
        "  Un prix calculé est arrondi à 0,01 €, au plus proche, la moitié vers le haut, "
        "une seule fois, à la fin du calcul."
    ),
]


class TestAPrice:
    def test_that_is_flat_is_one_sentence(self):
        assert printed("3,85") == ["Prix", "  Le prix est de 3,85 €."]

    def test_by_bands_is_a_table_of_ranges(self):
        price = {
            "by": "quotient",
            "missing": "highest",
            "whole": True,
            "bands": [
                {"up_to": 308, "price": "1,00"},
                {"below": 650, "price": "2,00"},
                {"below": 1308, "name": "C", "price": "3,00"},
                {"price": "4,00"},
            ],
        }

        assert table(price) == [
            ("Quotient familial", "Prix"),
            ("Tranche 1 : jusqu’à 308", "1,00 €"),
            ("Tranche 2 : plus de 308, moins de 650", "2,00 €"),
            ("Tranche C : à partir de 650, moins de 1 308", "3,00 €"),
            ("Tranche 4 : à partir de 1 308", "4,00 €"),
        ]
        assert printed(price)[1:3] == [
            "  La tranche 4 vaut pour qui n’a pas donné son quotient familial.",
            "  Les centimes du quotient familial ne comptent pas.",
        ]

    def test_by_one_band_is_for_everybody_who_has_a_quotient(self):
        assert printed({"by": "income", "bands": [{"price": "1,00"}]})[:3] == [
            "Prix",
            "  Il n’y a pas de prix pour qui n’a pas donné son revenu.",
            "  Tranche 1 : pour tous : 1,00 €",
        ]

    def test_by_bands_and_ranks_is_one_table(self):
        price = {
            "by": "quotient",
            "bands": [
                {"up_to": 650, "price": {"by": "rank", "prices": ["3,77", "3,42"]}},
                {"price": {"by": "rank", "prices": ["5,53", "5,00"]}},
            ],
        }

        assert table(price) == [
            ("Quotient familial", "1ᵉʳ enfant", "2ᵉ enfant ou plus"),
            ("Tranche 1 : jusqu’à 650", "3,77 €", "3,42 €"),
            ("Tranche 2 : plus de 650", "5,53 €", "5,00 €"),
        ]
        lines = printed(price)
        assert "  Dans chaque ligne, le prix dépend de ceci : rang de l’enfant." in lines
        assert "  Tranche 1 : jusqu’à 650 : 1ᵉʳ enfant : 3,77 € ; 2ᵉ enfant ou plus : 3,42 €" in lines
        assert lines[-2:] == [
            "Sens des mots",
            "  Le rang d’un enfant est sa place parmi ceux de son foyer inscrits au service, l’aîné d’abord.",
        ]

    def test_of_different_shapes_has_a_section_for_each(self):
        price = {
            "by": "situation",
            "cases": [{"for": ["non_resident"], "price": {"by": "quotient", "bands": TWO_BANDS}}],
            "otherwise": "3,00",
        }

        assert printed(price) == [
            "Prix",
            "  Le prix dépend de ceci : situation.",
            "Prix – Hors commune",
            "  Il n’y a pas de prix pour qui n’a pas donné son quotient familial.",
            "  Tranche 1 : jusqu’à 650 : 1,00 €",
            "  Tranche 2 : plus de 650 : 2,00 €",
            "Prix – Pour les autres",
            "  Le prix est de 3,00 €.",
            *ROUNDED,
        ]

    @pytest.mark.parametrize(
        "other",
        [
            {"by": "rank", "prices": ["1,00", "1,00", "1,00"]},  # not as many
            {"by": "days_of_week", "prices": ["1,00", "1,00"]},  # of something else
            {"by": "rank", "prices": ["1,00", {"by": "rank", "prices": ["1,00"]}]},  # deeper
            {"by": "duration", "minutes": 30, "price": {"by": "rank", "prices": ["1,00"]}},
        ],
    )
    def test_whose_lines_are_not_alike_is_not_one_table(self, other):
        same = {"by": "rank", "prices": ["1,00", "2,00"]}

        first = sections_of(read_tariff({"price": {"by": "rank_present", "prices": [same, other]}}))[0]

        assert first.table is None
        assert first.sentences == ("Le prix dépend de ceci : rang parmi les présents.",)

    def test_that_is_a_rate_says_its_bounds(self):
        rate = {"by": "effort_rate", "percent": "0,36", "floor": "2,60", "ceiling": "4,50", "missing": "ceiling"}

        assert printed(rate)[1] == (
            "  Le prix est de 0,36 % du quotient familial, au moins 2,60 €, au plus 4,50 €, "
            "et 4,50 € s’il n’est pas connu."
        )
        assert printed({"by": "effort_rate", "percent": "1", "of": "income"})[1] == "  Le prix est de 1 % du revenu."

    def test_by_duration_says_what_each_slice_costs(self):
        each = {"by": "duration", "minutes": 30, "presumed": 60, "price": "0,48"}

        assert printed(each)[1] == (
            "  Le prix est de 0,48 € par tranche de 30 min commencée (60 min si personne n’a noté la durée)."
        )
        assert printed({"by": "rank", "prices": [each, "1,00"]})[1].endswith("la durée)")
        by_bands = {"by": "duration", "minutes": 15, "price": {"by": "quotient", "bands": TWO_BANDS}}
        assert printed(by_bands)[1] == "  Le prix est compté par tranche de 15 min commencée."
        assert table(by_bands)[1] == ("Tranche 1 : jusqu’à 650", "1,00 €")

    def test_for_children_together_says_how_it_is_shared(self):
        lines = printed({"by": "siblings_present", "prices": ["2,80", "4,65"], "together": True})

        assert lines[1:4] == [
            (
                "  Ce prix est celui de tous les enfants présents ensemble ; "
                "chacun paie ce qu’il ajoute à ceux d’avant lui."
            ),
            "  1 enfant présent ce jour : 2,80 €",
            "  2 enfants présents ce jour ou plus : 4,65 €",
        ]
        assert "  Le rang d’un enfant parmi les présents" in lines[-1]

    def test_by_situation_names_them_as_people_do(self):
        price = {
            "by": "situation",
            "cases": [
                {"for": ["ccas", "own-meal"], "name": "Aidés", "price": "1,00"},
                {"for": ["ski"], "price": "2,00"},
                {"for": ["regular"], "price": "3,00"},
            ],
        }

        assert printed(price, names={"ccas": "CCAS de Jolieville"})[1:6] == [
            "  Quand plusieurs situations conviennent, la première seule compte.",
            "  Il n’y a pas de prix pour les autres.",
            "  « Aidés » : « CCAS de Jolieville » ou panier-repas (PAI) : 1,00 €",
            "  « ski » : 2,00 €",
            "  Régulier : 3,00 €",
        ]


class TestWhatStandsAroundThePrice:
    def test_changes_say_how_much_for_whom_and_in_what_order(self):
        changes = [
            {"name": "Fratrie", "percent": -10, "when": {"rank": 2}},
            {"name": "Navette", "amount": "0,75", "when": {"for": ["minibus"], "days_of_week": {"least": 2}}},
            {"name": "Semaine", "amount": "-1,00", "when": {"days_of_week": {"upto": 4}}},
            {"name": "Goûter", "amount": "0,30"},
        ]

        lines = printed("3,85", changes=changes)

        assert lines[2:8] == [
            "Réductions et suppléments",
            "  « Fratrie » : 10 % de moins, rang de l’enfant : 2.",
            "  « Navette » : 0,75 € de plus, pour « minibus », jours de la semaine : 2 ou plus.",
            "  « Semaine » : 1,00 € de moins, jours de la semaine : de 1 à 4.",
            "  « Goûter » : 0,30 € de plus, pour tous.",
            "  Ils s’appliquent dans cet ordre, chacun à ce que laisse celui d’avant.",
        ]
        assert "dans cet ordre" not in " ".join(printed("3,85", changes=changes[:1]))
        assert "dans cet ordre" in " ".join(printed("3,85", changes=changes[:2]))

    def test_packages_say_what_they_cost_and_what_they_give(self):
        packages = [
            {
                "code": "annee",
                "name": "Forfait annuel",
                "per": "school_year",
                "price": {"by": "children_enrolled", "prices": ["90,00", "80,00"]},
                "for": "family",
                "everyone": True,
                "refund": "3,85",
                "installments": [1, 9],
            },
            {"code": "carnet", "name": "Carnet", "sessions": 10, "price": "35,00", "includes_days": False},
        ]

        assert printed("3,85", packages=packages)[2:17] == [
            "Forfait « Forfait annuel » (annee)",
            "  Ce forfait se paie par année scolaire, pour tous les enfants du foyer ensemble.",
            "  Il vaut pour tous les enfants inscrits.",
            "  Les jours ne coûtent alors rien de plus.",
            "  Chaque jour que le règlement rend entier donne droit à 3,85 €.",
            "  Il se paie en 2 fois, en parts égales : septembre et janvier.",
            "  1 enfant inscrit : 90,00 €",
            "  2 enfants inscrits ou plus : 80,00 €",
            "Forfait « Carnet » (carnet)",
            "  Ce forfait se paie pour 10 séances, pour chaque enfant.",
            "  Il vaut pour les enfants inscrits à cette formule.",
            "  Chaque jour se paie en plus.",
            "  Le prix est de 35,00 €.",
            ROUNDED[0],
            ROUNDED[1],
        ]

    def test_caps_late_pickups_roundings_parts_and_notes_are_said(self):
        lines = printed(
            "3,85",
            caps=[{"amount": "60,00", "per": "month"}],
            late_pickup={"price": "10,00", "minutes": 15, "grace": 5},
            rounding={"to": "0,05", "mode": "down", "at": "each_step"},
            components=[
                {"code": "7067", "name": "Repas", "amount": "2,00"},
                {"code": "7066", "percent": 40, "childcare": True, "cesu": True},
                {"code": "7588"},
            ],
            note="Voté en juin",
        )

        assert lines[2:] == [
            "Plafonds",
            "  Pas plus de 60,00 € par mois, pour chaque enfant.",
            "Retard",
            (
                "  Un enfant repris après l’heure coûte 10,00 € par tranche de 15 min commencée, "
                "comptée depuis l’heure de fin."
            ),
            "  Jusqu’à 5 min, rien n’est dû ; au-delà, tout le retard compte.",
            "Arrondi",
            "  Un prix calculé est arrondi à 0,05 €, vers le bas, à chaque étape du calcul.",
            "Ce que comprend le prix",
            "  Les parts sont prises dans cet ordre, puis ce qui reste.",
            "  7067 : Part : Repas ; Montant : 2,00 € ; Garde d’enfant : non ; Payable en CESU : non",
            "  7066 : Montant : 40 % ; Garde d’enfant : oui ; Payable en CESU : oui",
            "  7588 : Montant : ce qui reste ; Garde d’enfant : non ; Payable en CESU : non",
            "Note",
            "  Voté en juin",
        ]

    def test_a_late_pickup_without_grace_says_nothing_of_it(self):
        assert len(printed("3,85", late_pickup={"price": "10,00", "minutes": 15})) == 4

"""What the pages say of a tariff: a line, typical families, what changes."""

from datetime import date

import pytest

from marelle.domain.catalog.rules.versions import Decided, Obstruction
from marelle.domain.catalog.rules.written import read_tariff
from marelle.web.office.tariffs import wording
from marelle.web.office.tariffs.trial import compared, typical

BANDS = [{"up_to": 600, "price": "1,20"}, {"up_to": 1200, "price": "3,10"}, {"price": "4,60"}]


def plain(words):
    return words.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"price": "3,85"}, "3,85 € par repas"),
        ({"price": {"by": "quotient", "bands": BANDS}}, "de 1,20 € à 4,60 € par repas, selon le quotient"),
        ({"price": {"by": "income", "bands": BANDS[2:]}}, "4,60 € par repas, selon le revenu"),
        (
            {
                "price": {
                    "by": "rank",
                    "prices": [
                        {"by": "effort_rate", "of": "income", "percent": "0,06"},
                        {"by": "effort_rate", "of": "income", "percent": "0,05"},
                    ],
                }
            },
            "taux d’effort par repas, selon le nombre d’enfants ou de jours et le revenu",
        ),
        ({"price": {"by": "effort_rate", "percent": "0,36"}}, "0,36 % du quotient par repas"),
        (
            {"price": {"by": "effort_rate", "percent": "0,36", "floor": "1,00", "ceiling": "6,00"}},
            "0,36 % du quotient par repas, de 1,00 € à 6,00 €",
        ),
        (
            {"price": {"by": "duration", "minutes": 30, "price": {"by": "rank", "prices": ["1,00", "0,80"]}}},
            "de 0,80 € à 1,00 € par tranche de 30 min, selon le nombre d’enfants ou de jours",
        ),
        (
            {
                "price": {
                    "by": "situation",
                    "cases": [{"for": ["resident"], "price": {"by": "quotient", "bands": BANDS}}],
                    "otherwise": "7,00",
                }
            },
            "de 1,20 € à 7,00 € par repas, selon la situation et le quotient",
        ),
        (
            {
                "price": "3,10",
                "changes": [{"name": "Agents", "percent": -10}, {"name": "B", "percent": -10}],
                "packages": [{"code": "m", "name": "Mois", "per": "month", "price": "25,00"}],
            },
            "3,10 € par repas, réductions et suppléments, forfait « Mois »",
        ),
    ],
)
def test_a_tariff_is_said_in_a_line(data, line):
    assert plain(wording.in_short(read_tariff(data), "repas")) == line


def rows(data, before=None):
    found = typical(read_tariff(data), read_tariff(before) if before else None)
    return [tuple(plain(words) for words in (one.who, one.before, one.after)) for one in found]


class TestTypicalFamilies:
    def test_there_is_one_in_each_band_of_both_tariffs_and_one_that_gave_nothing(self):
        halves = {"price": {"by": "quotient", "bands": [{"up_to": 900, "price": "2,00"}, {"price": "4,00"}]}}

        found = rows({"price": {"by": "quotient", "missing": "highest", "bands": BANDS}}, halves)

        assert found == [
            ("Quotient 300", "2,00 €", "1,20 €"),
            ("Quotient 750", "2,00 €", "3,10 €"),
            ("Quotient 1 050", "4,00 €", "3,10 €"),
            ("Quotient 1 350", "4,00 €", "4,60 €"),
            ("Quotient non fourni", "pas de prix", "4,60 €"),
        ]

    def test_a_flat_price_has_one_family(self):
        assert rows({"price": "3,10"}, {"price": "3,00"}) == [("Une famille ordinaire", "3,00 €", "3,10 €")]

    def test_rates_have_usual_measures(self):
        found = rows({"price": {"by": "effort_rate", "of": "income", "percent": "0,1", "missing": "5,00"}})

        assert found[0] == ("Revenu 300", "", "0,30 €")
        assert found[-1] == ("Revenu non fourni", "", "5,00 €")

    def test_situations_ranks_and_days_of_the_week_each_have_theirs(self):
        found = rows(
            {
                "price": {"by": "rank", "prices": ["4,00", "3,00"]},
                "changes": [
                    {"name": "A", "amount": "1,00", "when": {"for": ["non_resident", "agents"]}},
                    {"name": "B", "percent": -50, "when": {"days_of_week": {"least": 4}}},
                ],
            }
        )

        assert found == [
            ("Une famille ordinaire", "", "4,00 €"),
            ("« agents »", "", "5,00 €"),
            ("Hors commune", "", "5,00 €"),
            ("Enfant unique", "", "4,00 €"),
            ("2ᵉ enfant d’un foyer de 2", "", "3,00 €"),
            ("3ᵉ enfant d’un foyer de 3", "", "3,00 €"),
            ("2 jours dans la semaine", "", "4,00 €"),
            ("4 jours dans la semaine", "", "2,00 €"),
        ]


def test_only_the_lines_that_change_are_compared():
    before = read_tariff({"price": "3,10", "note": "Avant"})
    after = read_tariff({"price": "3,20", "note": "Avant"})

    assert [(plain(line.words), line.is_new) for line in compared(after, before)] == [
        ("Le prix est de 3,10 €.", False),
        ("Le prix est de 3,20 €.", True),
    ]
    assert compared(after, after) == compared(after, None) == ()


def test_what_was_invoiced_is_said_apart():
    said = wording.obstruction(Obstruction.PAST_PRICED, Decided(past=12), 8)

    assert said.startswith("12 jours passés depuis cette date ont déjà un prix, dont 8 facturés : une correction fera")
    assert wording.obstruction(Obstruction.NOT_A_YEAR, Decided(), 0).startswith("Indiquez un jour")


def test_a_month_is_named():
    assert wording.month_of(date(2026, 10, 31)) == "octobre 2026"
    assert plain(wording.signed(310)) == "+ 3,10 €"
    assert plain(wording.signed(0)) == "0,00 €"
    assert plain(wording.signed(-310)) == "− 3,10 €"
    assert wording.unpriced(1) == "1 jour sans prix : il n’est pas compté ici."
    assert wording.unpriced_before(2) == "2 jours sans prix avec le tarif d’avant."

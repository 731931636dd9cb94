"""What a town pastes, ticks and types becomes what it is written as; and what does not make sense is said."""

from __future__ import annotations

from datetime import date, time

import pytest

from marelle.domain.catalog.rules.price_bounds import highest_price
from marelle.domain.catalog.rules.written import read_tariff
from marelle.domain.onboarding.rules.pasted_places import MOST_PLACES, code_of, read_places
from marelle.domain.onboarding.rules.presets import (
    BY_CODE,
    PRESETS,
    ChosenPreset,
    PresetPlace,
    WrongChoice,
    against,
    planned,
    school_year,
)
from marelle.domain.onboarding.rules.tariff_presets import Band, by_effort, by_quotient, flat, tariff

SCHOOL, CENTRE = PresetPlace(1, "tilleuls"), PresetPlace(2, "les-cabanes")


class TestPastedPlaces:
    def test_a_list_pasted_as_it_is_becomes_schools_with_their_classes(self):
        pasted = read_places("• École des Tilleuls : PS, MS; GS (M. Aubry), CP-CE1,,\n\n  École Œuvre  ;\n")
        assert not pasted.faults
        tilleuls, oeuvre = pasted.places
        assert (tilleuls.code, tilleuls.name, tilleuls.kind) == ("ecole-des-tilleuls", "École des Tilleuls", "school")
        assert [(one.name, one.level, one.teacher) for one in tilleuls.classes] == [
            ("PS", "PS", ""),
            ("MS", "MS", ""),
            ("GS", "GS", "M. Aubry"),
            ("CP-CE1", "CP", ""),
        ]
        assert (oeuvre.code, oeuvre.name, oeuvre.classes) == ("ecole-oeuvre", "École Œuvre", ())

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("Centre de loisirs Les Cabanes", "leisure_centre"),
            ("ALSH du Parc", "leisure_centre"),
            ("École du Centre", "school"),
            ("Groupe scolaire Jean-Moulin", "school"),
        ],
    )
    def test_a_center_is_told_from_a_school(self, name, kind):
        assert read_places(name).places[0].kind == kind

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("École A\nécole a", "écrit deux fois"),
            (": PS, MS", "Il manque un nom"),
            ("É" * 101, "100 caractères"),
            ("École A : " + "x" * 41, "Séparez les classes"),
            ("École A : CP (" + "y" * 81 + ")", "Séparez les classes"),
            ("École A : " + ", ".join(f"c{n}" for n in range(61)), "plus de 60 classes"),
            ("\n".join(f"École {n}" for n in range(MOST_PLACES + 3)), f"{MOST_PLACES} lieux au plus"),
        ],
    )
    def test_what_cannot_be_kept_is_said(self, text, words):
        assert any(words in fault for fault in read_places(text).faults)

    def test_a_class_written_with_odd_brackets_is_kept_as_it_is(self):
        (one,) = read_places("École A : CP (M. (x)").places[0].classes
        assert (one.name, one.teacher) == ("CP (M. (x)", "")

    def test_two_of_a_name_have_two_codes_and_no_letter_still_gives_one(self):
        assert code_of("École", {"ecole", "ecole-2"}) == "ecole-3"
        assert code_of("日本") == "lieu"
        assert code_of("a" * 50, {"a" * 40}) == "a" * 38 + "-2"


class TestPlannedOffer:
    def test_a_canteen_never_has_a_limit_of_places_whatever_was_typed(self):
        """L. 131-13 of the code de l’éducation: every pupil has a right to it."""
        offer = planned(
            [
                ChosenPreset(BY_CODE["cantine"], (SCHOOL,), capacity=40),
                ChosenPreset(BY_CODE["etude"], (SCHOOL,), capacity=24),
            ],
            taught_weekdays=[4, 0, 1, 3],
        )
        canteen, study = offer.activities
        assert (canteen.code, canteen.capacity, canteen.term_weekdays) == ("cantine-tilleuls", None, (0, 1, 3, 4))
        assert study.capacity == 24
        assert canteen.product_codes == ("repas-tilleuls",)
        assert [one.code for one in offer.services] == ["restauration", "periscolaire"]

    def test_wednesdays_and_holidays_open_when_the_school_does_not(self):
        offer = planned(
            [ChosenPreset(BY_CODE["mercredi"], (CENTRE, SCHOOL)), ChosenPreset(BY_CODE["vacances"], (CENTRE,))],
            taught_weekdays=[0, 1, 3, 4],
        )
        assert [(one.place, one.term_weekdays, one.holiday_weekdays) for one in offer.activities] == [
            (2, (2,), ()),
            (1, (2,), ()),
            (2, (), (0, 1, 2, 3, 4)),
        ]
        assert [one.code for one in offer.services] == ["loisirs"]

    def test_the_hours_typed_are_those_of_the_part(self):
        hours = {"soir": (time(16, 15), time(19))}
        (one,) = planned([ChosenPreset(BY_CODE["garderie-soir"], (SCHOOL,), hours)], taught_weekdays=[0]).activities
        assert [(part.starts_at, part.ends_at) for part in one.parts] == [(time(16, 15), time(19))]

    def test_what_cannot_be_made_is_said_where_it_is(self):
        evening = BY_CODE["garderie-soir"]
        assert against([]) == {"": WrongChoice.NOTHING}
        assert against([ChosenPreset(evening, ())]) == {"garderie-soir": WrongChoice.NO_PLACE}
        late = ChosenPreset(evening, (SCHOOL,), {"soir": (time(19), time(16))})
        assert against([late]) == {"garderie-soir": WrongChoice.HOURS}
        assert against([ChosenPreset(evening, (SCHOOL,))]) == {}

    def test_each_preset_takes_only_parts_that_it_has(self):
        for preset in PRESETS:
            parts = {part.code for part in preset.parts}
            assert all(parts.issuperset(product.takes) and product.takes for product in preset.products)

    @pytest.mark.parametrize(
        ("today", "first", "last"),
        [
            (date(2026, 11, 30), date(2026, 9, 1), date(2027, 8, 31)),
            (date(2027, 5, 31), date(2026, 9, 1), date(2027, 8, 31)),
            (date(2027, 6, 1), date(2027, 9, 1), date(2028, 8, 31)),
        ],
    )
    def test_from_june_on_a_town_prepares_the_next_year(self, today, first, last):
        assert school_year(today) == (first, last)


class TestTariffs:
    @pytest.mark.parametrize(
        ("price", "highest"),
        [
            (flat(310), 310),
            (by_quotient([Band(400, 100), Band(850, 235), Band(None, 385)]), 385),
            (by_effort("0,36", 260, 450), 450),
        ],
        ids=["flat", "by quotient", "by effort"],
    )
    def test_what_is_typed_is_a_tariff_and_the_most_it_asks_is_known(self, price, highest):
        assert highest_price(read_tariff(tariff(price))) == highest
        assert highest_price(read_tariff(tariff(price, non_resident=900, is_childcare=True))) == 900

    @pytest.mark.parametrize(
        ("written", "highest"),
        [
            ({"price": {"by": "effort_rate", "percent": "0,3", "floor": "1,00"}}, None),
            ({"price": {"by": "duration", "minutes": 30, "price": "1,00"}}, None),
            ({"price": {"by": "rank", "prices": ["4,00", "3,00"]}, "changes": [{"name": "-", "percent": -10}]}, 400),
            ({"price": "4,01", "changes": [{"name": "a", "percent": 10}, {"name": "b", "amount": "0,50"}]}, 492),
            ({"price": "4,00", "changes": [{"name": "b", "amount": "-0,50"}]}, 400),
        ],
        ids=["a rate without ceiling", "by duration", "a reduction", "two increases", "less"],
    )
    def test_the_most_that_a_tariff_asks_counts_every_increase(self, written, highest):
        assert highest_price(read_tariff(written)) == highest

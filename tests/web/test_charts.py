"""Charts: what is drawn is in the table behind, and nothing is said by colour alone."""

import re

import pytest

from marelle.web.components.charts import Chart, Series, chart, ticks, written

MONTHS = ("sept.", "oct.", "nov.")


def drawn(*series, labels=MONTHS, **more):
    return str(chart(drawn=Chart("Repas", labels, series, "Douze repas en tout.", **more)))


def heights(page, number=1):
    return [
        float(found)
        for found in re.findall(rf'<rect class="chart-bar s{number}" x="\S+" y="\S+" width="\S+%" height="(\S+)"', page)
    ]


def test_a_bar_is_as_high_as_its_value_and_the_table_says_the_same():
    page = drawn(Series("Présents", (50, 100, None)))

    assert heights(page) == [100.0, 200.0]
    assert 'role="img" aria-label="Repas. Douze repas en tout."' in page
    assert re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', page) == [
        ("sept.", "50"),
        ("oct.", "100"),
        ("nov.", "—"),
    ]
    assert "chart-legend" not in page, "one series needs no legend"


def test_stacked_bars_stand_on_one_another_each_with_its_own_pattern():
    page = drawn(Series("Présents", (60, 0, 1)), Series("Absents", (40, 0, 1)), shape="stacked")

    assert heights(page, 1)[0] + heights(page, 2)[0] == 200
    assert 'y="102.0" width="25.33%" height="120.0" fill="currentColor"' in page
    assert 'y="22.0" width="25.33%" height="80.0" fill="url(#graphique-repas-2)"' in page
    assert '<pattern id="graphique-repas-2"' in page
    assert ">100</text>" in page.split("chart-value")[1], "the sum is written above"


def test_a_line_stops_where_nothing_is_known_and_each_has_its_mark():
    page = drawn(Series("Prévus", (1, None, 3)), Series("An dernier", (2, 2, 2)), shape="lines")

    plot = page.partition("chart-area")[2]
    assert plot.count('chart-line s1"') == 0
    assert plot.count('chart-line s2"') == 2
    assert "<circle" in page
    assert '<rect x="-4"' in page


def test_many_labels_are_thinned_and_their_values_left_to_the_table():
    labels = [f"{day:02d}" for day in range(1, 31)]
    page = drawn(Series("Présents", range(30)), labels=labels)

    assert page.count('class="chart-label') == 10
    assert "chart-value" not in page
    assert page.count('<th scope="row">') == 30


def test_what_people_wrote_is_never_markup():
    assert "<b>" not in drawn(Series("<b>", (1, 2, 3)), Series("autre", (1, 2, 3)), labels=("<b>", "a", "b"))


def test_a_chart_has_a_value_for_each_label_and_few_series():
    with pytest.raises(ValueError, match="a value for each label"):
        Chart("Repas", MONTHS, (Series("Présents", (1,)),), "")
    with pytest.raises(ValueError, match="one to 4"):
        Chart("Repas", (), (), "")


@pytest.mark.parametrize(
    ("highest", "scale"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (3, (0, 1, 2, 3)),
        (100, (0, 50, 100)),
        (1234, (0, 500, 1000, 1500)),
        (6932, (0, 2000, 4000, 6000, 8000)),
    ],
)
def test_a_scale_has_few_round_values(highest, scale):
    assert ticks(highest) == scale


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "", "—"),
        (1234, "", "1 234"),
        (-3, "", "− 3"),
        (87.25, "%", "87,2 %"),
        (87, "%", "87 %"),
        (31_00, "€", "31,00 €"),
    ],
)
def test_values_are_written_as_people_do(value, unit, words):
    assert written(value, unit).replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ") == words


def test_names_too_long_to_stand_abreast_are_all_there_aslant_and_dates_are_thinned():
    places = ("Cantine : Midi", "Garderie du soir : Soir", "Étude surveillée : Étude")
    page = drawn(Series("Prises", (1, 2, 3)), labels=places)
    days = drawn(Series("Présents", range(13)), labels=[f"{day:02d}/11" for day in range(1, 14)])
    many = drawn(Series("Prises", range(9)), labels=["Accueil de loisirs des mercredis : Journée"] * 9)

    assert page.count("chart-label chart-slant") == 3
    assert "chart-more" not in page
    assert "chart-area chart-deep" in page
    assert "slant" not in days
    assert days.count("chart-label chart-more") == 8, "on a telephone one date in three"
    assert many.count("chart-slant-wide") == 9
    assert ">Accueil de loisirs des…</text>" in many
    assert "Accueil de loisirs des mercredis : Journée</th>" in many, "whole in the table"

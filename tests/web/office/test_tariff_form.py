"""The form and the tariff say the same: what is written can be typed, and what is typed is read back the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.commands.published_tariffs.reading import read_worked
from marelle.domain.catalog.rules.written import InvalidTariffError, read_tariff, write_tariff
from marelle.web.office.long_forms.drawing import Faults, draw, placed_faults
from marelle.web.office.long_forms.pieces import keys
from marelle.web.office.long_forms.saving import AS_FORM, AS_TEXT
from marelle.web.office.long_forms.yaml_text import read_text, write_text
from marelle.web.office.tariffs.described import TARIFF, fits
from marelle.web.office.tariffs.forms import as_other, blank, sent_by, typed_of
from tests.rules.tariff_strategies import tariffs
from tests.web.office.test_reglement_form import sent_of

# By the hundred in tests/torture/test_deep_properties.py.
A_FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

BANDS = [{"up_to": "600", "price": "1,20"}, {"below": "1200", "name": "B", "price": "3,10"}, {"price": "4,60"}]
RANKED = {"by": "rank", "prices": ["3,10", "2,80", "2,50"]}
OUTSIDE = {"by": "situation", "cases": [{"for": ["non_resident"], "price": "6,00"}], "otherwise": "3,10"}
# What councils vote: each must fit the form.
COMMON = {
    "flat": {"price": "3,85"},
    "nothing": {"price": "0,00"},
    "bands": {"price": {"by": "quotient", "missing": "highest", "whole": True, "bands": BANDS}},
    "bands of income, the second when unknown": {"price": {"by": "income", "missing": 2, "bands": BANDS}},
    "bands and ranks": {"price": {"by": "quotient", "bands": [{**band, "price": RANKED} for band in BANDS]}},
    "bands and outsiders": {"price": {"by": "quotient", "bands": [{**band, "price": OUTSIDE} for band in BANDS]}},
    "bands, ranks and outsiders": {
        "price": {"by": "quotient", "bands": [{**band, "price": {**OUTSIDE, "otherwise": RANKED}} for band in BANDS]}
    },
    "outsiders": {"price": OUTSIDE},
    "ranks present": {"price": {**RANKED, "by": "rank_present"}},
    "a rate by number of children, by the hour": {
        "price": {
            "by": "duration",
            "minutes": 60,
            "price": {
                "by": "children_enrolled",
                "prices": [{"by": "effort_rate", "of": "income", "percent": "0,06", "ceiling": "3,00"}, "0,40"],
            },
        }
    },
    "by rank, then by situation": {
        "price": {
            "by": "rank",
            "prices": [
                {"by": "situation", "cases": [{"for": ["nursery"], "price": "3,30"}], "otherwise": "3,70"},
                {"by": "situation", "cases": [{"for": ["nursery"], "price": "3,00"}]},
            ],
        }
    },
    "together": {"price": {"by": "siblings_present", "prices": ["3,00", "5,00"], "together": True}},
    "effort rate": {
        "price": {"by": "effort_rate", "percent": "0,36", "floor": "1,00", "ceiling": "6,00", "missing": "ceiling"}
    },
    "effort rate of the income": {
        "price": {"by": "effort_rate", "of": "income", "percent": "0,0615", "missing": "4,00"}
    },
    "situations": {
        "price": {
            "by": "situation",
            "cases": [
                {"for": ["own-meal"], "name": "PAI", "price": "1,00"},
                {"for": ["resident", "agents"], "price": {"by": "quotient", "bands": BANDS}},
            ],
            "otherwise": "7,00",
        }
    },
    "duration": {
        "price": {"by": "duration", "minutes": 30, "presumed": 60, "price": {"by": "quotient", "bands": BANDS}}
    },
    "all around": {
        "price": "3,10",
        "changes": [
            {"name": "2e enfant", "percent": -10, "when": {"rank": 2}},
            {"name": "3e et plus", "amount": "-0,31", "when": {"rank": {"least": 3}}},
            {"name": "Agents", "percent": 20, "when": {"for": ["agents"], "days_of_week": {"least": 2, "upto": 4}}},
            {"name": "Minibus", "amount": "1,00", "when": {"for": ["minibus"]}},
            {"name": "Pour tous", "amount": "0,50"},
        ],
        "rounding": {"to": "0,05", "mode": "up", "at": "each_step"},
        "packages": [
            {
                "code": "annee",
                "name": "Année",
                "per": "school_year",
                "price": "120,00",
                "installments": [9, 1, 4],
                "refund": "1,50",
            },
            {"code": "dix", "name": "Dix séances", "sessions": 10, "price": "30,00", "for": "family"},
            {"code": "m", "name": "Mois", "per": "month", "price": RANKED, "everyone": True, "includes_days": False},
        ],
        "caps": [{"amount": "80,00", "per": "month", "for": "family"}],
        "late_pickup": {"price": "5,00", "minutes": 15, "grace": 5},
        "components": [
            {"code": "7067", "name": "Garde", "percent": 40, "childcare": True, "cesu": True},
            {"code": "7068", "amount": "0,50"},
            {"code": "7066"},
        ],
        "note": "Voté à l’unanimité",
    },
}


@pytest.mark.parametrize("data", COMMON.values(), ids=COMMON)
def test_what_councils_vote_fits_the_form_and_comes_back_through_a_browser(data):
    tariff = read_tariff(data)
    assert fits(tariff)
    page = draw(TARIFF, TARIFF.typed(write_tariff(tariff)), "", faults=Faults(), url="/x/")

    read = sent_by(sent_of(page))

    assert read.found == []
    assert read.rules == tariff


@A_FEW
@given(tariffs())
def test_any_tariff_is_typed_in_the_form_or_as_a_text_and_read_back_the_same(tariff):
    typed = typed_of(tariff, way=AS_FORM)

    if typed.is_too_rich:
        assert typed.way == AS_TEXT
        assert sent_by(QueryDict(mutable=True) | {"vue": AS_TEXT, "texte": typed.text}).rules == tariff
    else:
        page = draw(TARIFF, typed.typed, "", faults=Faults(), url="/x/")
        assert sent_by(sent_of(page)).rules == tariff


@MANY
@given(tariffs())
def test_any_tariff_is_written_as_a_text_and_read_back_the_same(tariff):
    assert read_tariff(read_text(write_text(write_tariff(tariff))).values) == tariff


@A_FEW
@given(st.sampled_from(list(COMMON)), st.data())
def test_whatever_is_typed_anywhere_is_accepted_or_refused_at_a_control_that_is_there(common, data):
    sent = sent_of(draw(TARIFF, TARIFF.typed(write_tariff(read_tariff(COMMON[common]))), "", faults=Faults(), url="/"))
    name = data.draw(st.sampled_from(sorted(sent)))
    sent[name] = data.draw(st.text(max_size=12) | st.sampled_from(["", "9999999999", "-1", "3,105", "24:00", "é"]))

    read = sent_by(sent)

    if read.rules is None:
        (placed,) = read.faults.placed
        page = BeautifulSoup(read.drawn("/x/"), "html.parser")
        assert placed.reason in page.text
        assert not placed.anchor.removeprefix("r.") or page.find(id=placed.anchor) is not None
    else:
        assert read.found == []


@pytest.mark.parametrize(
    ("common", "name", "value", "control"),
    [
        ("flat", "price.flat.+itself", "trois", "price.flat.+itself"),
        ("flat", "price.flat.+itself", "", "price.flat.+itself"),
        ("bands", "price.bands.bands.0.price.flat.+itself", "x", "price.bands.bands.0.price.flat.+itself"),
        (
            "bands and ranks",
            "price.bands.bands.1.price.columns.prices.1",
            "x",
            "price.bands.bands.1.price.columns.prices.1",
        ),
        (
            "bands and outsiders",
            "price.bands.bands.1.price.outsiders.cases.0.price",
            "",
            "price.bands.bands.1.price.outsiders.cases.0.price",
        ),
        ("effort rate", "price.effort_rate.percent", "", "price.effort_rate.percent"),
        ("all around", "changes.0.+amount.less_percent.percent", "150", "changes.0.+amount.less_percent.percent"),
        ("all around", "packages.0.price.flat.+itself", "", "packages.0.price.flat.+itself"),
        ("all around", "components.1.+amount.amount.amount", "0", "components.1.+amount.amount.amount"),
        ("all around", "late_pickup.own.minutes", "", "late_pickup.own.minutes"),
    ],
)
def test_what_is_wrong_is_said_at_its_own_field(common, name, value, control):
    sent = sent_of(draw(TARIFF, TARIFF.typed(write_tariff(read_tariff(COMMON[common]))), "", faults=Faults(), url="/"))
    assert name in sent
    sent[name] = value

    read = sent_by(sent)

    assert list(read.faults.by_name) == [control]
    assert f'value="{value}"' in read.drawn("/x/")


def test_a_shape_that_the_form_does_not_have_stays_a_text():
    deep = {"price": {"by": "rank", "prices": [{"by": "quotient", "bands": BANDS}, "2,00"]}}

    typed = typed_of(read_tariff(deep), way=AS_FORM)

    assert (typed.way, typed.is_too_rich) == (AS_TEXT, True)
    assert read_tariff(read_text(typed.text).values) == typed.rules
    assert as_other(sent_by(QueryDict(mutable=True) | {"vue": AS_TEXT, "texte": typed.text}), AS_FORM).is_too_rich


@pytest.mark.parametrize("way", [AS_FORM, AS_TEXT])
def test_before_anything_is_typed_the_price_is_missing(way):
    read = sent_by(sent_of(blank(way=way).drawn("/x/")) if way == AS_FORM else QueryDict(mutable=True) | {"vue": way})

    assert read.rules is None
    assert len(read.found) == 1


def test_every_control_of_the_form_has_its_own_name():
    typed = TARIFF.typed(write_tariff(read_tariff(COMMON["all around"])))
    page = BeautifulSoup(draw(TARIFF, typed, "", faults=Faults(), url="/x/"), "html.parser")
    ids = [control["id"] for control in page.find_all(id=True)]

    assert len(ids) == len(set(ids))
    assert {label["for"] for label in page.find_all("label", attrs={"for": True})} <= set(ids)
    names = {name for _key, name in keys(TARIFF, typed, "", "")}
    assert placed_faults(TARIFF, typed, [("nowhere.at.all", "x")]).by_name.keys() <= {"", *names}


def test_data_that_is_no_tariff_does_not_fit():
    with pytest.raises(InvalidTariffError):
        read_tariff({})


PROJECT = Path(__file__).resolve().parents[3]
LISTS = sorted((PROJECT / "tests" / "scenarios" / "tarifs").glob("*.yaml"))
CORPUS = Path(os.environ.get("MARELLE_CORPUS") or PROJECT.parent / "shared" / "rules" / "communes.yaml")


@pytest.mark.parametrize("path", [*LISTS, CORPUS], ids=lambda path: path.stem)
def test_every_published_tariff_fits_the_form(path):
    if not path.exists():
        pytest.skip(f"the published rules are not here: {path}")

    assert [one.place for one in read_worked(path) if one.tariff is not None and not fits(one.tariff)] == []

"""The form and the règlement say the same: what is written can be typed, and what is typed is read back the same."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.domain.catalog.rules.written import InvalidReglementError, read_reglement, write_reglement
from marelle.web.office.long_forms.drawing import Faults, draw, placed_faults
from marelle.web.office.long_forms.pieces import Sent, keys
from marelle.web.office.long_forms.saving import AS_FORM, AS_TEXT
from marelle.web.office.long_forms.yaml_text import read_text, write_text
from marelle.web.office.reglements.described import reglement as described_reglement
from marelle.web.office.reglements.described import typed_from
from marelle.web.office.reglements.forms import blank, sent_by, typed_of
from tests.rules.strategies import reglements

PRODUCTS = {"repas": "Repas", "etude": "Étude"}
DESCRIBED = described_reglement(PRODUCTS)
# By the hundred in tests/torture/test_deep_properties.py.
A_FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def sent_of(page: str) -> QueryDict:
    """Return what a browser sends of these controls."""
    sent = QueryDict(mutable=True)
    for control in BeautifulSoup(page, "html.parser").find_all(["input", "select"]):
        if control.name == "select":
            chosen = control.find("option", selected=True) or control.find("option")
            sent.appendlist(control["name"], chosen["value"])
        elif control["type"] != "checkbox" or control.has_attr("checked"):
            sent.appendlist(control["name"], control["value"])
    return sent


@A_FEW
@given(reglements())
def test_any_reglement_is_drawn_sent_and_read_back_the_same(reglement):
    typed = typed_from(DESCRIBED, write_reglement(reglement))
    page = draw(DESCRIBED, typed, "", faults=Faults(), url="/x/")

    read = sent_by(sent_of(page), products=PRODUCTS)

    assert read.found == []
    assert read.rules == reglement


@MANY
@given(reglements())
def test_any_reglement_is_typed_and_written_the_same(reglement):
    written = write_reglement(reglement)

    assert write_reglement(read_reglement(DESCRIBED.written(typed_from(DESCRIBED, written)))) == written


@MANY
@given(reglements())
def test_any_reglement_is_written_as_a_text_and_read_back_the_same(reglement):
    assert read_reglement(read_text(write_text(write_reglement(reglement))).values) == reglement


@A_FEW
@given(reglements(), st.data())
def test_whatever_is_typed_anywhere_is_accepted_or_refused_at_a_control_that_is_there(reglement, data):
    typed = typed_from(DESCRIBED, write_reglement(reglement))
    sent = sent_of(draw(DESCRIBED, typed, "", faults=Faults(), url="/x/"))
    name = data.draw(st.sampled_from(sorted(sent)))
    sent[name] = data.draw(st.text(max_size=12) | st.sampled_from(["", "9999999999", "-1", "2027-02-30", "24:00", "é"]))

    read = sent_by(sent, products=PRODUCTS)

    if read.rules is None:
        assert len(read.found) == 1
        page = BeautifulSoup(read.drawn("/x/"), "html.parser")
        (placed,) = read.faults.placed
        assert placed.reason in page.text
        assert not placed.anchor.removeprefix("r.") or page.find(id=placed.anchor) is not None
    else:
        assert read_reglement(write_reglement(read.rules)) == read.rules


@pytest.mark.parametrize("way", [AS_FORM, AS_TEXT])
def test_nothing_typed_yet_is_an_empty_form(way):
    empty = blank(way=way, products=PRODUCTS)

    assert empty.rules is None
    assert empty.found == []
    assert empty.text == ""


def test_a_row_that_is_not_there_is_not_taken_out():
    sent = QueryDict("limits.0.row=1&limits.0.is=whole&retirer=limits.7")

    assert len(sent_by(sent, products=PRODUCTS).typed["limits"]) == 1
    for name in ("limits", "limits.x", "limits." + "9" * 30, "..", ""):
        Sent(sent).take_row(name)


def test_rows_left_empty_are_dropped_only_where_empty_ones_are_offered():
    sent = QueryDict(
        "book.closes.%2Bcutoff.is=date_list&book.closes.%2Bcutoff.date_list.by_month.0.row=1"
        "&book.closes.%2Bcutoff.date_list.by_month.4.row=1"
        "&book.closes.%2Bcutoff.date_list.by_month.4.month=2027-01"
        "&book.closes.%2Bcutoff.date_list.by_month.4.date=2026-12-10&limits.0.row=1"
    )

    typed = sent_by(sent, products=PRODUCTS)

    assert typed.typed["book"]["closes"]["+cutoff"]["date_list"]["by_month"] == [
        {"month": "2027-01", "date": "2026-12-10"}
    ]
    assert len(typed.typed["limits"]) == 1


def test_a_month_typed_twice_is_refused_rather_than_chosen_from():
    at = "book.closes.%2Bcutoff"
    rows = "".join(
        f"&{at}.date_list.by_month.{row}.row=1&{at}.date_list.by_month.{row}.month=2027-01"
        f"&{at}.date_list.by_month.{row}.date=2026-12-1{row}"
        for row in range(2)
    )

    typed = sent_by(QueryDict(f"{at}.is=date_list{rows}"), products=PRODUCTS)

    assert typed.rules is None
    assert "écrit deux fois" in typed.found[0][1]


@pytest.mark.parametrize(
    ("typed_hour", "kept"), [("09:00", "09:00"), ("09:00:00", "09:00"), (" 09:00 ", "09:00"), ("09:00:00.000", "09:00")]
)
def test_seconds_that_a_browser_adds_are_left_out(typed_hour, kept):
    sent = QueryDict(mutable=True)
    sent["book.closes.+cutoff.is"] = "same_day"
    sent["book.closes.+cutoff.same_day.time"] = typed_hour

    assert write_reglement(sent_by(sent, products=PRODUCTS).rules)["book"]["time"] == kept


def test_a_fault_that_no_control_has_is_said_at_the_nearest_around_it():
    typed = typed_from(DESCRIBED, {"book": {"shape": "never"}, "cancel": "same"})

    faults = placed_faults(DESCRIBED, typed, [("book.closes.nowhere.at.all", "x"), ("", "y"), ("unknown", "z")])

    assert faults.by_name == {"book.closes": ("x",), "": ("y", "z")}


def test_every_control_of_the_form_has_one_name():
    page = draw(DESCRIBED, blank(way=AS_FORM, products=PRODUCTS).typed, "", faults=Faults(), url="/x/")

    names = [
        control["name"] for control in BeautifulSoup(page, "html.parser").select("input:not([type=checkbox]), select")
    ]
    assert len(names) == len(set(names))
    assert dict(keys(DESCRIBED, blank(way=AS_FORM, products=PRODUCTS).typed, "", ""))["article"] == "article"


def test_the_text_of_a_form_that_cannot_be_read_is_what_was_typed():
    sent = QueryDict(mutable=True)
    sent["book.closes.+cutoff.is"] = "offset"
    sent["book.closes.+cutoff.offset.count"] = "beaucoup"

    typed = sent_by(sent, products=PRODUCTS)

    assert typed.rules is None
    assert "count: beaucoup" in typed.text
    with pytest.raises(InvalidReglementError):
        read_reglement(read_text(typed.text).values)
    assert typed_of({"book": {"shape": "never"}, "cancel": "same"}, way=AS_TEXT, products=PRODUCTS).text.startswith(
        "book"
    )

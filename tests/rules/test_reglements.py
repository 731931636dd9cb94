"""The règlement as data: what is written is read back the same, and what is wrong is said by its key."""

from datetime import time

import pytest

from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
)
from marelle.domain.catalog.rules.reglements import (
    InvalidReglementError,
    Reglement,
    read_reglement,
    write_reglement,
)

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
NINE = time(9)

WRITTEN = {
    "weekday_table": (
        {"shape": "weekday_table", "table": {"mon": "fri 09:00", "thu": "tue 14:30"}, "boundary": "le"},
        WeekdayTable(((MON, FRI, NINE), (THU, TUE, time(14, 30))), Boundary.UNTIL),
    ),
    "week_cutoff": (
        {"shape": "week_cutoff", "cutoff": "thu 12:00", "weeks": 2, "boundary": "lt"},
        WeekCutoff(THU, time(12), 2, Boundary.BEFORE),
    ),
    "offset in days": (
        {"shape": "offset", "count": 1, "unit": "day", "time": "09:00", "boundary": "lt"},
        Offset(1, Unit.DAY, NINE),
    ),
    "offset in weekdays": (
        {"shape": "offset", "count": 2, "unit": "weekday", "time": "00:00", "boundary": "le"},
        Offset(2, Unit.WEEKDAY, boundary=Boundary.UNTIL),
    ),
    "offset in working days": (
        {"shape": "offset", "count": 2, "unit": "working_day", "time": "18:00", "boundary": "lt"},
        Offset(2, Unit.WORKING_DAY, time(18)),
    ),
    "offset in clear days": (
        {"shape": "offset", "count": 8, "unit": "clear_day", "time": "23:59", "boundary": "le"},
        Offset(8, Unit.CLEAR_DAY, time(23, 59), Boundary.UNTIL),
    ),
    "offset in school days": (
        {"shape": "offset", "count": 1, "unit": "school_day", "time": "09:00", "boundary": "lt"},
        Offset(1, Unit.SCHOOL_DAY, NINE),
    ),
    "offset in hours": (
        {"shape": "offset", "count": 48, "unit": "hour", "boundary": "le"},
        Offset(48, Unit.HOUR, boundary=Boundary.UNTIL),
    ),
    "same_day": ({"shape": "same_day", "time": "08:30", "boundary": "le"}, SameDay(time(8, 30), Boundary.UNTIL)),
    "month_cutoff": ({"shape": "month_cutoff", "day": 20, "months": 1}, MonthCutoff(20)),
    "never": ({"shape": "never"}, Never()),
}


@pytest.mark.parametrize(("data", "cutoff"), WRITTEN.values(), ids=WRITTEN.keys())
def test_each_shape_is_read_and_written_back_the_same(data, cutoff):
    reglement = read_reglement({"book": {"shape": "never"}, "cancel": data, "article": "article 6"})

    assert reglement == Reglement(Never(), cutoff, "article 6")
    assert read_reglement(write_reglement(reglement)) == reglement
    if cutoff != Never():
        assert write_reglement(reglement)["cancel"] == data


@pytest.mark.parametrize(("data", "cutoff"), WRITTEN.values(), ids=WRITTEN.keys())
def test_the_same_rule_for_both_is_written_once(data, cutoff):
    reglement = read_reglement({"book": data})

    assert reglement == Reglement(cutoff, cutoff)
    assert write_reglement(reglement) == {"book": data, "cancel": "same"}


def test_what_is_left_out_has_a_meaning():
    read = {name: read_reglement({"book": data}).book for name, data in SHORT.items()}

    assert read == {
        "offset": Offset(1, Unit.DAY),
        "offset until": Offset(8, Unit.CLEAR_DAY, time(23, 59), Boundary.UNTIL),
        "week": WeekCutoff(THU, NINE, 1, Boundary.BEFORE),
        "month": MonthCutoff(20, 1),
        "same day": SameDay(NINE, Boundary.BEFORE),
    }


SHORT = {
    "offset": {"shape": "offset", "count": 1},
    "offset until": {"shape": "offset", "count": 8, "unit": "clear_day", "boundary": "le"},
    "week": {"shape": "week_cutoff", "cutoff": "thu 09:00"},
    "month": {"shape": "month_cutoff", "day": 20},
    "same day": {"shape": "same_day", "time": "09:00"},
}

A_TIME = 'une heure entre guillemets est attendue, comme "09:00"'
A_CELL = "un jour et une heure sont attendus, comme « thu 09:00 »"
A_DAY = "(mon, tue, wed, thu, fri, sat ou sun)"
OFFSET = {"shape": "offset", "count": 1}
FAULTS = {
    "not a mapping": ("texte", "règlement : un groupe de champs est attendu"),
    "nothing": (None, "règlement : un groupe de champs est attendu"),
    "an unknown key": ({"book": OFFSET, "books": 1}, "règlement : champ inconnu « books »"),
    "no booking rule": ({"cancel": "same"}, "book : la règle de réservation manque"),
    "an article that is a number": ({"book": OFFSET, "article": 6}, "article : du texte est attendu"),
    "an unknown shape": ({"book": {"shape": "ofset"}}, "book.shape : forme inconnue « ofset »"),
    "no shape": ({"book": {}}, "book.shape : forme inconnue « None »"),
    "a rule that is a text": ({"book": "same"}, "book.shape : forme inconnue « None »"),
    "the fault of the other rule": ({"book": OFFSET, "cancel": {"shape": "?"}}, "cancel.shape : forme inconnue « ? »"),
    "a field of another shape": ({"book": {"shape": "never", "time": "09:00"}}, "book : champ inconnu « time »"),
    "no table": ({"book": {"shape": "weekday_table"}}, "book.table : un groupe de champs est attendu"),
    "an empty table": ({"book": {"shape": "weekday_table", "table": {}}}, "book.table : au moins un jour est attendu"),
    "a French weekday in the table": (
        {"book": {"shape": "weekday_table", "table": {"lundi": "fri 09:00"}}},
        "book.table : champ inconnu « lundi »",
    ),
    "a French weekday in a cell": (
        {"book": {"shape": "weekday_table", "table": {"mon": "vendredi 09:00"}}},
        f"book.table.mon : jour inconnu « vendredi » {A_DAY}",
    ),
    "a cell without a time": (
        {"book": {"shape": "weekday_table", "table": {"mon": "fri"}}},
        f"book.table.mon : {A_CELL}",
    ),
    "a cell that is a number": (
        {"book": {"shape": "weekday_table", "table": {"mon": 900}}},
        f"book.table.mon : {A_CELL}",
    ),
    "a cell with half a time": (
        {"book": {"shape": "weekday_table", "table": {"mon": "fri 9h"}}},
        f"book.table.mon : {A_TIME}",
    ),
    "no cut-off of the week": ({"book": {"shape": "week_cutoff"}}, f"book.cutoff : {A_CELL}"),
    "no week": (
        {"book": {"shape": "week_cutoff", "cutoff": "thu 09:00", "weeks": 0}},
        "book.weeks : un nombre entier de 1 à 26 est attendu",
    ),
    "no count": ({"book": {"shape": "offset"}}, "book.count : un nombre entier de 0 à 180 est attendu"),
    "a count in words": (
        {"book": {"shape": "offset", "count": "1"}},
        "book.count : un nombre entier de 0 à 180 est attendu",
    ),
    "a count that is yes": (
        {"book": {"shape": "offset", "count": True}},
        "book.count : un nombre entier de 0 à 180 est attendu",
    ),
    "a half day": ({"book": {"shape": "offset", "count": 0.5}}, "book.count : un nombre entier de 0 à 180 est attendu"),
    "before the day itself": (
        {"book": {"shape": "offset", "count": -1}},
        "book.count : un nombre entier de 0 à 180 est attendu",
    ),
    "too many hours": (
        {"book": {"shape": "offset", "count": 1441, "unit": "hour"}},
        "book.count : un nombre entier de 0 à 1440 est attendu",
    ),
    "an unknown unit": ({"book": {**OFFSET, "unit": "jour"}}, "book.unit : unité inconnue « jour »"),
    "a unit that is a list": ({"book": {**OFFSET, "unit": ["day"]}}, "book.unit : unité inconnue « ['day'] »"),
    "a time that lost its quotes": ({"book": {**OFFSET, "time": 540}}, f"book.time : {A_TIME}"),
    "a time that does not exist": ({"book": {**OFFSET, "time": "24:30"}}, f"book.time : {A_TIME}"),
    "a time with a zone": ({"book": {**OFFSET, "time": "09:00+02:00"}}, f"book.time : {A_TIME}"),
    "a time to the second": ({"book": {**OFFSET, "time": "09:00:30"}}, f"book.time : {A_TIME}"),
    "no time of the same day": ({"book": {"shape": "same_day"}}, f"book.time : {A_TIME}"),
    "an unknown boundary": (
        {"book": {**OFFSET, "boundary": "<="}},
        "book.boundary : « lt » (avant) ou « le » (jusqu’à) est attendu",
    ),
    "a boundary that is a list": (
        {"book": {**OFFSET, "boundary": ["lt"]}},
        "book.boundary : « lt » (avant) ou « le » (jusqu’à) est attendu",
    ),
    "a day of no month": (
        {"book": {"shape": "month_cutoff", "day": 32}},
        "book.day : un nombre entier de 1 à 31 est attendu",
    ),
    "more than a year of months": (
        {"book": {"shape": "month_cutoff", "day": 1, "months": 13}},
        "book.months : un nombre entier de 1 à 12 est attendu",
    ),
}


@pytest.mark.parametrize(("data", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_said_by_its_key_in_french(data, sentence):
    with pytest.raises(InvalidReglementError) as refused:
        read_reglement(data)

    assert str(refused.value) == sentence


@pytest.mark.parametrize("weekday", [[], {}, 3, None], ids=repr)
def test_a_weekday_of_another_type_is_refused_too(weekday):
    with pytest.raises(InvalidReglementError):
        read_reglement({"book": {"shape": "weekday_table", "table": {"mon": weekday}}})

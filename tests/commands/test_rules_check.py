"""`marelle rules check`: small files of our own; what is decided, what is skipped and why, what cannot be read."""

from datetime import time

import pytest

from marelle.commands.line import main
from marelle.domain.catalog.rules.cutoffs import Offset, Unit
from marelle.domain.catalog.rules.sentences import cutoff_in_words

HEAD = """\
meta:
  timezone: Europe/Paris
  calendar:
    public_holidays: ['2025-11-01', '2025-11-11', '2025-12-25', '2026-01-01', '2026-04-06', '2026-05-01']
    school_holidays:
      A:
      - ['2025-10-18', '2025-11-03']
      - ['2025-12-20', '2026-01-05']
      - ['2026-02-07', '2026-02-23']
communes:
- id: essai
  name: Essai-sur-Rien
  dept: '51'
  zone: A
  services:
  - id: cantine
    kind: cantine
"""
BOOK = """\
    book: {shape: offset, n: 1, unit: day, time: '10:00', boundary: lt}
    cancel: same
"""
NOVEMBER = "{first: '2025-11-01', last: '2025-11-30'"
CLOSE = "close: 2025-10-15 12:00"
ABOUT = "{service: cantine, date: '2025-11-20', "


def written(rules=BOOK, cases=(), head=HEAD):
    """A file with one service; a case is « action, at, expected » of Thursday 20 November, or its whole text."""
    lines = []
    for case in cases:
        if isinstance(case, str):
            lines.append(f"  - {case}\n")
        else:
            action, at, expected = case
            lines.append(f"  - {ABOUT}action: {action}, at: {at}, expected: {expected}}}\n")
    return head + rules + ("  cases:\n" + "".join(lines) if lines else "")


@pytest.fixture
def check(tmp_path, capsys):
    def check(*texts):
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"essai{number}.yaml"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(str(path))
        status = main(["rules", "check", *paths])
        said = capsys.readouterr()
        return status, said.out, said.err

    return check


@pytest.fixture
def outcome(check):
    """The closing line of one file, and the kinds of what it skips."""

    def outcome(rules, *cases, head=HEAD):
        status, out, err = check(written(rules, cases, head))
        assert (status, err) in {(0, ""), (1, "")}
        kinds = [line[6:] for line in out.splitlines() if line[:5].strip().isdigit()]
        return out.splitlines()[-1], kinds

    return outcome


PASSED, FAILED, SKIPPED = (
    "1 passed, 0 failed, 0 skipped",
    "0 passed, 1 failed, 0 skipped",
    "0 passed, 0 failed, 1 skipped",
)


class TestTheReport:
    def test_says_nothing_but_the_closing_line_when_all_is_right(self, check):
        text = written(cases=[("book", "2025-11-19 09:59", "allowed"), ("cancel", "2025-11-19 10:00", "refused")])

        assert check(text) == (0, "2 passed, 0 failed, 0 skipped\n", "")

    def test_explains_a_disagreement_with_the_limit_and_the_rule(self, check):
        status, out, err = check(written(cases=[("book", "2025-11-19 09:30", "refused")]))

        out = out.replace("\N{NO-BREAK SPACE}", " ")
        assert (status, err) == (1, "")
        assert "essai0.yaml:21: essai, cantine\n" in out
        assert "book pour le jeudi 20 novembre 2025, mercredi 19 novembre 2025, 9 h 30\n" in out
        assert "attendu : refused ; trouvé : allowed\n" in out
        assert "limite : avant mercredi 19 novembre 2025, 10 h\n" in out
        rule = cutoff_in_words(Offset(1, Unit.DAY, time(10))).replace("\N{NO-BREAK SPACE}", " ")
        assert f"règle : {rule}\n" in out
        assert out.splitlines()[-1] == FAILED

    def test_says_why_the_file_expected_otherwise(self, check):
        case = f"{ABOUT}action: book, at: 2025-11-19 09:30, expected: refused, why: Mercredi est trop tard}}"

        assert "le fichier dit : Mercredi est trop tard\n" in check(written(cases=[case]))[1]

    def test_says_when_a_place_was_never_possible_or_not_yet(self, check):
        never = "    book: {shape: never}\n"
        waves = (
            "    book:\n      shape: offset\n      n: 1\n      unit: day\n      boundary: le\n"
            "      opens: {resident: 2025-11-01 08:00, non_resident: 2025-11-10 08:00}\n"
        )

        assert "limite : jamais possible\n" in check(written(never, [("book", "2025-11-01 09:00", "allowed")]))[1]
        out = check(written(waves, [("book", "2025-10-31 09:00", "allowed")]))[1]
        assert "ouverture (resident) : samedi 1ᵉʳ novembre 2025, 8 h\n" in out.replace("\N{NO-BREAK SPACE}", " ")

    def test_shows_the_second_step_and_the_rule_of_absences(self, check):
        late = BOOK + "    late_book: {allowed: true, surcharge: {percent: 50}, until: unpublished}\n"
        absence = BOOK + "    absence: {waiting_days: 1}\n"

        assert "puis, avec majoration : avant vendredi 21 novembre 2025, minuit" in (
            check(written(late, [("book", "2025-11-20 09:00", "refused")]))[1].replace("\N{NO-BREAK SPACE}", " ")
        )
        assert (
            "règle d’absence : waiting_days: 1"
            in (check(written(absence, [("absence", "2025-11-20 08:00", "not_billed")]))[1])
        )

    def test_counts_what_is_skipped_by_kind_the_most_frequent_first(self, check):
        price = "{service: cantine, action: price, input: {qf: 1}, expected: 3.5}"
        status, out, _err = check(
            written(
                cases=[
                    ("book", "2025-11-19 09:00", "ambiguous"),
                    price,
                    price,
                    ("book", "2025-11-19 09:00", "peut-être"),
                ]
            )
        )

        assert status == 0
        assert out == (
            "Ignorés :\n"
            "    2 price : voir « marelle tariffs check »\n"
            "    1 ambiguous : le texte publié ne tranche pas\n"
            "    1 not expressed : résultat inconnu « peut-être » (book)\n"
            "\n"
            "0 passed, 0 failed, 4 skipped\n"
        )

    def test_makes_one_total_of_several_files(self, check):
        right = written(cases=[("book", "2025-11-19 09:00", "allowed")])
        wrong = written(cases=[("book", "2025-11-19 09:00", "refused")])

        status, out, _err = check(right, wrong, right)

        assert (status, out.splitlines()[-1]) == (1, "2 passed, 1 failed, 0 skipped")

    def test_an_unreadable_file_among_others_does_not_hide_them(self, check):
        status, out, err = check(written(cases=[("book", "2025-11-19 09:00", "refused")]), "communes: 3\n")

        assert (status, out.splitlines()[-1]) == (2, FAILED)
        assert "essai1.yaml:1: communes : une liste est attendue" in err

    def test_a_file_without_a_case_is_read(self, check):
        assert check(written()) == (0, "0 passed, 0 failed, 0 skipped\n", "")

    def test_price_lists_are_counted_apart(self, check):
        text = "tariff_only:\n- id: prix\n  cases:\n  - {action: price, input: {qf: 1}, expected: 2.5}\n"

        assert check(text)[1].endswith(f"\n{SKIPPED}\n")


RULES = {
    "weekday_table": (
        "book: {shape: weekday_table, table: {thu: tue 09:00}, boundary: lt}",
        ("2025-11-18 08:59", "allowed"),
        ("2025-11-18 09:00", "refused"),
    ),
    "week_cutoff": (
        "book: {shape: week_cutoff, cutoff: thu 23:59, weeks: 1, boundary: le}",
        ("2025-11-13 23:59", "allowed"),
        ("2025-11-14 00:00", "refused"),
    ),
    "week_cutoff of the same week": (
        "book: {shape: week_cutoff, cutoff: mon 09:00, weeks: 0, boundary: le}",
        ("2025-11-17 09:00", "allowed"),
        ("2025-11-17 09:01", "refused"),
    ),
    "days": (
        "book: {shape: offset, n: 2, unit: day, boundary: le}",
        ("2025-11-18 23:59", "allowed"),
        ("2025-11-19 00:00", "refused"),
    ),
    "weekdays": (
        "book: {shape: offset, n: 5, unit: weekday, time: '12:00', boundary: le}",
        ("2025-11-13 12:00", "allowed"),
        ("2025-11-13 12:01", "refused"),
    ),
    "working days": (
        "book: {shape: offset, n: 8, unit: working_day, time: '12:00', boundary: le}",
        ("2025-11-07 12:00", "allowed"),
        ("2025-11-10 12:00", "refused"),
    ),
    "school days": (
        "book: {shape: offset, n: 2, unit: school_day, time: '12:00', boundary: le}",
        ("2025-11-17 12:00", "allowed"),
        ("2025-11-17 12:01", "refused"),
    ),
    "clear days": (
        "book: {shape: offset, n: 2, unit: clear_day, boundary: le}",
        ("2025-11-17 23:59", "allowed"),
        ("2025-11-18 00:00", "refused"),
    ),
    "hours": (
        "book: {shape: offset, n: 48, unit: hour, boundary: le, reference: unpublished}",
        ("2025-11-18 00:00", "allowed"),
        ("2025-11-18 00:01", "refused"),
    ),
    "same_day": (
        "book: {shape: same_day, time: 08:30, boundary: le}",
        ("2025-11-20 08:30", "allowed"),
        ("2025-11-20 08:31", "refused"),
    ),
    "same_day from": (
        "book: {shape: same_day, from: 08:00, time: 08:30, boundary: le}",
        ("2025-11-20 08:00", "allowed"),
        ("2025-11-20 07:59", "refused"),
    ),
    "month_cutoff until": (
        "book: {shape: month_cutoff, day: 20, months: 1, boundary: le}",
        ("2025-10-20 23:59", "allowed"),
        ("2025-10-21 00:00", "refused"),
    ),
    "month_cutoff before": (
        "book: {shape: month_cutoff, day: 20, months: 1, boundary: lt}",
        ("2025-10-19 23:59", "allowed"),
        ("2025-10-20 00:00", "refused"),
    ),
    "date_list": (
        "book: {shape: date_list, by_month: {2025-11: '2025-10-28'}, boundary: le}",
        ("2025-10-28 23:59", "allowed"),
        ("2025-10-29 00:00", "refused"),
    ),
    "window": (
        f"book: {{shape: window, windows: [{NOVEMBER}, open: 2025-10-01 09:00, close: 2025-10-15 12:00}}]}}",
        ("2025-10-01 09:00", "allowed"),
        ("2025-10-01 08:59", "refused"),
    ),
    "window, closed": (
        "book: {shape: window, windows: [{first: 2025-11-01, last: 2025-11-30, open: null, close: 2025-10-15 12:00}]}",
        ("2025-10-15 12:00", "allowed"),
        ("2025-10-15 12:01", "refused"),
    ),
    "a day that is written late": (
        "book: {shape: same_day, time: '23:59', boundary: le}",
        ("2025-11-20 23:59", "allowed"),
        ("2025-11-21 00:00", "refused"),
    ),
}


class TestBookings:
    @pytest.mark.parametrize(("rule", "in_time", "too_late"), RULES.values(), ids=RULES)
    def test_each_shape_is_decided_to_the_minute(self, outcome, rule, in_time, too_late):
        cases = [("book", *in_time), ("book", *too_late)]

        assert outcome(f"    {rule}\n", *cases) == ("2 passed, 0 failed, 0 skipped", [])

    def test_a_table_for_a_week_whose_monday_is_a_holiday(self, outcome):
        rule = (
            "    book:\n      shape: weekday_table\n      boundary: le\n      table: {wed: mon 15:00}\n"
            "      if_monday_public_holiday: {wed: thu 15:00}\n"
        )
        after_easter = "{service: cantine, date: '2026-04-08', action: book, at: 2026-04-06 10:00, expected: refused}"
        ordinary = "{service: cantine, date: '2026-04-15', action: book, at: 2026-04-13 10:00, expected: allowed}"

        assert outcome(rule, after_easter, ordinary) == ("2 passed, 0 failed, 0 skipped", [])

    def test_a_late_booking_costs_more_until_its_own_limit(self, outcome):
        until = "{shape: same_day, time: '08:00', boundary: le}"
        rule = BOOK + f"    late_book: {{allowed: true, surcharge: {{percent: 50}}, until: {until}}}\n"

        assert outcome(
            rule,
            ("book", "2025-11-19 11:00", "surcharge"),
            ("book", "2025-11-20 08:01", "refused"),
            ("cancel", "2025-11-19 11:00", "refused"),
        ) == ("3 passed, 0 failed, 0 skipped", [])

    def test_a_late_booking_without_a_published_end_lasts_until_the_day_is_over(self, outcome):
        rule = BOOK + "    late_book: {allowed: true, surcharge: on the first two units, until: unpublished}\n"

        assert outcome(rule, ("book", "2025-11-20 23:59", "surcharge"), ("book", "2025-11-21 00:00", "refused")) == (
            "2 passed, 0 failed, 0 skipped",
            [],
        )

    def test_families_are_let_in_by_waves(self, outcome):
        rule = BOOK.replace(
            "boundary: lt", "boundary: lt, opens: {resident: 2025-11-01 08:00, non_resident: 2025-11-10 08:00}"
        )
        case = "{" + ABOUT + "action: book, at: 2025-11-05 08:00, who: {}, expected: {}}}"

        assert outcome(rule, case.format("resident", "allowed"), case.format("non_resident", "refused")) == (
            "2 passed, 0 failed, 0 skipped",
            [],
        )

    def test_who_books_is_needed_only_between_two_waves(self, outcome):
        rule = BOOK.replace(
            "boundary: lt", "boundary: lt, opens: {resident: 2025-11-01 08:00, non_resident: 2025-11-10 08:00}"
        )

        closing, kinds = outcome(
            rule,
            ("book", "2025-11-12 08:00", "allowed"),
            ("book", "2025-10-12 08:00", "refused"),
            ("book", "2025-11-05 08:00", "allowed"),
        )

        assert closing == "2 passed, 0 failed, 1 skipped"
        assert kinds == ["not expressed : le cas dépend de ce que la règle ou ses faits ne disent pas (boundary, who)"]

    def test_a_waiting_list_is_a_refusal(self, outcome):
        rule = BOOK.replace("boundary: lt}", "boundary: lt, after_close: waiting_list}", 1)
        case = "{" + ABOUT + "action: book, at: 2025-11-{}, expected: refused, outcome: waiting_list}}"

        assert outcome(rule, case.format("19 10:00"), ("book", "2025-11-19 10:00", "refused")) == (
            "2 passed, 0 failed, 0 skipped",
            [],
        )
        assert outcome(rule, case.format("19 09:00")) == (FAILED, [])

    def test_a_boundary_that_is_not_said_matters_only_at_the_limit(self, outcome):
        rule = BOOK.replace(", boundary: lt", "")

        assert outcome(rule, ("book", "2025-11-19 09:59", "allowed"))[0] == PASSED
        assert outcome(rule, ("book", "2025-11-19 10:01", "refused"))[0] == PASSED
        assert outcome(rule, ("book", "2025-11-19 10:00", "allowed"))[0] == SKIPPED

    @pytest.mark.parametrize("dept", ["974", "988", "2A", "null", "971"])
    def test_moments_are_those_of_the_clocks_of_the_place(self, outcome, dept):
        head = HEAD.replace("'51'", dept if dept == "null" else f"'{dept}'")

        assert outcome(
            BOOK, ("book", "2025-11-19 09:59", "allowed"), ("book", "2025-11-19 10:00", "refused"), head=head
        ) == ("2 passed, 0 failed, 0 skipped", [])

    def test_a_moment_with_its_offset_is_set_to_those_clocks(self, outcome):
        head = HEAD.replace("'51'", "'974'")

        # 10:00 in La Réunion is 6:00 UTC.
        assert outcome(BOOK, ("book", "'2025-11-19T05:59:00Z'", "allowed"), head=head) == (PASSED, [])
        assert outcome(BOOK, ("book", "'2025-11-19T06:00+00:00'", "refused"), head=head) == (PASSED, [])

    def test_hours_of_the_night_the_clock_changes_are_real_hours(self, outcome):
        rule = "    book: {shape: offset, n: 24, unit: hour, boundary: le}\n"
        case = "{{service: cantine, date: '2026-03-30', action: book, at: 2026-03-28 {}, expected: {}}}"

        assert outcome(rule, case.format("23:00", "allowed"), case.format("23:01", "refused")) == (
            "2 passed, 0 failed, 0 skipped",
            [],
        )


NOT_EXPRESSED = {
    "shape": ("book: {shape: spiral, n: 1}", "forme inconnue « spiral »"),
    "no shape": ("book: {n: 1}", "règle sans forme (shape)"),
    "unpublished shape": ("book: {shape: unpublished}", "règle non publiée"),
    "unpublished": ("book: unpublished", "règle non publiée"),
    "nothing": ("capacity: {all: 3}", "règle non publiée"),
    "penalty": ("book: {shape: penalty_without_proof}", "pas de limite : une pénalité sans justificatif"),
    "word": ("book: as usual", "mot inconnu « as usual » (book)"),
    "field": (
        "book: {shape: same_day, time: '09:00', boundary: le, unless: rain}",
        "champ inconnu « unless » (same_day)",
    ),
    "boundary": ("book: {shape: same_day, time: '09:00', boundary: around}", "mot inconnu « around » (boundary)"),
    "unit": ("book: {shape: offset, n: 1, unit: moon, boundary: le}", "unité inconnue « moon »"),
    "huge": (
        f"book: {{shape: offset, n: {10**40}, unit: day, boundary: le}}",
        f"nombre hors de nos formes : n ({10**12})",
    ),
    "word for a number": ("book: {shape: month_cutoff, day: last, months: 1}", "mot inconnu « last » (day)"),
    "missing": ("book: {shape: week_cutoff, cutoff: thu 09:00, boundary: le}", "le champ « weeks » n’est pas donné"),
    "weekday": ("book: {shape: weekday_table, table: {thu: bell 09:00}, boundary: le}", "jour inconnu « bell »"),
    "service weekday": (
        "book: {shape: weekday_table, table: {hol: thu 09:00}, boundary: le}",
        "jour inconnu « hol » (table)",
    ),
    "weekday not in the table": (
        "book: {shape: weekday_table, table: {fri: thu 09:00}, boundary: le}",
        "le tableau ne dit rien de ce jour de la semaine",
    ),
    "reference": (
        "book: {shape: offset, n: 48, unit: hour, boundary: le, reference: '12:00'}",
        "l’heure de référence de l’offset (reference)",
    ),
    "hours from another hour": (
        "book: {shape: offset, n: 48, unit: hour, time: '12:00', boundary: le}",
        "des heures comptées d’une autre heure que minuit",
    ),
    "weekday without a word": (
        "book: {shape: weekday_table, table: {thu: null, fri: thu 09:00}, boundary: le}",
        "le tableau ne dit rien de ce jour de la semaine",
    ),
    "weekday without an hour": (
        "book: {shape: weekday_table, table: {thu: tue}, boundary: le}",
        "un jour sans heure, ou un mot inconnu « tue »",
    ),
    "table in a word": ("book: {shape: weekday_table, table: usual}", "mot inconnu « usual » (table)"),
    "hour in a word": ("book: {shape: same_day, time: noon, boundary: le}", "une heure dite « noon »"),
    "midnight": ("book: {shape: same_day, time: '24:00', boundary: le}", "une heure dite « 24:00 »"),
    "month in a word": (
        "book: {shape: date_list, by_month: {autumn: '2025-09-28'}}",
        "mois inconnu « autumn » (by_month)",
    ),
    "month without a date": (
        "book: {shape: date_list, by_month: {2025-10: '2025-09-28'}}",
        "aucune limite ce jour-là (aucune date n’est publiée pour ce mois)",
    ),
    "day in no window": (
        "book: {shape: window, windows: [{first: '2025-12-01', last: '2025-12-30', close: 2025-10-15 12:00}]}",
        "aucune limite ce jour-là (ce jour n’est dans aucune période publiée)",
    ),
    "window without a close": (
        "book: {shape: window, windows: [{first: '2025-11-01', last: '2025-11-30', open: null, close: null}]}",
        "une période sans clôture publiée",
    ),
    "window that closes by day": (
        "book: {shape: window, windows: [{first: '2025-11-01', last: '2025-11-30', close: '2025-10-15'}]}",
        "une date sans heure",
    ),
    "windows over each other": (
        f"book: {{shape: window, windows: [{NOVEMBER}, {CLOSE}}}, {NOVEMBER}, {CLOSE}}}]}}",
        "deux périodes qui se chevauchent",
    ),
    "field of a service": (BOOK.strip() + "\n    moon: full", "champ inconnu « moon »"),
    "field of late bookings": (
        BOOK.strip() + "\n    late_book: {allowed: true, surcharge: more, moon: full}",
        "champ inconnu « moon » (late_book)",
    ),
    "after the close": (
        "book: {shape: same_day, time: '09:00', boundary: le, after_close: lottery}",
        "mot inconnu « lottery » (after_close)",
    ),
    "audience": (
        "book: {shape: same_day, time: '09:00', boundary: le, opens: {friend: 2025-01-01 09:00}}",
        "champ inconnu « friend » (opens)",
    ),
}


class TestWhatIsNotExpressed:
    @pytest.mark.parametrize(("rule", "reason"), NOT_EXPRESSED.values(), ids=NOT_EXPRESSED)
    def test_is_skipped_with_its_reason(self, outcome, rule, reason):
        assert outcome(f"    {rule}\n", ("book", "2025-11-10 09:00", "allowed")) == (
            SKIPPED,
            [f"not expressed : {reason}"],
        )

    @pytest.mark.parametrize(
        ("case", "reason"),
        [
            ("action: swap, expected: allowed", "action inconnue « swap »"),
            ("action: book, expected: billed", "résultat inconnu « billed » (book)"),
            ("action: book, expected: allowed, weather: fine", "fait inconnu « weather » (book)"),
            ("action: cancel, expected: allowed, certificate: '2025-11-10'", "fait inconnu « certificate » (cancel)"),
            ("action: book, expected: allowed, who: cousin", "catégorie inconnue « cousin » (who)"),
            ("action: book, expected: refused, outcome: waiting_list", "suite inconnue « waiting_list » (outcome)"),
            ("action: absence, expected: billed", "règle d’absence non publiée"),
        ],
    )
    def test_a_case_with_a_word_that_is_not_known_is_skipped(self, outcome, case, reason):
        assert outcome(BOOK, f"{ABOUT}at: 2025-11-10 09:00, {case}}}") == (SKIPPED, [f"not expressed : {reason}"])

    @pytest.mark.parametrize(
        ("late", "reason"),
        [
            ("{allowed: true, surcharge: more, until: tea time}", "fin de la réservation tardive « tea time »"),
            ("{allowed: true, surcharge: more, until: {shape: spiral}}", "forme inconnue « spiral »"),
            ("{allowed: true, surcharge: more, until: {shape: never}}", "fin de la réservation tardive « never »"),
            ("{allowed: true}", "réservation tardive sans majoration"),
            ("{allowed: true, surcharge: {percent: 0}}", "réservation tardive sans majoration"),
            ("{allowed: sometimes, surcharge: more}", "réservation tardive ni permise ni interdite"),
            ("{allowed: true, surcharge: more, workflow: letter}", "mot inconnu « letter » (workflow)"),
            ("unpublished", "réservation tardive non publiée"),
        ],
    )
    def test_what_is_said_of_late_bookings_matters_only_after_the_limit(self, outcome, late, reason):
        rule = BOOK + f"    late_book: {late}\n"

        assert outcome(rule, ("book", "2025-11-19 09:00", "allowed")) == (PASSED, [])
        assert outcome(rule, ("book", "2025-11-19 10:00", "surcharge")) == (SKIPPED, [f"not expressed : {reason}"])

    def test_a_field_that_names_another_act_does_not_bear_on_this_one(self, outcome):
        rule = BOOK + "    late_cancel: {allowed: true}\n"

        assert outcome(rule, ("book", "2025-11-19 09:00", "allowed")) == (PASSED, [])
        assert outcome(rule, ("cancel", "2025-11-19 10:00", "refused"))[0] == SKIPPED

    def test_an_unknown_field_of_the_authority_bears_on_everything(self, outcome):
        head = HEAD.replace("  zone: A\n", "  zone: A\n  four_and_a_half_days: true\n")

        assert outcome(BOOK, ("book", "2025-11-19 09:00", "allowed"), head=head) == (
            SKIPPED,
            ["not expressed : champ inconnu « four_and_a_half_days »"],
        )

    def test_the_rest_of_the_file_is_still_evaluated(self, outcome):
        rules = "    book: {shape: spiral}\n    cancel: {shape: same_day, time: '09:00', boundary: le}\n"

        assert outcome(rules, ("book", "2025-11-19 09:00", "allowed"), ("cancel", "2025-11-20 09:00", "allowed")) == (
            "1 passed, 0 failed, 1 skipped",
            ["not expressed : forme inconnue « spiral »"],
        )


class TestTheCalendar:
    WORKING = "    book: {shape: offset, n: 2, unit: working_day, boundary: le}\n"
    SCHOOL = "    book: {shape: offset, n: 2, unit: school_day, boundary: le}\n"

    @pytest.mark.parametrize("day", ["2024-11-20", "2026-05-20", "2025-08-16", "9999-12-31", "0001-01-02"])
    @pytest.mark.parametrize("rule", [WORKING, SCHOOL], ids=["working", "school"])
    def test_days_outside_it_are_not_counted(self, outcome, rule, day):
        case = f"{{service: cantine, date: '{day}', action: book, at: '{day} 09:00', expected: refused}}"

        closing, kinds = outcome(rule, case)

        assert closing == SKIPPED
        assert kinds[0] in {
            "outside the calendar : hors du calendrier du fichier",
            "not expressed : date trop lointaine",
        }

    @pytest.mark.parametrize("day", ["2025-09-05", "2026-04-30"])
    def test_days_inside_it_are(self, outcome, day):
        case = f"{{service: cantine, date: '{day}', action: book, at: '{day} 09:00', expected: refused}}"

        assert outcome(self.WORKING, case)[0] == PASSED

    def test_is_not_needed_by_a_rule_that_counts_every_day(self, outcome):
        case = "{service: cantine, date: '1999-11-20', action: book, at: 1999-11-19 10:00, expected: refused}"

        assert outcome(BOOK, case)[0] == PASSED

    def test_school_days_need_a_zone(self, outcome):
        case = ("book", "2025-11-17 09:00", "allowed")

        assert outcome(self.SCHOOL, case, head=HEAD.replace("  zone: A\n", "")) == (
            SKIPPED,
            ["not expressed : zone de vacances scolaires non donnée (zone)"],
        )
        assert outcome(self.SCHOOL, case, head=HEAD.replace("zone: A", "zone: Z"))[0] == SKIPPED

    def test_school_holidays_are_passed_over(self, outcome):
        case = "{{service: cantine, date: '2025-11-03', action: book, at: 2025-10-{}, expected: {}}}"

        assert outcome(self.SCHOOL, case.format("16 20:00", "allowed"), case.format("17 00:00", "refused")) == (
            "2 passed, 0 failed, 0 skipped",
            [],
        )

    def test_a_field_that_is_not_known_in_it_stops_the_counting(self, outcome):
        head = HEAD.replace("    public_holidays", "    bridges: ['2025-11-10']\n    public_holidays")

        assert outcome(self.WORKING, ("book", "2025-11-17 09:00", "allowed"), head=head) == (
            SKIPPED,
            ["not expressed : champ inconnu « bridges » (meta.calendar)"],
        )


PHONE = "{same_day_phone_before: 09:00, then: not_billed, otherwise: billed 2.99}"
TOWN = "{days_1_2: not_billed, never_told: billed}"
PROOF = "{certificate: not_billed, otherwise: billed}"
ABSENCES = {
    "phone in time": (PHONE, "2025-11-20 08:59", "", "not_billed"),
    "phone too late": (PHONE, "2025-11-20 09:00", "", "billed"),
    "nobody phoned": (PHONE, "null", "", "billed"),
    "illness": ("{illness: not_billed}", "2025-11-20 09:00", "", "not_billed"),
    "first day": ("{waiting_days: 1}", "2025-11-20 08:00", "", "billed"),
    "second day": ("{waiting_days: 1}", "2025-11-18 08:00", "", "not_billed"),
    "second day, said": ("{waiting_days: 1}", "2025-11-18 20:00", "day_of_illness: 2", "not_billed"),
    "waiting days with a certificate": (
        "{waiting_days: 1, certificate: true}", "2025-11-18 08:00", "certificate: null", "billed"
    ),
    "next days": ("{first_day: billed, next_days_if_told_before: '10:00'}", "2025-11-18 09:59", "", "not_billed"),
    "next days, late": ("{first_day: billed, next_days_if_told_before: '10:00'}", "2025-11-18 10:00", "", "billed"),
    "first of the next": ("{first_day: billed, next_days_if_told_before: '10:00'}", "2025-11-20 08:00", "", "billed"),
    "borne by the town": (TOWN, "2025-11-20 08:00", "day_of_illness: 2", "not_billed"),
    "never told": (TOWN, "null", "day_of_illness: 2", "billed"),
    "told in time": ("{days_3_4: billed unless told in time}", "2025-11-19 09:59", "day_of_illness: 3", "not_billed"),
    "not told in time": ("{days_3_4: billed unless told in time}", "2025-11-19 10:00", "day_of_illness: 3", "billed"),
    "certificate": (PROOF, "2025-11-20 08:00", "certificate: '2025-11-25'", "not_billed"),
    "no certificate": (PROOF, "null", "certificate: null", "billed"),
    "long enough": (
        "{min_consecutive_days: 3, certificate: true, request_within_days: 15}", "2025-11-20 08:00",
        "consecutive_days: 3, certificate: '2025-11-20', request: '2025-11-25'", "not_billed",
    ),
    "asked too late": (
        "{min_consecutive_days: 3, certificate: true, request_within_days: 15}", "2025-11-20 08:00",
        "consecutive_days: 3, certificate: '2025-11-20', request: '2025-12-25'", "billed",
    ),
    "too short, whatever the papers": (
        "{min_consecutive_days: 3, certificate: true, request_within_days: 15}", "2025-11-20 08:00",
        "consecutive_days: 2", "billed",
    ),
    "in 48 hours": (
        "{certificate_within_hours: 48, told_before: 09:30, else_waiting_days: 2}", "2025-11-20 09:00",
        "certificate: '2025-11-21'", "not_billed",
    ),
    "long after 48 hours": (
        "{certificate_within_hours: 48, told_before: 09:30, else_waiting_days: 2}", "2025-11-20 09:00",
        "certificate: '2025-11-25'", "billed",
    ),
    "after the waiting days": (
        "{certificate_within_hours: 48, told_before: 09:30, else_waiting_days: 2}", "2025-11-20 09:00",
        "certificate: null, day_of_illness: 3", "not_billed",
    ),
}  # fmt: skip

UNSETTLED = {
    "rank, told the evening before": ("{waiting_days: 1}", "2025-11-19 20:00", "", "facts"),
    "rank, told on a day without class": ("{waiting_days: 1}", "2025-11-19 08:00", "", "facts"),
    "rank, never told": ("{waiting_days: 1}", "null", "", "facts"),
    "certificate not spoken of": (PROOF, "2025-11-20 08:00", "", "facts"),
    "certificate on the last day of the hours": (
        "{certificate_within_hours: 48}", "2025-11-20 09:00", "certificate: '2025-11-22'", "facts"
    ),
    "cause of a no-show": ("{illness: not_billed}", "null", "", "facts"),
    "how long in another unit": (
        "{min_consecutive_school_days: 3}", "2025-11-20 08:00", "consecutive_days: 3", "facts"
    ),
    "told after the day": (
        TOWN, "2025-11-21 08:00", "day_of_illness: 1",
        "prévenu après le jour même : le texte ne dit pas si c’est avoir prévenu",
    ),
    "rank without a rule": (
        "{days_1_2: not_billed}", "2025-11-20 08:00", "day_of_illness: 3",
        "la règle ne dit rien d’un tel jour d’absence",
    ),
    "certificate given in words": (
        PROOF, "2025-11-20 08:00", "certificate: hier", "fait inconnu « hier » (certificate)"
    ),
    "unknown field": ("{illness: not_billed, moon: full}", "2025-11-20 08:00", "", "champ inconnu « moon » (absence)"),
    "unknown word": ("{illness: half_price}", "2025-11-20 08:00", "", "mot inconnu « half_price » (absence.illness)"),
    "unsaid link": (
        "{same_day_phone_before: 09:00, waiting_days: 2}", "2025-11-20 08:00", "",
        "plusieurs conditions d’absence dont le lien n’est pas dit",
    ),
    "nothing that decides": (
        "{collect_meal_if_told_before: 09:00}", "2025-11-20 08:00", "", "règle d’absence non publiée"
    ),
    "one word": ("billed", "2025-11-20 08:00", "", "mot inconnu « billed » (absence)"),
    "no waiting day": ("{waiting_days: 0}", "2025-11-20 08:00", "", "mot inconnu « 0 » (absence.waiting_days)"),
    "unpublished": ("unpublished", "2025-11-20 08:00", "", "règle d’absence non publiée"),
    "impossible days": ("{days_4_3: billed}", "2025-11-20 08:00", "", "jours d’absence impossibles « days_4_3 »"),
}  # fmt: skip


class TestAbsences:
    @staticmethod
    def case(at, facts, expected):
        return f"{ABOUT}action: absence, at: {at}, {facts + ', ' if facts else ''}expected: {expected}}}"

    @pytest.mark.parametrize(("rule", "at", "facts", "expected"), ABSENCES.values(), ids=ABSENCES)
    def test_are_billed_as_their_text_says(self, outcome, rule, at, facts, expected):
        rules = BOOK + f"    absence: {rule}\n"
        other = {"billed": "not_billed", "not_billed": "billed"}[expected]

        assert outcome(rules, self.case(at, facts, expected)) == (PASSED, [])
        assert outcome(rules, self.case(at, facts, other)) == (FAILED, [])

    @pytest.mark.parametrize(("rule", "at", "facts", "reason"), UNSETTLED.values(), ids=UNSETTLED)
    def test_are_skipped_when_the_facts_or_the_text_do_not_settle_them(self, outcome, rule, at, facts, reason):
        reason = "les faits du cas ne suffisent pas à décider de l’absence" if reason == "facts" else reason

        assert outcome(BOOK + f"    absence: {rule}\n", self.case(at, facts, "billed")) == (
            SKIPPED,
            [f"not expressed : {reason}"],
        )

    def test_a_price_for_not_telling_settles_those_who_did_not(self, outcome):
        rules = BOOK + "    no_show: {extra: 0.5}\n"

        assert outcome(rules, self.case("null", "", "billed")) == (PASSED, [])
        assert outcome(rules, self.case("2025-11-20 08:00", "", "billed")) == (
            SKIPPED,
            ["not expressed : règle d’absence non publiée, sauf sans prévenir"],
        )


class TestUnreadable:
    def lines(self, check, text):
        status, out, err = check(text)
        assert (status, out) == (2, "")
        return [line.partition("essai0.yaml:")[2] or line for line in err.splitlines()]

    @pytest.mark.parametrize(
        ("before", "after", "line", "key"),
        [
            ("date: '2025-11-20', ", "", 21, "communes[1].cases[1].date"),
            ("'2025-11-20'", "'2025-11-31'", 21, "communes[1].cases[1].date"),
            ("2025-11-19 09:00", "mercredi", 21, "communes[1].cases[1].at"),
            ("2025-11-19 09:00", "2025-11-19", 21, "communes[1].cases[1].at"),
            ("2025-11-19 09:00", "2025-11-19 25:00", 21, "communes[1].cases[1].at"),
            ("at: 2025-11-19 09:00, ", "", 21, "communes[1].cases[1].at"),
            ("2025-11-19 09:00", "null", 21, "communes[1].cases[1].at"),
            ("expected: allowed", "waited: allowed", 21, "communes[1].cases[1].expected"),
            ("expected: allowed", "expected: 3", 21, "communes[1].cases[1].expected"),
            ("action: book", "action: [book]", 21, "communes[1].cases[1].action"),
            ("service: cantine", "service: judo", 21, "communes[1].cases[1].service"),
            ("  - id: cantine\n    kind: cantine\n", "  - cantine\n  - id: cantine\n", 16, "communes[1].services[1]"),
            ("  - id: cantine\n", "  - name: cantine\n", 16, "communes[1].services[1].id"),
            ("time: '10:00'", "time: '25:00'", 18, "communes[1].services[1].book.time"),
            ("n: 1", "n: [1]", 18, "communes[1].services[1].book.n"),
            ("n: 1", "n: 1.5", 18, "communes[1].services[1].book.n"),
            ("{shape: offset, ", "[", 18, ""),
            ("Europe/Paris", "Mars/Olympus", 2, "meta.timezone"),
            ("'2025-11-11'", "tomorrow", 4, "meta.calendar.public_holidays[2]"),
            ("['2025-10-18', '2025-11-03']", "['2025-10-18']", 7, "meta.calendar.school_holidays.A[1]"),
            ("['2025-10-18', '2025-11-03']", "['2025-10-18', '0001-01-01']", 7, "meta.calendar.school_holidays.A[1]"),
            ("zone: A", "zone: [A]", 14, "communes[1].zone"),
            ("- id: essai\n", "- id: []\n", 11, "communes[1].id"),
        ],
    )  # fmt: skip
    def test_says_the_line_and_the_key(self, check, before, after, line, key):
        text = written(cases=[("book", "2025-11-19 09:00", "allowed")])
        assert before in text

        said = self.lines(check, text.replace(before, after, 1))

        assert said[0].startswith(f"{line}: {key} : " if key else f"{line}: ")
        assert said[-1].endswith("ne peut pas être lu.")

    def test_says_all_that_is_wrong_at_once(self, check):
        text = written(cases=[("book", "jamais", "allowed"), ("book", "toujours", "allowed")])

        assert [line.partition(" :")[0] for line in self.lines(check, text)][:2] == [
            "21: communes[1].cases[1].at",
            "22: communes[1].cases[2].at",
        ]

    def test_an_absence_is_told_at_a_moment_or_never(self, check):
        case = f"{ABOUT}action: absence, expected: billed}}"

        assert self.lines(check, written(cases=[case]))[0].startswith("21: communes[1].cases[1].at : ")

    @pytest.mark.parametrize("fact", ["day_of_illness: 0", "consecutive_days: trois", "certificate: 2025-11-31"])
    def test_a_fact_of_the_wrong_type_is_told(self, check, fact):
        case = f"{ABOUT}action: absence, at: null, {fact}, expected: billed}}"

        assert self.lines(check, written(cases=[case]))[0].startswith(
            f"21: communes[1].cases[1].{fact.partition(':')[0]} : "
        )

    def test_two_services_of_the_same_name_are_told(self, check):
        rules = BOOK + "  - id: cantine\n" + BOOK

        assert self.lines(check, written(rules))[0].startswith("20: communes[1].services[2].id : ")

    def test_a_field_written_twice_is_told_with_its_key(self, check):
        assert self.lines(check, written(BOOK + BOOK))[0] == (
            "20: book : ce champ est écrit deux fois dans le même groupe"
        )

    def test_broken_yaml_is_told_with_the_last_key(self, check):
        said = self.lines(check, HEAD + "    book: {shape: offset\n")

        assert said[0].startswith(
            ("18: book : ce n’est pas du YAML valable", "19: book : ce n’est pas du YAML valable")
        )

    @pytest.mark.parametrize("text", ["", "# rien\n", "bonjour\n", "- 1\n- 2\n", "meta: {}\n", "42\n"])
    def test_a_file_without_rules_is_refused(self, check, text):
        assert self.lines(check, text)[0] == "1: le fichier doit avoir une liste « communes »"

    @pytest.mark.parametrize(
        "text",
        [
            b"\xff\xfe\x00c",
            b"communes: \xe9\n",
            b"communes: \x00\n",
            b"a: &a [*a]\ncommunes: *a\n",
            b"communes: " + b"[" * 5000,
            b"communes: []\n---\ncommunes: []\n",
            b"communes: !!binary x\n",
            b"communes: *nowhere\n",
            b"communes:\n\t- id: x\n",
        ],
    )
    def test_no_file_makes_it_stumble(self, check, text):
        status, out, err = check(text)

        assert (status, out) == (2, "")
        assert "Traceback" not in err

    def test_aliases_that_multiply_themselves_are_cut_off(self, check):
        text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in range(1, 9):
            text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"

        assert self.lines(check, text + "communes: []\n")[0] == "1: le fichier est démesuré"

    def test_a_missing_file_and_a_folder_are_told(self, tmp_path, capsys):
        assert main(["rules", "check", str(tmp_path / "rien.yaml"), str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert "rien.yaml n’existe pas." in said
        assert "est un dossier." in said

    def test_a_file_from_another_system_is_read(self, check):
        text = written(cases=[("book", "2025-11-19 09:00", "allowed")])

        assert check(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == (0, f"{PASSED}\n", "")

    def test_dates_need_no_quotes_and_aliases_are_followed(self, check):
        text = written(
            "    book: &rule {shape: offset, n: 1, unit: day, time: 10:00, boundary: lt}\n    cancel: *rule\n",
            ["{service: cantine, date: 2025-11-20, action: cancel, at: 2025-11-19 09:59:00, expected: allowed}"],
        )

        assert check(text) == (0, f"{PASSED}\n", "")


class TestTheCommandLine:
    @pytest.mark.parametrize(
        "line", [["rules"], ["rules", "check"], ["rules", "dance"], ["rules", "explain", "x.yaml"]]
    )
    def test_an_incomplete_command_is_told(self, line, capsys):
        with pytest.raises(SystemExit) as stop:
            main(line)

        assert stop.value.code == 2
        assert "usage" in capsys.readouterr().err

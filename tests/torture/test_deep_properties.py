"""What holds of règlements and tariffs, their sentences and their forms, looked for by hundreds of examples."""

from __future__ import annotations

import functools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rules import test_articles as of_articles
from tests.rules import test_questions as of_questions
from tests.rules import test_simulation as of_trials
from tests.rules.laws import calendars
from tests.rules.strategies import reglements
from tests.rules.tariff_strategies import tariffs
from tests.web.office import test_reglement_form as of_reglements
from tests.web.office import test_tariff_form as of_tariffs

pytestmark = pytest.mark.torture

OFTEN = settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    ("holds", "about"),
    [
        (of_articles.test_what_is_generated_is_what_the_written_form_accepts, (reglements(),)),
        (of_articles.test_every_sentence_can_be_read_aloud, (reglements(),)),
        (of_articles.test_no_rule_without_its_sentence, (reglements(), st.randoms(use_true_random=False))),
        (of_articles.test_two_reglements_are_not_printed_alike, (reglements(), reglements())),
        (
            of_articles.test_one_part_changed_is_printed_in_its_own_words,
            (reglements(), st.sampled_from(sorted(of_articles.PARTS)), st.data()),
        ),
        (
            of_questions.test_what_is_written_today_comes_first_and_every_answer_can_be_written,
            (reglements(), st.frozensets(st.integers(0, 6)), st.booleans()),
        ),
        (
            of_trials.test_whatever_can_be_written_is_tried_over_ten_years_without_an_exception,
            (
                reglements(),
                reglements(),
                calendars(),
                st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne"]),
            ),
        ),
        (of_reglements.test_any_reglement_is_drawn_sent_and_read_back_the_same, (reglements(),)),
        (of_reglements.test_any_reglement_is_typed_and_written_the_same, (reglements(),)),
        (of_reglements.test_any_reglement_is_written_as_a_text_and_read_back_the_same, (reglements(),)),
        (
            of_reglements.test_whatever_is_typed_anywhere_is_accepted_or_refused_at_a_control_that_is_there,
            (reglements(), st.data()),
        ),
        (of_tariffs.test_any_tariff_is_typed_in_the_form_or_as_a_text_and_read_back_the_same, (tariffs(),)),
        (of_tariffs.test_any_tariff_is_written_as_a_text_and_read_back_the_same, (tariffs(),)),
        (
            of_tariffs.test_whatever_is_typed_anywhere_is_accepted_or_refused_at_a_control_that_is_there,
            (st.sampled_from(list(of_tariffs.COMMON)), st.data()),
        ),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_it_holds_by_hundreds(holds, about):
    inner = holds.hypothesis.inner_test

    # A function of its own: the other one bears the few examples of the suite.
    @functools.wraps(inner, updated=())
    def often(*drawn, **named):
        inner(*drawn, **named)

    OFTEN(given(*about)(often))()

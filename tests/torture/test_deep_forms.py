"""What holds of the forms of règlements and tariffs, looked for by hundreds of examples."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rules.strategies import reglements
from tests.rules.tariff_strategies import tariffs
from tests.web.office import test_reglement_form as of_reglements
from tests.web.office import test_tariff_form as of_tariffs

pytestmark = pytest.mark.torture

OFTEN = settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    ("holds", "about"),
    [
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
    OFTEN(given(*about)(holds.hypothesis.inner_test))()

"""What a square says when the delay is over and something is still possible."""

from datetime import time

import pytest

from marelle.domain.catalog.rules.acts import Act
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.cutoffs import Offset, SameDay, Unit
from marelle.domain.catalog.rules.pricing import FULL_PRICE
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.reservations.rules.decisions import Booked, Reason, Refusal, Wish
from marelle.domain.reservations.rules.sentences import limits_sentence, refusal_sentence, square_sentences
from marelle.domain.reservations.rules.squares import square
from tests.rules.test_decisions import BETWEEN, EARLY, TWO_STEPS, facts, late, rule


def said(known, at=BETWEEN, wish=None):
    shown = square(known, at=at, wish=wish)
    words = square_sentences(shown, rule=known.rule, product_name="Repas", child_name="Zoé")
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in words]


STILL = "Encore possible jusqu’au mercredi 25 novembre, 9 h."


def test_late_at_another_price():
    first, second = said(facts(TWO_STEPS))

    assert first.startswith("Le délai est passé, ")
    assert second == STILL


def test_late_at_the_ordinary_price():
    assert said(facts(rule(book=late(FULL_PRICE)))) == ["Le délai est passé, c’est encore au prix ordinaire.", STILL]


def test_late_for_an_agent_to_decide():
    first, _ = said(facts(rule(book=late(FULL_PRICE, is_request=True))))

    assert first == "Le délai est passé : demande à la mairie."


def test_late_and_in_the_basket():
    first, second = said(facts(rule(book=late(FULL_PRICE))), wish=Wish.RESERVE)

    assert (first, second) == ("Pas encore validé.", f"Le délai est passé, c’est encore au prix ordinaire. {STILL}")


def test_a_cancellation_that_nobody_has_to_accept():
    automatic = rule(cancellation=CancellationEffect(is_automatic=True))

    assert said(facts(automatic, booked=Booked.RESERVED), at=EARLY)[1] == "Décochez pour annuler."


def test_a_refusal_that_lacks_what_it_must_say_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="without words"):
        refusal_sentence(
            Refusal(Reason.BLOCKED), wish=Wish.RESERVE, product_name="Repas", child_name="Zoé", rule=TWO_STEPS
        )


def test_one_line_says_until_when_a_product_is_booked_and_cancelled():
    eve, morning = Act(Closing(Offset(1, Unit.DAY, time(9)))), Act(Closing(SameDay(time(9))))

    def in_a_line(book, cancel):
        return limits_sentence("Repas", Reglement(book, cancel)).replace("\N{NO-BREAK SPACE}", " ")

    assert in_a_line(eve, eve) == "Repas : se réserve la veille avant 9 h. S’annule dans le même délai."
    assert in_a_line(eve, morning) == "Repas : se réserve la veille avant 9 h. S’annule le jour même avant 9 h."

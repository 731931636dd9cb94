"""Words that agents answer with: their blanks."""

from __future__ import annotations

from marelle.domain.procedures.rules.states import ACCEPTED, CLOSED, DECIDABLE, DECIDED, OPEN, STATE_WORDS, State
from marelle.domain.procedures.rules.templates import BLANKS, filled, unknown_blanks, unknown_in_words


class TestTemplates:
    def test_its_blanks_are_filled_and_the_others_left_to_be_seen(self):
        words = {"numero": "12", "famille": "", "agent": "Nadia Ferrand"}

        assert filled("N° {numero}, {famille}, {agent} : {date_limite}", words) == "N° 12, …, Nadia Ferrand : …"

    def test_what_fills_a_blank_is_never_read_again(self):
        assert filled("{famille}", {"famille": "{numero}", "numero": "12"}) == "{numero}"

    def test_a_blank_that_nothing_fills_is_told_once(self):
        assert unknown_blanks("{numero} {nom} {prenom} {nom}") == ("nom", "prenom")
        assert unknown_blanks(" ".join(f"{{{name}}}" for name in BLANKS)) == ()

    def test_the_words_name_those_there_are(self):
        assert unknown_in_words(("nom",)).startswith("Le blanc {nom} n’existe pas. Il y a : {numero}, ")
        assert unknown_in_words(("nom", "age")).startswith("Les blancs {nom}, {age} n’existent pas.")


class TestStates:
    def test_an_application_is_a_draft_open_or_closed(self):
        assert set(State) == OPEN | CLOSED | {State.DRAFT}
        assert not OPEN & CLOSED
        assert ACCEPTED < CLOSED
        assert {State.IMPLICITLY_REJECTED} == DECIDABLE - OPEN
        assert set(DECIDED.values()) <= CLOSED
        assert set(STATE_WORDS) == set(State)

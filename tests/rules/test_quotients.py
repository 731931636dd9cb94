"""Which quotient counts on a day, which values nobody believes, and which files are taken to prove one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.families.rules.documents import (
    HEAVIEST_BYTES,
    LONGEST_NAME,
    DocumentFault,
    fault_before_cleaning,
    tidy_name,
)
from marelle.domain.families.rules.quotients import (
    HIGHEST_CENTS,
    UNUSUAL_CENTS,
    DatedQuotient,
    Doubt,
    doubt_sentence,
    doubts_about,
    in_words,
    quotient_on,
)

SEPTEMBER, MID_NOVEMBER = date(2026, 9, 1), date(2026, 11, 16)
HISTORY = (DatedQuotient(742_00, SEPTEMBER), DatedQuotient(512_50, MID_NOVEMBER))


@pytest.mark.parametrize(("cents", "words"), [(742_00, "742"), (742_50, "742,50"), (0, "0"), (5, "0,05")])
def test_a_quotient_is_written_as_people_say_it(cents, words):
    assert in_words(cents) == words


class TestInForce:
    @pytest.mark.parametrize(
        ("day", "cents"),
        [
            (date(2026, 8, 31), None),
            (SEPTEMBER, 742_00),
            (date(2026, 11, 15), 742_00),
            (MID_NOVEMBER, 512_50),
            (date(2030, 1, 1), 512_50),
        ],
        ids=str,
    )
    def test_the_latest_that_has_begun_counts(self, day, cents):
        for history in (HISTORY, HISTORY[::-1]):
            found = quotient_on(day, history)
            assert (found and found.value_cents) == cents

    def test_a_withdrawn_one_never_was(self):
        wrong = DatedQuotient(90_00, date(2026, 11, 20), is_withdrawn=True)

        assert quotient_on(date(2026, 12, 1), (*HISTORY, wrong)) == HISTORY[1]
        assert quotient_on(date(2026, 12, 1), (wrong,)) is None

    def test_without_a_history_nothing_counts(self):
        assert quotient_on(SEPTEMBER, ()) is None

    @pytest.mark.law
    @given(
        st.lists(st.integers(0, 400), unique=True, max_size=8),
        st.integers(-10, 410),
    )
    def test_what_counts_has_begun_and_nothing_later_had(self, begins, on):
        history = [DatedQuotient(each, SEPTEMBER + timedelta(each)) for each in begins]
        day = SEPTEMBER + timedelta(on)

        found = quotient_on(day, history)

        begun = [each for each in begins if each <= on]
        assert (found.value_cents if found else None) == (max(begun) if begun else None)


DOUBTS = {
    "zero is believable": (0, SEPTEMBER + timedelta(1), ()),
    "an ordinary one": (742_00, SEPTEMBER + timedelta(1), ()),
    "the last usual one": (UNUSUAL_CENTS, SEPTEMBER + timedelta(1), ()),
    "an unusual one": (UNUSUAL_CENTS + 1, SEPTEMBER + timedelta(1), (Doubt.UNUSUAL,)),
    "the last possible one": (HIGHEST_CENTS, SEPTEMBER + timedelta(1), (Doubt.UNUSUAL,)),
    "an absurd one": (HIGHEST_CENTS + 1, SEPTEMBER + timedelta(1), (Doubt.ABSURD,)),
    "a negative one": (-1, SEPTEMBER + timedelta(1), (Doubt.NEGATIVE,)),
    "another one of the same day": (600_00, SEPTEMBER, (Doubt.REPLACES,)),
    "an unusual one of the same day": (9_000_00, SEPTEMBER, (Doubt.UNUSUAL, Doubt.REPLACES)),
    "an absurd one of the same day cannot be confirmed": (90_000_00, SEPTEMBER, (Doubt.ABSURD,)),
}


@pytest.mark.parametrize(("cents", "valid_from", "doubts"), DOUBTS.values(), ids=DOUBTS.keys())
def test_what_is_doubted(cents, valid_from, doubts):
    assert doubts_about(cents, valid_from, HISTORY) == doubts


def test_a_withdrawn_one_of_the_same_day_is_not_replaced():
    assert doubts_about(600_00, SEPTEMBER, [DatedQuotient(1, SEPTEMBER, is_withdrawn=True)]) == ()


@pytest.mark.parametrize(
    ("doubt", "can", "words"),
    [
        (Doubt.NEGATIVE, False, "jamais négatif"),
        (Doubt.ABSURD, False, "Un quotient familial de 25000 n’existe pas."),
        (Doubt.UNUSUAL, True, "très rare"),
        (Doubt.REPLACES, True, "il sera retiré et remplacé"),
    ],
)
def test_each_doubt_has_its_sentence(doubt, can, words):
    assert words in doubt_sentence(doubt, 25_000_00)
    assert doubt.can_be_confirmed is can


def test_an_empty_file_and_one_too_big_are_not_looked_at():
    assert fault_before_cleaning(0) is DocumentFault.EMPTY
    assert fault_before_cleaning(1) is None
    assert fault_before_cleaning(HEAVIEST_BYTES) is None
    assert fault_before_cleaning(HEAVIEST_BYTES + 1) is DocumentFault.TOO_BIG


NAMES = {
    "an ordinary one": ("attestation CAF.pdf", "application/pdf", "attestation CAF.pdf"),
    "what it says it is does not count": ("attestation.exe", "application/pdf", "attestation.pdf"),
    "a folder": ("../../etc/passwd", "image/png", "passwd.png"),
    "a folder of Windows": ("C:\\Users\\moi\\photo.JPG", "image/jpeg", "photo.jpg"),
    "what would end a header": ('a"\r\nX: 1.pdf', "application/pdf", "aX 1.pdf"),
    "a sign that turns the text around": ("fdp.\u202eexe", "application/pdf", "fdp.pdf"),
    "nothing": ("", "image/png", "document.png"),
    "dots": ("...", "image/png", "document.png"),
    "an ending alone": (".pdf", "application/pdf", "pdf.pdf"),
}


@pytest.mark.parametrize(("name", "kind", "tidy"), NAMES.values(), ids=NAMES.keys())
def test_a_name_can_be_saved_anywhere(name, kind, tidy):
    assert tidy_name(name, kind) == tidy


@pytest.mark.law
@given(st.text(max_size=300))
def test_a_tidy_name_is_short_printable_and_stays_tidy(name):
    tidy = tidy_name(name, "application/pdf")

    assert tidy.endswith(".pdf")
    assert len(tidy) <= LONGEST_NAME
    assert tidy.isprintable()
    assert not set(tidy) & set('/\\"<>')
    assert tidy_name(tidy, "application/pdf") == tidy

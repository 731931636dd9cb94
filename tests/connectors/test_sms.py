"""Texts by OVHcloud's API, against a stand-in that checks each signature: taken, found again, followed, refused."""

from __future__ import annotations

import logging

import pytest

from marelle.config.environment import BadEnvironment, read
from marelle.domain.news.texts import Delivery, TextNotSentError, Trouble
from standins.sms.server import Mood, Server
from tests.texts import texts_to

NUMBER, WORDS = "+33612345678", "Dammartin : l'école est fermée jeudi."


def trouble(sender, number=NUMBER, words=WORDS):
    with pytest.raises(TextNotSentError) as no:
        sender.send(number, words, reference="abc")
    return no.value.trouble


def test_a_text_is_taken_as_it_is_found_again_by_our_reference_and_followed(ovh):
    ovh.skew = 7200  # its clock is two hours ahead: what is signed by ours would be refused
    sender = texts_to(ovh)

    taken = sender.send(NUMBER, WORDS, reference="ab-cd_ef0123")

    (text,) = ovh.texts
    assert (text.receiver, text.message, text.coding, text.sender, text.tag) == (
        NUMBER,
        WORDS,
        "7bit",
        "MAIRIE",
        "ab-cd_ef0123",
    )
    assert sender.taken_as("ab-cd_ef0123") == taken
    assert sender.taken_as("another") is None
    for receipt, delivery in ((0, "unknown"), (4, "unknown"), (1, "delivered"), (2, "lost"), (16, "lost")):
        text.receipt = receipt
        assert sender.deliveries([taken.provider_id, "99"]) == {
            taken.provider_id: Delivery(delivery),
            "99": Delivery.UNKNOWN,
        }


def test_a_sign_outside_the_short_alphabet_asks_for_the_long_one_and_no_name_for_a_short_number(ovh):
    texts_to(ovh, sender="").send(NUMBER, "Fête", reference="abc")

    assert [(text.coding, text.sender) for text in ovh.texts] == [("8bit", "38000")]


@pytest.mark.parametrize(
    ("mood", "expected", "took"),
    [
        (Mood.PENNILESS, Trouble.NO_CREDIT, 0),
        (Mood.STRANGER, Trouble.NOT_ALLOWED, 0),
        (Mood.BUSY, Trouble.UNAVAILABLE, 0),
        (Mood.BROKEN, Trouble.UNSURE, 0),
        (Mood.GARBAGE, Trouble.UNSURE, 0),
        (Mood.TAKES_AND_HANGS_UP, Trouble.UNSURE, 1),
        (Mood.SILENT, Trouble.UNSURE, 0),
    ],
)
def test_each_bad_mood_is_told_apart_by_whether_the_text_may_have_left(ovh, mood, expected, took):
    sender = texts_to(ovh, seconds=0.3)
    sender.send("+33600000000", "Avant", reference="before")
    ovh.mood = mood

    assert trouble(sender) is expected
    assert len(ovh.texts) == 1 + took
    assert expected.again == (expected is Trouble.UNAVAILABLE)


def test_a_wrong_number_a_wrong_name_a_wrong_key_and_nobody_there(ovh, caplog):
    caplog.set_level(logging.DEBUG)

    assert trouble(texts_to(ovh), number="+3") is Trouble.WRONG_NUMBER
    assert trouble(texts_to(ovh, sender="INCONNU")) is Trouble.REFUSED
    assert trouble(texts_to(ovh, application_secret="autre")) is Trouble.REFUSED
    closed = Server()
    closed.server_close()
    assert trouble(texts_to(closed)) is Trouble.UNAVAILABLE
    assert ovh.texts == []
    for secret in (NUMBER, "fermée", "consumer", "autre"):
        assert secret not in caplog.text
        assert secret not in repr(texts_to(ovh))


SET = {
    "MARELLE_OVH_SMS_ACCOUNT": "sms-ab12345-1",
    "MARELLE_OVH_SMS_APPLICATION_KEY": "cle",
    "MARELLE_OVH_SMS_APPLICATION_SECRET": "secret",
    "MARELLE_OVH_SMS_CONSUMER_KEY": "consommateur",
    "MARELLE_OVH_SMS_SENDER": "DAMMARTIN",
    "MARELLE_OVH_SMS_PRICE": "65",
}


def test_the_account_is_read_whole_or_not_at_all(tmp_path):
    base = {"MARELLE_VAR": str(tmp_path)}
    assert read(base).texts is None
    texts = read(base | SET).texts
    assert (texts.account, texts.sender, texts.price) == ("sms-ab12345-1", "DAMMARTIN", 65)
    assert "secret" not in repr(texts)
    for wrong in ({"MARELLE_OVH_SMS_CONSUMER_KEY": ""}, {"MARELLE_OVH_SMS_SENDER": "UN NOM BIEN TROP LONG"}):
        with pytest.raises(BadEnvironment, match=next(iter(wrong))):
            read(base | SET | wrong)

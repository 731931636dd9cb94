"""Exchanges recorded with the real PayFiP, of eopayment's own tests: ours are read and answered alike."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from marelle.connectors.payfip import soap
from marelle.connectors.payfip.gateway import PayFiP
from marelle.domain.payments.gateways import Answer, Merchant, Mode, OrderRefusedError, Result, Trouble
from standins.payfip.till import Client, Operation
from tests.payfip import order

PROJECT = Path(__file__).resolve().parents[2]
RECORDED_AT = datetime(2019, 12, 12, 12, 11, tzinfo=UTC)  # 13:11 in Paris
ID_OP = "cc0cb210-1cd4-11ea-8cca-0213ad91a103"
CLIENT = Client("090909", ("RR COMPOSTEURS INDIVIDUELS", "POUETPOUET", "COLLECTE VALORISATION DECHETS"))
NAMES = (
    "get_client_info",
    "get_idop_adresse_mel_incorrect",
    "get_idop_ok",
    "get_idop_refdet_error",
    "get_info_paiement_P1",
    "get_info_paiement_P5",
    "get_info_paiement_ok",
    "payment_cancelled",
    "payment_denied",
    "payment_ok",
)


@cache
def exchanges(name):
    """Return the questions and answers of a recording, in bytes, in their order."""
    named = os.environ.get("MARELLE_PAYFIP_RECORDINGS")
    folders = [Path(named)] if named else sorted((PROJECT / "var").glob("payfip-recordings-*"))
    files = [folder / f"payfip-test_{name}.json" for folder in folders]
    found = next((file for file in files if file.is_file()), None)
    assert found, "the recorded exchanges are missing: sh setup/payfip_recordings fetches them"
    return [(question.encode(), answer.encode()) for question, answer in json.loads(found.read_text())]


def shape(document):
    """Return a document as names, texts and children: prefixes and blanks do not count."""

    def of(element):
        return element.tag, (element.text or "").strip(), [of(child) for child in element]

    return of(etree.fromstring(document))


def recorded_order(**other):
    return order(
        **{
            "number": "090909",
            "mode": Mode.TEST,
            "reference": "201912261758460053903194",
            "cents": 1000,
            "label": "",
            "email": "john.doe@example.com",
            "exercice": 2019,
            "notify_url": "https://notif.payfip.example.com/",
            "return_url": "https://redirect.payfip.example.com/",
        }
        | other
    )


def test_they_are_all_there():
    assert sum(len(exchanges(name)) for name in NAMES) == 13


class TestOurs:
    ORDERS = {
        "get_idop_ok": {"reference": "ABCDEFGH", "label": "coucou"},
        "payment_ok": {},
        "payment_denied": {},
        "payment_cancelled": {},
    }

    @pytest.mark.parametrize(("name", "ordered"), ORDERS.items(), ids=ORDERS.keys())
    def test_we_ask_for_an_idop_as_was_asked_and_read_it(self, payfip, payfip_server, name, ordered):
        question, answer = exchanges(name)[0]
        payfip_server.canned = 200, answer.decode()

        redirection = payfip.begin(recorded_order(**ordered))

        assert redirection.provider_id == ID_OP
        assert [shape(asked) for asked in payfip_server.questions] == [shape(question)]

    def test_from_the_real_addresses_the_page_is_the_real_one(self, payfip, payfip_server):
        payfip_server.canned = 200, exchanges("get_idop_ok")[0][1].decode()
        real = PayFiP(payfip.url, "https://www.payfip.gouv.fr/tpa/paiementws.web")

        assert real.begin(recorded_order()).url == f"https://www.payfip.gouv.fr/tpa/paiementws.web?idop={ID_OP}"

    REFUSED = {
        "get_idop_refdet_error": {"reference": "ABCD", "label": "coucou"},
        "get_idop_adresse_mel_incorrect": {
            "reference": "ABCDEF",
            "label": "coucou",
            "email": "john.doeexample.com",
            "cents": 9990000001,
        },
    }

    @pytest.mark.parametrize("status", [200, 500])
    def test_a_wrong_address_is_told_whatever_the_status(self, payfip, payfip_server, status):
        question, answer = exchanges("get_idop_adresse_mel_incorrect")[0]
        payfip_server.canned = status, answer.decode()

        with pytest.raises(OrderRefusedError) as no:
            payfip.begin(recorded_order(**self.REFUSED["get_idop_adresse_mel_incorrect"]))

        assert (no.value.trouble, no.value.code) == (Trouble.EMAIL, "A2")
        assert shape(payfip_server.questions[0]) == shape(question)

    def test_a_wrong_reference_is_read_too(self):
        assert soap.read(500, exchanges("get_idop_refdet_error")[0][1], "creerPaiementSecurise").error == "R3"

    ANSWERS = {
        "get_info_paiement_P5": Answer(Result.WAITING),
        "get_info_paiement_P1": Answer(Result.UNKNOWN),
        "get_info_paiement_ok": Answer(
            Result.PAID, 1000, "EFEFAEFG", "090909", Mode.TEST, "112233445566-tip", "debit", RECORDED_AT
        ),
        "payment_ok": Answer(
            Result.PAID,
            1000,
            "201912261758460053903194",
            "090909",
            Mode.TEST,
            "112233445566-tip",
            "card",
            RECORDED_AT,
        ),
        "payment_cancelled": Answer(Result.ABANDONED, 1000, "201912261758460053903194", "090909", Mode.TEST),
        "payment_denied": Answer(Result.REFUSED, 1000, "201912261758460053903194", "090909", Mode.TEST),
    }

    @pytest.mark.parametrize(("name", "expected"), ANSWERS.items(), ids=ANSWERS.keys())
    def test_each_recorded_result_is_read(self, payfip, payfip_server, name, expected):
        question, answer = exchanges(name)[-1]
        payfip_server.canned = 200, answer.decode()

        assert payfip.ask(recorded_order(), ID_OP) == expected
        assert shape(payfip_server.questions[0]) == shape(question)

    def test_the_names_of_a_regie_are_read(self, payfip, payfip_server):
        question, answer = exchanges("get_client_info")[0]
        payfip_server.canned = 200, answer.decode()

        assert payfip.client_of(Merchant("090909", Mode.TEST)) == CLIENT.names
        assert shape(payfip_server.questions[0]) == shape(question)


class TestStandIn:
    """The same question has the same answer, but for what it draws itself: the idOp of a new operation."""

    @pytest.fixture
    def recorded(self, payfip_server):
        payfip_server.clock = lambda: RECORDED_AT
        payfip_server.till.clients[CLIENT.numcli] = CLIENT
        return payfip_server

    def known(self, server, outcome, asked, numauto=""):
        server.till.operations[ID_OP] = Operation(
            ID_OP,
            {"exer": "2019", "mel": "john.doe@example.com", "montant": "1000", "numcli": "090909", "saisie": "T"}
            | asked,
            created_at=RECORDED_AT,
            outcome=outcome,
            ended_at=RECORDED_AT if outcome else None,
            numauto=numauto,
        )

    @pytest.mark.parametrize("name", ["get_client_info", "get_info_paiement_P1", *TestOurs.REFUSED])
    def test_what_needs_no_operation(self, recorded, name):
        question, answer = exchanges(name)[0]
        status, said = recorded.answer(question)

        assert shape(said.encode()) == shape(answer)
        assert status == (200 if name == "get_client_info" else 500)

    @pytest.mark.parametrize("name", ["get_idop_ok", "payment_ok", "payment_cancelled", "payment_denied"])
    def test_a_new_operation(self, recorded, name):
        question, answer = exchanges(name)[0]
        _status, said = recorded.answer(question)
        (idop,) = recorded.till.operations

        assert shape(said.replace(idop, ID_OP).encode()) == shape(answer)
        assert len(idop) == len(ID_OP)

    KNOWN = {
        "get_info_paiement_P5": ("", {"refdet": "ABCDEFGH"}, ""),
        "get_info_paiement_ok": ("V", {"refdet": "EFEFAEFG", "objet": "coucou"}, "112233445566-tip"),
        "payment_ok": ("P", {"refdet": "201912261758460053903194"}, "112233445566-tip"),
        "payment_cancelled": ("A", {"refdet": "201912261758460053903194"}, ""),
        "payment_denied": ("R", {"refdet": "201912261758460053903194"}, ""),
    }

    @pytest.mark.parametrize("name", KNOWN)
    def test_what_became_of_an_operation(self, recorded, name):
        self.known(recorded, *self.KNOWN[name])
        question, answer = exchanges(name)[-1]

        assert shape(recorded.answer(question)[1].encode()) == shape(answer)

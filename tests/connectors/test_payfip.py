"""PayFiP, against a stand-in that answers as the real one: results read, refusals said, bad days survived."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings

from marelle.config.environment import BadEnvironment, read
from marelle.connectors.payfip import soap
from marelle.connectors.payfip.gateway import PayFiP, plain
from marelle.domain.payments.gateways import (
    Answer,
    ForgedNoticeError,
    GatewayDownError,
    Merchant,
    Mode,
    OrderRefusedError,
    Result,
    Trouble,
)
from standins.payfip.moods import Mood
from standins.payfip.server import Server
from tests.payfip import EMAIL, NUMCLI, order

# What must never be in a log or in an exception: who pays, for what, and where to.
SECRETS = (EMAIL, "camille", "CANTINE", "Cantine", "a1b2c3", "exemple.fr")


@pytest.fixture
def begun(payfip):
    """An idOp of an order just placed."""
    return payfip.begin(order()).provider_id


def refusal(gateway, wrong):
    with pytest.raises(OrderRefusedError) as no:
        gateway.begin(wrong)
    return no.value.trouble, no.value.code


class TestBegin:
    def test_an_order_gives_an_idop_and_the_page_where_it_is_paid(self, payfip, payfip_server):
        redirection = payfip.begin(order())

        assert redirection.url == f"{payfip_server.page_url}?idop={redirection.provider_id}"
        assert redirection.fields == ()
        assert payfip.begin(order()).provider_id != redirection.provider_id

    def test_it_is_said_in_the_words_of_payfip_in_the_order_of_its_schema(self, payfip, payfip_server):
        payfip.begin(order())
        ((operation, asked),) = payfip_server.heard

        assert operation == "creerPaiementSecurise"
        assert list(asked.items()) == [
            ("exer", "2026"),
            ("mel", EMAIL),
            ("montant", "1250"),
            ("numcli", NUMCLI),
            ("objet", "Cantine de novembre"),
            ("refdet", "CANTINE20261123A"),
            ("saisie", "W"),
            ("urlnotif", "https://famille.exemple.fr/paiement/avis/a1b2c3"),
            ("urlredirect", "https://famille.exemple.fr/paiement/retour/a1b2c3"),
        ]

    @pytest.mark.parametrize(("mode", "saisie"), [(Mode.TEST, "T"), (Mode.ACTIVATION, "X"), (Mode.PRODUCTION, "W")])
    def test_the_mode_of_the_regie_is_its_saisie(self, payfip, payfip_server, mode, saisie):
        begun = order(mode=mode)
        idop = payfip.begin(begun).provider_id
        payfip_server.pay(idop)

        assert payfip_server.heard[0][1]["saisie"] == saisie
        assert payfip.ask(begun, idop).mode is mode

    @pytest.mark.parametrize(
        ("label", "sent"),
        [
            ("Cantine d’été – Zoé & Noël", "Cantine d ete Zoe Noel"),
            ("Accueil du 24/11/2026, 12,50 €", "Accueil du 24 11 2026 12 50"),
            ("Chœur et Œuvres", "Choeur et OEuvres"),
            ("  <b>\x00\n ", "b"),
            ("🦄", ""),
            ("", ""),
            ("é" * 150, "e" * 100),
            ("a" * 99 + " b", "a" * 99),
        ],
    )
    def test_a_label_is_stripped_to_what_payfip_takes(self, payfip, payfip_server, label, sent):
        payfip.begin(order(label=label))

        assert plain(label) == sent
        assert payfip_server.heard[0][1].get("objet", "") == sent

    REFUSALS = {
        "a numcli of five digits": ({"number": "09090"}, Trouble.NOT_OPEN, "T1"),
        "no numcli": ({"number": ""}, Trouble.NOT_OPEN, "T1"),
        "a numcli that nobody has": ({"number": "111111"}, Trouble.NOT_OPEN, "T2"),
        "a numcli that is not opened": ({"number": "090904"}, Trouble.NOT_OPEN, "T4"),
        "production before activation": ({"number": "090910"}, Trouble.NOT_OPEN, "S1"),
        "99 cents": ({"cents": 99}, Trouble.AMOUNT, "M3"),
        "less than nothing": ({"cents": -100}, Trouble.AMOUNT, "M1"),
        "more than 100 000 €": ({"cents": 10_000_001}, Trouble.AMOUNT, "M5"),
        "no address": ({"email": ""}, Trouble.EMAIL, "A1"),
        "an address without an at": ({"email": "camille.exemple.fr"}, Trouble.EMAIL, "A2"),
        "two ats": ({"email": "a@b@exemple.fr"}, Trouble.EMAIL, "A2"),
        "an address of 81 characters": ({"email": "a" * 70 + "@exemple.fr"}, Trouble.EMAIL, "A2"),
    }

    @pytest.mark.parametrize("wrong", REFUSALS.values(), ids=REFUSALS.keys())
    def test_what_payfip_refuses_is_said_in_words(self, payfip, wrong):
        changed, trouble, code = wrong

        assert refusal(payfip, order(**changed)) == (trouble, code)

    FAULTS = {
        "a reference of four letters": ({"reference": "ABCD"}, "R3"),
        "a reference with a dash": ({"reference": "CANTINE-2026"}, "R3"),
        "a reference of 31 letters": ({"reference": "A" * 31}, "R3"),
        "a notice in clear": ({"notify_url": "http://famille.exemple.fr/"}, "N1"),
        "a notice too long": ({"notify_url": "https://famille.exemple.fr/" + "a" * 250}, "N1"),
        "a return that is no address": ({"return_url": "famille"}, "D1"),
        "a year of five digits": ({"exercice": 20266}, "TechDysfonctionnementErreur"),
    }

    @pytest.mark.parametrize("wrong", FAULTS.values(), ids=FAULTS.keys())
    def test_what_only_we_can_have_got_wrong_is_a_service_that_does_not_answer(self, payfip, caplog, wrong):
        changed, code = wrong
        with pytest.raises(GatewayDownError, match=code):
            payfip.begin(order(**changed))

        assert f"creerPaiementSecurise: {code}" in caplog.text

    @pytest.mark.parametrize("cents", [100, 10_000_000])
    def test_the_limits_are_those_of_the_gateway(self, payfip, cents):
        assert payfip.lowest_cents <= cents <= payfip.highest_cents
        assert payfip.begin(order(cents=cents)).provider_id

    def test_what_xml_cannot_carry_breaks_nothing(self, payfip, payfip_server):
        payfip.begin(order(email="ca\x00mille\ud800@exemple.fr", label="]]> &amp; <arg0/>"))

        assert payfip_server.heard[0][1]["mel"] == "camille@exemple.fr"


class TestAsk:
    def test_an_order_being_paid_is_waited_for(self, payfip, payfip_server, begun):
        assert payfip.ask(order(), begun) == Answer(Result.WAITING)
        assert payfip_server.reads(begun) == 1

    @pytest.mark.parametrize(("outcome", "means"), [("P", "card"), ("V", "debit")])
    def test_paid_is_said_with_what_was_ordered(self, payfip, payfip_server, begun, outcome, means):
        payfip_server.ahead = timedelta(minutes=3)
        payfip_server.pay(begun, outcome)

        answer = payfip.ask(order(), begun)

        assert replace(answer, transaction="") == Answer(
            Result.PAID,
            cents=1250,
            reference="CANTINE20261123A",
            merchant=NUMCLI,
            mode=Mode.PRODUCTION,
            means=means,
            paid_at=datetime(2026, 11, 23, 7, 3, tzinfo=UTC),
        )
        assert len(answer.transaction) == (6 if outcome == "P" else 16)
        assert payfip.ask(order(), begun) == answer

    @pytest.mark.parametrize(
        ("outcome", "result"), [("A", Result.ABANDONED), ("R", Result.REFUSED), ("Z", Result.REFUSED)]
    )
    def test_not_paid_is_said_with_what_was_ordered(self, payfip, payfip_server, begun, outcome, result):
        payfip_server.pay(begun, outcome)

        assert payfip.ask(order(), begun) == Answer(
            result, cents=1250, reference="CANTINE20261123A", merchant=NUMCLI, mode=Mode.PRODUCTION
        )

    def test_an_idop_that_nobody_knows_is_unknown(self, payfip):
        assert payfip.ask(order(), "cc0cb210-1cd4-11ea-8cca-0213ad91a103") == Answer(Result.UNKNOWN)

    @pytest.mark.parametrize(
        "at", [datetime(2026, 7, 1, 21, 59, tzinfo=UTC), datetime(2026, 12, 31, 23, 5, tzinfo=UTC)]
    )
    def test_its_moments_are_those_of_paris(self, payfip, payfip_server, begun, at):
        payfip_server.clock = lambda: at
        payfip_server.settle(begun)

        assert payfip.ask(order(), begun).paid_at == at

    @pytest.mark.parametrize("said", [{"dattrans": "31022026"}, {"heurtrans": "2460"}, {"dattrans": "hier"}], ids=str)
    def test_a_payment_whose_moment_cannot_be_read_is_still_a_payment(self, payfip, payfip_server, begun, said):
        payfip_server.pay(begun)
        payfip_server.till.operations[begun].altered = said

        answer = payfip.ask(order(), begun)

        assert (answer.result, answer.paid_at) == (Result.PAID, None)

    def test_the_year_is_cut_by_payfip_and_compared_by_nobody(self, payfip, payfip_server, begun):
        payfip_server.pay(begun)

        assert payfip_server.till.detail(begun)["exer"] == "20"
        assert payfip.ask(order(exercice=2025), begun).result is Result.PAID

    def test_what_is_answered_about_something_else_is_handed_over_to_be_compared(self, payfip, payfip_server, begun):
        payfip_server.pay(begun)
        payfip_server.till.operations[begun].altered = {
            "montant": "1",
            "refdet": "AUTRE1",
            "numcli": "1",
            "saisie": "T",
        }

        answer = payfip.ask(order(), begun)

        assert (answer.cents, answer.reference, answer.merchant, answer.mode) == (1, "AUTRE1", "1", Mode.TEST)

    NOT_RESULTS = ["resultrans", "montant", "refdet", "numcli", "saisie", "idOp"]

    @pytest.mark.parametrize("field", NOT_RESULTS)
    @pytest.mark.parametrize("said", ["", "?", "12.50", "é"])
    def test_a_result_without_what_must_be_compared_is_no_answer(self, payfip, payfip_server, begun, field, said):
        if said and field in ("refdet", "numcli"):
            return  # any word is one that can be compared
        payfip_server.pay(begun)
        payfip_server.till.operations[begun].altered = {field: said}

        with pytest.raises(GatewayDownError, match="not a result"):
            payfip.ask(order(), begun)

    @pytest.mark.parametrize("code", ["P2", "P6", "P9", "T2", "X1", "", "Z" * 5, "\n"])
    def test_a_code_that_nobody_published_is_asked_again_later(self, payfip, payfip_server, code):
        from standins.payfip.soap import fault

        payfip_server.canned = 500, fault(code, "Autre")

        with pytest.raises(GatewayDownError):
            payfip.ask(order(), "abc")


class TestClient:
    def test_the_names_of_a_regie_are_told(self, payfip):
        assert payfip.client_of(Merchant(NUMCLI, Mode.TEST)) == (
            "REGIE DE RECETTES",
            "COMMUNE FICTIVE",
            "ENFANCE ET JEUNESSE",
        )

    @pytest.mark.parametrize(("number", "code"), [("12", "T1"), ("111111", "T2"), ("090904", "T4")])
    def test_a_number_that_is_wrong_or_not_opened_is_told(self, payfip, number, code):
        with pytest.raises(OrderRefusedError) as no:
            payfip.client_of(Merchant(number, Mode.TEST))

        assert (no.value.trouble, no.value.code) == (Trouble.NOT_OPEN, code)


class TestNotice:
    @pytest.mark.parametrize("fields", [{"idop": "abc"}, {"idOp": "abc"}, {}, {"autre": "1"}], ids=str)
    def test_one_that_may_be_about_this_order_passes(self, payfip, fields):
        payfip.check_notice(order(), "abc", fields)

    @pytest.mark.parametrize(
        "fields", [{"idop": "def"}, {"idOp": "ABC"}, {"idop": "abc", "idOp": "def"}, {"idop": ""}], ids=str
    )
    def test_one_about_another_is_forged(self, payfip, fields):
        with pytest.raises(ForgedNoticeError):
            payfip.check_notice(order(), "abc", fields)


BAD_DAYS = [mood for mood in Mood if mood is not Mood.GOOD]


class TestBadDays:
    @pytest.mark.parametrize("mood", BAD_DAYS)
    def test_each_is_survived_in_time_and_believed_by_nobody(self, payfip_server, mood):
        payfip = PayFiP(payfip_server.url, payfip_server.page_url, whole_seconds=0.4)
        idop = payfip.begin(order()).provider_id
        payfip_server.pay(idop)
        payfip_server.mood = mood
        before = time.monotonic()

        for ask in (
            lambda: payfip.begin(order()),
            lambda: payfip.ask(order(), idop),
            lambda: payfip.client_of(Merchant(NUMCLI, Mode.TEST)),
        ):
            with pytest.raises(GatewayDownError):
                ask()

        assert time.monotonic() - before < 4
        payfip_server.mood = Mood.GOOD
        assert payfip.ask(order(), idop).result is Result.PAID

    def test_one_operation_may_be_down_alone(self, payfip, payfip_server, begun):
        payfip_server.moods = {"recupererDetailPaiementSecurise": Mood.UNAVAILABLE}

        assert payfip.begin(order()).provider_id
        with pytest.raises(GatewayDownError, match="503"):
            payfip.ask(order(), begun)

    def test_nobody_at_the_address(self):
        server = Server()
        server.server_close()

        with pytest.raises(GatewayDownError, match="unreachable"):
            PayFiP(server.url, server.page_url).begin(order())

    OPEN, CLOSE = '<a:Envelope xmlns:a="http://schemas.xmlsoap.org/soap/envelope/">', "</a:Envelope>"
    OTHER = "<FonctionnelleErreur><code>P1</code></FonctionnelleErreur>"
    NOT_ANSWERS = {
        "nothing": "",
        "half": "<S:Envelope",
        "a page": "<html/>",
        "an empty envelope": OPEN + CLOSE,
        "a fault that says nothing": f"{OPEN}<a:Body><a:Fault><detail/></a:Fault></a:Body>{CLOSE}",
        "a fault of another service": f"{OPEN}<a:Body><a:Fault><detail>{OTHER}</detail></a:Fault></a:Body>{CLOSE}",
    }

    @pytest.mark.parametrize("status", [200, 400, 404, 500, 502])
    @pytest.mark.parametrize("body", NOT_ANSWERS.values(), ids=NOT_ANSWERS.keys())
    def test_what_is_not_its_language_says_nothing(self, payfip, payfip_server, status, body):
        payfip_server.canned = status, body

        with pytest.raises(GatewayDownError):
            payfip.ask(order(), "abc")

    BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    ENTITIES = {
        "a bomb": f'<!DOCTYPE x [<!ENTITY l0 "lol">{BOMB}]>',
        "a file": '<!DOCTYPE x [<!ENTITY l8 SYSTEM "file:///etc/hostname">]>',
        "another site": '<!DOCTYPE x [<!ENTITY l8 SYSTEM "http://127.0.0.1:9/">]>',
    }

    @pytest.mark.parametrize("declared", ENTITIES.values(), ids=ENTITIES.keys())
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_a_document_that_declares_entities_is_not_read(self, payfip, payfip_server, declared, encoding):
        payfip_server.pay(idop := payfip.begin(order()).provider_id)
        _status, good = payfip_server.answer(soap.envelope("recupererDetailPaiementSecurise", {"idOp": idop}))
        body = declared + good.partition("?>")[2].replace("CANTINE20261123A", "&l8;")

        with pytest.raises(GatewayDownError, match="unreadable"):
            soap.read(200, body.encode(encoding), "recupererDetailPaiementSecurise")

    def test_an_answer_to_another_question_is_none(self, payfip_server):
        _status, said = payfip_server.answer(soap.envelope("recupererDetailClient", {"numCli": NUMCLI}))

        with pytest.raises(GatewayDownError):
            soap.read(200, said.encode(), "recupererDetailPaiementSecurise")


class TestSecrets:
    @pytest.mark.parametrize("mood", list(Mood))
    def test_nothing_of_who_pays_is_ever_logged_or_carried_by_an_exception(self, payfip_server, caplog, mood):
        payfip = PayFiP(payfip_server.url, payfip_server.page_url, whole_seconds=0.3)
        payfip_server.mood = mood
        said = ""
        with caplog.at_level(logging.DEBUG):
            for asked in (order(), order(email="x" + EMAIL.replace("@", "")), order(reference="-CANTINE-")):
                try:
                    payfip.begin(asked)
                except (GatewayDownError, OrderRefusedError) as error:
                    said += "".join(traceback.format_exception(error)) + repr(error)

        assert said
        assert not [secret for secret in SECRETS if secret in caplog.text.replace("test_payfip", "")]
        assert not [secret for secret in SECRETS if secret in said.replace("CANTINE-", "").replace(__file__, "")]

    def test_each_refusal_is_logged_by_its_code(self, payfip, payfip_server, caplog):
        with caplog.at_level(logging.INFO, logger="marelle"):
            payfip.ask(order(), payfip.begin(order()).provider_id)
            refusal(payfip, order(cents=1))

        said = [record.getMessage() for record in caplog.records if record.name == "marelle.connectors.payfip"]
        assert said == ["recupererDetailPaiementSecurise: P5", "creerPaiementSecurise: M3"]


class TestSettings:
    def test_the_real_addresses_are_the_default(self, tmp_path):
        access = read({"MARELLE_VAR": str(tmp_path)}).payfip

        assert access.url == "https://www.payfip.gouv.fr/tpa/services/securite"
        assert access.page_url == "https://www.payfip.gouv.fr/tpa/paiementws.web"

    def test_others_may_be_named(self, tmp_path, payfip_server):
        named = {"MARELLE_PAYFIP_URL": payfip_server.url, "MARELLE_PAYFIP_PAGE_URL": payfip_server.page_url}
        access = read({"MARELLE_VAR": str(tmp_path)} | named).payfip

        assert (access.url, access.page_url) == (payfip_server.url, payfip_server.page_url)

    @pytest.mark.parametrize("wrong", ["http://www.payfip.gouv.fr/", "ftp://exemple.fr", "https://a b", "https://a;b"])
    @pytest.mark.parametrize("name", ["MARELLE_PAYFIP_URL", "MARELLE_PAYFIP_PAGE_URL"])
    def test_one_that_would_send_payers_in_clear_or_break_a_header_is_refused(self, tmp_path, name, wrong):
        with pytest.raises(BadEnvironment, match=name):
            read({"MARELLE_VAR": str(tmp_path), name: wrong})

    def test_it_is_plugged_and_forms_may_lead_to_its_page(self):
        plugged = django_settings.GATEWAYS["payfip"]

        assert (plugged.code, plugged.name, plugged.is_online) == ("payfip", "PayFiP", True)
        page = urlsplit(plugged.page_url)
        allowed = django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]
        assert f"{page.scheme}://{page.netloc}" in allowed

    def test_a_start_does_not_wait_for_what_only_a_payment_needs(self):
        program = (
            "import sys, marelle.connectors.payfip.gateway; print({'httpx', 'lxml'} & set(sys.modules) or 'nothing')"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert done.stdout.strip() == "nothing"

"""PayZen: its signature as eopayment reads it, its form, its page, its notices, its API, and a stand-in of all that."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import eopayment
import httpx
import pytest
from django.conf import settings
from django.test import Client

from marelle.config.environment import BadEnvironment, read
from marelle.connectors.payzen.answers import answer_of
from marelle.connectors.payzen.form import fields_of, transaction_id
from marelle.connectors.payzen.gateway import PayZen
from marelle.connectors.payzen.signing import is_signed, signature
from marelle.domain.payments.gateways import (
    ForgedNoticeError,
    GatewayDownError,
    Merchant,
    Mode,
    OrderRefusedError,
    Result,
    Trouble,
)
from marelle.foundation.clock import business_now
from standins.payzen.__main__ import _clock
from standins.payzen.platform import FormRefusedError, Outcome
from standins.payzen.server import Mood, Post
from standins.payzen.shops import signed
from tests.payzen import NOW, SHOP, merchant, order

KEYS = SHOP.contexts["PRODUCTION"]
# Until the page of a refused card is over, another card may be tried there.
PAGE_OVER = timedelta(minutes=10)


def witness(**more):
    """Another's client of the same service, which knows nothing of ours."""
    options = {
        "vads_ctx_mode": "PRODUCTION",
        "vads_site_id": SHOP.number,
        "secret_production": KEYS.signing,
        "secret_test": SHOP.contexts["TEST"].signing,
        "signature_algo": "hmac_sha256",
        "normal_return_url": "http://127.0.0.1:9/retour",
        **more,
    }
    return eopayment.Payment(eopayment.PAYZEN, options)


def opened(server, payzen, one=None):
    """An order whose page is open."""
    one = one or order()
    return one, server.open(dict(payzen.begin(one).fields))


def returned(url):
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@pytest.fixture
def told_shop(payzen_server, shopkeeper):
    """A shop with the rule that tells of those who give up, and who is told."""
    payzen_server.tells_of_abandons = True
    return payzen_server, shopkeeper


class TestAgainstAnotherClient:
    def test_it_takes_our_signature_for_its_own(self):
        fields = fields_of(order())

        assert witness().backend.signature(dict(fields)) == fields["signature"]
        assert is_signed(fields, KEYS.signing)

    def test_the_stand_in_takes_its_forms(self, payzen_server):
        client = witness(service_url=payzen_server.page_url)
        _, kind, form = client.request(42.5, orderid="Attempt0001", email="elena@example.org")
        assert (kind, form.url) == (eopayment.FORM, payzen_server.page_url)
        fields = {each["name"]: each["value"] for each in form.fields}
        payzen_server.platform.clock.now = datetime.strptime(fields["vads_trans_date"], "%Y%m%d%H%M%S").replace(
            tzinfo=UTC
        )

        assert payzen_server.open(fields).order_id == "Attempt0001"

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            (Outcome.PAID, eopayment.PAID),
            (Outcome.REFUSED, eopayment.DENIED),
            (Outcome.ABANDONED, eopayment.CANCELLED),
        ],
    )
    def test_it_takes_the_stand_ins_returns(self, payzen_server, payzen, outcome, expected):
        opened(payzen_server, payzen)
        answer = witness().response(urlsplit(payzen_server.pay("Attempt0001", outcome)).query)

        assert answer.signed
        assert answer.result == expected
        assert not answer.test

    def test_it_takes_the_stand_ins_notices(self, payzen_server, payzen, shopkeeper):
        opened(payzen_server, payzen, order(notify=shopkeeper.url))
        payzen_server.pay("Attempt0001")
        (told,) = shopkeeper.told
        answer = witness().response(urlencode(told))

        assert answer.signed
        assert answer.result == eopayment.PAID
        assert answer.transaction_date == NOW

    def test_a_signature_of_one_key_is_not_one_of_another(self):
        fields = fields_of(order())

        assert not is_signed(fields, SHOP.contexts["TEST"].signing)
        assert not is_signed({**fields, "signature": signature(fields, "")}, "")
        assert not is_signed({"vads_order_id": "é\udce9"}, KEYS.signing)


class TestTheForm:
    def test_it_says_what_is_ordered(self):
        fields = fields_of(order())

        assert fields == {
            "vads_action_mode": "INTERACTIVE",
            "vads_amount": "4250",
            "vads_capture_delay": "0",
            "vads_ctx_mode": "PRODUCTION",
            "vads_currency": "978",
            "vads_cust_email": "elena.sanchez@example.org",
            "vads_language": "fr",
            "vads_order_id": "Attempt0001",
            "vads_order_info": "Cantine de Sofia  novembre",
            "vads_page_action": "PAYMENT",
            "vads_payment_config": "SINGLE",
            "vads_return_mode": "GET",
            "vads_site_id": "12345678",
            "vads_trans_date": "20261123083000",
            "vads_trans_id": transaction_id("Attempt0001"),
            "vads_url_check": order().notify_url,
            "vads_url_return": order().return_url,
            "vads_validation_mode": "0",
            "vads_version": "V2",
            "signature": fields["signature"],
        }

    @pytest.mark.parametrize(
        ("mode", "context"), [(Mode.TEST, "TEST"), (Mode.ACTIVATION, "PRODUCTION"), (Mode.PRODUCTION, "PRODUCTION")]
    )
    def test_a_trial_with_a_real_card_is_in_production_there(self, mode, context):
        assert fields_of(order(by=merchant(mode)))["vads_ctx_mode"] == context

    @pytest.mark.parametrize("email", ["", "sans-arobase", "a b@example.org", f"{'a' * 120}@example.org"])
    def test_an_address_that_would_have_the_whole_form_refused_is_left_out(self, email):
        said = order()
        object.__setattr__(said, "email", email)

        assert "vads_cust_email" not in fields_of(said)

    def test_a_transaction_number_is_the_references_own(self):
        numbers = [transaction_id(f"Reference{number}") for number in range(20_000)]

        assert all(re.fullmatch(r"[0-8a-z][0-9a-z]{5}", number) for number in numbers)
        assert len(set(numbers)) == len(numbers)
        assert transaction_id("Reference7") == numbers[7]

    @pytest.mark.parametrize(
        "shop",
        [
            Merchant("", Mode.PRODUCTION, "key", "word"),
            Merchant("1234567", Mode.PRODUCTION, "key", "word"),
            Merchant("12345678", Mode.PRODUCTION, "", "word"),
        ],
    )
    def test_a_regie_without_a_shop_is_not_open(self, payzen, shop):
        with pytest.raises(OrderRefusedError) as refused:
            payzen.begin(order(by=shop))

        assert refused.value.trouble is Trouble.NOT_OPEN

    def test_nothing_is_asked_of_payzen_to_begin(self, payzen_server, payzen):
        payzen.begin(order())

        assert payzen_server.heard == []


class TestAsking:
    def test_a_refused_card_waits_for_another_while_its_page_lives(self, payzen_server, payzen):
        one, _ = opened(payzen_server, payzen)
        payzen_server.pay("Attempt0001", Outcome.REFUSED_ONCE)
        assert payzen.ask(one, "Attempt0001").result is Result.WAITING

        payzen_server.platform.clock.later(minutes=10)
        assert payzen.ask(one, "Attempt0001").result is Result.REFUSED

    def test_the_second_card_pays(self, payzen_server, payzen):
        one, _ = opened(payzen_server, payzen)
        payzen_server.pay("Attempt0001", Outcome.REFUSED_ONCE)
        payzen_server.platform.clock.later(minutes=3)
        payzen_server.pay("Attempt0001", Outcome.PAID)
        answer = payzen.ask(one, "Attempt0001")

        assert (answer.result, answer.means, answer.cents) == (Result.PAID, "card", 4250)
        assert answer.paid_at == NOW + timedelta(minutes=3)

    def test_paid_and_the_tab_closed_is_paid(self, payzen_server, payzen):
        one, _ = opened(payzen_server, payzen)
        payzen_server.post = Post.LOST

        assert payzen_server.pay("Attempt0001", Outcome.PAID_AND_CLOSED) == ""
        assert payzen.ask(one, "Attempt0001").result is Result.PAID

    def test_somebody_who_gave_up_then_comes_back_to_the_form_may_pay(self, payzen_server, payzen):
        one, _ = opened(payzen_server, payzen)
        payzen_server.pay("Attempt0001", Outcome.ABANDONED)
        assert payzen.ask(one, "Attempt0001").result is Result.WAITING

        opened(payzen_server, payzen, one)
        payzen_server.pay("Attempt0001")
        assert payzen.ask(one, "Attempt0001").result is Result.PAID

    def test_two_tabs_pay_once(self, payzen_server, payzen):
        one, first = opened(payzen_server, payzen)
        _, second = opened(payzen_server, payzen, one)
        payzen_server.act(first, Outcome.PAID)

        with pytest.raises(LookupError):
            payzen_server.act(second, Outcome.PAID)
        with pytest.raises(FormRefusedError) as refused:
            opened(payzen_server, payzen, one)
        assert refused.value.code == 3
        assert payzen.ask(one, "Attempt0001").result is Result.PAID

    def test_a_trial_is_not_seen_from_production(self, payzen_server, payzen):
        opened(payzen_server, payzen, order(by=merchant(Mode.TEST)))
        payzen_server.pay("Attempt0001")

        assert payzen.ask(order(), "Attempt0001").result is Result.WAITING

    def test_a_wrong_password_is_no_answer_about_the_order(self, payzen, caplog):
        wrong = Merchant(SHOP.number, Mode.PRODUCTION, KEYS.signing, "prodpassword_faux")
        with caplog.at_level(logging.INFO), pytest.raises(GatewayDownError, match="INT_905"):
            payzen.ask(order(by=wrong), "Attempt0001")

        assert "INT_905" in caplog.text
        assert "faux" not in caplog.text

    @pytest.mark.parametrize("mood", [mood for mood in Mood if mood is not Mood.GOOD])
    def test_in_a_bad_mood_it_is_down(self, payzen_server, payzen, mood):
        payzen_server.mood = mood
        hurried = PayZen(payzen.page_url, payzen.api_url, whole_seconds=0.5)

        with pytest.raises(GatewayDownError):
            hurried.ask(order(), "Attempt0001")
        # Nobody follows a redirection with a password.
        assert len(payzen_server.heard) <= 1

    def test_when_nobody_listens_it_is_down(self, payzen_server, payzen):
        payzen_server.server_close()

        with pytest.raises(GatewayDownError, match="UNREACHABLE"):
            payzen.ask(order(), "Attempt0001")


def transaction(**said):
    """One of an answer, paid unless told otherwise."""
    return {
        "shopId": SHOP.number,
        "uuid": "ab" * 16,
        "paymentMethodType": "CARD",
        "status": "PAID",
        "detailedStatus": "CAPTURED",
        "amount": 4250,
        "currency": "EUR",
        "creationDate": "2026-11-23T08:31:00+00:00",
        "orderDetails": {"orderId": "Attempt0001", "mode": "PRODUCTION"},
        "operationType": "DEBIT",
    } | said


def unpaid(detailed, **said):
    return transaction(status="UNPAID", detailedStatus=detailed, **said)


def body(*transactions, server_date="2026-11-23T09:30:00+00:00", **more):
    answer = {"transactions": list(transactions)}
    return json.dumps({"status": "SUCCESS", "answer": answer, "serverDate": server_date} | more).encode()


class TestReading:
    @pytest.mark.parametrize(
        ("tried", "expected"),
        [
            ([], Result.WAITING),
            ([transaction()], Result.PAID),
            ([transaction(detailedStatus="AUTHORISED")], Result.PAID),
            ([unpaid("REFUSED"), transaction()], Result.PAID),
            ([transaction(), unpaid("REFUSED", creationDate="2026-11-23T08:35:00+00:00")], Result.PAID),
            ([unpaid("REFUSED")], Result.REFUSED),
            ([unpaid("ERROR")], Result.REFUSED),
            ([unpaid("CAPTURE_FAILED")], Result.REFUSED),
            ([unpaid("CANCELLED")], Result.ABANDONED),
            ([unpaid("EXPIRED")], Result.ABANDONED),
            ([unpaid("ABANDONED")], Result.ABANDONED),
            ([transaction(status="RUNNING", detailedStatus="AUTHORISED_TO_VALIDATE")], Result.WAITING),
            ([unpaid("REFUSED"), transaction(status="RUNNING", detailedStatus="UNDER_VERIFICATION")], Result.WAITING),
            ([transaction(status="SOMETHING_NEW")], Result.WAITING),
            ([transaction(operationType="CREDIT")], Result.WAITING),
            ([transaction(operationType="VERIFICATION", detailedStatus="ACCEPTED")], Result.WAITING),
        ],
    )
    def test_transactions_make_one_result(self, tried, expected):
        assert answer_of(body(*tried), order()).result is expected

    def test_the_first_of_two_payments_is_the_answer(self):
        late = transaction(uuid="cd" * 16, creationDate="2026-11-24T08:31:00+00:00")

        assert answer_of(body(late, transaction()), order()).transaction == "ab" * 16

    @pytest.mark.parametrize(
        ("said", "field", "expected"),
        [
            ({"currency": "USD"}, "cents", None),
            ({"amount": "4250"}, "cents", None),
            ({"amount": True}, "cents", None),
            ({"amount": 4249}, "cents", 4249),
            ({"shopId": "87654321"}, "merchant", "87654321"),
            ({"shopId": None}, "merchant", ""),
            ({"orderDetails": {"orderId": "Other", "mode": "PRODUCTION"}}, "reference", "Other"),
            ({"orderDetails": None}, "reference", ""),
            ({"orderDetails": {"mode": "TEST"}}, "mode", Mode.TEST),
            ({"orderDetails": {"mode": "SOMETHING_NEW"}}, "mode", None),
            ({"paymentMethodType": "SDD"}, "means", "debit"),
            ({"paymentMethodType": "IP_WIRE"}, "means", "transfer"),
            ({"paymentMethodType": "PAYPAL"}, "means", "other"),
            ({"creationDate": "hier"}, "paid_at", None),
            ({"creationDate": "2026-11-23T08:31:00"}, "paid_at", None),
        ],
    )
    def test_what_is_said_is_carried_as_it_is_for_others_to_compare(self, said, field, expected):
        answer = answer_of(body(transaction(**said)), order())

        assert answer.result is Result.PAID
        assert getattr(answer, field) == expected

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"<html>",
            b"[]",
            b"[" * 100_000,
            b'{"status": "SUCCESS"}',
            b'{"status": "SUCCESS", "answer": {"transactions": {}}}',
            b'{"status": "ERROR", "answer": {"errorCode": "PSP_015"}}',
            b'{"status": "ERROR", "answer": null}',
            b"\xff\xfe",
        ],
    )
    def test_what_is_no_answer_is_said_to_be_down(self, said):
        with pytest.raises(GatewayDownError):
            answer_of(said, order())

    def test_without_its_clock_a_refusal_is_one(self):
        assert answer_of(body(unpaid("REFUSED"), server_date=None), order()).result is Result.REFUSED

    def test_the_real_service_says_where_its_clock_is(self):
        soon = "2026-11-23T08:40:59+00:00"

        assert answer_of(body(unpaid("REFUSED"), server_date=soon), order()).result is Result.WAITING


class TestNotices:
    @pytest.mark.parametrize(
        ("outcome", "by_return", "by_notice"),
        [
            (Outcome.PAID, None, None),
            (Outcome.REFUSED, Result.REFUSED, None),
            (Outcome.ABANDONED, Result.ABANDONED, Result.ABANDONED),
        ],
    )
    def test_they_say_what_no_question_learns(self, told_shop, payzen, outcome, by_return, by_notice):
        payzen_server, shopkeeper = told_shop
        one, _ = opened(payzen_server, payzen, order(notify=shopkeeper.url))
        back = returned(payzen_server.pay("Attempt0001", outcome))

        for fields, expected in ((back, by_return), (shopkeeper.told[0], by_notice)):
            said = payzen.check_notice(one, "Attempt0001", fields)
            assert (said and said.result) is expected

    def test_a_return_with_nothing_of_payzens_is_a_hint(self, payzen):
        assert payzen.check_notice(order(), "Attempt0001", {}) is None
        assert payzen.check_notice(order(), "Attempt0001", {"utm_source": "x"}) is None

    def test_a_shop_that_does_not_ask_is_not_told_of_those_who_give_up(self, payzen_server, payzen, shopkeeper):
        opened(payzen_server, payzen, order(notify=shopkeeper.url))
        payzen_server.pay("Attempt0001", Outcome.ABANDONED)

        assert shopkeeper.told == []

    @pytest.mark.parametrize(
        ("post", "count", "is_genuine"),
        [
            (Post.GOOD, 1, True),
            (Post.TWICE, 2, True),
            (Post.LOST, 0, True),
            (Post.WRONG_SIGNATURE, 1, False),
            (Post.CHANGED_AMOUNT, 1, False),
            (Post.OTHER_KEY, 1, False),
        ],
    )
    def test_on_their_way_anything_happens(self, told_shop, payzen, post, count, is_genuine):
        payzen_server, shopkeeper = told_shop
        one, _ = opened(payzen_server, payzen, order(notify=shopkeeper.url))
        payzen_server.post = post
        payzen_server.pay("Attempt0001")

        assert len(shopkeeper.told) == count
        for told in shopkeeper.told:
            if is_genuine:
                assert payzen.check_notice(one, "Attempt0001", told) is None
            else:
                with pytest.raises(ForgedNoticeError):
                    payzen.check_notice(one, "Attempt0001", told)

    def test_held_ones_come_late_and_in_another_order(self, payzen_server, payzen, shopkeeper):
        payzen_server.post = Post.HELD
        for reference in ("Attempt0001", "Attempt0002"):
            opened(payzen_server, payzen, order(reference, notify=shopkeeper.url))
            payzen_server.pay(reference)
        assert shopkeeper.told == []

        payzen_server.deliver(in_order=False)

        assert [told["vads_order_id"] for told in shopkeeper.told] == ["Attempt0002", "Attempt0001"]

    @pytest.mark.parametrize("url", ["https://example.org/avis", "http://example.org/avis", "http://127.0.0.1:9/", ""])
    def test_nothing_leaves_this_machine(self, payzen_server, url):
        assert payzen_server.post_notice(url, {"vads_order_id": "Attempt0001"}) == 0


class TestTheStandIn:
    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"vads_site_id": "00000000"}, 2),
            ({"vads_ctx_mode": "REAL"}, 11),
            ({"vads_ctx_mode": "TEST"}, 0),
            ({"vads_amount": "0"}, 9),
            ({"vads_amount": "42.50"}, 9),
            ({"vads_currency": "840"}, 10),
            ({"vads_trans_id": "912345"}, 3),
            ({"vads_trans_id": "12345"}, 3),
            ({"vads_trans_date": "20261323083000"}, 4),
            ({"vads_trans_date": "20261123075959"}, 4),
            ({"vads_trans_date": "20261123100001"}, 4),
            ({"vads_version": "V1"}, 1),
            ({"vads_order_id": "accentué"}, 13),
            ({"vads_cust_email": "personne"}, 15),
            ({"vads_url_check": "ftp://avis"}, 77),
        ],
        ids=str,
    )
    def test_a_wrong_form_is_refused_by_its_number(self, payzen_server, changed, code):
        fields = signed(fields_of(order()) | changed, KEYS.signing)

        with pytest.raises(FormRefusedError) as refused:
            payzen_server.open(fields)

        assert refused.value.code == code
        assert [(one.kind, one.status) for one in payzen_server.heard] == [("form", 400)]

    def test_a_changed_form_is_refused(self, payzen_server):
        with pytest.raises(FormRefusedError) as refused:
            payzen_server.open(fields_of(order()) | {"vads_amount": "1"})

        assert refused.value.code == 0

    def test_a_page_lives_ten_minutes(self, told_shop, payzen):
        payzen_server, shopkeeper = told_shop
        _, session = opened(payzen_server, payzen, order(notify=shopkeeper.url))
        payzen_server.platform.clock.later(minutes=10)
        assert "n’est plus possible" in httpx.get(payzen_server.page_url + session.token).text

        with pytest.raises(LookupError):
            payzen_server.pay("Attempt0001")
        assert [told["vads_trans_status"] for told in shopkeeper.told] == ["ABANDONED"]

    def test_a_browser_pays_and_comes_back(self, payzen_server, payzen):
        one = order()
        redirection = payzen.begin(one)
        with httpx.Client(follow_redirects=True) as browser:
            shown = browser.post(redirection.url, data=dict(redirection.fields))
            assert "42,50 €" in shown.text
            assert "Cantine de Sofia" in shown.text
            again = browser.post(shown.url, data={"outcome": "refused-once"})
            assert "Votre carte a été refusée" in again.text
            back = browser.post(shown.url, data={"outcome": "paid"}, follow_redirects=False)
            late = browser.post(shown.url, data={"outcome": "paid"}, follow_redirects=False)

        assert back.status_code == 303
        assert back.headers["Location"].startswith(f"{one.return_url}?")
        assert payzen.check_notice(one, redirection.provider_id, returned(back.headers["Location"])) is None
        assert "n’est plus possible" in late.text
        assert payzen.ask(one, redirection.provider_id).result is Result.PAID
        assert [one.kind for one in payzen_server.heard] == ["form", "notice", "return", "ask"]

    @pytest.mark.parametrize("outcome", ["closed", "paid-and-closed"])
    def test_a_browser_that_is_closed_never_comes_back(self, payzen_server, payzen, outcome):
        _, session = opened(payzen_server, payzen)
        shown = httpx.post(payzen_server.page_url + session.token, data={"outcome": outcome})

        assert (shown.status_code, shown.headers.get("Location")) == (200, None)
        assert "L’onglet est fermé" in shown.text

    def test_what_is_not_there_is_said(self, payzen_server):
        assert httpx.get(payzen_server.url + "/ailleurs").status_code == 404
        assert httpx.post(payzen_server.page_url + "inconnu", data={"outcome": "paid"}).status_code == 404
        assert httpx.post(payzen_server.page_url, data={"vads_site_id": "1"}).status_code == 400


class TestSettings:
    def test_the_gateways_are_plugged(self):
        assert settings.GATEWAYS.keys() >= {"desk", "payzen"}
        assert all(gateway.code == code for code, gateway in settings.GATEWAYS.items())

    def test_the_real_service_is_the_one_by_default(self, tmp_path):
        said = read({"MARELLE_VAR": str(tmp_path)}).payzen

        assert (said.page_url, said.api_url) == ("https://secure.payzen.eu/vads-payment/", "https://api.payzen.eu")

    @pytest.mark.parametrize("name", ["MARELLE_PAYZEN_URL", "MARELLE_PAYZEN_API_URL"])
    def test_nobody_pays_in_clear(self, tmp_path, name):
        with pytest.raises(BadEnvironment, match=name):
            read({"MARELLE_VAR": str(tmp_path), name: "http://secure.payzen.eu/"})

    @pytest.mark.django_db
    def test_a_form_of_ours_may_post_to_the_payment_page(self):
        policy = Client().get("/healthz", HTTP_HOST="127.0.0.1").headers["Content-Security-Policy"]

        page = urlsplit(settings.GATEWAYS["payzen"].page_url)
        assert re.search(rf"form-action [^;]*{re.escape(f'{page.scheme}://{page.netloc}')}(?:[ ;]|$)", policy)


@pytest.mark.parametrize("days", [0, 3, -200, 200])
def test_the_demonstrations_clock_is_the_portals(settings, days):
    settings.BUSINESS_DAYS_AHEAD = days

    assert abs(_clock(days)() - business_now()) < timedelta(minutes=1)

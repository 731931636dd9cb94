"""The stand-in of PayFiP itself: its clock, its page, its messages, and the switches that upset them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
import urllib.parse
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from marelle.commands.ports import free_port
from marelle.connectors.payfip.gateway import PayFiP
from marelle.domain.payments.gateways import Answer, GatewayDownError, Result
from standins.payfip.moods import Mood
from standins.payfip.till import FunctionalError
from tests.payfip import NUMCLI, order


class Portal(ThreadingHTTPServer):
    """A merchant: it keeps what it is sent, and says 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Heard)
        self.heard = []

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def notices(self):
        return [said for method, path, said in self.heard if path.startswith("/avis")]


class Heard(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urllib.parse.urlsplit(self.path)
        self._keep(asked.path, dict(urllib.parse.parse_qsl(asked.query)))

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._keep(self.path, dict(urllib.parse.parse_qsl(content)))

    def _keep(self, path, said):
        self.server.heard.append((self.command, path, said))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def portal():
    server = Portal()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def placed(payfip, portal):
    """Place an order whose addresses are the portal's; return its idOp."""

    def place(**other):
        addresses = {"notify_url": f"{portal.origin}/avis/1", "return_url": f"{portal.origin}/retour/1?de=payfip"}
        return payfip.begin(order(**addresses | other)).provider_id

    return place


@cache
def browser():
    return httpx.Client(trust_env=False, follow_redirects=False)


def browse(method, url, **form):
    """A browser with no script: it is told where to go, and goes there when it wishes."""
    return browser().request(method, url, data=form or None)


def told(payfip_server, **orders):
    return browser().post(f"{payfip_server.origin}/controle", json=orders)


def refused(what, *asked):
    with pytest.raises(FunctionalError) as no:
        what(*asked)
    return no.value.code


class TestClock:
    def test_a_page_opens_within_fifteen_minutes(self, payfip, payfip_server, placed):
        early, late = placed(), placed()
        payfip_server.ahead = timedelta(minutes=15)
        payfip_server.till.open(early)
        payfip_server.ahead = timedelta(minutes=15, seconds=1)

        assert refused(payfip_server.pay, late) == "P4"
        assert payfip.ask(order(), late).result is Result.WAITING, "it is not known for lost before the night"

    def test_what_is_open_in_time_may_be_paid_after(self, payfip, payfip_server, placed):
        idop = placed()
        payfip_server.till.open(idop)
        payfip_server.ahead = timedelta(minutes=100)
        payfip_server.pay(idop)

        assert payfip.ask(order(), idop).result is Result.PAID

    def test_it_opens_once_and_ends_once(self, payfip_server, placed):
        idop = placed()
        payfip_server.till.open(idop)

        assert refused(payfip_server.till.open, idop) == "P3"
        payfip_server.pay(idop, "R")
        assert refused(payfip_server.pay, idop, "P") == "P3", "even after a refusal"

    def test_who_gave_up_may_go_back_and_pay(self, payfip, payfip_server, placed):
        idop = placed()
        payfip_server.pay(idop, "A")
        assert payfip.ask(order(), idop).result is Result.ABANDONED
        payfip_server.pay(idop, "P")

        assert payfip.ask(order(), idop).result is Result.PAID

    def test_the_night_forgets_what_was_never_brought_to_the_bank(self, payfip, payfip_server, placed):
        forgotten, paid, given_up = placed(), placed(), placed()
        payfip_server.pay(paid)
        payfip_server.pay(given_up, "A")
        evening = timedelta(hours=18, minutes=59)  # 2:59 in Paris
        results = {}
        for hour, ahead in (("before", evening), ("after", evening + timedelta(minutes=1))):
            payfip_server.ahead = ahead
            results[hour] = [payfip.ask(order(), each).result for each in (forgotten, paid, given_up)]

        assert results["before"] == [Result.WAITING, Result.PAID, Result.ABANDONED]
        assert results["after"] == [Result.UNKNOWN, Result.PAID, Result.ABANDONED]
        assert refused(payfip_server.pay, forgotten) == "P1"

    def test_it_spares_what_may_still_be_being_paid(self, payfip, payfip_server, placed):
        payfip_server.clock = lambda: datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # 2:30 in Paris
        idop = placed()
        payfip_server.ahead = timedelta(hours=1)

        assert payfip.ask(order(), idop).result is Result.WAITING

    def test_a_result_is_kept_a_year(self, payfip, payfip_server, placed):
        idop = placed()
        payfip_server.pay(idop)
        payfip_server.ahead = timedelta(days=365)
        assert payfip.ask(order(), idop).result is Result.PAID
        payfip_server.ahead = timedelta(days=365, minutes=1)

        assert payfip.ask(order(), idop) == Answer(Result.UNKNOWN)

    def test_a_late_payment_may_come_after_all(self, payfip, payfip_server, portal, placed):
        idop = placed()
        payfip_server.ahead = timedelta(days=3)
        assert payfip.ask(order(), idop).result is Result.UNKNOWN
        payfip_server.settle(idop, "P")

        assert payfip.ask(order(), idop).result is Result.PAID
        assert portal.notices() == [{"idop": idop}]


class TestPage:
    @pytest.mark.parametrize("outcome", "PVARZ")
    def test_each_outcome_sends_a_notice_then_the_browser_back(self, payfip, payfip_server, portal, placed, outcome):
        idop = placed()
        page = browse("GET", f"{payfip_server.page_url}?idop={idop}")
        assert "12,50\N{NO-BREAK SPACE}€" in page.text
        assert "CANTINE20261123A" in page.text

        gone = browse("POST", f"{payfip_server.page_url}?idop={idop}", idop=idop, resultat=outcome)

        assert gone.status_code == 303
        assert gone.headers["Location"] == f"{portal.origin}/retour/1?de=payfip&idop={idop}"
        assert portal.heard == [("POST", "/avis/1", {"idop": idop})]
        assert payfip.ask(order(), idop).result is not Result.WAITING

    def test_a_closed_tab_says_nothing_to_anybody(self, payfip, payfip_server, portal, placed):
        idop = placed()
        browse("GET", f"{payfip_server.page_url}?idop={idop}")
        closed = browse("POST", payfip_server.page_url, idop=idop, resultat="fermer")

        assert "fermer cet onglet" in closed.text
        assert portal.heard == []
        assert payfip.ask(order(), idop).result is Result.WAITING

    def test_a_page_that_does_not_open_says_why(self, payfip_server, placed):
        opened, late = placed(), placed()
        browse("GET", f"{payfip_server.page_url}?idop={opened}")
        again = browse("GET", f"{payfip_server.page_url}?idop={opened}")
        payfip_server.ahead = timedelta(minutes=16)

        assert "Code P3" in again.text
        assert "Code P4" in browse("GET", f"{payfip_server.page_url}?idop={late}").text
        assert "Code P1" in browse("GET", f"{payfip_server.page_url}?idop=abc").text

    def test_two_tabs_pay_once(self, payfip_server, portal, placed):
        idop = placed()
        browse("GET", f"{payfip_server.page_url}?idop={idop}")
        first, second = (browse("POST", payfip_server.page_url, idop=idop, resultat="P") for _ in range(2))

        assert (first.status_code, second.status_code) == (303, 409)
        assert portal.notices() == [{"idop": idop}]

    def test_what_was_asked_cannot_write_in_the_page(self, payfip_server, placed):
        idop = placed()
        payfip_server.till.operations[idop].asked["mel"] = '"><script>alert(1)</script>@x'

        assert "<script>" not in browse("GET", f"{payfip_server.page_url}?idop={idop}").text

    def test_the_way_back_may_be_a_form(self, payfip_server, portal, placed):
        payfip_server.returns.method = "POST"
        idop = placed()
        page = browse("POST", payfip_server.page_url, idop=idop, resultat="P").text

        assert re.search(r'<form method="post" action="([^"]+)"', page)[1] == f"{portal.origin}/retour/1?de=payfip"
        assert f'name="idop" value="{idop}"' in page


class TestMessages:
    def test_a_notice_may_be_lost(self, payfip_server, portal, placed):
        payfip_server.notices.drops = True
        back = payfip_server.pay(placed())

        assert portal.heard == []
        assert back.address.startswith(f"{portal.origin}/retour/1")

    def test_so_may_the_browser(self, payfip_server, portal, placed):
        payfip_server.returns.drops = True
        idop = placed()

        assert payfip_server.pay(idop) is None
        assert portal.notices() == [{"idop": idop}]
        assert "perdu" in browse("POST", payfip_server.page_url, idop=placed(), resultat="A").text

    def test_both_may_come_several_times(self, payfip_server, portal, placed):
        payfip_server.notices.times, payfip_server.returns.times = 3, 2
        idop = placed()
        back = payfip_server.pay(idop)

        assert len(portal.notices()) == 3
        assert portal.heard[3:] == [("GET", "/retour/1", {"de": "payfip", "idop": idop})]
        assert back is not None, "the browser's own visit comes after"

    def test_a_notice_may_come_after_the_browser(self, payfip_server, portal, placed):
        payfip_server.notices.delay_seconds = 0.1
        idop = placed()
        payfip_server.pay(idop)
        assert portal.heard == []
        until = time.monotonic() + 5
        while not portal.heard and time.monotonic() < until:
            time.sleep(0.02)

        assert portal.notices() == [{"idop": idop}]

    def test_notices_may_come_in_another_order(self, payfip_server, portal, placed):
        payfip_server.notices.is_held = True
        first, second = placed(), placed()
        payfip_server.pay(first, "A")
        payfip_server.pay(second)
        assert portal.heard == []
        payfip_server.release(is_reversed=True)

        assert portal.notices() == [{"idop": second}, {"idop": first}]
        assert payfip_server.held == []

    def test_one_may_be_forged_by_payfip_or_by_anybody(self, payfip_server, portal, placed):
        idop, other = placed(), placed()
        payfip_server.forge(idop, {"idop": other, "resultrans": "P"})
        payfip_server.notices.says = other
        payfip_server.pay(idop, "A")

        assert portal.notices() == [{"idop": other, "resultrans": "P"}, {"idop": other}]

    def test_its_spelling_and_method_vary(self, payfip_server, portal, placed):
        payfip_server.notices.spelling, payfip_server.notices.method = "idOp", "GET"
        idop = placed()
        payfip_server.pay(idop)

        assert portal.heard == [("GET", "/avis/1", {"idOp": idop})]

    def test_a_test_may_carry_them_itself(self, payfip_server, placed):
        carried = []
        payfip_server.deliver = lambda message: carried.append((message.url, message.fields)) or 200
        idop = placed(notify_url="https://famille.exemple.fr/avis")
        payfip_server.pay(idop)

        assert carried == [("https://famille.exemple.fr/avis", {"idop": idop})]

    @pytest.mark.parametrize("url", ["https://famille.exemple.fr/avis", "http://127.0.0.1:9/", "http://x.localhost:9/"])
    def test_nothing_leaves_this_machine_and_nobody_listening_breaks_nothing(self, payfip_server, placed, url):
        idop = placed(notify_url=url)
        payfip_server.pay(idop)

        assert [(each.what, each.outcome) for each in payfip_server.exchanges if each.kind == "notice"] == [(url, "0")]

    def test_a_name_of_this_machine_is_reached_under_that_name(self, payfip_server, portal, placed):
        port = portal.server_address[1]
        payfip_server.pay(placed(notify_url=f"http://famille.localhost:{port}/avis/2"))

        assert portal.heard[0][:2] == ("POST", "/avis/2")

    def test_every_exchange_is_kept_in_its_order(self, payfip, payfip_server, placed):
        idop = placed()
        payfip.ask(order(), idop)
        payfip_server.pay(idop)
        payfip.ask(order(), idop)

        assert [(each.kind, each.outcome) for each in payfip_server.exchanges if each.idop == idop] == [
            ("soap", "ok"),
            ("soap", "P5"),
            ("notice", "200"),
            ("return", "sent"),
            ("soap", "ok"),
        ]
        assert payfip_server.reads(idop) == 2


class TestBadDays:
    def test_an_order_may_be_taken_and_its_answer_lost(self, payfip_server):
        payfip_server.moods = {"creerPaiementSecurise": Mood.LOST}
        with pytest.raises(GatewayDownError):
            PayFiP(payfip_server.url, payfip_server.page_url).begin(order())

        assert len(payfip_server.till.operations) == 1

    @pytest.mark.parametrize("content", [b"", b"bonjour", b"<a/>", b"<Envelope/>"], ids=repr)
    def test_who_does_not_speak_soap_is_told(self, payfip_server, content):
        answer = browser().post(payfip_server.url, content=content)

        assert answer.status_code == 500
        assert "S:Client" in answer.text

    @pytest.mark.parametrize(("operation", "name", "code"), [
        ("recupererDetailPaiementSecurise", "idop", "P1"),
        ("recupererDetailClient", "numcli", "T1"),
    ])  # fmt: skip
    def test_a_field_in_another_case_is_not_seen(self, payfip_server, operation, name, code):
        from marelle.connectors.payfip import soap

        status, said = payfip_server.answer(soap.envelope(operation, {name: NUMCLI}))

        assert status == 500
        assert f"<code>{code}</code>" in said


class TestControl:
    def test_it_does_from_outside_what_a_test_does_from_inside(self, payfip, payfip_server, portal, placed):
        idop = placed()
        said = told(
            payfip_server,
            notices={"is_held": True, "times": 2},
            ahead_minutes=10,
            pay={"idop": idop, "outcome": "V"},
            client={"numcli": "123456", "is_opened": False},
        ).json()
        assert [each["outcome"] for each in said["operations"]] == ["V"]
        assert len(said["held"]) == 2
        assert portal.heard == []
        assert told(payfip_server, release="reversed", mood="unavailable").json()["mood"] == "unavailable"
        assert len(portal.heard) == 2
        with pytest.raises(GatewayDownError):
            payfip.ask(order(), idop)
        told(payfip_server, mood="good", alter={"idop": idop, "fields": {"montant": "1"}}, settle={"idop": idop})

        assert payfip.ask(order(), idop).cents == 1
        assert payfip.ask(order(), idop).means == "card"

    def test_how_it_stands_can_be_read(self, payfip_server, placed):
        idop = placed()
        said = browse("GET", f"{payfip_server.origin}/controle").json()

        assert [(each["idop"], each["refdet"]) for each in said["operations"]] == [(idop, "CANTINE20261123A")]
        assert [each["what"] for each in said["exchanges"]] == ["creerPaiementSecurise"]

    @pytest.mark.parametrize(
        "orders",
        [{"mood": "?"}, {"autre": 1}, {"notices": {"autre": 1}}, {"pay": {"idop": "abc"}}, {"pay": 3}],
        ids=json.dumps,
    )
    def test_what_it_does_not_understand_it_says(self, payfip_server, orders):
        assert told(payfip_server, **orders).status_code == 400

    def test_a_page_of_another_site_commands_nothing(self, payfip_server):
        said = browser().post(f"{payfip_server.origin}/controle", content=b'{"mood": "silent"}')

        assert said.status_code == 415
        assert payfip_server.mood is Mood.GOOD


class TestSwitches:
    def press(self, payfip_server, origin=None, **chosen):
        headers = {"Origin": origin or payfip_server.origin}
        return browser().post(payfip_server.origin, data=chosen, headers=headers)

    def test_a_person_loses_holds_and_delivers_notices(self, payfip_server, portal, placed):
        assert self.press(payfip_server, notices="lost").status_code == 303
        lost = placed()
        payfip_server.pay(lost)
        self.press(payfip_server, notices="held", ahead="16")
        held = placed()
        payfip_server.pay(held)
        page = browse("GET", payfip_server.origin).text
        assert portal.heard == []
        assert "CANTINE20261123A" in page
        assert 'value="held" selected' in page
        assert "Délivrer ce qui est retenu (1)" in page
        self.press(payfip_server, release="in-order")

        assert portal.notices() == [{"idop": held}]
        assert payfip_server.notices.is_held

    def test_what_a_test_set_is_shown_as_something_else(self, payfip_server):
        payfip_server.notices.times = 7

        assert "autre chose" in browse("GET", payfip_server.origin).text

    @pytest.mark.parametrize("mood", ["good", "silent", "unavailable", "technical", "garbage"])
    def test_every_mood_of_the_list_can_be_chosen(self, payfip_server, mood):
        self.press(payfip_server, mood=mood)

        assert payfip_server.mood == mood
        assert f'value="{mood}" selected' in browse("GET", payfip_server.origin).text

    @pytest.mark.parametrize("origin", ["https://exemple.fr", "null"])
    def test_another_site_presses_nothing(self, payfip_server, origin):
        assert self.press(payfip_server, origin, mood="silent").status_code == 400
        assert payfip_server.mood is Mood.GOOD


def test_it_runs_by_itself_and_knows_anyone_who_has_a_number():
    port = free_port()
    program = [sys.executable, "-m", "standins.payfip", "--port", str(port), "--anyone"]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(program)
    try:
        gateway = PayFiP(f"{url}/tpa/services/securite", f"{url}/tpa/paiementws.web")
        until = time.monotonic() + 20
        while True:
            try:
                idop = gateway.begin(order(number="654321")).provider_id
                break
            except GatewayDownError:
                assert time.monotonic() < until
                time.sleep(0.1)

        assert gateway.ask(order(), idop) == Answer(Result.WAITING)
    finally:
        process.terminate()
        process.wait(10)

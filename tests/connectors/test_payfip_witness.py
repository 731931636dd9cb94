"""The stand-in of PayFiP, asked by somebody else's client: eopayment, which many portals use with the real one."""

from __future__ import annotations

import re
import urllib.request
from datetime import timedelta

import eopayment
import pytest
import zeep
from eopayment.payfip_ws import PayFiP as TheirPayFiP
from eopayment.payfip_ws import PayFiPError

from marelle.foundation.clock import machine_now
from tests.payfip import EMAIL, NUMCLI

NOTICE, BACK = "https://famille.exemple.fr/avis", "https://famille.exemple.fr/retour"


@pytest.fixture
def witness(payfip_server, monkeypatch):
    """eopayment, which reads our description of the service and follows it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    payfip_server.clock = machine_now  # its own clock cannot be told the time
    options = {"numcli": NUMCLI, "automatic_return_url": NOTICE, "normal_return_url": BACK, "saisie": "W"}
    payment = eopayment.Payment("payfip_ws", options)
    payment.backend.payfip = TheirPayFiP(wsdl_url=f"{payfip_server.url}?wsdl")
    return payment


@pytest.fixture
def begun(witness):
    idop, kind, url = witness.request(amount="12.50", email=EMAIL, refdet="CANTINE20261123", subject="Été à l’école")

    assert kind == eopayment.URL
    assert url.endswith(f"?idop={idop}")
    return idop


def test_it_places_an_order(payfip_server, begun):
    ((operation, asked),) = payfip_server.heard

    assert operation == "creerPaiementSecurise"
    assert (asked["montant"], asked["refdet"], asked["objet"]) == ("1250", "CANTINE20261123", "Ete a lecole")
    assert payfip_server.till.operations[begun].asked == asked


def test_it_waits_then_sees_it_paid(witness, payfip_server, begun):
    assert witness.payment_status(begun).result == eopayment.WAITING

    payfip_server.pay(begun)
    seen = witness.response(f"idop={begun}")

    assert (seen.result, seen.bank_status, seen.signed, seen.test) == (eopayment.PAID, "paid CB", True, False)
    assert seen.order_id == begun
    assert seen.bank_data["montant"] == "1250"
    assert payfip_server.reads(begun) == 2


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("V", (eopayment.PAID, "paid direct debit")),
        ("R", (eopayment.DENIED, "refused CB")),
        ("Z", (eopayment.DENIED, "refused direct debit")),
        ("A", (eopayment.CANCELLED, "cancelled CB")),
    ],
)
def test_it_sees_each_other_outcome(witness, payfip_server, begun, outcome, expected):
    payfip_server.ahead = timedelta(minutes=-10)  # for it, an order given up just now is not yet given up
    payfip_server.pay(begun, outcome)

    seen = witness.payment_status(begun)

    assert (seen.result, seen.bank_status) == expected


def test_it_knows_an_order_that_is_purged_as_expired(witness, payfip_server, begun):
    payfip_server.ahead = timedelta(days=2)

    assert witness.payment_status(begun).result == eopayment.EXPIRED
    with pytest.raises(PayFiPError, match=r"P1.*IdOp incorrect"):
        witness.backend.payfip.get_info_paiement(begun)


def test_it_is_refused_as_by_the_real_one(witness):
    with pytest.raises(PayFiPError, match=r"R3.*REFDET"):
        witness.request(amount="12.50", email=EMAIL, refdet="ABCD")
    with pytest.raises(PayFiPError, match="T2"):
        witness.backend.payfip.get_info_client("111111")
    assert witness.backend.payfip.get_info_client(NUMCLI).libelleN2 == "COMMUNE FICTIVE"


def test_any_soap_client_finds_the_three_operations_and_the_four_faults(payfip_server, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    described = zeep.Client(f"{payfip_server.url}?wsdl").wsdl
    (binding,) = described.bindings.values()
    faults = {name: len(operation.faults) for name, operation in binding.all().items()}

    assert faults == {"creerPaiementSecurise": 4, "recupererDetailClient": 4, "recupererDetailPaiementSecurise": 4}
    (service,) = described.services.values()
    assert [port.binding_options["address"] for port in service.ports.values()] == [payfip_server.url]


def test_the_description_is_that_of_the_real_one(payfip_server):
    """Ours is written by us; what it says is what the published one says: the same operations, types and fields."""

    def said_by(client):
        types = sorted(str(each.signature(schema=client.wsdl.types)) for each in client.wsdl.types.types)
        elements = sorted(str(each.signature(schema=client.wsdl.types)) for each in client.wsdl.types.elements)
        return [re.sub(r"\b(ns|xsd?)\d*:", "", line) for line in types + elements]

    ours = zeep.Client(f"{payfip_server.url}?wsdl")
    theirs = TheirPayFiP().client

    assert said_by(ours) == said_by(theirs)
    assert ours.wsdl.bindings.keys() == theirs.wsdl.bindings.keys()


@pytest.mark.parametrize("asked", ["?wsdl", "?xsd=1", "?xsd=2", "?xsd=3"])
def test_addresses_are_those_of_who_asks(payfip_server, asked):
    request = urllib.request.Request(payfip_server.url + asked, headers={"Host": "payfip.localhost:1234"})
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()

    named = re.findall(r"(?:location|schemaLocation)=\"(http[^?\"]+)", text)
    assert set(named) <= {"http://payfip.localhost:1234/tpa/services/securite"}

"""A town that has joined the online invoices, with a gateway on paper, and one that has not."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from marelle.domain.payments.models import PaymentAttempt, PaymentSettings
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.payments_town import PaperGateway
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_authority, make_family, make_user


def text_of(response) -> str:
    """Return what is read on a page, spaces made plain."""
    found = BeautifulSoup(response.content, "html.parser")
    return " ".join(found.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


def open_online(regie, **fields):
    """Have a régie paid online."""
    values = {"gateway": "payfip", "mode": "production", "number": f"{regie.pk:06d}", **fields}
    with permitted("factory"), tenancy.scope({regie.authority_id}):
        return PaymentSettings.objects.create(authority_id=regie.authority_id, regie=regie, **values)


def attempts():
    """Return every attempt, the oldest first."""
    with tenancy.every_authority():
        return list(PaymentAttempt.objects.order_by("pk").select_related("regie", "authority"))


class Town:
    """An authority, its régie, and the Claironi family with an invoice of 82,40 €."""

    def __init__(self, name="Commune d’Essai", user=None, **regie):
        self.authority = make_authority(name)
        self.regie = make_regie(self.authority, **regie)
        open_online(self.regie)
        self.user = user or make_user("pauline@exemple.fr")
        self.family = make_family(self.authority, "Claironi", user=self.user)
        self.invoice = issue_invoice(self.family, self.regie, cents=8240, payer="CLAIRONI PAULINE")

    @property
    def pair(self):
        """Return what is typed to pay the invoice."""
        return {"reference": self.invoice.public_reference, "amount": "82,40"}


@pytest.fixture
def paper(settings):
    gateway = PaperGateway()
    settings.GATEWAYS = {"payfip": gateway}
    return gateway


@pytest.fixture
def town(paper):
    return Town()

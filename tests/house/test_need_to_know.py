"""Health and the quotient, marked in a whole town: every page of the office and every file it hands over, as each post.

A right only ever opens more: whoever has all the others, and this one for another place alone, stands for all those who
do not have it here. She finds the mark nowhere. Whoever has it finds it where it is due.
"""

from __future__ import annotations

import io
from copy import copy

import pytest
from django.test import Client
from pypdf import PdfReader

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.accounts.rules.roles import POSTS, SEE_HEALTH, SEE_QUOTIENT, SENSITIVE
from marelle.domain.families.models import HealthRecord, ProposedChange
from marelle.domain.reservations.models import Absence
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import NOW
from tests.factories.applications import ALLERGY, join, make_sent
from tests.factories.papers import pdf
from tests.factories.procedures import make_procedure
from tests.factories.published import make_download
from tests.factories.town import make_article, make_facility, make_user
from tests.house.test_doors import HOSTS, address, addresses
from tests.house.whole_town import make_whole_town

pytestmark = pytest.mark.django_db

HEALTH, QUOTIENT = "réglisse du coin", "742,13"
MARKS = {SEE_HEALTH: HEALTH, SEE_QUOTIENT: QUOTIENT}
EVERY_RIGHT = tuple(Grant.Role.values)
# The file of a family is drawn by panes, which its own tests hold (`web.office.families`).
# Where whoever has every right reads them, without asking for more.
SHOWN = {
    SEE_HEALTH: {
        "office_absences",
        "office_any_day",
        "office_application",  # the name of a document; the answers are opened by a button
        "office_day",
        "office_family",
        "office_list_file",
        "office_lists",
        "office_profile_changes",
        "office_sheet",
    },
    SEE_QUOTIENT: {"office_invoice", "office_draft", "office_family", "office_invoice_pdf"},
}


class Marked:
    """A town with the marks in everything that speaks of health or of a quotient, and whoever looks for them."""

    def __init__(self):
        self.town = make_whole_town("Ici")
        authority = self.town.authority
        self.elsewhere = make_facility(authority, "Une autre école")
        self.town.public_article = make_article(authority, "Menus de la semaine")
        self.town.public_download = make_download(authority, "Règlement", content=pdf(), is_public=True)
        asked = make_sent(
            self.town.home.family,
            make_procedure(authority, "sante", **ALLERGY),
            {"child": [self.town.child.public_id], "allergies": [HEALTH]},
        )
        document = join(asked, name=f"{HEALTH}.png", is_health=True)
        self.town.asking = copy(self.town.asking)
        self.town.asking.application, self.town.document = asked, document
        with permitted("test"), tenancy.scope({authority.pk}):
            HealthRecord.objects.update(allergies=HEALTH, diet=HEALTH, care_plan=HEALTH)
            Absence.objects.update(words=HEALTH)
            ProposedChange.objects.create(
                authority=authority,
                family=self.town.home.family,
                child=self.town.child,
                field="child_diet",
                old="",
                new=HEALTH,
                proposed_at=NOW,
            )
            line = self.town.invoice.lines.get()
            line.pk, line.invoice = None, self.town.draft
            line.save(force_insert=True)
        self.names = [
            (name, parts)
            for name, pattern, parts in addresses("office")
            if "authority" in parts and not pattern.callback.__module__.startswith("marelle.web.api")
        ]

    def browser(self, roles, **limits):
        """Return the browser of a new agent with these roles; `limits` names the facility of one (or several)."""
        with permitted("test"), tenancy.scope({self.town.authority.pk}):
            agent = Agent.objects.create(authority=self.town.authority, user=make_user(), name="Qui regarde")
            for role in roles:
                Grant.objects.create(authority=self.town.authority, agent=agent, role=role, facility=limits.get(role))
        client = Client(headers={"host": HOSTS["office"]})
        client.force_login(agent.user)
        client.agent = agent
        return client

    def found(self, client):
        """Return the addresses where each mark is read, by right."""
        seen = {right: set() for right in MARKS}
        for name, parts in self.names:
            said = text_of(client.get(address("office", name, parts, self.town)))
            for right, mark in MARKS.items():
                if mark in said:
                    seen[right].add(name)
        return seen


def text_of(answer):
    """Return what a page or a file says; a file that is packed says nothing here (the next test looks at it)."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type") == "application/pdf" and answer.status_code == 200:
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    said = content.decode("utf-8", "replace") + answer.headers.get("Content-Disposition", "")
    return said.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def marked(lasting):
    return Marked()


@pytest.mark.parametrize("right", sorted(SENSITIVE))
def test_each_is_read_where_it_is_due_and_nowhere_by_a_right_that_reaches_another_place(marked, right):
    (other,) = SENSITIVE - {right}

    seen = marked.found(marked.browser(EVERY_RIGHT, **{other: marked.elsewhere}))

    assert seen == {right: SHOWN[right], other: set()}


@pytest.mark.parametrize(
    "roles", [*(post.roles for post in POSTS), *({role} for role in Grant.Role.values)], ids=sorted
)
def test_each_post_and_each_right_alone_reads_what_it_says(marked, roles):
    client = marked.browser(roles)

    for name, right in (("office_day", SEE_HEALTH), ("office_sheet", SEE_HEALTH), ("office_invoice", SEE_QUOTIENT)):
        parts = next(parts for each, parts in marked.names if each == name)
        answer = client.get(address("office", name, parts, marked.town))
        assert (MARKS[right] in text_of(answer)) == (answer.status_code == 200 and right in roles)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("office_application_document", SEE_HEALTH),
        ("office_invoice_pdf", SEE_QUOTIENT),
    ],
)
def test_a_file_that_says_it_is_refused_without_the_right(marked, name, right):
    parts = next(parts for each, parts in marked.names if each == name)
    url = address("office", name, parts, marked.town)

    assert marked.browser(EVERY_RIGHT).get(url).status_code == 200
    assert marked.browser({*EVERY_RIGHT} - {right}).get(url).status_code == 403


def test_the_answers_of_an_application_are_opened_by_whoever_may_alone(marked):
    found = marked.town.asking.application
    page = address("office", "office_application", ("authority", "application"), marked.town)
    health = address("office", "office_application_health", ("authority", "application"), marked.town)
    decide = address("office", "office_application_decide", ("authority", "application"), marked.town)
    may, may_not = marked.browser(EVERY_RIGHT), marked.browser({*EVERY_RIGHT} - {SEE_HEALTH})

    assert may.post(health).status_code == 303
    assert HEALTH in text_of(may.get(page))
    assert may_not.post(health).status_code == 403
    assert HEALTH not in text_of(may_not.get(page))
    assert may_not.post(decide, {"decision": "approve", "reasons": "", "expected": "sent"}).status_code == 403
    with tenancy.scope({marked.town.authority.pk}):
        assert type(found).objects.get(pk=found.pk).state == found.state


class TestTheJournal:
    """Who read the health of whom, the quotient of whom, when: a line, the keys, and nothing of what was read."""

    @staticmethod
    def lines(client):
        rows = AuditEntry.objects.filter(actor_key=client.agent.user_id, verb__in=("read_health", "read_quotient"))
        return [(one.verb, one.object_type, one.details) for one in rows.order_by("pk")]

    def get(self, marked, client, name):
        parts = next(parts for each, parts in marked.names if each == name)
        assert client.get(address("office", name, parts, marked.town)).status_code == 200

    def test_a_list_read_many_times_is_one_line_with_its_day_and_places(self, marked):
        client = marked.browser({"view_day", SEE_HEALTH})
        for _time in range(3):
            self.get(marked, client, "office_any_day")
        self.get(marked, client, "office_day")

        child = marked.town.child.pk
        ((verb, of, details),) = self.lines(client)
        assert (verb, of, details["children"], details["page"]) == (
            SEE_HEALTH.replace("see", "read"),
            "day",
            [child],
            "day",
        )
        assert len(details["facilities"]) == 1

    def test_the_list_of_whoever_sees_no_health_is_no_line(self, marked):
        client = marked.browser({"view_day"})
        self.get(marked, client, "office_any_day")

        assert self.lines(client) == []

    def test_each_page_that_says_a_quotient_is_a_line_of_its_family(self, marked):
        client = marked.browser({"manage_billing", SEE_QUOTIENT})
        self.get(marked, client, "office_invoice")
        self.get(marked, client, "office_invoice_pdf")

        family = marked.town.home.family.pk
        assert self.lines(client) == [
            ("read_quotient", "family", {"families": [family], "page": page})
            for page in ("office_invoice", "office_invoice_pdf")
        ]

    def test_no_line_says_what_was_read(self, marked):
        client = marked.browser(EVERY_RIGHT)
        for name in ("office_absences", "office_day", "office_invoice", "office_profile_changes"):
            self.get(marked, client, name)

        said = str(self.lines(client))
        assert "read_health" in said
        assert "read_quotient" in said
        assert not any(mark in said for mark in (*MARKS.values(), "74213", "Ysoline"))

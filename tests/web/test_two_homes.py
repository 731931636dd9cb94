"""What is of one home of a child is nowhere in what the other home is shown, sent or answered.

Each text, telephone, account and amount of one home is marked (tests/house/two_homes.py). Then the other home goes
everywhere: each address of the sites where families come, with its own objects and with those of the other; each form
of its pages, as it is, emptied, and forged with what is the other's; each file, opened; each letter that jobs write.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from base64 import b64decode, b64encode
from collections import defaultdict
from datetime import timedelta
from email.header import decode_header, make_header
from html.parser import HTMLParser
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace
from urllib.parse import quote, unquote_plus, urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from pypdf import PdfReader

from marelle import jobs
from marelle.connectors.payfip.gateway import PayFiP
from marelle.domain.accounts.models import User
from marelle.domain.news.models import FamilyMessage, MessageRecipient
from marelle.domain.reservations.models import CustodyProposal, SharedCustody
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from marelle.jobs.tasks import tasks
from tests.house.test_doors import DOORS, HOSTS, NAMED, NAMED_AT, OF_A_FAMILY, URLCONFS, addresses
from tests.house.two_homes import (
    FAR,
    NOT_WORDS,
    OF_A_CHILD,
    OF_THE_TOWN,
    ONE_OF_A_KIND,
    WEEKS,
    Marks,
    make_two_homes,
    tables_of_a_home,
)
from tests.house.whole_town import MONDAY

pytestmark = pytest.mark.django_db
SITES = ("family", "account", "invoices")
# Columns of its own that a home reads somewhere, at least; letters that have nothing to say to the whole town.
ENOUGH, FEW_UNTOLD = 140, 9
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def homes(lasting):
    with override_settings(GATEWAYS={"payfip": PayFiP(NOBODY, NOBODY, whole_seconds=1)}):
        yield make_two_homes()


def readable(content: bytes) -> str:
    """Return all that a person, or her tools, would read in a page, a file or an archive."""
    if content.startswith(b"%PDF"):
        try:
            return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        except Exception:  # noqa: BLE001  what is no PDF but for its first signs is read as it is
            return content.decode("latin-1")
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(f"{name}\n{readable(archive.read(name))}" for name in archive.namelist())
    text = content.decode("utf-8", "replace")
    coded = re.findall(r'"([A-Za-z0-9+/]{8,}={0,2})"', text)
    inside = [b64decode(one).decode("latin-1") for one in coded if len(one) % 4 == 0]
    return "\n".join([html.unescape(text), *([unquote_plus(text)] if "%" in text else []), *inside])


class Forms(HTMLParser):
    """The forms of a page: where each is sent, how, and what it holds when nothing is typed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, list[str]]]] = []
        self.links: list[str] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.found.append((said.get("method", "get").lower(), said.get("action") or "", {}))
        elif tag == "a" and (said.get("href") or "").startswith(("/", "?")):
            self.links.append(said["href"])
        if not self.found:
            return
        held, name = self.found[-1][2], said.get("name") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in said or self._select not in held):
            held[self._select] = [said.get("value") or ""]
        elif tag in {"input", "button", "textarea"} and name and name != "csrfmiddlewaretoken":
            is_off = said.get("type") in {"checkbox", "radio"} and "checked" not in said
            if is_off and name in held:
                return
            held.setdefault(name, []).append(said.get("value") or "")


class Walker:
    """The account of one home, which goes everywhere and keeps what it met that is of the other."""

    def __init__(self, homes, which: str) -> None:
        other = "b" if which == "a" else "a"
        ways = {"a": homes.first, "b": homes.second}
        self.mine, self.theirs, self.child = ways[which], ways[other], homes.child
        self.own, self.marks = homes.marks[which], homes.marks[other]
        self.met: set[str] = set()
        self.forged = dict(zip(homes.marks[which].names, self.marks.names, strict=True))
        self.leaks: dict[str, set[str]] = defaultdict(set)
        self.wrong: list[tuple] = []
        self.forms: dict[tuple, tuple] = {}
        self.links: dict[tuple, tuple[str, str]] = {}
        self.asked = 0
        signed = Client()
        signed.force_login(User.objects.get(pk=homes.users[which]))
        self.session = signed.cookies[settings.SESSION_COOKIE_NAME].value

    def visit(self, site, method, url, data=None, *, is_forged=False):
        """Ask, undo what it did, read the answer and where it leads; return the answer."""
        client = Client(headers={"host": HOSTS[site]}, raise_request_exception=False)
        client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        what = f"{site} {method} {url}"
        with transaction.atomic():
            answer = client.get(url, data) if method == "get" else client.post(url, data or {})
            answers = [answer]
            target = urlsplit(answer.get("Location", ""))
            if answer.status_code in {301, 302, 303} and target.netloc in {"", HOSTS[site]}:
                answers.append(client.get(answer["Location"]))
            transaction.set_rollback(True)
        self.asked += len(answers)
        for one in answers:
            body = b"".join(one.streaming_content) if one.streaming else one.content
            said = readable(body) + "\n" + unquote_plus("\n".join(one.headers.values()))
            found = self.marks.within(said)
            self.met |= self.own.within(said)
            if is_forged:  # it may be told what it said itself
                found -= set(self.marks.names.values())
            for where in found:
                self.leaks[where].add(what)
            if one.status_code >= 500:
                self.wrong.append((what, one.status_code))
            if "html" in one.headers.get("Content-Type", ""):
                self.note(site, url, body.decode())
        return answer

    def note(self, site, url, page):
        """Keep each form of a page, and each of its links that says more than an address, once of its kind."""
        read = Forms(page)
        for method, action, held in read.found:
            to = urlsplit(action if action.startswith("/") else url).path
            key = (site, method, re.sub(r"[0-9a-z]{12}", "", to), frozenset(held))
            self.forms.setdefault(key, (site, method, to, held))
        for link in read.links:
            split = urlsplit(link if link.startswith("/") else url.partition("?")[0] + link)
            if split.query and not split.netloc:
                names = frozenset(part.partition("=")[0] for part in split.query.split("&"))
                self.links.setdefault((site, re.sub(r"[0-9a-z]{12}", "", split.path), names), (site, split))

    def address(self, site, name, parts, town):
        named = NAMED | NAMED_AT.get(site, {})
        return reverse(name, URLCONFS[site], kwargs={part: named[part](town) for part in parts})

    def walk(self):
        """Go to each address, by each method, with one's own and with the other's."""
        shared = SimpleNamespace(**{**vars(self.mine), "child": self.child})
        slug = self.mine.authority.slug
        for day in (MONDAY, *WEEKS[::2]):
            self.visit("family", "get", f"/{slug}/reservations/?enfant={self.child.public_id}&semaine={day}")
            self.visit("family", "get", f"/mes-enfants/?semaine={day}")
        for day in (*WEEKS, *(day + timedelta(days=1) for day in WEEKS)):
            square = f"{self.child.public_id}.{self.mine.meal.public_id}.{day}"
            self.visit("family", "get", reverse("absence", URLCONFS["family"], args=[slug, square]))
        for site in SITES:
            for name, _pattern, parts in addresses(site):
                places = [self.mine, shared] if {"child", "square"} & set(parts) else [self.mine]
                for town in places:
                    self.visit(site, "get", self.address(site, name, parts, town))
                # What one home asks of the other is of both.
                if "proposal" in parts:
                    continue
                if site == "account" or not (OF_A_FAMILY - {"regie"}) & set(parts) or DOORS[site][name] not in SHUT:
                    continue
                for method in ("get", "post"):
                    said = self.visit(site, method, self.address(site, name, parts, self.theirs))
                    if said.status_code not in {403, 404, 405}:
                        self.wrong.append((f"{site} {method} {name} of the other home", said.status_code))

    def follow(self):
        """Follow each link, then send each form of the pages that were met: as it is, emptied, and forged."""
        for site, split in list(self.links.values()):
            self.visit(site, "get", f"{split.path}?{split.query}")
            forged = self.forge(split.query)
            if forged != split.query:
                self.visit(site, "get", f"{split.path}?{forged}", is_forged=True)
        for site, method, to, held in list(self.forms.values()):
            self.visit(site, method, to, held)
            self.visit(site, method, to, dict.fromkeys(held, ""))
            forged = {name: [self.forge(one) for one in values] for name, values in held.items()}
            if forged != held:
                self.visit(site, method, to, forged, is_forged=True)

    def forge(self, text):
        return re.sub(r"[0-9a-z]{12}", lambda found: self.forged.get(found[0], found[0]), text)


# Doors behind which an address names what is of a family.
SHUT = {"family", "account", "holder", "payer"}


@pytest.mark.parametrize("which", ["b", pytest.param("a", marks=pytest.mark.torture)])
def test_a_home_meets_nothing_of_the_other_on_any_page_nor_file(homes, which):
    cache.clear()
    walker = Walker(homes, which)
    walker.walk()
    walker.follow()

    assert len(walker.met) > ENOUGH, "the pages of a home no longer say what is its own: nothing is proved"
    tell(
        [
            *(f"{where} of the other home: {', '.join(sorted(seen)[:3])}" for where, seen in walker.leaks.items()),
            *(f"{what}: {status}" for what, status in walker.wrong),
        ]
    )


def tell(faults: list[str]) -> None:
    """Fail with every fault by its name; nothing when there is none."""
    if faults:
        pytest.fail("\n".join(sorted(faults)), pytrace=False)


# Each letter, and the row that it is about; what else it is told.
LETTERS = {
    "absence_told": ("reservations.Absence", "absence"),
    "application_acknowledged": ("procedures.Application", "application"),
    "application_changes_asked": ("procedures.ChangesAsked", "changes"),
    "application_completed": ("procedures.Application", "application"),
    "application_decided": ("procedures.Application", "application"),
    "application_decided_by_silence": ("procedures.Application", "application"),
    "application_message": ("procedures.Message", "message"),
    "application_to_finish": ("procedures.Application", "application"),
    "application_transferred": ("procedures.Application", "application", {"revision": 0}),
    "application_withdrawn": ("procedures.Application", "application"),
    "basket_confirmed": ("reservations.Confirmation", "confirmation"),
    "cancellation_decided": ("reservations.CancellationRequest", "request"),
    "cancelled_for_family": ("reservations.Reservation", "reservation", {"refunded": 385}),
    "change_decided": ("families.ProposedChange", "change"),
    "debit_returned": ("payments.DirectDebit", "debit"),
    "debits_abandoned": ("payments.DirectDebitBatch", "batch"),
    "debits_announced": ("payments.DirectDebitBatch", "batch"),
    "email_change_asked": ("accounts.EmailChange", "change", {"side": "new"}),
    "email_changed": ("accounts.EmailChange", "change"),
    "held_place_confirmed": ("reservations.Reservation", "reservation"),
    "held_place_released": ("reservations.Reservation", "reservation"),
    "invitations": ("families.Invitation", "invitations"),
    "invoice_imported": ("billing.Invoice", "invoice"),
    "invoice_issued": ("billing.Invoice", "invoice"),
    "invoice_reminder": ("billing.Reminder", "reminder"),
    "join_refused": ("families.JoinRequest", "request"),
    "joined": ("families.Membership", "membership"),
    "mandate_amended": ("payments.MandateAmendment", "amendment"),
    "mandate_revoked": ("payments.DirectDebitMandate", "mandate"),
    "mandate_signed": ("payments.DirectDebitMandate", "mandate"),
    "membership_codes": ("families.MembershipCode", "codes"),
    "offer_expired": ("reservations.PlaceOffer", "offer"),
    "payment_failed": ("payments.PaymentAttempt", "attempt"),
    "payment_received": ("payments.PaymentAttempt", "attempt"),
    "place_freed": ("reservations.WaitingListEntry", "entry"),
    "place_offered": ("reservations.PlaceOffer", "offer"),
    "refund_decided": ("payments.RefundRequest", "refund"),
    "refund_paid": ("payments.RefundRequest", "refund"),
    "reserved_for_family": ("reservations.Reservation", "reservation"),
    "run_issued": ("billing.BillingRun", "run"),
    "security_event": ("accounts.SecurityEvent", "event"),
    "silence_is_near": ("procedures.SilenceWarning", "warning"),
    "wallet_low": ("billing.PayerAccount", "payer"),
}
# Not to a family, or about no row of a home.
OTHER_LETTERS = {
    "custody_proposal": "of both homes: the tests below",
    "custody_settled": "of both homes: the tests below",
    "custody_days_set": "of both homes: the tests below",
    "account_asked": "to the address that was typed, about nobody",
    "account_merged": "to one person, about her two accounts",
    "agent_appointed": "to an agent",
    "kitchen_orders": "to a kitchen: counts",
    "link_asked": "to the address that was typed, the same words as an invitation",
    "membership_ended": "the name of the family that is left, to who left",
    "read_returned": "writes to nobody",
    "text_offers": "asks who is to be told, all together: each text is of one wait (tests/domain/test_offer_texts.py)",
}


def in_a_letter(message) -> str:
    """Return all that a letter says: its headers, its words and what is joined, as a reader has them."""
    written = message.message()
    parts = [readable(part.get_payload(decode=True) or b"") for part in written.walk()]
    return "\n".join([*(str(make_header(decode_header(value))) for value in written.values()), *parts])


def test_a_letter_about_one_home_is_written_to_it_alone_and_says_nothing_of_the_other(homes):
    # Each module adds its own, whatever else was imported before.
    for module in iter_modules(jobs.__path__, "marelle.jobs."):
        import_module(module.name)
    names = {one.partition(".")[2]: one for one in tasks.tasks if one.startswith("letters.")}
    assert set(names) == {*LETTERS, *OTHER_LETTERS}
    faults, told = [], 0
    for short, (label, fact, *more) in LETTERS.items():
        written = 0
        for row in apps.get_model(label)._base_manager.order_by("pk"):
            facts = {fact: [row.pk] if fact in {"invitations", "codes"} else row.pk, **dict(*more)}
            if hasattr(row, "authority_id"):
                facts["authority"] = row.authority_id
            mail.outbox.clear()
            with transaction.atomic():
                try:
                    tasks.tasks[names[short]].func(**facts)
                except ValueError:  # of a draft there is nothing to acknowledge
                    assert label == "procedures.Application"
                transaction.set_rollback(True)
            whose = owners(homes, label, row.pk)
            for message in mail.outbox:
                written += 1
                to = {which for which, marks in homes.marks.items() if marks.within(" ".join(message.recipients()))}
                said = {which for which, marks in homes.marks.items() if marks.within(in_a_letter(message))}
                if not to <= whose or len(to | said) > 1:
                    faults.append(f"{short}, of {sorted(whose)}: to {sorted(to)}, and it speaks of {sorted(said)}")
        told += bool(written)
    tell(faults)
    assert told > len(LETTERS) - FEW_UNTOLD


# What becomes of a proposal, where it then stands, and how many homes it is news to.
PROPOSALS = [
    ("asked", "pending", 1),
    ("answered", "agreed", 1),
    ("answered", "disputed", 2),
    ("withdrawn", "withdrawn", 1),
    ("unanswered", "expired", 2),
    ("decided", "decided", 2),
    ("decided", "dismissed", 2),
]


def test_what_becomes_of_a_proposal_is_written_to_each_home_without_the_other_in_it(homes):
    faults = []
    for what, state, count in PROPOSALS:
        for row in CustodyProposal._base_manager.order_by("pk"):
            mail.outbox.clear()
            with transaction.atomic(), permitted("test"):
                CustodyProposal._base_manager.filter(pk=row.pk).update(state=state)
                told = tasks.tasks["letters.custody_proposal"]
                told.func(authority=row.authority_id, proposal=row.pk, what=what)
                transaction.set_rollback(True)
            to = []
            for message in mail.outbox:
                to.append(
                    {which for which, marks in homes.marks.items() if marks.within(" ".join(message.recipients()))}
                )
                said = {which for which, marks in homes.marks.items() if marks.within(in_a_letter(message))}
                if len(said | to[-1]) > 1:
                    faults.append(f"{what}, {state}: to {sorted(to[-1])}, and it speaks of {sorted(said)}")
            if len({*map(frozenset, to)}) != count:
                faults.append(f"{what}, {state}: written to {to}")
    tell(faults)


def test_what_the_town_hall_settles_is_written_to_each_home_without_the_other_in_it(homes):
    faults = []
    for row in SharedCustody._base_manager.order_by("pk"):
        both = [row.first_home_id, row.second_home_id]
        days = [row.starts_on.toordinal(), row.starts_on.toordinal() + 7]
        facts = {"custody_settled": {"custody": row.pk}}
        facts["custody_days_set"] = {"child": row.child_id, "homes": both, "days": days, "about": row.pk}
        for short, fact in facts.items():
            mail.outbox.clear()
            with transaction.atomic():
                tasks.tasks[f"letters.{short}"].func(authority=row.authority_id, **fact)
                transaction.set_rollback(True)
            read = [
                (message.to, {which for which, marks in homes.marks.items() if marks.within(in_a_letter(message))})
                for message in mail.outbox
            ]
            if len(read) < len(both) or any(len(said) > 1 for _to, said in read):
                faults.append(f"{short}: {read}")
    tell(faults)


def owners(homes, label, key):
    """Return whose a row is: of a home, or of both when it is of none of them alone."""
    if label not in homes.rows:
        return {"a", "b"}
    if label == "accounts.User":
        return {which for which, user in homes.users.items() if user == key}
    return {"b" if key > FAR else "a"}


def test_a_message_to_families_says_to_each_home_its_own(homes):
    left, authority = homes.first.written.left, homes.authority
    with tenancy.scope({authority.pk}), permitted("test"), transaction.atomic():
        FamilyMessage.objects.filter(pk=left.pk).update(state="sending", body="Bonjour {nom}, pour {enfants}.")
        MessageRecipient.objects.update(state="waiting", guardian=None)
        keys = list(MessageRecipient.objects.values_list("pk", flat=True))
        mail.outbox.clear()
        tasks.tasks["news.tell"].func(authority=authority.pk, message=left.pk, recipients=keys)
        transaction.set_rollback(True)

    said = [
        {which for which, marks in homes.marks.items() if marks.within(in_a_letter(message))} for message in mail.outbox
    ]
    assert sorted(said, key=sorted) == [{"a"}, {"b"}]


class TestTheMarks:
    """What the walk stands on: a table or a column that nobody thought of is found out here."""

    def test_each_table_has_rows_of_a_home_or_says_why_it_has_none(self, homes):
        names = {model._meta.label for model in apps.get_models()}

        assert [label for label, keys in homes.rows.items() if not keys] == []
        assert (set(OF_THE_TOWN) | set(OF_A_CHILD)) - names == set()

    def test_each_column_that_is_not_marked_is_one_of_a_table_of_homes(self):
        columns = {
            f"{model._meta.label}.{field.name}" for model in tables_of_a_home() for field in model._meta.concrete_fields
        }

        assert {*NOT_WORDS, *ONE_OF_A_KIND} - columns == set()

    def test_marks_are_found_however_they_are_written(self):
        marks = Marks("a")
        word, phone, cents = marks.new_word("mot"), marks.new_phone("numéro"), marks.new_amount("montant")
        account = marks.new_account("compte")
        euros = f"{cents // 100 // 1000} {cents // 100 % 1000:03}"
        for text in (word.upper(), f"<p title='{word}&amp;'>", quote(f"é{word}"), b64encode(word.encode()).decode()):
            assert marks.within(readable(f'"{text}"'.encode())) == {"mot"}, text
        for text in (phone, " ".join(re.findall("..", phone)), f"+33{phone[1:]}", f"tel:{phone}"):
            assert marks.within(text) == {"numéro"}, text
        for text in (
            f"{euros},{cents % 100:02} €",
            f"{cents / 100:.2f}",
            str(cents),
            f"{euros}\u00a0€".replace(" ", "\u202f"),
        ):
            assert marks.within(text) == ({"montant"} if "€" not in text or "," in text else set()), text
        for text in (account, " ".join(re.findall(".{1,4}", account)), f"•••• {account[-4:]}"):
            assert "compte" in marks.within(text), text
        assert marks.within("une page qui ne dit rien, 12,50 €, 06 12 34 56 78, FR76 3000 0189") == set()

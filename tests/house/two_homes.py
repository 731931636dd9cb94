"""Two homes of one child, in the whole town, and a mark in whatever is of one of them.

The rows of the first home are those of the whole town; the second home has a copy of each. Both are found by walking
the models, so that a table or a column that is added tomorrow is copied and marked without a word here. A table whose
rows are of no home is named below, with the reason; so is a column that holds no words of a home.
"""

from __future__ import annotations

import json
import re
from copy import copy
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models.fields.json import JSONField

from marelle.domain.accounts.models import EmailChange, Identity, SecurityEvent, User
from marelle.domain.authorities.models import Regie
from marelle.domain.families.models import ChildPhoto, Consent, Custody, Family, JoinRequest
from marelle.domain.payments.models.attempts import new_token
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    AttendanceMark,
    CancellationRequest,
    Confirmation,
    CustodyDay,
    CustodyProposal,
    CustodyTurn,
    SharedCustody,
)
from marelle.foundation import files, tenancy
from marelle.foundation.encryption import EncryptedDateField
from marelle.foundation.files import StoredFileField
from marelle.foundation.public_ids import LENGTH, new_public_id
from marelle.foundation.writes import permitted
from tests.domain.household import NOW, Household
from tests.factories.published import make_download
from tests.factories.town import make_article, make_child, make_reservation, make_user
from tests.house.whole_town import MONDAY, make_whole_town, tables_of_authorities

# Further than any key of the first home: the key of a copy says whose it is a copy of.
FAR = 1_000_000
TUESDAY = date(2026, 11, 24)
# What the first home reserved for the child of both besides; the second, the days after.
WEEKS = (date(2026, 11, 30), date(2026, 12, 3), date(2026, 12, 7), date(2026, 12, 10))

OFFER = "what the authority offers and how it is ruled: the same for everybody"
ACCOUNTING = "the books of a régie: numbers, terms, batches, statements; of no home"
WRITTEN_ONCE = "written by an agent for whom it concerns, the same words for all"
SETTLED = "settled, asked and agreed between both homes: each reads all of it"
FILES = "a file that an agent brings: read at the town hall alone"
OF_THE_TOWN = {
    **dict.fromkeys(
        (
            "authorities.Regie",
            "authorities.Facility",
            "authorities.SchoolClass",
            "authorities.LoadedRecord",
            "accounts.Agent",
            "accounts.Grant",
            "families.ProfilePolicy",
            "families.ProfileSettings",
            "families.ConsentText",
            "catalog.Holiday",
            "catalog.Service",
            "catalog.ClosureDay",
            "catalog.Activity",
            "catalog.SlotTemplate",
            "catalog.Product",
            "catalog.ProductSlot",
            "catalog.Slot",
            "catalog.Reglement",
            "catalog.Tariff",
            "reservations.KitchenSettings",
            "reservations.KitchenOrder",
            "reservations.DayFigure",
            "reservations.FiguresCount",
            "billing.BilledFigure",
            "billing.BilledCount",
            "billing.ReminderStage",
            "billing.CollectionSettings",
            "payments.PaymentSettings",
            "payments.CreditorAccount",
            "payments.RegieAct",
            "procedures.ServiceInCharge",
            "procedures.Procedure",
            "procedures.ProcedureVersion",
            "procedures.AnswerTemplate",
            "onboarding.ActivityCopy",
            "onboarding.ProductCost",
        ),
        OFFER,
    ),
    **dict.fromkeys(
        (
            "billing.BillingRun",
            "billing.NumberSeries",
            "billing.ApiToken",
            "billing.CollectionSeries",
            "billing.CollectionBatch",
            "billing.CollectionReturn",
            "payments.RegisseurTerm",
            "payments.CashCount",
            "payments.DepositSeries",
            "payments.BankDeposit",
            "payments.RegieHandover",
            "payments.DirectDebitBatch",
            "payments.ReceiptSeries",
            "payments.TransferBatch",
            "payments.BankStatement",
        ),
        ACCOUNTING,
    ),
    **dict.fromkeys(
        (
            "news.Article",
            "news.Download",
            "news.Kitchen",
            "news.Menu",
            "news.Dish",
            "news.MessageTemplate",
            "news.FamilyMessage",
            "reservations.Disruption",
        ),
        WRITTEN_ONCE,
    ),
    **dict.fromkeys(
        (
            "reservations.SharedCustody",
            "reservations.CustodyProposal",
            "reservations.CustodyDay",
            "reservations.CustodyTurn",
        ),
        SETTLED,
    ),
    **dict.fromkeys(("onboarding.Import", "onboarding.ImportLine", "onboarding.ColumnMapping"), FILES),
}
# Rows about a child: those of the child of both homes are common, those of the other children are of their home.
OF_A_CHILD = {
    "families.Child": "pk",
    "families.Custody": "child_id",
    "families.HealthRecord": "child_id",
    "families.ChildPhoto": "child_id",
    "reservations.Attendance": "child_id",
    "reservations.AttendanceMark": "child_id",
    "reservations.Enrollment": "child_id",
}
# What an account has beside its homes.
OF_AN_ACCOUNT = ("accounts.User", "accounts.Identity", "accounts.SecurityEvent", "accounts.EmailChange")
# Drawn for each row; and the days on which both homes cannot reserve for the same child.
ONE_OF_A_KIND = {
    "families.Invitation.token_digest",
    "families.MembershipCode.code_digest",
    "payments.PaymentAttempt.token",
    "payments.PaymentAttempt.checkout",
    "reservations.Basket.key",
    "reservations.Confirmation.basket_key",
}
ANOTHER_DAY = {"reservations.Reservation", "reservations.WaitingListEntry"}
DIGEST = "a digest or a secret, drawn at random: it says nothing"
CODE = "a word of ours, or a code that others define: a program reads it"
COMMON = "what both homes know of whom they trust with the child"
NOT_WORDS = {
    **dict.fromkeys(
        (
            "accounts.User.password",
            "families.Invitation.token_digest",
            "families.MembershipCode.code_digest",
            "news.LostAddress.digest",
            "payments.PaymentAttempt.token",
            "payments.PaymentAttempt.checkout",
            "reservations.Basket.key",
            "reservations.Confirmation.basket_key",
        ),
        DIGEST,
    ),
    **dict.fromkeys(
        (
            "families.Child.animal",
            "families.Child.chalk",
            "families.Family.categories",
            "families.SupportingDocument.kind",
            "families.SupportingDocument.content_type",
            "families.ChildPhoto.content_type",
            "families.FamilyQuotient.provider",
            "families.FamilyQuotient.period",
            "reservations.Reservation.price_rule",
            "reservations.DisruptionLine.left_for",
            "reservations.DisruptionLine.former_state",
            "reservations.DisruptionLine.back_as",
            "reservations.Enrollment.formula",
            "reservations.Enrollment.options",
            "billing.InvoiceLine.kind",
            "billing.LedgerEntry.code",
            "billing.ManualCharge.code",
            "payments.PaymentAttempt.page",
            "payments.DirectDebitMandate.state_reason",
            "payments.DirectDebit.reason",
            "procedures.AppliedEffect.rows",
            "procedures.ApplicationDocument.code",
            "procedures.ChangesAsked.codes",
            "news.LostAddress.status",
            "news.MessageRecipient.failure",
            "letters.Letter.last_failure",
        ),
        CODE,
    ),
    **dict.fromkeys(("families.PickupPerson.name", "families.PickupPerson.relation"), COMMON),
}
# Amounts that add up: an invoice and its lines, named by the same key; the sides of a posting.
ADDS_UP = {"billing.Invoice": "pk", "billing.InvoiceLine": "invoice_id", "billing.LedgerEntry": "posting_id"}
# A shorter column holds no mark: the department, a postcode, a bank's own code.
SHORTEST = 8
_LETTERS = "bcdfghjkmnpqrstvwxz"
_HOMES = "ab"


class Marks:
    """What was written of one home: words, telephones, amounts, ends of accounts, names in addresses; and where."""

    def __init__(self, letter: str) -> None:
        self.place = _HOMES.index(letter)
        self.prefix = f"z{letter}q"
        self.words: dict[str, str] = {}
        self.digits: dict[str, str] = {}
        self.tails: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.amounts: dict[tuple[str, int], dict[int, int]] = {}
        self.word = re.compile(rf"{self.prefix}[{_LETTERS}]{{5}}")
        # Alone, or after the figures of a whole account: within a random token four letters mean nothing.
        alone = r"(?:(?<![a-z0-9_+/=-])|(?<=\d{10}))"
        self.tail = re.compile(rf"{alone}z{letter}[{_LETTERS}]{{2}}(?![a-z0-9_+/=-])")

    def new_word(self, where: str) -> str:
        mark = self.prefix + _in_letters(len(self.words), 5)
        self.words[mark] = where
        return mark

    def new_phone(self, where: str) -> str:
        digits = f"6{self.place + 7}{len(self.digits):07d}"
        self.digits[digits] = where
        return f"0{digits}"

    def new_account(self, where: str) -> str:
        """Return what stands for an IBAN: its last four signs, which a masked one shows, are known by themselves."""
        tail = self.prefix[:2] + _in_letters(len(self.tails), 2)
        self.tails[tail] = where
        return f"FR76{len(self.tails):020d}{tail.upper()}"

    def new_amount(self, where: str) -> int:
        cents = 1_000_000 + 300_000 * self.place + 1013 * len(self.digits)
        for written in (f"{cents // 100},{cents % 100:02}", f"{cents // 100}.{cents % 100:02}", str(cents)):
            self.digits[written] = where
        return cents

    def within(self, text: str) -> set[str]:
        """Return where the marks of this home that are in `text` were planted."""
        low = text.lower()
        # « 10 131,30 » and « 06 70 00 00 12 » are one word.
        joined = re.sub(r"(?<=\d)[\s.](?=\d{2,3}(?!\d{2}))", "", low)
        found = {self.words.get(mark, mark) for mark in self.word.findall(low)}
        found |= {self.tails[mark] for mark in self.tail.findall(low) if mark in self.tails}
        for one in {*re.findall(r"\d+[,.]\d\d(?!\d)|\d{7,}", low), *re.findall(r"\d+,\d\d(?!\d)|\d{7,}", joined)}:
            found |= {self.digits[each] for each in (one, one[-9:]) if each in self.digits}
        return found | {self.names[one] for one in re.findall(rf"[0-9a-z]{{{LENGTH}}}", low) if one in self.names}


def _in_letters(number: int, length: int) -> str:
    letters = ""
    for _each in range(length):
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return letters


def make_two_homes() -> SimpleNamespace:
    """Make them: `first` and `second` are what the whole town is for each, `marks` what was planted of each.

    `child` lives with both; each has a child of its own besides.
    """
    town = make_whole_town("Deux foyers")
    authority, child = town.authority, town.child
    with tenancy.scope({authority.pk}), permitted("factory"), transaction.atomic(), connection.cursor() as cursor:
        town.own = _own_child(town)
        _own_account(town)
        _other_days(town)
        other = make_user()
        town.public_article = make_article(authority, "Menus")
        town.public_download = make_download(authority, "Règlement", is_public=True)
        # What is issued is never changed otherwise, and a copy comes before what it points to.
        cursor.execute("SET LOCAL session_replication_role = replica")
        rows = rows_of_the_first_home(town)
        settle(town)
        marks = {home: Marks(home) for home in _HOMES}
        Copier(rows, town, other.pk).copy(marks["b"])
        for label, keys in rows.items():
            for row in apps.get_model(label)._base_manager.filter(pk__in=keys).order_by("pk"):
                written(row, mark(row, marks["a"]))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        names = {home: namespace(town, rows, far, other.pk) for home, far in (("a", 0), ("b", FAR))}
    return SimpleNamespace(
        authority=authority,
        child=child,
        first=names["a"],
        second=names["b"],
        marks=marks,
        rows=rows,
        users={"a": town.home.user, "b": other.pk},
    )


def _own_child(town: SimpleNamespace) -> Any:
    """Make a child of the first home alone, of whom all is known that may be of a child."""
    authority, home, meal = town.authority, town.home, town.meal
    own = make_child(
        home.family, "Alba", products=(meal,), school_class=town.child.school_class, allergies="lait", diet="sans porc"
    )
    make_reservation(own, meal, TUESDAY, family=home.family)
    here = {"authority": authority, "child": own}
    told = {"product": meal, "date": TUESDAY, "state": "present"}
    Attendance.objects.create(**here, **told, recorded_at=NOW)
    AttendanceMark.objects.create(**here, **told, uid=uuid4(), device="tablette", seq=2, seen_at=NOW, received_at=NOW)
    town.photo = ChildPhoto.objects.create(
        **here,
        stored_as=files.store(b"un visage"),
        content_type="image/jpeg",
        uploaded_at=NOW,
        uploaded_by_id=home.user,
    )
    Consent.objects.create(
        **here, text=town.text, family=home.family, is_given=True, answered_at=NOW, answered_by_id=home.user
    )
    Confirmation.objects.update(
        lines=[
            {"child": one.pk, "product": meal.pk, "date": day.isoformat(), "outcome": "reserved", "cents": 385}
            for one, day in ((town.child, MONDAY), (own, TUESDAY))
        ]
    )
    return own


def _other_days(town: SimpleNamespace) -> None:
    """Make days of the child of both at each of the ways in which they may stand, with the words that go with it."""
    child, meal, family = town.child, town.meal, town.home.family
    here = {"authority": town.authority}
    asked = {"asked_at": NOW, "words": "Un mot", "decided_at": NOW, "reason": "Un mot", "is_refunded": False}
    make = {"family": family, "price_cents": 385}
    refused, _held, absent, cancelled = (
        make_reservation(child, meal, day, **make, **more)
        for day, more in zip(
            WEEKS,
            ({}, {"state": "held", "held_until": NOW + timedelta(days=9)}, {}, {"state": "cancelled"}),
            strict=True,
        )
    )
    CancellationRequest.objects.create(**here, reservation=refused, state="refused", **asked)
    CancellationRequest.objects.create(**here, reservation=cancelled, state="accepted", **asked)
    Absence.objects.create(**here, reservation=absent, cause="illness", told_at=NOW, words="Un mot")


def _own_account(town: SimpleNamespace) -> None:
    """Make what an account has besides, and let it ask to join; its family tries to pay an invoice online."""
    user = town.home.user
    JoinRequest.objects.filter(state="waiting").update(user=user)
    Identity.objects.create(user_id=user, provider="franceconnect", issuer="https://fc", subject="s", linked_at=NOW)
    SecurityEvent.objects.create(user_id=user, kind="password_changed", device="Firefox", happened_at=NOW)
    EmailChange.objects.create(
        user_id=user,
        old_email="a@exemple.fr",
        new_email="b@exemple.fr",
        asked_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    Regie.objects.update(online_from=date(2026, 9, 1))
    town.press = copy(town.attempt)
    town.press.pk, town.press.public_id, town.press.token = None, new_public_id(), new_token()
    town.press.checkout, town.press.reference = new_public_id(), "2026FACTURE"
    town.press.purpose, town.press.state, town.press.confirmation = "invoices", "abandoned", None
    town.press.posting, town.press.provider_id = None, ""
    town.press.save(force_insert=True)


def settle(town: SimpleNamespace) -> None:
    """Give the second home the place of the family with which the whole town says that the custody is shared."""
    stranger = Family.objects.exclude(pk=town.home.family.pk).filter(authority=town.authority).get()
    second = town.home.family.pk + FAR
    for model in (SharedCustody, CustodyProposal, CustodyDay, CustodyTurn):
        for field in model._meta.concrete_fields:
            if field.related_model is Family:
                model.objects.filter(**{field.name: stranger}).update(**{field.attname: second})
    Family.objects.filter(pk=stranger.pk).delete()


def tables_of_a_home() -> list[Any]:
    """Return every model some rows of which are of a home."""
    mine = [model for model in tables_of_authorities() if model._meta.label not in OF_THE_TOWN]
    return [*mine, *(apps.get_model(label) for label in OF_AN_ACCOUNT)]


def rows_of_the_first_home(town: SimpleNamespace) -> dict[str, set[int]]:
    """Return the keys of what is of the first home, by table: whatever the whole town holds and does not except."""
    found = {}
    for model in tables_of_a_home():
        label, rows = model._meta.label, model._base_manager.all()
        if label in OF_AN_ACCOUNT:
            rows = rows.filter(**{"pk" if label == "accounts.User" else "user": town.home.user})
        else:
            rows = rows.filter(authority=town.authority)
        if label == "families.Family":
            rows = rows.filter(pk=town.home.family.pk)
        if label in OF_A_CHILD:
            # In custody the home is named besides: the first home's row of the child of both is copied too.
            whose = {town.own.pk, town.child.pk} if model is Custody else {town.own.pk}
            rows = rows.filter(**{f"{OF_A_CHILD[label]}__in": whose})
        found[label] = set(rows.values_list("pk", flat=True))
    return found


class Copier:
    """Copies, for the second home, whose account is `other`, what is of the first; keys of copies lead to copies."""

    def __init__(self, rows: dict[str, set[int]], town: SimpleNamespace, other: int) -> None:
        self.rows, self.town, self.other = rows, town, other
        family = Family.objects.get(pk=town.home.family.pk)
        # What a list or a request says of them, by their names in addresses.
        self.said = {town.own.public_id: new_public_id(), family.public_id: new_public_id()}

    def copy(self, marks: Marks) -> None:
        """Copy each row with a mark in each of its columns."""
        for label, keys in self.rows.items():
            model = apps.get_model(label)
            if model is User:
                written(row := User.objects.get(pk=self.other), mark(row, marks))
                continue
            for row in model._base_manager.filter(pk__in=keys).order_by("pk"):
                for field in model._meta.concrete_fields:
                    setattr(row, field.attname, self._value(row, field, getattr(row, field.attname)))
                if label in ANOTHER_DAY and row.child_id == self.town.child.pk:
                    row.date += timedelta(days=1)
                written(row, mark(row, marks), is_new=True)

    def _value(self, row: Any, field: Any, value: Any) -> Any:
        if field.primary_key:
            return value + FAR
        if field.remote_field is not None:
            return value and self._key(field.related_model, value)
        if field.name in {"object_key", "source_key"}:
            return value if _is_of_both(row, self.town) else value + FAR
        if field.name in {"sequence", "number", "piece"} and isinstance(field, models.IntegerField):
            return value and value + 1000
        drawn = self._drawn(row, field, value)
        return self._words(value) if drawn is None else drawn

    def _drawn(self, row: Any, field: Any, value: Any) -> Any:
        """Return what is drawn for a row alone; None for a column where nothing is."""
        if field.name == "public_id":
            return self.said.get(value) or new_public_id()
        if f"{row._meta.label}.{field.name}" in ONE_OF_A_KIND:
            return new_public_id()
        if isinstance(field, models.UUIDField):
            return uuid4()
        return files.store(b"") if isinstance(field, StoredFileField) else None

    def _key(self, model: Any, key: int) -> int:
        if model is User:
            return self.other if key == self.town.home.user else key
        return key + FAR if key in self.rows.get(model._meta.label, ()) else key

    def _words(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._words(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._words(each, name) for each in value]
        if isinstance(value, str):
            parsed = _parsed(value)
            return self.said.get(value, value) if parsed is None else json.dumps(self._words(parsed))
        return value + FAR if name == "child" and value == self.town.own.pk else value


def _is_of_both(row: Any, town: SimpleNamespace) -> bool:
    """Tell whether a word by which families are found is from the child of both homes."""
    return getattr(row, "source", "") == "c" and getattr(row, "source_key", 0) == town.child.pk


def _parsed(value: str) -> Any:
    """Return the list or the dictionary that a text is, None when it is words."""
    if value[:1] not in "[{" or not value:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def mark(row: Any, marks: Marks) -> dict[str, Any]:
    """Put a mark of its own in each column of a row that holds words or an amount; return what they said before."""
    label, before = row._meta.label, {}
    # What is one amount in a row stays one: an invoice's line says how its price was found.
    amounts: dict[Any, int] = {}
    for field in sorted(row._meta.concrete_fields, key=lambda one: isinstance(one, JSONField)):
        where = f"{label}.{field.name}"
        value = getattr(row, field.attname)
        if field.name == "public_id":
            marks.names[value] = where
        elif not (field.primary_key or field.remote_field or field.choices or where in NOT_WORDS):
            # So does one of an invoice and its lines, and of the two sides of a posting: they sum.
            whole = ADDS_UP.get(label)
            known = marks.amounts.setdefault((label[:15], getattr(row, whole)), {}) if whole else amounts
            marked = marked_value(field, value, where, marks, known)
            if marked != value:
                setattr(row, field.attname, marked)
                before[field.name] = value
    return before


def written(row: Any, before: dict[str, Any], *, is_new: bool = False) -> None:
    """Write a row that was marked there; what was empty and must be so is emptied again.

    One that the database still refuses says which columns to name above.
    """
    for is_last in (False, True):
        try:
            with transaction.atomic():
                if is_new:
                    row.save(force_insert=True)
                elif before:
                    new = {name: getattr(row, name) for name in before}
                    row._meta.model._base_manager.filter(pk=row.pk).update(**new)
        except (IntegrityError, DataError) as error:
            if is_last:
                message = f"{row._meta.label} is not taken with a mark in {sorted(before)}: {error}"
                raise AssertionError(message) from error
            for name, value in before.items():
                if not value:
                    setattr(row, name, value)
        else:
            return


def marked_value(field: Any, value: Any, where: str, marks: Marks, amounts: dict[int, int]) -> Any:
    """Return what a column says once it is marked; the same when it holds no words."""
    if isinstance(field, StoredFileField):
        return files.store(f"%PDF-1.7 {marks.new_word(where)}".encode())
    if isinstance(field, models.BinaryField):
        return f"%PDF-1.7 {marks.new_word(where)}".encode() if value else value
    if isinstance(field, ArrayField):
        return [marks.new_word(where)] if isinstance(field.base_field, models.CharField) else value
    if isinstance(field, JSONField):
        return _leaves(value, where, marks, amounts)
    if isinstance(field, models.IntegerField):
        return _amount(field, value, where, marks, amounts)
    is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, EncryptedDateField)
    return _text(field, value, where, marks, amounts) if is_text else value


def _amount(field: Any, value: Any, where: str, marks: Marks, amounts: dict[int, int]) -> Any:
    if not value or not field.name.endswith("cents"):
        return value
    if abs(value) not in amounts:
        amounts[abs(value)] = marks.new_amount(where)
    return amounts[abs(value)] * (1 if value > 0 else -1)


def _text(field: Any, value: Any, where: str, marks: Marks, amounts: dict[int, int]) -> Any:
    if field.max_length is not None and field.max_length < SHORTEST:
        return value
    if field.name.endswith("phone"):
        return marks.new_phone(where)
    if field.name.endswith("iban"):
        return marks.new_account(where)
    if field.name.endswith("email"):
        return f"{marks.new_word(where)}@marque.example"
    parsed = _parsed(value)
    return marks.new_word(where) if parsed is None else json.dumps(_leaves(parsed, where, marks, amounts))


def _leaves(value: Any, where: str, marks: Marks, amounts: dict[int, int]) -> Any:
    """Return a value whose words are marked: what a person wrote has a capital or a space; a code has neither."""
    if isinstance(value, dict):
        return {key: _leaves(each, where, marks, amounts) for key, each in value.items()}
    if isinstance(value, list):
        return [_leaves(each, where, marks, amounts) for each in value]
    if isinstance(value, str) and re.search(r"[A-Z ]", value):
        return marks.new_word(where)
    return amounts.get(value, value) if isinstance(value, int) else value


def namespace(town: SimpleNamespace, rows: dict[str, set[int]], far: int, other: int) -> SimpleNamespace:
    """Return what the whole town is for a home, read again: its own rows, and those that are of no home."""

    def there(value: Any) -> Any:
        if isinstance(value, SimpleNamespace):
            return SimpleNamespace(**{name: there(each) for name, each in vars(value).items()})
        if isinstance(value, models.Model) and value.pk in rows.get(value._meta.label, ()):
            return type(value)._base_manager.get(pk=value.pk + far)
        if isinstance(value, Household):
            family = Family.objects.get(pk=value.family.pk + far)
            return SimpleNamespace(authority=value.authority, family=family, user=other if far else value.user)
        return value

    told = {name: there(value) for name, value in vars(town).items()}
    return SimpleNamespace(**{**told, "child": told["own"]})

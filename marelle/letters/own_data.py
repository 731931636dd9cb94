"""What somebody may download of what is kept about them: their account, their homes, the children who live there.

Which rows of which table, and by which field a row is theirs, is said in the register of what is kept (its part
« acces »), so that a table that nobody thought of fails the checks rather than be forgotten. Nothing here belongs to
another home: what two homes share of a child is narrowed below.
"""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db.models import BinaryField, Exists, ForeignKey, Model, OuterRef, Q
from ruamel.yaml import YAML

from marelle.domain.accounts.models import User
from marelle.domain.accounts.queries import accounts_of
from marelle.domain.families.models import Family
from marelle.domain.families.queries import children_of, memberships_of
from marelle.domain.families.queries.removals import families_shut_to
from marelle.domain.payments.rules.bank_accounts import masked
from marelle.domain.reservations.models import Reservation
from marelle.foundation import files, tenancy
from marelle.foundation.actors import ActorKind
from marelle.foundation.files import StoredFileField
from marelle.letters.own_data_words import COLUMNS, IN_THE_FILE, OTHER_HOME, SOMEBODY, TABLES, YOU

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import Field, QuerySet

    from marelle.domain.families.models import Membership

log = logging.getLogger("marelle.files")
NAMES = ("full_name", "name", "number", "title", "label", "reference")
BANK = "coordonnees_bancaires"
# What opens an account, or would tell whether a guess does.
SECRET = frozenset(
    {
        "accounts.User.password",
        "accounts.Session.session_key",
        "accounts.Session.session_data",
        "mfa.Authenticator.data",
        "families.Invitation.token_digest",
        "families.MembershipCode.code_digest",
        "families.CalendarFeed.token_digest",
        # Of somebody who paid for the family and wanted a receipt: not of the family.
        "payments.PaymentAttempt.receipt_email",
    }
)
# Who signed or asked: only they read the whole account number, as on the screens.
SIGNERS = ("signed_by", "asked_by", "amended_by")


@dataclass(frozen=True, slots=True)
class Piece:
    """A column of a row: its name in the file, in French, and its value ready for JSON."""

    name: str
    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class OwnTable:
    """The rows of a table that are somebody's."""

    name: str
    title: str
    rows: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class OwnHome:
    """What an authority keeps of one of the person's families."""

    authority: str
    family: str
    tables: tuple[OwnTable, ...]


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything, at a moment."""

    email: str
    made_at: datetime
    account: tuple[OwnTable, ...]
    homes: tuple[OwnHome, ...]


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks, and whether the files are wanted too.

    `keys` are her account's and those of the accounts that were merged into it; `families` those that she is of.
    """

    user: User
    keys: frozenset[int]
    families: frozenset[int]
    has_files: bool


@dataclass(frozen=True, slots=True)
class _Register:
    """Paths by group and table, and the category of each field."""

    account: Mapping[str, str]
    family: Mapping[str, str]
    child: Mapping[str, str]
    category: Mapping[str, str]


@cache
def _register(file: Path) -> _Register:
    read = YAML(typ="safe").load(file)
    category = {
        f"{label}.{name}": kind
        for label, kinds in read["tables"].items()
        for kind, names in kinds.items()
        for name in names
    }
    paths = read["acces"]
    return _Register(paths["compte"], paths["famille"], paths["enfant"], category)


def own_data(user: User, *, has_files: bool = True, at: datetime) -> OwnData:
    """Will gather what is kept about the person of an account, at each authority, as of `at`.

    Without `has_files`, the documents that the family gave are named and not read.
    """
    register = _register(settings.DATA_REGISTER)
    with tenancy.every_authority():
        memberships = list(memberships_of(user.pk))
        asker = _Asker(
            user,
            frozenset(accounts_of(user.pk)),
            frozenset(membership.family_id for membership in memberships),
            has_files=has_files,
        )
        account = tuple(
            _table(label, _rows(label, asker).filter(_theirs(label, path, asker)), asker, register)
            for label, path in register.account.items()
        )
    homes = []
    for membership in memberships:
        with tenancy.scope({membership.authority_id}):
            homes.append(_home(membership, asker, register, on=at.astimezone(membership.authority.zone).date()))
    return OwnData(user.email, at, tuple(table for table in account if table.rows), tuple(homes))


def as_json(data: OwnData) -> str:
    """Will write it for a program: names of columns, days and moments as ISO 8601, files in base 64."""
    told = {
        "fait_le": data.made_at.isoformat(),
        "compte": {table.name: _as_rows(table) for table in data.account},
        "familles": [
            {
                "collectivite": home.authority,
                "famille": home.family,
                "donnees": {table.name: _as_rows(table) for table in home.tables},
            }
            for home in data.homes
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _as_rows(table: OwnTable) -> dict[str, Any]:
    return {"titre": table.title, "lignes": [{piece.name: piece.value for piece in row} for row in table.rows]}


def _home(membership: Membership, asker: _Asker, register: _Register, *, on: date) -> OwnHome:
    family = membership.family_id
    children = [child.pk for child in children_of(family, on=on)]
    tables = [
        _table(label, _narrowed(label, _rows(label, asker).filter(**{path: family}), asker, family), asker, register)
        for label, path in register.family.items()
    ]
    tables += [
        _table(
            label,
            _narrowed(label, _rows(label, asker).filter(**{f"{path}__in": children}), asker, family),
            asker,
            register,
        )
        for label, path in register.child.items()
    ]
    return OwnHome(membership.authority.name, membership.family.name, tuple(table for table in tables if table.rows))


def _theirs(label: str, path: str, asker: _Asker) -> Q:
    # What an account that was merged into hers did is hers; its own row says nothing of anybody.
    mine = Q(**{f"{path}__in": [asker.user.pk] if label == "accounts.User" else asker.keys})
    if label == "foundation.AuditEntry":
        # The clock has no key; a key alone is an account's whatever its side.
        return mine & Q(actor_kind__in=[ActorKind.FAMILY.value, ActorKind.AGENT.value])
    before, is_by_author, _after = path.partition("applicant")
    if is_by_author:
        # What she asked for a family that she is kept out of since, with what was answered, is that family's alone.
        return mine & ~Q(**{f"{before}family__in": families_shut_to(asker.keys)})
    return mine


def _rows(label: str, asker: _Asker) -> QuerySet[Any]:
    model: type[Model] = apps.get_model(label)
    unread = [field.name for field in _columns(model) if isinstance(field, BinaryField) and not asker.has_files]
    one_step = [field.name for field in _columns(model) if isinstance(field, ForeignKey)]
    manager = model._default_manager  # noqa: SLF001  what Django calls any model's manager
    return manager.select_related(*one_step).defer(*unread).order_by("pk")


def _narrowed(label: str, rows: QuerySet[Any], asker: _Asker, family: int) -> QuerySet[Any]:
    """Will leave out what is another home's, or a letter to another reader of the same one."""
    if label in {"reservations.Attendance", "reservations.AttendanceMark"}:
        elsewhere = Reservation.objects.filter(
            child=OuterRef("child"), product=OuterRef("product"), date=OuterRef("date")
        ).exclude(family=family)
        return rows.exclude(Exists(elsewhere))
    # What was settled with a home where the child lived before is theirs.
    if label == "reservations.SharedCustody":
        return rows.filter(Q(first_home=family) | Q(second_home=family))
    if label == "reservations.CustodyProposal":
        return rows.filter(Q(from_home=family) | Q(to_home=family))
    if label == "letters.Letter":
        return rows.filter(Q(reader__in=asker.keys) | Q(reader__isnull=True))
    return rows


def _table(label: str, rows: QuerySet[Any], asker: _Asker, register: _Register) -> OwnTable:
    model = apps.get_model(label)
    shown = [
        field
        for field in _columns(model)
        if register.category[f"{label}.{field.name}"] != "technique" and f"{label}.{field.name}" not in SECRET
    ]
    title = TABLES.get(label) or str(model._meta.verbose_name)
    return OwnTable(
        label,
        title,
        tuple(tuple(_pieces(row, label, shown, asker, register)) for row in rows.iterator(chunk_size=500)),
    )


def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.local_fields)


def label_of(field: Field[Any, Any]) -> str:
    """Will return what people call a column."""
    said = str(field.verbose_name)
    return COLUMNS.get(field.name, said) if said == field.name.replace("_", " ") else said


def _pieces(row: Any, label: str, fields: list[Field[Any, Any]], asker: _Asker, register: _Register) -> Iterator[Piece]:
    signer = next((getattr(row, f"{name}_id") for name in SIGNERS if hasattr(row, f"{name}_id")), None)
    for field in fields:
        if isinstance(field, BinaryField | StoredFileField) and not asker.has_files:
            yield Piece(field.name, label_of(field), IN_THE_FILE)
            continue
        value = getattr(row, field.name)
        if (
            register.category[f"{label}.{field.name}"] == BANK
            and field.name.endswith("iban")
            and signer not in asker.keys
        ):
            value = masked(value) if value else value
        elif field.choices and value not in {None, ""}:
            value = getattr(row, f"get_{field.name}_display")()
        yield Piece(field.name, label_of(field), _plain(value, field, asker))


def _plain(value: Any, field: Field[Any, Any], asker: _Asker) -> Any:  # noqa: PLR0911  one line a kind of value
    """Will return a value that JSON holds; another account or home is never named."""
    if isinstance(value, User):
        return YOU if value.pk in asker.keys else SOMEBODY
    if isinstance(value, Family) and value.pk not in asker.families:
        return OTHER_HOME
    if isinstance(value, Model):
        return next((str(getattr(value, name)) for name in NAMES if getattr(value, name, "")), _unnamed(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each, field, asker) for each in value]
    if isinstance(field, StoredFileField):
        return _kept(value)
    if isinstance(field, BinaryField):
        return base64.b64encode(bytes(value or b"")).decode("ascii")
    return value if value is None or isinstance(value, str | int | float | bool | dict) else str(value)


def _kept(name: str) -> str | None:
    """Will return a kept file in base 64; None for one that is lost, which must not keep the rest from whoever asks."""
    try:
        return base64.b64encode(files.read(name)).decode("ascii")
    except files.NoSuchFileError:
        log.error("a document of somebody's own data has no file: %s", name)  # noqa: TRY400  the name is opaque
        return None


def _unnamed(row: Any) -> str:
    first_and_last = " ".join(filter(None, (getattr(row, "first_name", ""), getattr(row, "last_name", ""))))
    return first_and_last or getattr(row, "public_id", "") or str(row._meta.verbose_name)

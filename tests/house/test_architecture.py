"""The laws imports cannot say: where keys point, what a write asks for, who reads the clock, how things are named."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import URLResolver, get_resolver

import marelle
from marelle.domain.authorities.models import Authority, OfAuthority
from marelle.domain.authorities.rules.slugs import RESERVED, is_free
from marelle.foundation.tenancy import SameAuthority, ScopedManager
from tests.house.whole_town import tables_of_authorities

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = sorted((PROJECT / "marelle").rglob("*.py"))
# From the ground up: a table may point to its own room or to one before it.
ROOMS = (
    "marelle.foundation",
    "marelle.domain.authorities",
    "marelle.domain.accounts",
    "marelle.domain.families",
    "marelle.domain.catalog",
    "marelle.domain.reservations",
    "marelle.domain.news",
    "marelle.domain.billing",
    "marelle.domain.payments",
    "marelle.domain.procedures",
    "marelle.domain.onboarding",
    "marelle.letters",
)
OUR_MODELS = [model for model in apps.get_models() if model.__module__.startswith("marelle.")]
FOREIGN_KEYS = [
    field for model in OUR_MODELS for field in model._meta.local_fields if isinstance(field, models.ForeignKey)
]


def room_of(model):
    return next(index for index, room in enumerate(ROOMS) if f"{model.__module__}.".startswith(f"{room}."))


def of_modules(below):
    package = importlib.import_module(below)
    for found in pkgutil.walk_packages(package.__path__, f"{below}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


# Of the jobs that the clock starts for the whole platform at once, and of what anybody types from a paper.
LOOKS_ACROSS = {"reservation_held", "offer_running", "attempt_to_ask", "imported_by_typed_number"}
OPERATIONS = sorted(
    {
        function
        for room in ("marelle.domain", "marelle.letters")
        for module in of_modules(room)
        for function in vars(module).values()
        if getattr(function, "is_operation", False)
    },
    key=lambda function: (function.__module__, function.__name__),
)


class TestKeys:
    def test_a_foreign_key_goes_to_the_same_room_or_a_lower_one(self):
        assert FOREIGN_KEYS
        assert [one for one in FOREIGN_KEYS if room_of(one.related_model) > room_of(one.model)] == []

    def test_the_ground_has_none(self):
        assert [field for field in FOREIGN_KEYS if field.model.__module__.startswith("marelle.foundation")] == []

    def test_there_are_no_many_to_many_tables_without_an_authority(self):
        assert [field for model in OUR_MODELS for field in model._meta.local_many_to_many] == []

    def test_between_rows_of_authorities_it_is_tied_to_the_authority(self):
        of_authorities = {model for model in OUR_MODELS if issubclass(model, OfAuthority)}
        between = [one for one in FOREIGN_KEYS if {one.model, one.related_model} <= of_authorities]
        tied = {
            (model, one.field)
            for model in OUR_MODELS
            for one in model._meta.constraints
            if isinstance(one, SameAuthority)
        }

        assert between
        assert [one for one in between if (one.model, one.name) not in tied] == []
        # The pair holds it already: a second constraint would be checked for nothing.
        assert [one for one in between if one.db_constraint] == []

    def test_a_row_of_an_authority_answers_only_in_a_scope(self):
        open_to_all = [
            model
            for model in tables_of_authorities()
            if not all(isinstance(one, ScopedManager) for one in (model._default_manager, *model._meta.managers))
        ]
        keys = [model._meta.get_field("authority") for model in tables_of_authorities()]

        assert keys
        assert open_to_all == []
        assert [one for one in keys if one.related_model is not Authority or one.null] == []

    def test_a_table_with_an_authority_is_one_of_an_authority(self):
        with_one = {field.model for field in FOREIGN_KEYS if field.related_model is Authority}

        assert with_one == {model for model in OUR_MODELS if issubclass(model, OfAuthority)}

    def test_the_authority_comes_first_in_indexes_and_unique_constraints(self):
        found = {
            one.name: (*one.fields, "")[0]
            for model in tables_of_authorities()
            for one in (*model._meta.constraints, *model._meta.indexes)
            if isinstance(one, models.UniqueConstraint | models.Index)
        }

        assert {name for name, first in found.items() if first != "authority"} == LOOKS_ACROSS

    @pytest.mark.django_db
    def test_the_database_holds_every_pair(self):
        expected = {
            (field.model._meta.db_table, field.column, field.related_model._meta.db_table)
            for field in FOREIGN_KEYS
            if issubclass(field.model, OfAuthority) and issubclass(field.related_model, OfAuthority)
        }
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
            )
            said = cursor.fetchall()
        pair = re.compile(
            r"FOREIGN KEY \(authority_id, (\w+)\) REFERENCES (\w+)\(authority_id, id\) DEFERRABLE INITIALLY DEFERRED"
        )
        held = {(table, match[1], match[2]) for table, text in said if (match := pair.fullmatch(text))}

        assert held == expected


class TestOperations:
    def test_there_are_some(self):
        assert {function.__name__ for function in OPERATIONS} >= {"confirm_basket", "decide_cancellation", "save_rows"}

    @pytest.mark.parametrize("name", ["by", "at"])
    def test_a_write_says_who_and_when_by_name(self, name):
        asked = {function: inspect.signature(function).parameters.get(name) for function in OPERATIONS}
        wrong = [
            function
            for function, one in asked.items()
            if one is None or (one.kind, one.default) != (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty)
        ]

        assert wrong == []

    def test_a_write_says_what_it_will_do(self):
        assert [function for function in OPERATIONS if not (function.__doc__ or "").startswith("Will ")] == []

    def test_only_the_domain_the_letters_and_the_makers_of_towns_define_writes(self):
        elsewhere = [
            path.relative_to(PROJECT)
            for path in SOURCES
            if "@operation\n" in path.read_text()
            and path.relative_to(PROJECT / "marelle").parts[0] not in {"domain", "letters", "commands"}
        ]

        assert elsewhere == []


# The business and the machine's time are both asked of one module.
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.date.today",
    "time.time",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
}
DATABASE_CLOCKS = re.compile(
    r"\b(?:now\(\)|current_(?:date|timestamp|time)\b|clock_timestamp\(|Now\(\))", re.IGNORECASE
)


def calls(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


class TestTheClock:
    def test_only_the_clock_reads_the_clock(self):
        readers = {
            str(path.relative_to(PROJECT)) for path in SOURCES if any(called in CLOCKS for called in calls(path))
        }

        assert readers == {"marelle/foundation/clock.py"}

    def test_no_field_takes_its_moment_by_itself(self):
        automatic = [
            str(field)
            for model in OUR_MODELS
            for field in model._meta.local_fields
            if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        ]

        assert automatic == []

    def test_no_statement_asks_the_database_what_time_it_is(self):
        asking = [
            str(path.relative_to(PROJECT))
            for path in SOURCES
            if "/domain/" in str(path) and DATABASE_CLOCKS.search(path.read_text())
        ]

        assert asking == []

    def test_rules_and_operations_do_not_ask_the_time_either(self):
        asking = [
            str(path.relative_to(PROJECT))
            for path in SOURCES
            if "/domain/" in str(path) and re.search(r"^(?:from|import) .*\bclock\b", path.read_text(), re.MULTILINE)
        ]

        assert asking == []


class TestNames:
    @pytest.mark.parametrize("name", ["utils", "common", "helpers", "services", "manager", "managers", "misc"])
    def test_a_module_is_named_after_what_it_knows(self, name):
        assert [path for path in SOURCES if name in {path.stem, path.parent.name}] == []

    def test_nothing_is_left_to_do(self):
        marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
        here = Path(__file__).resolve()
        left = [
            str(path.relative_to(PROJECT))
            for folder in ("marelle", "standins", "tests", "bench", "docs")
            for path in sorted((PROJECT / folder).rglob("*"))
            if path.suffix in {".py", ".html", ".css", ".js", ".md", ".yaml"}
            and "vendor" not in path.parts
            and path != here
            and marks.search(path.read_text())
        ]

        assert left == []

    def test_no_template_has_a_style_or_a_script_of_its_own(self):
        inline = re.compile(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", re.IGNORECASE)
        templates = sorted((PROJECT / "marelle").rglob("*.html"))

        assert templates
        assert [
            str(path.relative_to(PROJECT))
            for path in templates
            if path.parent.name != "letters" and inline.search(path.read_text())
        ] == []

    def test_every_package_is_the_houses(self):
        assert marelle.__path__[0] == str(PROJECT / "marelle")


class TestAddresses:
    def test_no_authority_may_take_the_name_of_a_page(self):
        """The first word of an address is an authority's, or one of those that the rule keeps."""
        firsts = set()
        for urlconf in ("marelle.config.urls_family", "marelle.config.urls_office"):
            patterns = [("", one) for one in get_resolver(urlconf).url_patterns]
            while patterns:
                before, one = patterns.pop()
                path = before + str(one.pattern).removeprefix("^")
                if isinstance(one, URLResolver):
                    patterns += [(path, inside) for inside in one.url_patterns]
                elif path and not path.startswith("<"):
                    firsts.add(path.partition("/")[0])

        assert "aide" in firsts
        assert firsts <= RESERVED

    @pytest.mark.parametrize("slug", ["aide", "mes-enfants", "f-0123456789ab"])
    def test_nor_that_of_a_family(self, slug):
        assert not is_free(slug)
        assert is_free(f"{slug}-sur-mer")

"""Importing five thousand children with their guardians: looked over, written by one transaction, undone."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bench.figures import Figure, Report

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority

CHILDREN = 5_000
TITLES = (
    "Nom de l’enfant;Prénom de l’enfant;Date de naissance;École;Classe;Adresse;Nom du responsable 1;"
    "Prénom du responsable 1;E-mail du responsable 1;Nom du responsable 2;Prénom du responsable 2"
)
FIRST_NAMES = ("Anaïs", "Zoé", "Noël", "Éva", "Tom", "Inès", "Hugo", "Léa", "Malo", "Jade")
BORN = date(2016, 1, 1)


def file_of(children: int, school: str) -> bytes:
    """Return a table of children, two of them a home, in twelve classes."""
    rows = [TITLES]
    for one in range(children):
        home = f"Import{_letters(one // 2)}"
        born = BORN + timedelta(days=one * 7 % 3000)
        rows.append(
            f"{home};{FIRST_NAMES[one % 10]};{born:%d/%m/%Y};{school};Classe {one % 12};{one // 2} rue du Bac;"
            f"{home};Ève;eve.{one // 2}@exemple.fr;Roy{_letters(one // 2)};Paul"
        )
    return "\r\n".join(rows).encode("cp1252")


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def measure(report: Report, authority: Authority, *, is_quick: bool) -> None:
    """Will measure the reading, the writing and the undoing of a file, with how many statements each asked."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from marelle.domain.authorities.models import Facility
    from marelle.domain.onboarding.operations.imports import applying, checking
    from marelle.foundation import clock, tenancy
    from marelle.foundation.actors import SYSTEM

    children = CHILDREN // 10 if is_quick else CHILDREN
    at = clock.business_now()
    with tenancy.scope({authority.pk}):
        school = Facility.objects.filter(kind="school").order_by("pk")[0]
        content = file_of(children, school.name)

        def check():
            return checking.receive_file(
                authority,
                content,
                kind="enfants-responsables",
                name="bench.csv",
                on=at.date(),
                by=SYSTEM,
                at=at,
            )

        seconds, asked, whole = _timed(CaptureQueriesContext, connection, check)
        note = f"{children:,} children with their guardians; {asked}"
        report.add(Figure("import_check", seconds, "s", floor=20, aim=5, note=note))
        checking.ask_to_apply(whole, by=SYSTEM, at=at)
        seconds, asked, _done = _timed(
            CaptureQueriesContext, connection, lambda: applying.apply_import(whole, by=SYSTEM, at=at)
        )
        note = f"{children:,} children, {whole.counts['new']:,} new; {asked}"
        report.add(Figure("import_5000_children", seconds, "s", floor=20, aim=10, note=note))
        seconds, asked, counts = _timed(
            CaptureQueriesContext, connection, lambda: applying.undo_import(whole, by=SYSTEM, at=at)
        )
        note = f"{counts['undone']:,} lines undone, {counts['stays']} left; {asked}"
        report.add(Figure("import_undo", seconds, "s", floor=30, aim=15, note=note))


def _timed(capture, connection, work):
    """Return the seconds that a work took, how it was done, and its result."""
    with capture(connection) as asked:
        started, worked = time.perf_counter(), time.process_time()
        result = work()
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
    return seconds, f"{len(asked)} statements, {worked:.1f} s of this process's own", result

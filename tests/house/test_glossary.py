"""The glossary speaks of what exists, and the decisions are numbered without a gap."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
NAMES = re.compile(r"`([A-Za-z_.]+)`")


def test_every_name_of_the_glossary_is_in_the_code():
    said = {
        part
        for line in (PROJECT / "docs" / "glossary.md").read_text().splitlines()
        if line.startswith("|")
        for name in NAMES.findall(line.split("|")[2])
        for part in name.removesuffix(".yaml").split(".")
    }
    code = "\n".join(path.read_text() for path in (PROJECT / "marelle").rglob("*.py"))
    words = set(re.findall(r"\w+", code))

    assert len(said) > 80
    assert said - words == set()


def test_every_table_of_people_and_places_is_in_the_glossary():
    from django.apps import apps

    glossary = (PROJECT / "docs" / "glossary.md").read_text()
    ours = {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("marelle.domain") and model.__name__ != "LoadedRecord"
    }

    assert {name for name in ours if f"`{name}" not in glossary} == set()


def test_decisions_are_numbered_and_say_their_four_parts():
    pages = sorted((PROJECT / "docs" / "decisions").glob("*.md"))

    assert [page.name[:4] for page in pages] == [f"{n:04d}" for n in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {int(page.name[:4])}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Aim", "Decision", "Consequences"]

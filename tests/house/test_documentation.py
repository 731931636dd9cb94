"""What the documentation says is there, and what is there is in the documentation."""

import functools
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import get_commands

from marelle.commands.line import COMMANDS
from marelle.commands.load import demonstration_people

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
EVERYTHING = "\n".join(page.read_text() for page in PAGES)
README = (PROJECT / "README.md").read_text()
LARGEST_SCREENSHOT = 300 * 1024


def make_targets():
    """The commands that `make help` lists."""
    return re.findall(r"^([a-z0-9-]+):.*## ", (PROJECT / "Makefile").read_text(), re.MULTILINE)


def our_management_commands():
    return sorted(name for name, module in get_commands().items() if str(module).startswith("marelle."))


def table(text, heading):
    """The cells of the table under a heading, without its two first lines."""
    section = re.split(r"^## ", text.partition(f"## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def links(page):
    """The places of this project that a page sends to."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not urlsplit(target).scheme:
            yield target.partition("#")[0]


def test_there_is_something_to_document():
    assert {"run", "test", "check", "bench", "torture", "test-pg15", "reset"} <= set(make_targets())
    assert "rotate_encryption" in our_management_commands()


@pytest.mark.parametrize("target", make_targets())
def test_a_make_target_is_in_the_table_of_commands(target):
    assert f"`make {target}`" in (PROJECT / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "manage"])
def test_a_command_of_the_program_is_documented(command):
    assert re.search(rf"(?:marelle|make) {command}\b", EVERYTHING)


@pytest.mark.parametrize("command", our_management_commands())
def test_a_management_command_is_documented(command):
    assert f"marelle manage {command}" in EVERYTHING


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_make_target_that_is_named_exists(page):
    # A name stands between back quotes or at the beginning of a line of an example.
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z0-9-]*)", page.read_text(), re.MULTILINE))

    assert named - set(make_targets()) == set()


@functools.cache
def sources_of_settings():
    sources = [PROJECT / "marelle" / "config" / "environment.py", *(PROJECT / "setup").iterdir(), PROJECT / "Makefile"]
    sources += [PROJECT / "tests" / "embedded.py", PROJECT / "tests" / "journeys" / "conftest.py"]
    sources += (PROJECT / "standins").rglob("__main__.py")
    return "\n".join(path.read_text() for path in sources)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_setting_that_is_named_exists(page):
    named = set(re.findall(r"\b(?:MARELLE|EMAIL)_[A-Z_]+\b", page.read_text()))

    assert [name for name in sorted(named) if name not in sources_of_settings()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_link_leads_somewhere(page):
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_file_of_the_code_that_is_named_exists(page):
    named = re.findall(r"`((?:tests|marelle|docs|setup|requirements|config)/[\w./-]+)`", page.read_text())

    assert [name for name in named if not any((root / name).exists() for root in (PROJECT, PROJECT / "marelle"))] == []


@functools.cache
def reached_from_the_readme():
    reached, to_read = set(), [PROJECT / "README.md"]
    while to_read:
        present = to_read.pop()
        if present in reached:
            continue
        reached.add(present)
        for target in links(present):
            place = (present.parent / target).resolve()
            to_read += place.glob("*.md") if place.is_dir() else [place] if place.suffix == ".md" else []
    return reached


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_page_can_be_reached_from_the_readme(page):
    assert page in reached_from_the_readme()


def test_the_accounts_of_the_readme_are_those_of_the_demonstration():
    assert table(README, "Qui peut se connecter") == [
        [who, f"`{email}`", side] for who, email, _password, side in demonstration_people()
    ]


def test_the_password_of_the_readme_is_theirs():
    assert {password for _who, _email, password, _side in demonstration_people()} == set(
        re.findall(r"Le mot de passe de tous est `([^`]+)`", README)
    )


def test_the_readme_shows_real_pictures_that_load_fast():
    pictures = [PROJECT / target for target in links(PROJECT / "README.md") if target.endswith(".png")]

    assert len(pictures) >= 2
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < LARGEST_SCREENSHOT


def test_the_licence_is_the_whole_agpl():
    licence = (PROJECT / "LICENSE").read_text()

    assert licence.split("\n", 2)[0].strip() == "GNU AFFERO GENERAL PUBLIC LICENSE"
    assert "13. Remote Network Interaction" in licence
    assert licence.rstrip().endswith("<http://www.gnu.org/licenses/>.")


def test_this_version_is_in_the_changelog():
    version = re.search(r'^version = "([^"]+)"', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)

    assert version
    assert f"## {version[1]} " in (PROJECT / "CHANGELOG.md").read_text()

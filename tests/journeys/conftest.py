"""People with a browser: Debian's Chromium on the sites of a live server, at the width of a phone and of a desk."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import make_password
from playwright.sync_api import sync_playwright

from marelle.domain.accounts.models import User
from marelle.foundation.writes import permitted
from marelle.web.account.provider.own_clients import register_own_clients

PASSWORD = "un mot de passe de test"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
READING = Path(__file__).parent / "reading"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


def chromium() -> str:
    """Return the browser to drive; its absence is a failure, never a skip."""
    named = os.environ.get("MARELLE_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail(
            "No Chromium found: install Debian's `chromium`, or set MARELLE_CHROMIUM to its path.", pytrace=False
        )
    return found


@pytest.fixture(scope="session")
def browser():
    # Playwright's loop runs in this thread, and Django would take the test's own queries for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


class Person:
    """Somebody in front of a page: what they click and read. Complaints of the browser fail the test."""

    def __init__(self, page, site, *, has_scripts):
        self.page = page
        self.site = site
        self.has_scripts = has_scripts
        self.clicks = 0
        self.complaints = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message):
        # A refusal answers 4xx on purpose, and Chromium says so in its console.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def opens(self, path="/", host=""):
        """Open an address of the site of this person, or of another one in the same browser."""
        site = re.sub(r"//\w+", f"//{host}", self.site) if host else self.site
        return self.page.goto(site + path)

    def clicks_on(self, locator):
        self.clicks += 1
        # A finger comes after the page has moved to show what the last press opened; a robot may come before, and
        # press where the link was.
        before = None
        while (place := locator.bounding_box()) != before:
            before = place
            self.page.wait_for_timeout(100)
        locator.click()

    def opens_every_fold(self, within="main"):
        """Open what is folded, each by its own press: a fold that a page already shows open stays so."""
        for _press in range(self.page.locator(f"{within} summary").count()):
            shut = self.page.locator(f"{within} details:not([open]) > summary:visible")
            if not shut.count():
                return
            self.clicks_on(shut.first)

    def signs_in(self, user):
        self.page.get_by_label("Adresse e-mail").fill(user.email)
        self.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        self.clicks_on(self.page.get_by_role("button", name=re.compile("Se connecter")))

    def sees(self, words):
        self.page.get_by_text(words).filter(visible=True).first.wait_for()

    def finds_nothing_with_axe(self):
        """Needs scripts: without them the promise that axe returns is never kept, and the test would wait for ever."""
        assert self.has_scripts
        found = Axe().run(self.page, options={"runOnly": RULES}).response["violations"]
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"

    def reads(self, name):
        """Compare what a reader hears, in order, with the script kept beside the tests."""
        heard = self.page.locator("body").aria_snapshot()
        heard = "\n".join(line for line in heard.splitlines() if "/url:" not in line) + "\n"
        script = READING / f"{name}.txt"
        if os.environ.get("MARELLE_WRITE_READING"):
            READING.mkdir(exist_ok=True)
            script.write_text(heard)
        assert heard == script.read_text(), f"the reading of {name} changed: MARELLE_WRITE_READING=1 writes it again"


@pytest.fixture
def sites_at_home(live_server, transactional_db, settings):
    """Each site calls itself and the others by the port of the live server, and the account site knows the three."""
    port = live_server.thread.port
    settings.FAMILY_URL, settings.OFFICE_URL, settings.ACCOUNT_URL, settings.INVOICES_URL = (
        f"http://{host}.localhost:{port}" for host in ("famille", "mairie", "compte", "factures")
    )
    settings.ACCOUNT_BACK_CHANNEL = f"http://127.0.0.1:{port}"
    register_own_clients()


@pytest.fixture
def person(browser, live_server, sites_at_home):
    """Open a browser: `person()` a parent at a phone, `person("mairie")` an agent, `viewport=DESK`, `scripts=False`.

    `person("factures")` pays invoices, `person("compte")` looks after her account. One signs in on the account site,
    whose page comes by itself: `signs_in` fills it in wherever the person is.
    """
    from contextlib import ExitStack

    with ExitStack() as stack:

        @contextmanager
        def opened(host, viewport, scripts):
            context = browser.new_context(viewport=viewport, java_script_enabled=scripts, locale="fr-FR")
            context.set_default_timeout(15_000)
            site = f"http://{host}.localhost:{live_server.thread.port}"
            somebody = Person(context.new_page(), site, has_scripts=scripts)
            yield somebody
            context.close()
            assert somebody.complaints == []

        yield lambda host="famille", *, viewport=PHONE, scripts=True: stack.enter_context(
            opened(host, viewport, scripts)
        )


@pytest.fixture
def with_password(transactional_db):
    """Give an account the password that people type."""
    hashed = make_password(PASSWORD)

    def give(user: User) -> User:
        with permitted("factory"):
            User.objects.filter(pk=user.pk).update(password=hashed)
        return user

    return give

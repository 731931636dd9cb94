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
from playwright.sync_api import Error as PlaywrightError
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
# Long, for a machine that does something else too: it costs nothing when all is well.
WAIT = 45_000
# Whether an element kept its place for some frames: nothing that it stands on is moving any more.
IS_STILL = """
element => new Promise(resolve => {
  let before, frames = 0;
  (function look() {
    const { x, y, width, height } = element.getBoundingClientRect(), place = [x, y, width, height].join();
    frames = place === before ? frames + 1 : 0;
    before = place;
    if (frames === 3 || !element.isConnected) resolve(element.isConnected);
    else requestAnimationFrame(look);
  })();
})
"""
WATCH = """
element => {
  window.press = { arrived: false, landed: "nowhere" };
  const first = { capture: true, once: true };
  addEventListener("click", ({ target }) => { press.landed = target.outerHTML.slice(0, 160); }, first);
  element.addEventListener("click", () => { press.arrived = true; }, first);
}
"""
HELD = 50  # milliseconds that a finger or a button stays down
READING = Path(__file__).parent / "reading"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only what is wrong is described: describing all that is well took two thirds of the time.
LOOK = """
runOnly => axe.run({ runOnly, resultTypes: ["violations"], selectors: false }).then(({ violations, passes }) => ({
  wrong: violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))]),
  tried: passes.length,
}))
"""
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
# A walk whose second width shows nothing that another walk does not: the desk in the torture.
BOTH = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk", marks=pytest.mark.torture)]


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


PEOPLE = pytest.StashKey[list]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show with a failure where each person was, and what they had before their eyes."""
    report = yield
    if report.when == "call" and report.failed:
        for somebody in item.stash.get(PEOPLE, []):
            report.sections.append(("what the page said", somebody.tells()))
    return report


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

    def tells(self):
        """Return the page's address and what a reader would hear there, for who looks into a failure."""
        try:
            heard = self.page.locator("body").aria_snapshot(timeout=5_000)
        except PlaywrightError as trouble:
            heard = f"(the page does not answer: {trouble})"
        return "\n".join([self.page.url, heard, *self.complaints])

    def opens(self, path="/", host=""):
        """Open an address of the site of this person, or of another one in the same browser."""
        site = re.sub(r"//\w+", f"//{host}", self.site) if host else self.site
        return self.page.goto(site + path)

    def clicks_on(self, locator):
        """Press as a person does: once the page is there and still, and for a while.

        A press that went beside, because a slow machine moved the page in between, is made again once: a page that
        moves at each press is at fault.
        """
        self.clicks += 1
        locator.wait_for()
        self.page.wait_for_load_state()
        landed = self._presses(locator) and self._presses(locator)
        assert not landed, f"pressed twice, and both went beside {locator}: the last on {landed}"

    def _presses(self, locator):
        """Return what the press landed on beside the element; None when it arrived."""
        if not self.has_scripts:  # nor listeners, nor promises
            before = None
            while (place := locator.bounding_box()) != before:
                before = place
                self.page.wait_for_timeout(100)
            return locator.click(delay=HELD)
        while not self._is_still(locator):
            pass
        locator.evaluate(WATCH)
        locator.click(delay=HELD)
        try:
            press = self.page.evaluate("window.press")
        except PlaywrightError:  # the page was left meanwhile
            return None
        return press["landed"] if press and not press["arrived"] else None

    def _is_still(self, locator):
        """Return whether it stood still; not when it, or the whole page, gave way to another meanwhile."""
        try:
            return locator.evaluate(IS_STILL)
        except PlaywrightError as trouble:
            if "context was destroyed" not in str(trouble):
                raise
            return False

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
        if not self.page.evaluate("!!window.axe"):
            self.page.evaluate(Axe().axe_script)
        found = self.page.evaluate(LOOK, RULES)
        assert found["wrong"] == [], self.page.url
        assert found["tried"] > 5
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
def person(browser, live_server, sites_at_home, request):
    """Open a browser: `person()` a parent at a phone, `person("mairie")` an agent, `viewport=DESK`, `scripts=False`.

    `person("factures")` pays invoices, `person("compte")` looks after her account. One signs in on the account site,
    whose page comes by itself: `signs_in` fills it in wherever the person is.
    """
    from contextlib import ExitStack

    people = request.node.stash[PEOPLE] = []
    with ExitStack() as stack:

        @contextmanager
        def opened(host, viewport, scripts):
            context = browser.new_context(
                viewport=viewport, java_script_enabled=scripts, locale="fr-FR", reduced_motion="reduce"
            )
            context.set_default_timeout(WAIT)
            site = f"http://{host}.localhost:{live_server.thread.port}"
            somebody = Person(context.new_page(), site, has_scripts=scripts)
            people.append(somebody)
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

"""People with a browser: Debian's Chromium on the sites of a live server, at the width of a phone and of a desk."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.test import RequestFactory
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect, sync_playwright

from marelle.domain.accounts.models import Site, User
from marelle.foundation.writes import permitted
from marelle.web.account.provider.own_clients import register_own_clients
from marelle.web.account.sessions import SessionStore

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
# MARELLE_SLOW_WALKS=6 walks on a bad day: pages six times slower, and each answer up to a second and a half late.
SLOW = float(os.environ.get("MARELLE_SLOW_WALKS") or 0)
LATE = 1.5  # seconds
# Long, for a machine that does something else too: it costs nothing when all is well. On a bad day one looks for
# who does not wait, not for who waits too little.
WAIT = 180_000 if SLOW else 45_000
expect.set_options(timeout=WAIT)
# In every page from its first moment: what leads to another one. A form sent is not yet a navigation, so both are kept;
# one that a script prevents leads nowhere, and a step inside the page neither.
LEAVING = """
(() => {
  let led = [];
  addEventListener("submit", event => { if (!event.target.target) led.push(event); }, true);
  navigation.addEventListener("navigate", event => {
    if (!event.destination.sameDocument && event.downloadRequest === null) led.push(event);
  });
  window.leaves = () => led.some(event => !event.defaultPrevented);
  window.stays = () => { led = []; };
})();
"""
# The same without scripts, where nothing can listen: whether this would lead away if it, or Enter, were pressed.
WOULD_LEAVE = """
(element, isEnter) => {
  const link = element.closest("a[href]"), control = element.closest("button, input");
  const there = link && new URL(link.href), form = control && control.form;
  const isWithin = there && there.hash && there.href.split("#")[0] === location.href.split("#")[0];
  const sends = form && (control.type === "submit" || (isEnter && control.matches("input")));
  const isFilled = sends && (form.noValidate || control.formNoValidate || form.checkValidity());
  const leads = link ? !isWithin && !link.target && !link.download : isFilled;
  window.leaves = () => leads;
  window.stays = () => { delete window.leaves; };
}
"""
# Nothing leads away, all has come, scripts listen (they are deferred: done before it is complete), what they asked too.
IS_SETTLED = """
() => document.readyState === "complete" && !(window.leaves && leaves())
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .c.pending")
"""
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
# Only what is wrong is described: describing all that is well took two thirds of the time. Stylesheets are not fetched
# again: none of these rules reads them.
LOOK = """
([runOnly, hasNewColours]) => axe.run({
  runOnly, rules: { "color-contrast": { enabled: hasNewColours } },
  resultTypes: ["violations"], selectors: false, preload: false,
}).then(({ violations, passes }) => ({
    wrong: violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))]),
    tried: passes.length,
    fits: document.documentElement.scrollWidth <= innerWidth,
  }))
"""
# All that contrast depends on, for each text that shows: its colour and size, and what is painted behind it up to the
# page. Contrast takes axe as long as all its other rules together, and pages are drawn with the same few colours.
COLOURS = """
() => {
  const behind = new Map(), found = new Set();
  const ground = element => {
    if (element === null) return "";
    if (!behind.has(element)) {
      const { backgroundColor, backgroundImage, opacity, position, filter } = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity, filter].join();
      // What is taken out of the flow may stand before something else than what holds it.
      const place = position === "static" || position === "relative" ? "" : `${position} ${element.className}`;
      const paints = own !== "rgba(0, 0, 0, 0),none,1,none" || place;
      behind.set(element, (paints ? `${own} ${place}/` : "") + ground(element.parentElement));
    }
    return behind.get(element);
  };
  const shown = element => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const isOff = element.closest(":disabled, [aria-disabled=true]") || element.closest("label")?.control?.disabled;
    found.add([color, fontSize, fontWeight, textShadow, isOff ? "off" : "", ground(element)].join(" "));
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (texts.currentNode.data.trim()) shown(texts.currentNode.parentElement);
  document.querySelectorAll("input, select, textarea").forEach(shown);
  return [...found];
}
"""
# Those in which axe found nothing wrong, since this worker began.
well_contrasted: set[str] = set()
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
# A walk whose second width shows nothing that another walk does not: the desk in the torture.
BOTH = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk", marks=pytest.mark.torture)]
# A walk that is no more than another one without scripts, of an errand that has one already.
WITH_AND_WITHOUT = [
    pytest.param(True, id="scripts"),
    pytest.param(False, id="no scripts", marks=pytest.mark.torture),
]


def chromium() -> str:
    """Return the browser to drive; its absence is a failure, never a skip."""
    named = os.environ.get("MARELLE_CHROMIUM")
    # The one without a window first: setup/chromium says why.
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = named or next(filter(None, map(shutil.which, known)), None)
    if found is None:
        pytest.fail(
            "No Chromium found: install Debian's `chromium-headless-shell`, or set MARELLE_CHROMIUM to its path.",
            pytrace=False,
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


def pytest_collection_modifyitems(items):
    """A walk that failed is tried again, and named: docs/decisions/0025. On a bad day every failure is wanted."""
    for item in items:
        if item.get_closest_marker("browser") and not SLOW:
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


PEOPLE = pytest.StashKey[list]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show with a failure where each person was, and what they had before their eyes."""
    report = yield
    if report.when == "call" and report.failed:
        for somebody in item.stash.get(PEOPLE, []):
            report.sections.append(("what the page said", somebody.tells()))
    return report


def _was_left(trouble):
    """Return whether this happened because the page gave way to another one."""
    return re.search("context was destroyed|navigat|Cannot find context", str(trouble)) is not None


class Person:
    """Somebody in front of a page: what they click and read. Complaints of the browser fail the test."""

    def __init__(self, page, site, *, has_scripts):
        self.page = page
        self.site = site
        self.has_scripts = has_scripts
        self.clicks = 0
        self.complaints = []
        self.downloads = []
        page.on("download", lambda download: self.downloads.append(download))  # noqa: PLW0108  a builtin is refused
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message):
        # A refusal answers 4xx on purpose, and Chromium says so in its console; htmx says there what it has given up
        # because the person went on (what really failed it says as htmx:sendError too).
        given_up = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type == "error" and not given_up and "Failed to load resource" not in message.text:
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
        # A page may lead further before it is whole, which `goto` would take for a trouble.
        answer = self.page.goto(site + path, wait_until="commit")
        self.settles()
        return answer

    def goes_back(self):
        self.page.go_back(wait_until="commit")
        self.settles()

    def settles(self):
        """Wait until the page is whole, and nothing is under way: neither another page nor an answer to its scripts.

        Whoever acts or reads before would do so on a page that is about to be replaced, or that does not listen yet.
        """
        end = time.monotonic() + WAIT / 1000
        while not self._is_settled():
            assert time.monotonic() < end, f"the page does not come to rest: {self.page.url}"
            self.page.wait_for_timeout(20)

    def _is_settled(self):
        try:
            if self.downloads:  # what was to lead elsewhere gave a file: the page stays
                self.downloads.clear()
                self.page.evaluate("window.stays && stays()")
            return self.page.evaluate(IS_SETTLED)
        except PlaywrightError as trouble:
            if not _was_left(trouble):
                raise
            return False

    def clicks_on(self, locator):
        """Press as a person does: once the page is there and still, and for a while; and see what comes of it.

        A press that went beside, because a slow machine moved the page in between, is made again once: a page that
        moves at each press is at fault.
        """
        self.clicks += 1
        self.settles()
        locator.wait_for()
        landed = self._presses(locator) and self._presses(locator)
        assert not landed, f"pressed twice, and both went beside {locator}: the last on {landed}"
        self.settles()

    def presses(self, key, on=None):
        """Press a key where the focus is, or on an element that is given it first; and see what comes of it."""
        self.settles()
        if on is not None:
            on.focus()
        if key == "Enter" and not self.has_scripts:
            self.page.locator(":focus").evaluate(WOULD_LEAVE, True)
        self.page.keyboard.press(key)
        self.settles()

    def tabs_to(self, condition, *, presses=400):
        """Press Tab until the focus is where this script says that it should be."""
        self.settles()
        for _press in range(presses):
            if self.page.evaluate(condition):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"the keyboard never reaches: {condition}")

    def _presses(self, locator):
        """Return what the press landed on beside the element; None when it arrived."""
        if not self.has_scripts:  # nor listeners, nor promises
            before = None
            while (place := locator.bounding_box()) != before:
                before = place
                self.page.wait_for_timeout(50)
            locator.evaluate(WOULD_LEAVE, False)
            return locator.click(delay=HELD)
        while not self._is_still(locator):
            pass
        locator.evaluate(WATCH)
        locator.click(delay=HELD)
        try:
            press = self.page.evaluate("window.press")
        except PlaywrightError as trouble:
            if not _was_left(trouble):
                raise
            return None
        return press["landed"] if press and not press["arrived"] else None

    def _is_still(self, locator):
        """Return whether it stood still; not when it, or the whole page, gave way to another meanwhile."""
        try:
            return locator.evaluate(IS_STILL)
        except PlaywrightError as trouble:
            if not _was_left(trouble):
                raise
            return False

    def opens_every_fold(self, within="main"):
        """Open what is folded, each by its own press: a fold that a page already shows open stays so."""
        self.settles()
        for _press in range(self.page.locator(f"{within} summary").count()):
            shut = self.page.locator(f"{within} details:not([open]) > summary:visible")
            if not shut.count():
                return
            self.clicks_on(shut.first)

    def is_known(self, user):
        """Come as who typed her password earlier: on the account site, which opens the others without a page.

        Some walks type it (`signs_in`): for the others it would be one more page each.
        """
        request = RequestFactory().get("/")
        request.site, request.session = Site.ACCOUNT, SessionStore()
        with permitted("factory"):
            login(request, User.objects.get(pk=user.pk), backend=django_settings.AUTHENTICATION_BACKENDS[0])
            request.session.save()
        cookie = {"name": django_settings.SESSION_COOKIE_NAME, "value": request.session.session_key}
        self.page.context.add_cookies([{**cookie, "url": re.sub(r"//\w+", "//compte", self.site)}])

    def signs_in(self, user):
        self.page.get_by_label("Adresse e-mail").fill(user.email)
        self.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        self.clicks_on(self.page.get_by_role("button", name=re.compile("Se connecter")))

    def sees(self, words):
        self.page.get_by_text(words).filter(visible=True).first.wait_for()

    def finds_nothing_with_axe(self):
        """Have axe look at the page, at its contrasts when it has colours that were not looked at before.

        Needs scripts: without them the promise that axe returns is never kept, and the test would wait for ever.
        """
        assert self.has_scripts
        found = self._looks()
        assert found["wrong"] == [], self.page.url
        assert found["tried"] > 5
        assert found["fits"], "the page scrolls sideways"

    def _looks(self):
        """Return what axe says of the page, and its width; of the next one, if this one gave way to it meanwhile."""
        while True:
            self.settles()
            page = self.page.evaluate_handle("document")
            try:
                if not self.page.evaluate("!!window.axe"):
                    self.page.evaluate(Axe().axe_script)
                colours = set(self.page.evaluate(COLOURS))
                has_new = not colours <= well_contrasted
                found = self.page.evaluate(LOOK, [RULES, has_new])
                if has_new and not found["wrong"]:
                    well_contrasted.update(colours)
                return found
            except PlaywrightError as trouble:
                if not _was_left(trouble) and self._is_at(page):
                    raise

    def _is_at(self, document):
        """Return whether the page is still this document."""
        try:
            return document.evaluate("document => document === window.document")
        except PlaywrightError:  # it went with its page
            return False

    def reads(self, name):
        """Compare what a reader hears, in order, with the script kept beside the tests."""
        self.settles()
        heard = self.page.locator("body").aria_snapshot()
        heard = "\n".join(line for line in heard.splitlines() if "/url:" not in line) + "\n"
        script = READING / f"{name}.txt"
        if os.environ.get("MARELLE_WRITE_READING"):
            READING.mkdir(exist_ok=True)
            script.write_text(heard)
        assert heard == script.read_text(), f"the reading of {name} changed: MARELLE_WRITE_READING=1 writes it again"


@pytest.fixture(scope="session")
def _answers(live_server):
    """On a bad day (MARELLE_SLOW_WALKS), each answer of the live server comes late."""
    if not SLOW:
        return
    served = live_server.thread.httpd.get_app()

    def late(environ, start_response):
        time.sleep(random.uniform(0, LATE))
        return served(environ, start_response)

    live_server.thread.httpd.set_app(late)


@pytest.fixture
def sites_at_home(_answers, live_server, transactional_db, settings):
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
            context.add_init_script(LEAVING)
            page = context.new_page()
            if SLOW:
                context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
            somebody = Person(page, site, has_scripts=scripts)
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

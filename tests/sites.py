"""A person's browser on our several sites, and the account site's back channel, without a server of the whole.

Django's client speaks to one host: `Browser` keeps one for each, and goes where it is led. What a site asks the account
site itself passes by a real connection, answered in a thread that shares the test's transaction.
"""

from __future__ import annotations

import html
import re
import threading
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.client import ClientHandler

from marelle.web.account.provider.own_clients import register_own_clients

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
FAMILY, OFFICE, ACCOUNT, INVOICES = (f"http://{name}.localhost" for name in ("famille", "mairie", "compte", "factures"))
FURTHEST = 12


class Browser:
    """One cookie jar a host, one window; `went` is every address of the last journey, in order."""

    def __init__(self, user_agent=FIREFOX, **more):
        self.user_agent, self.more = user_agent, more
        self.clients = {}
        self.went = []

    def on(self, url):
        """Return the client of the host of an address."""
        host = urlsplit(url).netloc
        if host not in self.clients:
            self.clients[host] = Client(headers={"host": host, "user-agent": self.user_agent}, **self.more)
        return self.clients[host]

    def opens(self, url, **headers):
        """Open an address, and go on as long as it leads somewhere."""
        return self._follows(url, self.on(url).get(_path(url), headers=headers))

    def sends(self, url, data=None, **headers):
        """Send a form, and go on."""
        return self._follows(url, self.on(url).post(_path(url), data or {}, headers=headers))

    def signs_in(self, email="elena@exemple.fr", password="trois petits chats verts"):
        """Fill in the form where the window is."""
        hidden = re.search(r'name="next" value="([^"]*)"', self.page.content.decode())
        following = html.unescape(hidden[1]) if hidden else ""
        return self.sends(self.url, {"login": email, "password": password, "next": following})

    @property
    def url(self):
        """Return where the window is."""
        return self.went[-1]

    def _follows(self, url, response):
        self.went = [url]
        while response.status_code in {301, 302, 303, 307}:
            assert len(self.went) < FURTHEST, self.went
            url = urljoin(url, response["Location"])
            self.went.append(url)
            response = self.on(url).get(_path(url))
        self.page = response
        return response


def _path(url):
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *said):
        pass


@contextmanager
def back_channel():
    """Answer at `settings.ACCOUNT_BACK_CHANNEL` in the transaction of the test; our own sites are known there."""
    register_own_clients()
    # The handler of Django's client, which leaves the connection open.
    handler, shared = ClientHandler(), connections["default"]

    def application(environ, start_response):
        connections["default"] = shared
        response = handler(environ)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    shared.inc_thread_sharing()
    server = WSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    before, settings.ACCOUNT_BACK_CHANNEL = settings.ACCOUNT_BACK_CHANNEL, f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        settings.ACCOUNT_BACK_CHANNEL = before
        server.shutdown()
        server.server_close()
        thread.join()
        shared.dec_thread_sharing()

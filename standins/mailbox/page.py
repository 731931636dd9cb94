"""The page that shows the letters: plain HTML, no script."""

from __future__ import annotations

import html
import http
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standins.mailbox.letters import Letter, Letterbox

STYLE = """
:root { font: 1rem/1.5 system-ui, sans-serif; color: #1d2433; background: #f7f5f0 }
body { margin: 0 auto; padding: 1.5rem 1rem; max-width: 46rem }
h1 { font-size: 1.5rem; line-height: 1.25 } ol { list-style: none; padding: 0 }
li, article { background: #fff; border: 1px solid #ddd8cc; border-radius: .75rem; padding: .75rem 1rem }
li, article { margin: .5rem 0 }
a { color: #1f4fa3 } p { margin: .25rem 0 } dl { margin: 0 0 1rem } dt { float: left; min-width: 4rem; color: #555c6b }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 } .soft { color: #555c6b }
"""


def page_server(letterbox: Letterbox, port: int) -> ThreadingHTTPServer:
    """Return a server of the letters' pages on the loopback, listening, not yet serving."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/style.css":
                self._send(STYLE, kind="text/css")
            elif self.path == "/":
                self._send(list_page(letterbox.letters()))
            elif (asked := re.fullmatch(r"/(\d{1,9})", self.path)) and (letter := letterbox.letter(int(asked[1]))):
                self._send(letter_page(letter))
            else:
                self._send(_page("Ce courriel n'est plus là", BACK), status=http.HTTPStatus.NOT_FOUND)

        def _send(self, content: str, *, kind: str = "text/html", status: http.HTTPStatus = http.HTTPStatus.OK) -> None:
            body = content.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name it has in the base class
            """Keep the terminal for the portal's own lines."""

    return ThreadingHTTPServer(("127.0.0.1", port), Pages)


BACK = '<p><a href="/">Tous les courriels</a></p>'


def list_page(letters: tuple[Letter, ...]) -> str:
    """Return the page of all letters."""
    if not letters:
        content = "<p>Aucun courriel pour le moment. Rechargez la page pour voir les suivants.</p>"
    else:
        content = "<ol>" + "".join(_line(letter) for letter in letters) + "</ol>"
    return _page("Courriels envoyés", '<p class="soft">Rien ne quitte cette machine.</p>' + content)


def letter_page(letter: Letter) -> str:
    """Return the page of one letter, its web addresses as links."""
    facts = {"De": letter.sender, "À": ", ".join(letter.recipients), "Date": letter.date}
    listed = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.items())
    text = re.sub(r"https?://[^\s<>\"']+[^\s<>\"'.,;)]", r'<a href="\g<0>">\g<0></a>', html.escape(letter.text))
    return _page(letter.subject, f"<article><dl>{listed}</dl><pre>{text}</pre></article>{BACK}")


def _line(letter: Letter) -> str:
    subject, recipients = html.escape(letter.subject), html.escape(", ".join(letter.recipients))
    return (
        f'<li><p><a href="/{letter.number}">{subject}</a></p>'
        f'<p class="soft">à {recipients} · {html.escape(letter.date)}</p></li>'
    )


def _page(title: str, content: str) -> str:
    escaped = html.escape(title)
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escaped}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><main><h1>{escaped}</h1>{content}</main></body></html>\n"
    )

"""One call to a provider: short, small, without redirects; nothing of it in a log."""

from __future__ import annotations

import functools
import json
import ssl
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

from marelle.connectors.openid.refusals import IdentityNotProvenError, Reason

if TYPE_CHECKING:
    from marelle.connectors.openid.provider import Provider

CONNECT_SECONDS: Final = 3.0
BIGGEST_ANSWER: Final = 128 * 1024
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def answer_of(
    provider: Provider,
    address: str,
    *,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    accept: str = "application/json",
) -> tuple[int, str, bytes]:
    """Will return the status, the content type and the body of a POST of `form`, a GET without; raises the refusal."""
    try:
        return _asked(provider, address, form, {"Accept": accept, **(headers or {})})
    except httpx.TimeoutException:
        reason = Reason.UNAVAILABLE
    except httpx.DecodingError:
        reason = Reason.UNREADABLE
    except (httpx.HTTPError, httpx.InvalidURL):
        reason = Reason.UNREACHABLE
    # Outside the except: the library's exception holds the request, and the request holds secrets.
    raise IdentityNotProvenError(reason)


def object_of(body: bytes) -> dict[str, Any]:
    """Will return the JSON object that a body is; raises the refusal."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise IdentityNotProvenError(Reason.UNREADABLE)
    return said


def _asked(
    provider: Provider, address: str, form: dict[str, str] | None, headers: dict[str, str]
) -> tuple[int, str, bytes]:
    ends = time.monotonic() + provider.whole_seconds
    url, named = provider.called(address)
    host = urlsplit(url).hostname or ""
    is_local = host in LOOPBACK or host.endswith(".localhost")  # what no proxy can reach
    with (
        httpx.Client(
            timeout=httpx.Timeout(provider.whole_seconds, connect=min(CONNECT_SECONDS, provider.whole_seconds)),
            follow_redirects=False,
            trust_env=not is_local,
            verify=_tls(),
        ) as client,
        client.stream(
            "GET" if form is None else "POST",
            url,
            data=form,
            # A few kilobytes: nothing to unfold, and nothing that unfolds for ever.
            headers={"Accept-Encoding": "identity", **headers, **named},
        ) as answer,
    ):
        if answer.is_redirect or answer.is_informational:
            raise IdentityNotProvenError(Reason.UNREADABLE)
        if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise IdentityNotProvenError(Reason.UNAVAILABLE)
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
        return answer.status_code, kind, _whole(answer, ends)


def _whole(answer: httpx.Response, ends: float) -> bytes:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > BIGGEST_ANSWER:
            raise IdentityNotProvenError(Reason.UNREADABLE)
        if time.monotonic() > ends:
            raise IdentityNotProvenError(Reason.UNAVAILABLE)
    return body


@functools.cache
def _tls() -> ssl.SSLContext:
    """Will return what connections are verified with: reading the authorities takes longer than a call."""
    return httpx.create_ssl_context()

"""One question to the REST API, one answer within a time and a size; what happened otherwise is a word, no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from marelle.domain.payments.gateways import GatewayDownError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS: Final = 5.0
BIGGEST_ANSWER: Final = 1024 * 1024  # thirty transactions at most, of ten kilobytes
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def asked(url: str, who: tuple[str, str], question: Mapping[str, str], *, whole_seconds: float) -> bytes:
    """Will return the answer's body; raises GatewayDownError, which holds nothing of what was asked."""
    try:
        return _asked(url, who, question, whole_seconds)
    except httpx.TimeoutException:
        trouble = "TIMEOUT"
    except (httpx.HTTPError, httpx.InvalidURL):
        trouble = "UNREACHABLE"
    # Outside the except: the library's exception holds the request.
    raise GatewayDownError(trouble)


def _asked(url: str, who: tuple[str, str], question: Mapping[str, str], whole_seconds: float) -> bytes:
    ends = time.monotonic() + whole_seconds
    wait = httpx.Timeout(whole_seconds, connect=min(CONNECT_SECONDS, whole_seconds))
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}  # nothing that unfolds for ever
    is_local = urlsplit(url).hostname in LOOPBACK  # what no proxy can reach
    with (
        httpx.Client(timeout=wait, follow_redirects=False, trust_env=not is_local) as client,
        client.stream("POST", url, json=dict(question), auth=who, headers=headers) as answer,
    ):
        # Refusals too come with 200: any other is not the API that speaks.
        if answer.status_code != httpx.codes.OK:
            raise GatewayDownError(f"HTTP_{answer.status_code}")
        body = b""
        for part in answer.iter_bytes():
            body += part
            if len(body) > BIGGEST_ANSWER:
                raise GatewayDownError("ENDLESS")
            if time.monotonic() > ends:
                raise GatewayDownError("TIMEOUT")
        return body

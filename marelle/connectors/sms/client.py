"""OVHcloud's SMS API, version 1.0: `POST /sms/{account}/jobs`, `GET /sms/{account}/outgoing`, each question signed.

https://eu.api.ovh.com/console/?section=/sms, and its guides « API SMS Cookbook » and « First steps with the API » for
the signature. Our reference travels as the `tag`, by which a text is found again when no answer came.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx

from marelle.domain.news.rules.texts import length_of
from marelle.domain.news.texts import Delivery, Taken, TextNotSentError, Trouble
from marelle.foundation import clock

CONNECT_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 15.0
VALID_MINUTES: Final = 2880  # a telephone that is off for two days gets nothing
BIGGEST_ANSWER: Final = 256 * 1024
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
# What an answer may mean when it is not 200; for another status, whether something was done is not known.
STATUSES: Final = {
    401: Trouble.NOT_ALLOWED,
    402: Trouble.NO_CREDIT,
    403: Trouble.NOT_ALLOWED,
    429: Trouble.UNAVAILABLE,
    503: Trouble.UNAVAILABLE,
}
# The receipts of a telephone network: 1 arrived; 2 and 16 are final refusals; the others may still become one of them.
RECEIPTS: Final = {1: Delivery.DELIVERED, 2: Delivery.LOST, 16: Delivery.LOST}

log = logging.getLogger("marelle.connectors.sms")


class OvhTexts:
    """The SMS account `account` at `url`, for whoever holds the three keys. It fulfils `TextSender`."""

    def __init__(
        self,
        url: str,
        account: str,
        sender: str,
        *,
        application_key: str,
        application_secret: str,
        consumer_key: str,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        """Will keep who we are there; nothing is asked yet. An empty `sender`: a short number, which takes answers."""
        self._base = url.rstrip("/")
        self._account = account
        self._sender = sender
        self._keys = (application_key, application_secret, consumer_key)
        self._whole_seconds = whole_seconds
        self._ahead: int | None = None

    def __repr__(self) -> str:
        """Will say which account it is, and no secret."""
        return f"OvhTexts({self._account!r})"

    def send(self, number: str, words: str, *, reference: str) -> Taken:
        """Will hand over a text; raises TextNotSentError."""
        asked: dict[str, Any] = {
            "charset": "UTF-8",
            "class": "phoneDisplay",
            "coding": "8bit" if length_of(words).is_wide else "7bit",
            "message": words,
            "noStopClause": True,  # it sells nothing (L. 34-5 of the CPCE)
            "priority": "high",
            "receivers": [number],
            "tag": reference,
            "validityPeriod": VALID_MINUTES,
            **({"sender": self._sender} if self._sender else {"senderForResponse": True}),
        }
        said = self._asked("POST", f"/sms/{self._account}/jobs", asked)
        ids = said.get("ids") if isinstance(said, dict) else None
        if isinstance(said, dict) and said.get("invalidReceivers"):
            raise self._trouble(Trouble.WRONG_NUMBER)
        if not isinstance(ids, list) or len(ids) != 1 or not isinstance(ids[0], int):
            raise self._trouble(Trouble.UNSURE)
        return Taken(str(ids[0]))

    def taken_as(self, reference: str) -> Taken | None:
        """Will look for a text by our reference; raises TextNotSentError."""
        found = self._asked("GET", f"/sms/{self._account}/outgoing?{urlencode({'tag': reference})}")
        if not isinstance(found, list) or not all(isinstance(one, int) for one in found):
            raise self._trouble(Trouble.UNSURE)
        return Taken(str(found[0])) if found else None

    def deliveries(self, provider_ids: Collection[str]) -> dict[str, Delivery]:
        """Will ask for the receipt of each of these texts; raises TextNotSentError at the first without an answer."""
        told = {}
        for one in provider_ids:
            said = self._asked("GET", f"/sms/{self._account}/outgoing/{one}", missing={})
            receipt = said.get("deliveryReceipt") if isinstance(said, dict) else None
            told[one] = RECEIPTS.get(receipt, Delivery.UNKNOWN) if isinstance(receipt, int) else Delivery.UNKNOWN
        return told

    def _asked(self, method: str, path: str, said: dict[str, Any] | None = None, *, missing: Any = None) -> Any:
        """Will sign and ask, and return what was answered; `missing` for what is not there, when it is not None."""
        url = self._base + path
        body = "" if said is None else json.dumps(said, ensure_ascii=False)
        headers = {"Content-Type": "application/json; charset=utf-8", **self._signed(method, url, body)}
        status, content = self._exchanged(method, url, body, headers)
        if status == httpx.codes.NOT_FOUND and missing is not None:
            return missing
        if status != httpx.codes.OK:
            raise self._trouble(_trouble_of(status, content))
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise self._trouble(Trouble.UNSURE) from None

    def _signed(self, method: str, url: str, body: str) -> dict[str, str]:
        key, secret, consumer = self._keys
        moment = str(self._now())
        text = f"{secret}+{consumer}+{method}+{url}+{body}+{moment}"
        return {
            "X-Ovh-Application": key,
            "X-Ovh-Consumer": consumer,
            "X-Ovh-Timestamp": moment,
            # The algorithm is theirs.
            "X-Ovh-Signature": "$1$" + hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
        }

    def _now(self) -> int:
        """Will return the second it is over there: a clock that drifts would sign what is refused."""
        here = int(clock.machine_now().timestamp())
        if self._ahead is None:
            status, content = self._exchanged("GET", f"{self._base}/auth/time", "", {})
            text = content.decode("ascii", "replace").strip()
            if status != httpx.codes.OK or not text.isdigit():
                raise self._trouble(Trouble.UNAVAILABLE)
            self._ahead = int(text) - here
        return here + self._ahead

    def _exchanged(self, method: str, url: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        wait = httpx.Timeout(self._whole_seconds, connect=min(CONNECT_SECONDS, self._whole_seconds))
        is_local = urlsplit(url).hostname in LOOPBACK  # what no proxy can reach
        try:
            with (
                httpx.Client(timeout=wait, follow_redirects=False, trust_env=not is_local) as client,
                client.stream(method, url, content=body.encode() or None, headers=headers) as answer,
            ):
                content = b""
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > BIGGEST_ANSWER:
                        break
                return answer.status_code, content
        except (httpx.ConnectError, httpx.ConnectTimeout):
            trouble = Trouble.UNAVAILABLE
        except (httpx.HTTPError, httpx.InvalidURL):
            trouble = Trouble.UNSURE if method == "POST" else Trouble.UNAVAILABLE
        # Outside the except: the library's exception may quote what was sent.
        raise self._trouble(trouble)

    def _trouble(self, trouble: Trouble) -> TextNotSentError:
        # The code alone: a provider's words may quote the number.
        log.warning("text not sent: %s", trouble.code)
        return TextNotSentError(trouble)


def _trouble_of(status: int, content: bytes) -> Trouble:
    if b"credit" in content.lower() and 400 <= status < 500:  # noqa: PLR2004  a refusal
        return Trouble.NO_CREDIT
    if status in STATUSES:
        return STATUSES[status]
    return Trouble.REFUSED if 400 <= status < 500 else Trouble.UNSURE  # noqa: PLR2004

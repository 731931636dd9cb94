"""API Particulier v3, by identity or by FranceConnect: one question, one answer or one trouble, and none in a log.

https://particulier.api.gouv.fr, operation `api_particulier_v3_cnav_quotient_familial_with_civility`, and
`api_particulier_v3_cnav_quotient_familial_with_france_connect`, which the token of a person opens. At most 20 questions
a second for a token: an agent's clicks stay far below, and beyond it the answer is a trouble like the others.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from marelle.connectors.quotient.answers import found, trouble_of
from marelle.domain.families.quotient_source import FRANCE, MOST_FIRST_NAMES, QuotientUnknownError, Trouble

if TYPE_CHECKING:
    from marelle.domain.families.quotient_source import FoundQuotient, Identity

BY_IDENTITY: Final = "/v3/dss/quotient_familial/identite"
BY_TOKEN: Final = "/v3/dss/quotient_familial/france_connect"  # noqa: S105  an address
# The provider behind may take ten seconds; nobody waits for it longer than the whole.
CONNECT_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 15.0
BIGGEST_ANSWER: Final = 256 * 1024
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

log = logging.getLogger("marelle.connectors.quotient")


@dataclass(frozen=True, slots=True)
class ApiParticulier:
    """The service at `url`, for whoever holds `token`. It fulfils `QuotientSource` and `QuotientByToken`."""

    url: str
    token: str = field(repr=False, default="")  # the authorities' own; who brings a person's needs none
    whole_seconds: float = WHOLE_SECONDS

    def quotient_of(self, identity: Identity, *, recipient: str) -> FoundQuotient:
        """Will ask for this month's quotient; raises QuotientUnknownError."""
        return self._found(BY_IDENTITY, self.token, parameters(identity, recipient), recipient)

    def quotient_by_token(self, access_token: str, *, recipient: str) -> FoundQuotient:
        """Will ask for this month's quotient of who FranceConnect has identified; raises QuotientUnknownError."""
        return self._found(BY_TOKEN, access_token, (("recipient", recipient),), recipient)

    def _found(self, path: str, token: str, asked: tuple[tuple[str, str], ...], recipient: str) -> FoundQuotient:
        if not recipient:
            raise QuotientUnknownError(Trouble.NO_RECIPIENT)
        try:
            return found(*self._asked(path, token, asked))
        except QuotientUnknownError as error:
            # The code alone: what was asked and answered is about a person.
            log.info("no quotient: %s", error.trouble.name)
            raise
        except httpx.TimeoutException:
            trouble = Trouble.UNAVAILABLE
        except httpx.DecodingError:
            trouble = Trouble.UNREADABLE
        except (httpx.HTTPError, httpx.InvalidURL):
            trouble = Trouble.UNREACHABLE
        # Outside the except: the library's exception names the address, and the address holds the identity.
        log.warning("no quotient: %s", trouble.name)
        raise QuotientUnknownError(trouble)

    def _asked(self, path: str, token: str, asked: tuple[tuple[str, str], ...]) -> tuple[int, bytes]:
        """Will return the status and the body; raises httpx's exceptions, QuotientUnknownError for an endless body."""
        ends = time.monotonic() + self.whole_seconds
        wait = httpx.Timeout(self.whole_seconds, connect=min(CONNECT_SECONDS, self.whole_seconds))
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a few kilobytes: nothing to unfold, and nothing that unfolds for ever
            # An answer is kept a day over there; a family that has just had its file corrected must not wait for it.
            "Cache-Control": "no-cache",
        }
        is_local = urlsplit(self.url).hostname in LOOPBACK  # what no proxy can reach
        with (
            httpx.Client(timeout=wait, follow_redirects=False, trust_env=not is_local) as client,
            client.stream("GET", self.url.rstrip("/") + path, params=asked, headers=headers) as answer,
        ):
            if answer.status_code == httpx.codes.OK or answer.is_error:
                return answer.status_code, _whole(answer, ends)
        raise QuotientUnknownError(trouble_of(answer.status_code, b""))


def _whole(answer: httpx.Response, ends: float) -> bytes:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > BIGGEST_ANSWER:
            raise QuotientUnknownError(Trouble.UNREADABLE)
        if time.monotonic() > ends:
            raise QuotientUnknownError(Trouble.UNAVAILABLE)
    return body


def parameters(identity: Identity, recipient: str) -> tuple[tuple[str, str], ...]:
    """Will return what is asked, in the words of the service; a place of birth is said one way only."""
    said: list[tuple[str, str | int | None]] = [
        ("recipient", recipient),
        ("nomNaissance", identity.birth_name),
        ("nomUsage", identity.used_name),
        *(("prenoms[]", name) for name in identity.first_names[:MOST_FIRST_NAMES]),
        ("anneeDateNaissance", identity.birth_year),
        ("moisDateNaissance", identity.birth_month),
        ("jourDateNaissance", identity.birth_day),
        ("sexeEtatCivil", identity.sex),
        ("codeCogInseePaysNaissance", identity.birth_country),
    ]
    if identity.birth_country == FRANCE and identity.birth_town_code:
        said.append(("codeCogInseeCommuneNaissance", identity.birth_town_code))
    elif identity.birth_country == FRANCE:
        said += [
            ("nomCommuneNaissance", identity.birth_town),
            ("codeCogInseeDepartementNaissance", identity.birth_department),
        ]
    return tuple((name, str(value)) for name, value in said if value not in {"", None})

"""The session engine: Django's own, in a table of ours that says whose a session is, where, and when it was seen."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DjangoSessionStore
from django.utils.crypto import salted_hmac

from marelle.domain.accounts.models import Session, Site
from marelle.domain.accounts.rules.devices import device_words
from marelle.foundation import clock

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.accounts.models import User

SEEN_EVERY = timedelta(minutes=15)
SITE, DEVICE, OPENED_AT = "site", "device", "opened_at"
LONGEST_SID = 32
# Whoever is signed in there was named by the account site, and is only as long as the session over there lives.
OPENED_BY_THE_ACCOUNT_SITE = (Site.FAMILY, Site.OFFICE, Site.INVOICES)
# Written out: composing this one statement was a tenth of the time of most requests.
ALIVE = """
SELECT session.* FROM "accounts_session" AS session
WHERE session.session_key = %(key)s AND session.expire_date > %(now)s AND (
    session.site <> ALL(%(opened)s) OR EXISTS (
        SELECT FROM "accounts_session" AS above
        WHERE above.site = %(account)s AND above.sid = session.sid AND above.sid <> ''
          AND above.user_id = session.user_id AND above.expire_date > %(now)s
    )
)
"""
SID = "sid"  # of the account site's session, on that site and on those it opened (OpenID Connect)


class SessionStore(DjangoSessionStore):
    """Reads and writes `accounts.Session`.

    A session of a site that the account site opened is found, in the one statement that loads it, only while the
    session of the account site with the same `sid` is there and not over: ending that one ends them all, at once.

    « Last seen » is written at most every quarter of an hour, in its own column: a page that only reads must not write
    the session's data over what another page has just put there.
    """

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Will return the table."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        """Will return the row of this session if it is alive; forgets its name otherwise, as Django's own does."""
        facts = {
            "key": self.session_key,
            "now": clock.machine_now(),
            "opened": list(OPENED_BY_THE_ACCOUNT_SITE),
            "account": Site.ACCOUNT,
        }
        found = next(iter(Session.objects.raw(ALIVE, facts)), None)
        if found is None:
            self._session_key = None
        return found

    def load(self) -> dict[str, Any]:
        """Will return the data of the session, and note now and then that it was seen."""
        row = self._get_session_from_db()
        if row is None:
            return {}
        now = clock.machine_now()
        if row.user_id and row.seen_at < now - SEEN_EVERY:
            Session.objects.filter(pk=row.pk, seen_at=row.seen_at).update(seen_at=now)
        data: dict[str, Any] = self.decode(row.session_data)
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Will return the row of these data."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]  # of `get_model_class`
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.site, row.device, row.sid = data.get(SITE, ""), data.get(DEVICE, ""), data.get(SID, "")
        row.opened_at = datetime.fromisoformat(data[OPENED_AT]) if OPENED_AT in data else None
        row.seen_at = clock.machine_now()
        return row


def note_opening(*, request: HttpRequest, **_signal: Any) -> None:
    """Will note where and from what a session is opened, when somebody signs in."""
    request.session[SITE] = getattr(request, "site", "")
    request.session[DEVICE] = device_of(request)
    request.session[OPENED_AT] = clock.machine_now().isoformat()
    if request.session[SITE] == Site.ACCOUNT:
        # Signing in again in the same session is not another one: those that it opened elsewhere stay tied to it.
        request.session.setdefault(SID, secrets.token_hex(16))


def keep_signed_in(user: User, sid: str) -> None:
    """Will let the sessions that this one opened on other sites outlive a new password, as it does itself.

    Each carries a digest of the password. They are the engine's own rows, written as it writes them.
    """
    for row in Session.objects.filter(user=user, sid=sid, site__in=OPENED_BY_THE_ACCOUNT_SITE):
        store = SessionStore(row.session_key)
        data = store.decode(row.session_data)
        row.session_data = store.encode({**data, HASH_SESSION_KEY: user.get_session_auth_hash()})
        row.save(update_fields=["session_data"])


def device_of(request: HttpRequest) -> str:
    """Will return the words for the device that sent a request."""
    return device_words(request.META.get("HTTP_USER_AGENT", ""))


def handle_of(kind: str, key: object) -> str:
    """Will return an unguessable name for a session or a passkey, whose own keys do not leave the server."""
    return salted_hmac(f"marelle.account.{kind}", str(key), algorithm="sha256").hexdigest()[:20]

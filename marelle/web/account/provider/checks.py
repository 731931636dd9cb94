"""What must be true of an installation before other sites trust it; « marelle run » refuses to start otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import checks

from marelle.web.account.provider.keys import BadKeyError, check_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

PROVIDER = "provider"  # the tag under which a start runs them
SHARED = (
    "django.core.cache.backends.db.",
    "django.core.cache.backends.redis.",
    "django.core.cache.backends.memcached.",
)


@checks.register(PROVIDER)
def check_shared_cache(*, app_configs: Sequence[Any] | None = None, **_rest: Any) -> list[checks.CheckMessage]:
    """Will refuse a cache that each process has for itself: attempts would be counted several times over."""
    backend = settings.CACHES.get("default", {}).get("BACKEND", "")
    if backend.startswith(SHARED):
        return []
    message = f"le cache {backend.rpartition('.')[2]} n'est pas commun à tous les processus"
    return [checks.Error(message, hint="DatabaseCache l'est.", id="marelle.E002")]


@checks.register(PROVIDER)
def check_signing_keys(*, app_configs: Sequence[Any] | None = None, **_rest: Any) -> list[checks.CheckMessage]:
    """Will refuse keys that are not RSA of 2048 bits or more."""
    try:
        check_keys()
    except BadKeyError as error:
        message = "MARELLE_OIDC_KEYS n'est pas valable : clés RSA privées différentes, de 2048 bits ou plus, attendues"
        return [checks.Error(message, hint=str(error), id="marelle.E003")]
    return []

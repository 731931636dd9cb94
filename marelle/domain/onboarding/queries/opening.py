"""What is known of a link by which a town opens its space."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from marelle.domain.onboarding.models import OpeningLink
from marelle.domain.onboarding.rules.opening_town import LINK_DAYS
from marelle.foundation.derived_secrets import digest_of_token, unsealed

PURPOSE: Final = "opening"


@dataclass(frozen=True, slots=True)
class ForWhom:
    """Who a link was made for; each is empty when whoever opens it says so herself."""

    email: str = ""
    name: str = ""


def whom_for(token: str) -> ForWhom | None:
    """Will return who a link was made for; None when it is none of ours or is more than two days old."""
    text = unsealed(PURPOSE, token, days=LINK_DAYS)
    if text is None:
        return None
    email, name, _unique = json.loads(text)
    return ForWhom(email, name)


def link_of(token: str) -> OpeningLink | None:
    """Will return the row of a link; None when it was made elsewhere, or is forgotten."""
    return OpeningLink.objects.filter(token_digest=digest_of_token(token)).first()

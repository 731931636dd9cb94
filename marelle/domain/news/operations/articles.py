"""The few writes of news."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.news.models import Article
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def save_articles(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Article]:
    """Will create or update articles as a file says them, named by their code; see `authorities.save_rows`."""
    return save_rows(authority, Article, ("code",), said, force=force, by=by, at=at)

"""Named reads of news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.news.models import Article

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


def published_articles(*, on: date, for_families: bool) -> QuerySet[Article]:
    """Will return the articles that can be read on that day, the newest first.

    Those for everybody only, or with `for_families` those for signed-in families too.
    """
    articles = Article.objects.filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on), published_on__lte=on)
    if not for_families:
        articles = articles.filter(is_public=True)
    return articles.order_by("-published_on", "-pk")

"""Named reads of news, by idea."""

from marelle.domain.news.queries.articles import published_articles

__all__ = ("published_articles",)

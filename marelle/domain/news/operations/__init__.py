"""The few writes of news."""

from marelle.domain.news.operations.articles import save_articles

__all__ = ("save_articles",)

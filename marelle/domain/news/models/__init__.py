"""What an authority tells families: articles, menus, documents to download."""

from marelle.domain.news.models.articles import Article, Published
from marelle.domain.news.models.downloads import Download
from marelle.domain.news.models.menus import Dish, Kitchen, Menu

__all__ = ("Article", "Dish", "Download", "Kitchen", "Menu", "Published")

"""What an authority tells families: articles, menus, documents to download, messages."""

from marelle.domain.news.models.articles import Article, Published
from marelle.domain.news.models.downloads import Download
from marelle.domain.news.models.menus import Dish, Kitchen, Menu
from marelle.domain.news.models.messages import FamilyMessage, LostAddress, MessageRecipient, MessageTemplate

__all__ = (
    "Article",
    "Dish",
    "Download",
    "FamilyMessage",
    "Kitchen",
    "LostAddress",
    "Menu",
    "MessageRecipient",
    "MessageTemplate",
    "Published",
)

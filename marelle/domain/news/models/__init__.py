"""Tables of news, by idea."""

from marelle.domain.news.models.articles import Article
from marelle.domain.news.models.messages import FamilyMessage, LostAddress, MessageRecipient, MessageTemplate

__all__ = ["Article", "FamilyMessage", "LostAddress", "MessageRecipient", "MessageTemplate"]

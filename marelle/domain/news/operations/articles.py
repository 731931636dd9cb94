"""Articles: as a file says them, as an agent writes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.text import slugify

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.news.models import Article, Published
from marelle.domain.news.rules.audience import Audience, PublishingReach
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

LONGEST_BODY = 10_000


class UnableToPublishError(Exception):
    """What was written cannot be published; `faults` says why, in French, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Will keep why."""
        super().__init__(sorted(faults))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Publication:
    """What every published thing has: its title, its days, for whom. Withdrawn on a day, it is no longer read then."""

    title: str
    published_on: date
    withdrawn_on: date | None
    audience: Audience
    is_public: bool

    @property
    def columns(self) -> dict[str, Any]:
        """Will return the columns of the row that it makes."""
        return {
            "title": " ".join(self.title.split()),
            "published_on": self.published_on,
            "withdrawn_on": self.withdrawn_on,
            "is_public": self.is_public,
            "for_services": sorted(self.audience.services),
            "for_facilities": sorted(self.audience.facilities),
        }

    def faults(self, reach: PublishingReach) -> dict[str, str]:
        """Will say what is wrong with it, by field; nothing of what is right."""
        faults = {}
        if not self.title.strip():
            faults["title"] = "Donnez un titre."
        if self.withdrawn_on is not None and self.withdrawn_on < self.published_on:
            faults["withdrawn_on"] = "Le retrait vient avant la publication. Changez l’une des deux dates."
        if self.audience.is_narrow and self.is_public:
            faults["whom"] = "Ce qui est pour certaines familles n’est pas visible sans se connecter."
        if not reach.covers(self.audience):
            faults["whom"] = "Vos droits ne vont pas jusque-là : choisissez parmi vos services et vos lieux."
        return faults


@operation
def save_articles(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Article]:
    """Will create or update articles as a file says them, named by their code; see `authorities.save_rows`."""
    return save_rows(authority, Article, ("code",), said, force=force, by=by, at=at)


@operation
def write_article(
    authority: Authority,
    article: Article | None,
    publication: Publication,
    body: str,
    *,
    reach: PublishingReach,
    by: Actor,
    at: datetime,
) -> Article:
    """Will write an article, new when None; the same again writes nothing. Raises UnableToPublishError."""
    text = body.replace("\r\n", "\n").strip()
    faults = publication.faults(reach)
    if not text:
        faults["body"] = "Écrivez le texte."
    elif len(text) > LONGEST_BODY:
        faults["body"] = "Le texte dépasse 10 000 caractères. Raccourcissez-le, ou joignez un document."
    if faults:
        raise UnableToPublishError(faults)
    said = {**publication.columns, "body": text}
    if article is None:
        public_id = new_public_id()
        code = "-".join(part for part in (slugify(said["title"])[:60].strip("-"), public_id.lower()) if part)
        row = Article.objects.create(authority=authority, public_id=public_id, code=code, **said)
    else:
        row = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
        if not change(row, said):
            return row
    audit.record("write_article", authority=authority.pk, of="article", key=row.pk, by=by, at=at)
    return row


@operation
def withdraw_article(article: Article, *, on: date, by: Actor, at: datetime) -> bool:
    """Will let nobody read an article from that day on; tells whether somebody could before."""
    row = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
    if not withdraw(row, on=on):
        return False
    audit.record("withdraw_article", authority=row.authority_id, of="article", key=row.pk, by=by, at=at)
    return True


def change(row: Published, said: Mapping[str, Any]) -> bool:
    """Will write in a locked row what it does not say yet; tells whether there was anything."""
    changed = [name for name, value in said.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, said[name])
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def withdraw(row: Published, *, on: date) -> bool:
    """Will end, in a locked row, its reading on that day, or on its first if that is to come; tells whether it did."""
    last = max(on, row.published_on)
    if row.withdrawn_on is not None and row.withdrawn_on <= last:
        return False
    row.withdrawn_on = last
    row.save(update_fields=["withdrawn_on"])
    return True

"""The secret address by which a person's own agenda reads the days of a family."""

from __future__ import annotations

from django.db import models

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Membership
from marelle.foundation.derived_secrets import digest_of_token, token_of
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority

FEED = "calendar_feed"


class CalendarFeed(OfAuthority):
    """What an agenda reads (calendrier à suivre): of one account for one family, and gone with that membership.

    Its moments are of the machine. The address is never kept, only its digest; a new one is a new name.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="calendar_feed", db_constraint=False
    )
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField("créé le")

    class Meta:
        verbose_name = "calendrier à suivre"
        constraints = (*same_authority("membership"),)

    def __str__(self) -> str:
        return f"calendrier {self.pk}"

    @property
    def token(self) -> str:
        """Will return what the address carries."""
        return token_of(FEED, self.public_id)

    def renew(self) -> None:
        """Will take another name, hence another address, and note by what it is recognized; writes nothing."""
        self.public_id = new_public_id()
        self.token_digest = digest_of_token(self.token)

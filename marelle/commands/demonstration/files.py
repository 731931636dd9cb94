"""The files of a demonstration's families: what they ask to change, whom they trust, what they consent to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.families.models import Membership
from marelle.domain.families.operations.confirmations import confirm_file
from marelle.domain.families.operations.consents import NewText, answer_consent, publish_text
from marelle.domain.families.operations.pickups import allow_pickup
from marelle.domain.families.operations.profile import change_profile, decide_change, set_profile_rules
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.profile import file_content, waiting_changes_of
from marelle.domain.families.rules.confirmations import digest_of, written
from marelle.domain.families.rules.photos import PHOTO_BODY, PHOTO_CODE, PHOTO_TITLE
from marelle.domain.families.rules.pickups import Pickup
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.families.models import ConsentText

CONFIRMED_FROM: Final = 9
TEXTS: Final = (
    NewText(
        "photos",
        "Photos de mon enfant",
        "J’accepte que des photos de mon enfant, prises pendant la cantine, la garderie ou les mercredis, paraissent"
        " dans le bulletin municipal et sur le site de la commune, cette année scolaire. Aucun nom n’est écrit.",
        "child",
    ),
    NewText(
        "rentrer-seul",
        "Rentrer seul",
        "J’autorise mon enfant, s’il est en CM1 ou en CM2, à quitter seul l’étude ou la garderie à l’heure de la fin.",
        "child",
    ),
    NewText(PHOTO_CODE, PHOTO_TITLE, PHOTO_BODY, "child"),
)
# Families by the address of the account that acts for them.
ELENA: Final = "elena.sanchez@exemple.fr"
SAMIRA: Final = "samira.benali@exemple.fr"
HELENE: Final = "helene.vasseur@exemple.fr"


@operation
def fill_files(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will tell a few weeks of the files of an authority: changes asked and answered, persons trusted, consents.

    Only those of its families that the flyers tell of are there; elsewhere the texts alone are published.
    """
    with tenancy.scope({authority.pk}):
        set_profile_rules(authority, {}, confirmation_month=CONFIRMED_FROM, by=by, at=at)
        photos, *_others = [publish_text(authority, text, by=by, at=at - timedelta(weeks=8)) for text in TEXTS]
        homes = {
            one.user.email: one
            for one in Membership.objects.filter(user__email__in=[ELENA, SAMIRA, HELENE]).select_related(
                "user", "family__authority", "guardian"
            )
        }
        today = at.astimezone(authority.zone).date()
        if ELENA in homes:
            _the_flyers_family(homes[ELENA], photos, today, at)
        if SAMIRA in homes:
            _one_that_was_answered(homes[SAMIRA], by, at)
        if HELENE in homes:
            home = homes[HELENE]
            seen = digest_of(written(file_content(home.family, on=today)))
            confirm_file(home.family, seen=seen, by=_actor(home), at=at)


def _the_flyers_family(home: Membership, photos: ConsentText, today: date, at: datetime) -> None:
    children = list(children_of(home.family_id, on=today))
    youngest = children[-1] if children else None
    by = _actor(home)
    change_profile(home.family, {"family_department": "77"}, by=by, at=at - timedelta(days=20))
    change_profile(home.family, {"family_name": "Sanchez"}, by=by, at=at - timedelta(days=2))
    if youngest is not None:
        change_profile(
            home.family, {"child_diet": "sans gluten, sans porc"}, child=youngest, by=by, at=at - timedelta(hours=30)
        )
        grandmother = Pickup("Rosa Cordoves", "06 98 00 12 34", "grand-mère", frozenset({youngest.pk}), today)
        allow_pickup(home.family, grandmother, by=by, at=at)
        answer_consent(photos, home.family, {youngest.pk: True}, by=by, at=at - timedelta(days=30))


def _one_that_was_answered(home: Membership, by: Actor, at: datetime) -> None:
    change_profile(
        home.family, {"guardian_last_name": "Benali-Roy"}, guardian=home.guardian, by=_actor(home), at=at - timedelta(9)
    )
    for change in waiting_changes_of(home.family_id):
        reason = "Le livret de famille que nous avons porte « Benali ». Passez nous montrer le nouveau."
        decide_change(change, is_approved=False, reason=reason, by=by, at=at - timedelta(days=7))


def _actor(home: Membership) -> Actor:
    return Actor(ActorKind.FAMILY, home.user_id)

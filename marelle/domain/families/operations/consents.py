"""Texts to consent to, published by versions, and what families answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import Consent, ConsentText, Family
from marelle.domain.families.operations.erasing_photos import erase_photos
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.profile import answers_of
from marelle.domain.families.rules.photos import PHOTO_CODE
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToAnswerError(Exception):
    """The text is no longer in force, or the answer is for somebody else's child. Nothing was written."""


@dataclass(frozen=True, slots=True)
class NewText:
    """What is to be consented to: `code` names it from version to version, `about` is child or family."""

    code: str
    title: str
    body: str
    about: str


@operation
def publish_text(authority: Authority, new: NewText, *, by: Actor, at: datetime) -> ConsentText:
    """Will publish a text, or a new version of the one of that code, which families are then asked anew.

    The same text again is the version in force. What was answered to a former version stays, as a proof.
    """
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    in_force = ConsentText.objects.filter(authority=authority, code=new.code, withdrawn_at__isnull=True).first()
    said = (new.title, new.body, new.about)
    if in_force is not None and (in_force.title, in_force.body, in_force.about) == said:
        return in_force
    if in_force is not None:
        in_force.withdrawn_at = at
        in_force.save(update_fields=["withdrawn_at"])
    last = ConsentText.objects.filter(authority=authority, code=new.code).aggregate(last=Max("version"))["last"] or 0
    text = ConsentText.objects.create(
        authority=authority,
        code=new.code,
        version=last + 1,
        title=new.title,
        body=new.body,
        about=new.about,
        published_at=at,
        published_by_id=by.key,
    )
    audit.record(
        "publish_text", authority=authority.pk, of="consenttext", key=text.pk, by=by, at=at, version=text.version
    )
    return text


@operation
def withdraw_text(text: ConsentText, *, by: Actor, at: datetime) -> bool:
    """Will ask families for it no longer; what they answered stays. Tells whether it was in force."""
    count = ConsentText.objects.filter(pk=text.pk, withdrawn_at__isnull=True).update(withdrawn_at=at)
    if count:
        audit.record("withdraw_text", authority=text.authority_id, of="consenttext", key=text.pk, by=by, at=at)
    return bool(count)


@operation
def answer_consent(
    text: ConsentText, family: Family, answers: Mapping[int | None, bool], *, by: Actor, at: datetime
) -> int:
    """Will note what a family answers to a text, for each child (key) or for the home (None); returns how many changed.

    An answer is changed by another one, at any time; the same again writes nothing. A photo that is refused is erased.
    Raises UnableToAnswerError.
    """
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    if not ConsentText.objects.filter(pk=text.pk, withdrawn_at__isnull=True).exists():
        raise UnableToAnswerError
    if text.about == ConsentText.About.FAMILY:
        allowed: set[int | None] = {None}
    else:
        allowed = {child.pk for child in children_of(family.pk, on=at.astimezone(family.authority.zone).date())}
    if not set(answers) <= allowed:
        raise UnableToAnswerError
    last = answers_of([family.pk], [text.pk])
    new = [
        (child, is_given)
        for child, is_given in sorted(answers.items(), key=lambda pair: pair[0] or 0)
        if (known := last.get((family.pk, text.pk, child))) is None or known.is_given != is_given
    ]
    Consent.objects.bulk_create(
        [
            Consent(
                authority_id=family.authority_id,
                text=text,
                family=family,
                child_id=child,
                is_given=is_given,
                answered_at=at,
                answered_by_id=by.key,
            )
            for child, is_given in new
        ]
    )
    if text.code == PHOTO_CODE:
        erase_photos([child for child, is_given in new if child is not None and not is_given], by=by, at=at)
    if new:
        audit.record(
            "answer_consent",
            authority=family.authority_id,
            of="consenttext",
            key=text.pk,
            by=by,
            at=at,
            family=family.pk,
            given=sum(1 for _child, is_given in new if is_given),
            refused=sum(1 for _child, is_given in new if not is_given),
        )
    return len(new)

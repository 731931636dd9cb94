"""The words that agents answer with: written, changed, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.models import AnswerTemplate, Procedure
from marelle.domain.procedures.rules.definitions import LONGEST_TITLE
from marelle.domain.procedures.rules.templates import LONGEST, unknown_blanks, unknown_in_words
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@dataclass(frozen=True, slots=True)
class TemplateWords:
    """What a template says, and what it is written for (AnswerTemplate.Purpose); of every procedure when None."""

    purpose: str
    title: str
    body: str
    procedure: Procedure | None = None


class WrongTemplateError(Exception):
    """Words that cannot serve; `faults` says why, in French, by field: « title », « body », « purpose »."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Will keep why."""
        super().__init__(sorted(faults))
        self.faults = dict(faults)


@operation
def save_template(
    authority: Authority, template: AnswerTemplate | None, words: TemplateWords, *, by: Actor, at: datetime
) -> AnswerTemplate:
    """Will write a template, new when None; the same again writes nothing. Raises WrongTemplateError."""
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    said = {
        "procedure": words.procedure,
        "purpose": words.purpose,
        "title": " ".join(words.title.split()),
        "body": words.body.replace("\r\n", "\n").strip(),
    }
    faults = _faults(said, template)
    if faults:
        raise WrongTemplateError(faults)
    if template is None:
        row = AnswerTemplate.objects.create(authority=authority, **said)
    else:
        row = AnswerTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
        changed = [name for name, value in said.items() if getattr(row, name) != value]
        if not changed:
            return row
        for name in changed:
            setattr(row, name, said[name])
        row.save(update_fields=changed)
    audit.record("save_template", authority=authority.pk, of="answertemplate", key=row.pk, by=by, at=at)
    return row


def _faults(said: Mapping[str, object], template: AnswerTemplate | None) -> dict[str, str]:
    title, body = str(said["title"]), str(said["body"])
    faults = {}
    if said["purpose"] not in AnswerTemplate.Purpose.values:
        faults["purpose"] = "Choisissez dans la liste."
    if not title or len(title) > LONGEST_TITLE:
        faults["title"] = f"Donnez un titre, de {LONGEST_TITLE} caractères au plus."
    same = AnswerTemplate.objects.filter(procedure=said["procedure"], title=title)
    if same.exclude(pk=template.pk if template else None).exists():
        faults["title"] = "Un autre modèle porte déjà ce titre."
    if not body or len(body) > LONGEST:
        faults["body"] = f"Écrivez le texte, en {LONGEST} caractères au plus."
    elif unknown := unknown_blanks(body):
        faults["body"] = unknown_in_words(unknown)
    return faults


@operation
def remove_template(template: AnswerTemplate, *, by: Actor, at: datetime) -> bool:
    """Will throw a template away; what was answered with it stays. Tells whether it was there."""
    count, _ = AnswerTemplate.objects.filter(pk=template.pk).delete()
    if count:
        audit.record(
            "remove_template", authority=template.authority_id, of="answertemplate", key=template.pk, by=by, at=at
        )
    return bool(count)

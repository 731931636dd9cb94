"""What a new version of a procedure changes, in sentences for who publishes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from marelle.domain.procedures.rules.definitions import EFFECTS, Definition, Field, RequiredDocument
from marelle.web.office.procedures import wording


def changes_between(old: Definition, new: Definition) -> list[str]:
    """Will say each change, in the order of the form."""
    return [*_words(old, new), *_questions(old.fields, new.fields), *_pieces(old, new), *_answer(old, new)]


def _words(old: Definition, new: Definition) -> Iterator[str]:
    if old.title != new.title:
        yield f"Le titre devient « {new.title} »."
    if old.category != new.category:
        yield f"La catégorie devient « {new.category} »."
    for name, words in (("summary", "Le résumé change."), ("text", "Le texte de la demande change.")):
        if getattr(old, name) != getattr(new, name):
            yield words
    if old.is_for_residents != new.is_for_residents:
        yield (
            "La démarche est réservée aux familles de la commune."
            if new.is_for_residents
            else "La démarche est ouverte aussi aux familles d’autres communes."
        )
    if old.open_to != new.open_to:
        yield "Les catégories de familles changent."


def _questions(old: Sequence[Field], new: Sequence[Field]) -> Iterator[str]:
    yield from _rows(old, new, one="La question", added="est ajoutée", gone="est retirée")
    if _order(old, new) != _order(new, old):
        yield "L’ordre des questions change."


def _pieces(old: Definition, new: Definition) -> Iterator[str]:
    yield from _rows(old.documents, new.documents, one="La pièce", added="est demandée", gone="n’est plus demandée")
    if _order(old.documents, new.documents) != _order(new.documents, old.documents):
        yield "L’ordre des pièces change."


def _rows(
    old: Sequence[Field | RequiredDocument], new: Sequence[Field | RequiredDocument], *, one: str, added: str, gone: str
) -> Iterator[str]:
    before = {row.code: row for row in old}
    for row in new:
        if row.code not in before:
            yield f"{one} « {row.label} » {added}."
        elif before[row.code] != row:
            yield f"{one} « {row.label} » change."
    kept = {row.code for row in new}
    for row in old:
        if row.code not in kept:
            yield f"{one} « {row.label} » {gone}."


def _order(rows: Sequence[Field | RequiredDocument], among: Sequence[Field | RequiredDocument]) -> list[str]:
    kept = {row.code for row in among}
    return [row.code for row in rows if row.code in kept]


def _answer(old: Definition, new: Definition) -> Iterator[str]:
    if old.service != new.service:
        yield "Un autre service répond."
    if old.delay != new.delay:
        yield f"Le délai de réponse devient {wording.in_delay(new.delay)}."
    if old.silence is not new.silence:
        yield f"Sans réponse : {wording.SILENCES[new.silence].lower()}."
    if old.remedies != new.remedies:
        yield "Les voies de recours changent."
    if old.effect is not new.effect:
        yield f"L’effet d’une acceptation devient : {EFFECTS[new.effect].label.lower()}."

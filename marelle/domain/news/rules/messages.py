"""Messages to families: their blanks, what fills them, and what is wrong with one that cannot leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from marelle.domain.news.rules.recipients import Channel

LONGEST_TITLE: Final = 120
LONGEST_SUBJECT: Final = 140
LONGEST_BODY: Final = 8000
LONGEST_TEXT: Final = 600
BLANK: Final = re.compile(r"\{([^{}\s]{1,40})\}")
# What each blank stands for, as the agent who writes reads it.
BLANKS: Final[Mapping[str, str]] = {
    "prenom": "le prénom de la personne qui lit",
    "nom": "son nom",
    "famille": "le nom de la famille",
    "enfants": "les prénoms des enfants concernés",
    "dossier": "le numéro du dossier",
    "collectivite": "le nom de la collectivité",
}
# In what is written of an event only: nothing else is about some days of some children.
DAYS_BLANK: Final = "jours"


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: by e-mail a subject and a body, by text some words of its own."""

    subject: str = ""
    body: str = ""
    text: str = ""

    def tidied(self) -> Words:
        """Will return the same without what typing leaves behind."""
        return Words(
            " ".join(self.subject.split()),
            self.body.replace("\r\n", "\n").strip(),
            self.text.replace("\r\n", "\n").strip(),
        )

    def filled(self, blanks: Mapping[str, str]) -> Words:
        """Will return what one reader reads."""
        return Words(*(filled(each, blanks) for each in (self.subject, self.body, self.text)))


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """Will fill the blanks of a text; one that nobody knows is left as it was written."""
    return BLANK.sub(lambda found: blanks.get(found[1], found[0]), text)


def unknown_blanks(text: str) -> tuple[str, ...]:
    """Will return the blanks that nothing fills, in their order, each once."""
    return tuple(dict.fromkeys(name for name in BLANK.findall(text) if name not in BLANKS))


def faults_of(words: Words, channels: Collection[Channel]) -> dict[str, str]:
    """Will say what is wrong, in French, by field: « channels », « subject », « body », « text »."""
    faults = {}
    if not channels:
        faults["channels"] = "Choisissez comment écrire : par e-mail, par SMS, ou les deux."
    if Channel.EMAIL in channels:
        if not words.subject or len(words.subject) > LONGEST_SUBJECT:
            faults["subject"] = f"Donnez un objet, en {LONGEST_SUBJECT} caractères au plus."
        if not words.body or len(words.body) > LONGEST_BODY:
            faults["body"] = f"Écrivez le texte de l’e-mail, en {LONGEST_BODY} caractères au plus."
    if Channel.TEXT in channels and (not words.text or len(words.text) > LONGEST_TEXT):
        faults["text"] = f"Écrivez le texte du SMS, en {LONGEST_TEXT} caractères au plus."
    return faults | wrong_blanks(words)


def template_faults(title: str, words: Words) -> dict[str, str]:
    """Will say what is wrong with a template, in French, by field: « title » too."""
    faults = {}
    if not title or len(title) > LONGEST_TITLE:
        faults["title"] = f"Donnez un titre, en {LONGEST_TITLE} caractères au plus."
    if not words.body and not words.text:
        faults["body"] = "Écrivez le texte de l’e-mail, celui du SMS, ou les deux."
    longest = {"subject": LONGEST_SUBJECT, "body": LONGEST_BODY, "text": LONGEST_TEXT}
    for name, most in longest.items():
        if len(getattr(words, name)) > most:
            faults[name] = f"{most} caractères au plus."
    return faults | wrong_blanks(words)


def wrong_blanks(words: Words) -> dict[str, str]:
    """Will say, by field, which blanks do not exist, and which there are."""
    found = {name: unknown_blanks(getattr(words, name)) for name in ("subject", "body", "text")}
    return {name: unknown_in_words(names) for name, names in found.items() if names}


def unknown_in_words(names: tuple[str, ...]) -> str:
    """Will say which blanks are unknown, and which there are."""
    said = ", ".join(f"{{{name}}}" for name in names)
    there_are = ", ".join(f"{{{name}}}" for name in BLANKS)
    begins = f"Le blanc {said} n’existe pas" if len(names) == 1 else f"Les blancs {said} n’existent pas"
    return f"{begins}. Il y a : {there_are}."

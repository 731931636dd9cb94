"""What an acknowledgement says for each meaning of silence, and when its dates can be held against a family."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.procedures.rules.acknowledgements import (
    SILENCE_SHORT,
    Acknowledgement,
    AgentInCharge,
    Mention,
    Missing,
    ServiceInCharge,
    Unnamed,
    appeal_against_silence,
    lacking,
    missing_sentences,
    sentences_of,
)
from marelle.domain.procedures.rules.clocks import Delay, DelayUnit, Pause, Silence, appeal_until, clock_of
from marelle.foundation.school_days import Calendar

PARIS = ZoneInfo("Europe/Paris")
RECEIVED = datetime(2026, 11, 2, 9, 5, tzinfo=PARIS)
ASKED = datetime(2026, 11, 10, 10, tzinfo=PARIS)
SCHOOLS = ServiceInCharge(
    "Service scolaire",
    "1 place de la Mairie, 77163 Dammartin",
    "01 64 04 30 10",
    "scolaire@exemple.fr",
    "du lundi au vendredi, de 9 h à 17 h",
)
CAMILLE = AgentInCharge("Camille Martin", "responsable du service scolaire", "1 place de la Mairie")
REMEDIES = "Écrivez au maire, ou saisissez le tribunal administratif de Melun."
MISSING = Missing(("la pièce d’identité", "un justificatif de domicile"), date(2026, 11, 30))


def acknowledgement(silence, *, delay=Delay(2), pauses=(), missing=None, at=RECEIVED, **fields):  # noqa: B008  frozen
    clock = clock_of(RECEIVED, delay, silence, pauses, zone=PARIS, calendar=Calendar(), at=at)
    refuses = silence is Silence.REFUSES
    values = {
        "number": "D-2026-0012",
        "procedure": "Changement d’adresse",
        "received_at": RECEIVED,
        "service": SCHOOLS,
        "agent": CAMILLE,
        "silence": silence,
        "clock": clock,
        "remedies": REMEDIES if refuses else "",
        "appeal_until": appeal_until(clock.silent_on, Calendar()) if refuses else None,
        "missing": missing,
        **fields,
    }
    return Acknowledgement(**values)


def incomplete(silence):
    return acknowledgement(silence, pauses=(Pause(ASKED, MISSING.due_on),), missing=MISSING, at=ASKED)


def plain(sentences):
    return [one.replace("\N{NO-BREAK SPACE}", " ") for one in sentences]


HEAD = [
    "Nous avons reçu votre demande n° D-2026-0012, « Changement d’adresse », le lundi 2 novembre 2026 à 9 h 05.",
    "Service en charge de votre demande : Service scolaire.",
    (
        "Pour le joindre : 1 place de la Mairie, 77163 Dammartin · 01 64 04 30 10 · scolaire@exemple.fr"
        " · du lundi au vendredi, de 9 h à 17 h."
    ),
    "Votre demande est suivie par Camille Martin, responsable du service scolaire (1 place de la Mairie).",
]
PIECES = (
    "Il manque à votre demande : la pièce d’identité et un justificatif de domicile."
    " À envoyer au plus tard le lundi 30 novembre 2026."
)
ATTESTATION = (
    "Vous pouvez alors demander une attestation, sur la page de votre demande (article L. 232-3 du code des"
    " relations entre le public et l’administration)."
)

WRITTEN = {
    "accepts": (
        lambda: acknowledgement(Silence.ACCEPTS),
        [
            *HEAD,
            "Sans réponse de notre part le samedi 2 janvier 2027 au soir, votre demande est acceptée.",
            ATTESTATION,
        ],
    ),
    "accepts, incomplete": (
        lambda: incomplete(Silence.ACCEPTS),
        [
            *HEAD,
            PIECES,
            (
                "Sans réponse de notre part, votre demande est acceptée au bout d’un délai. Ce délai commence seulement"
                " le jour où nous recevons les pièces qui manquent (article L. 114-5 du code des relations entre le"
                " public et l’administration) ; nous vous écrivons alors la date."
            ),
            ATTESTATION,
        ],
    ),
    "refuses": (
        lambda: acknowledgement(Silence.REFUSES),
        [
            *HEAD,
            "Sans réponse de notre part le samedi 2 janvier 2027 au soir, votre demande est refusée.",
            "Vous pouvez contester ce refus jusqu’au mercredi 3 mars 2027.",
            REMEDIES,
        ],
    ),
    "refuses, incomplete": (
        lambda: incomplete(Silence.REFUSES),
        [
            *HEAD,
            PIECES,
            (
                "Le délai de notre réponse est arrêté. Il reprend dès que vous envoyez les pièces qui manquent, ou à la"
                " fin du temps donné pour les envoyer (article L. 114-5 du code des relations entre le public et"
                " l’administration)."
            ),
            (
                "Sans réponse de notre part le samedi 23 janvier 2027 au soir, votre demande est refusée. Si vous les"
                " envoyez plus tôt, cette date avance d’autant ; nous vous écrivons la nouvelle."
            ),
            "Vous pouvez contester ce refus jusqu’au mercredi 24 mars 2027.",
            REMEDIES,
        ],
    ),
    "decides nothing": (
        lambda: acknowledgement(Silence.DECIDES_NOTHING, delay=Delay(10, DelayUnit.WORKING_DAYS)),
        [
            *HEAD,
            (
                "Nous vous répondons au plus tard le lundi 16 novembre 2026. Sans réponse de notre part, rien n’est"
                " décidé : relancez-nous."
            ),
        ],
    ),
}


@pytest.mark.parametrize(("made", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_the_words_of_an_acknowledgement(made, expected):
    assert plain(sentences_of(made())) == expected
    assert lacking(made()) == ()


def test_an_e_mail_names_neither_the_subject_nor_the_pieces():
    sentences = plain(sentences_of(incomplete(Silence.REFUSES), is_discreet=True))

    assert sentences[0] == "Nous avons reçu votre demande n° D-2026-0012 le lundi 2 novembre 2026 à 9 h 05."
    assert sentences[4] == (
        "Il manque quelque chose à votre demande. Voyez quoi sur sa page, et envoyez-le au plus tard le lundi"
        " 30 novembre 2026."
    )
    assert sentences[5:] == WRITTEN["refuses, incomplete"][1][5:]


def test_what_an_agent_wrote_is_said_on_the_page_and_never_in_an_e_mail():
    lines = Missing((), date(2026, 11, 30), ("La photo  est floue.\n\nEt sombre.",))
    nothing_named = (
        "Il manque quelque chose à votre demande. Voyez quoi sur sa page, et envoyez-le au plus tard le lundi"
        " 30 novembre 2026."
    )

    assert plain(missing_sentences(lines)) == [nothing_named, "La photo est floue.", "Et sombre."]
    assert plain(missing_sentences(lines, is_discreet=True)) == [nothing_named]
    assert plain(missing_sentences(replace(MISSING, words=("Recto et verso.",)))) == [PIECES, "Recto et verso."]


def test_nobody_is_named_for_safety_or_before_somebody_is_there():
    safe = acknowledgement(Silence.ACCEPTS, agent=Unnamed.FOR_SAFETY)
    early = acknowledgement(Silence.ACCEPTS, agent=Unnamed.NOT_YET)

    assert sentences_of(safe)[3] == ("La personne qui suit votre demande n’est pas nommée. Écrivez-lui par ce service.")
    assert sentences_of(early)[3] == (
        "Le nom de la personne qui suit votre demande s’affiche sur la page de la demande dès qu’il est connu."
    )


def test_only_what_is_known_of_an_agent_or_a_service_is_said():
    bare = acknowledgement(
        Silence.ACCEPTS, service=ServiceInCharge("Régie"), agent=AgentInCharge("Camille Martin"), missing=None
    )

    assert plain(sentences_of(bare))[1:3] == [
        "Service en charge de votre demande : Régie.",
        "Votre demande est suivie par Camille Martin.",
    ]


# What the acknowledgement does not say: (its fields, what is lacking).
LACKS = {
    "no service": ({"service": replace(SCHOOLS, name="")}, (Mention.SERVICE,)),
    "no address": ({"service": replace(SCHOOLS, address="")}, (Mention.ADDRESS,)),
    "no phone": ({"service": replace(SCHOOLS, phone="")}, (Mention.PHONE,)),
    "no remedies": ({"remedies": ""}, (Mention.REMEDIES,)),
    "no last day": ({"appeal_until": None}, (Mention.APPEAL_DATE,)),
    "several": (
        {"service": ServiceInCharge("Régie"), "remedies": ""},
        (Mention.ADDRESS, Mention.PHONE, Mention.REMEDIES),
    ),
}


@pytest.mark.parametrize(("fields", "expected"), LACKS.values(), ids=LACKS)
def test_a_day_that_was_not_well_told_is_not_held_against_a_family(fields, expected):
    whole = acknowledgement(Silence.REFUSES)
    holed = replace(whole, **fields)

    assert lacking(holed) == expected
    assert appeal_against_silence(whole) == date(2027, 3, 3)
    assert appeal_against_silence(holed) is None
    said = " ".join(sentences_of(holed))
    assert "Vous pouvez contester ce refus jusqu’au" not in said
    assert (REMEDIES in said) == ("remedies" not in fields)


def test_remedies_are_said_line_by_line():
    lined = acknowledgement(Silence.REFUSES, remedies="Vous pouvez :\n\n– écrire au maire ;\n– saisir le tribunal.")

    assert sentences_of(lined)[-3:] == ("Vous pouvez :", "– écrire au maire ;", "– saisir le tribunal.")


def test_without_an_acknowledgement_there_is_no_deadline():
    assert appeal_against_silence(None) is None


def test_a_silence_without_a_date_is_not_well_told():
    clock = replace(acknowledgement(Silence.REFUSES).clock, silent_on=None)

    assert lacking(acknowledgement(Silence.REFUSES, clock=clock)) == (Mention.SILENCE_DATE,)
    assert plain(sentences_of(acknowledgement(Silence.REFUSES, clock=clock)))[4:] == [REMEDIES]
    assert lacking(acknowledgement(Silence.ACCEPTS, clock=clock)) == (Mention.SILENCE_DATE,)
    # A message that nobody waits an answer to may have none.
    undated = replace(acknowledgement(Silence.DECIDES_NOTHING).clock, answer_by=None)
    assert plain(sentences_of(acknowledgement(Silence.DECIDES_NOTHING, clock=undated)))[4:] == [
        "Nous vous répondons. Sans réponse de notre part, rien n’est décidé : relancez-nous."
    ]


def test_each_meaning_of_silence_has_its_short_words():
    assert set(SILENCE_SHORT) == set(Silence)

"""The letters of applications: what was received, asked, answered, and what silence decided.

An e-mail is read by others, kept elsewhere and never encrypted: it says that there is something to read, and the dates
that the law wants told. Answers, reasons and messages are read on the page. Where a procedure is about health, not
even its title is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.urls import reverse

from marelle.domain.procedures.models import AppliedEffect
from marelle.domain.procedures.queries.acknowledging import appeal_day, decided_on, service_in_charge
from marelle.domain.procedures.rules.acknowledgements import (
    agent_sentence,
    missing_sentences,
    paragraphs,
    sentences_of,
    silence_sentences,
)
from marelle.domain.procedures.rules.clocks import APPEAL_MONTHS, Silence
from marelle.domain.procedures.rules.states import State
from marelle.foundation.french_dates import NO_BREAK, in_full
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, words

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.models import Application, ChangesAsked, Message
    from marelle.domain.procedures.rules.acknowledgements import Acknowledgement, AgentInCharge, Unnamed
    from marelle.letters.writing import Block

OFFICE_SITE: Final = "marelle.config.urls_office"
DAYS_LEFT: Final = {1: "demain", 0: "ce soir"}


def acknowledged(application: Application, told: Acknowledgement, authority: Authority) -> Draft:
    """Will acknowledge an application, at once and in full (CRPA L112-3, R112-5)."""
    return _draft(
        f"Demande reçue : {_named(application)}",
        [words(said) for said in sentences_of(told, is_discreet=is_about_health(application))],
        application,
        authority,
    )


def completed(application: Application, told: Acknowledgement, authority: Authority) -> Draft:
    """Will say that what was asked came, and what date that gives."""
    return _draft(
        f"Complément reçu : {_named(application)}",
        [
            words(f"Nous avons reçu ce qui manquait à {_your(application)}."),
            *map(words, silence_sentences(told)),
            words(agent_sentence(told.agent)),
        ],
        application,
        authority,
    )


def changes_asked(changes: ChangesAsked, told: Acknowledgement, authority: Authority) -> Draft:
    """Will ask for what is missing, by when, with what that does to the delay (CRPA L114-5)."""
    application = changes.application
    # What the agent wrote may say anything: it is read on the page.
    missing = replace(told.missing, words=()) if told.missing else None
    asked = missing_sentences(missing, is_discreet=is_about_health(application)) if missing else ()
    return _draft(
        f"À compléter : {_named(application)}",
        [*map(words, asked), *map(words, silence_sentences(told)), words(agent_sentence(told.agent))],
        application,
        authority,
        label="Compléter ma demande",
    )


def changes_due(changes: ChangesAsked, authority: Authority, *, on: date) -> Draft:
    """Will remind of what is missing, a few days before the last one."""
    application = changes.application
    left = (changes.due_on - on).days
    near = DAYS_LEFT.get(left, f"dans {left} jours")
    return _draft(
        f"Plus que quelques jours pour compléter : {_named(application)}",
        [
            words(
                f"Il manque des pièces à votre demande n°{NO_BREAK}{application.number}. Vous pouvez les envoyer"
                f" jusqu’au {in_full(changes.due_on, year=True)}, {near}."
            ),
            words("Vous ne les trouvez pas ? Dites-le nous sur la page de la demande."),
        ],
        application,
        authority,
    )


def message_written(message: Message, agent: AgentInCharge | Unnamed, authority: Authority) -> Draft:
    """Will say that the authority wrote, and from whom; its words are read on the page."""
    application = message.application
    return _draft(
        f"Nouveau message : {_named(application)}",
        [words(f"Nous vous avons écrit au sujet de {_your(application)}."), words(agent_sentence(agent))],
        application,
        authority,
        label="Lire le message",
    )


def transferred(application: Application, agent: AgentInCharge | Unnamed, authority: Authority) -> Draft:
    """Will say which service has the application now, and that no time is lost (CRPA L114-2)."""
    service = application.in_charge
    reached = " · ".join(service_in_charge(service, authority).ways) if service else ""
    return _draft(
        f"Un autre service suit votre demande : {_named(application)}",
        [
            words(
                f"{_your(application, starts=True)} est maintenant suivie par un autre service{NO_BREAK}: {service}."
            ),
            *([words(f"Pour le joindre{NO_BREAK}: {reached}.")] if reached else []),
            words(agent_sentence(agent)),
            words("Vous n’avez rien à refaire, et le délai de réponse ne change pas."),
        ],
        application,
        authority,
    )


def decided(application: Application, agent: AgentInCharge | Unnamed, authority: Authority) -> Draft:
    """Will say what was decided; why is read on the page. A refusal, whole or in part, says how to contest it."""
    your = _your(application)
    remedies: list[Block] = []
    match application.state:
        case State.APPROVED:
            subject, said = "Demande acceptée", f"Nous avons accepté {your}."
        case State.PARTLY_APPROVED:
            subject, said = "Demande acceptée en partie", f"Nous avons accepté une partie de {your}."
            remedies = _remedies(application)
        case State.REJECTED:
            subject, said = "Demande refusée", f"Nous n’avons pas accepté {your}."
            remedies = _remedies(application)
        case _:
            subject, said = "Réponse", f"Nous avons répondu à {your}."
    what = "Les raisons sont sur la page de la demande." if remedies else _what_follows(application)
    return _draft(
        f"{subject} : {_named(application)}",
        [words(f"{said} {what}".strip()), *remedies, words(agent_sentence(agent))],
        application,
        authority,
        label="Lire la réponse",
    )


def decided_by_silence(application: Application, authority: Authority) -> Draft:
    """Will say what silence decided, on which day, and what the family may do then."""
    your = _your(application, starts=True)
    day = decided_on(application, authority)
    since = f" le {in_full(day, year=True)}" if day else ""
    if application.state == State.IMPLICITLY_APPROVED:
        return _draft(
            f"Demande acceptée sans réponse : {_named(application)}",
            [
                words(f"{your} est acceptée{since} : nous n’y avons pas répondu à temps. {_what_follows(application)}"),
                words("Vous pouvez demander une attestation, sur la page de votre demande."),
            ],
            application,
            authority,
        )
    until = appeal_day(application, authority)
    contest = [words(f"Vous pouvez contester ce refus jusqu’au {in_full(until, year=True)}.")] if until else []
    own = paragraphs(application.version.definition.remedies)
    return _draft(
        f"Demande refusée sans réponse : {_named(application)}",
        [
            words(f"{your} est réputée refusée{since} : nous n’y avons pas répondu à temps."),
            words("Nous pouvons encore vous répondre. Vous pouvez aussi nous demander les raisons de ce refus."),
            *contest,
            *map(words, own),
        ],
        application,
        authority,
    )


def withdrawn(application: Application, authority: Authority) -> Draft:
    """Will confirm that a request is taken back: nothing changes."""
    return _draft(
        f"Demande retirée : {_named(application)}",
        [
            words(f"Vous avez retiré {_your(application)}. Rien ne change dans votre dossier."),
            words("Vous pouvez refaire une demande quand vous voulez."),
        ],
        application,
        authority,
    )


def silence_is_near(application: Application, authority: Authority, *, last_day: date, on: date) -> Draft:
    """Will warn an agent that silence is about to decide. Neither the family nor what it asks is named."""
    left = (last_day - on).days
    near = DAYS_LEFT.get(left, f"dans {left} jours")
    accepts = application.version.definition.silence is Silence.ACCEPTS
    return _to_agent(
        f"Demande n° {application.number} : le silence décide {near}",
        [
            words(
                f"La demande n°{NO_BREAK}{application.number} attend une réponse. Sans elle, le"
                f" {in_full(last_day, year=True)} au soir, elle est {'acceptée' if accepts else 'refusée'}."
            ),
            words(f"Service en charge{NO_BREAK}: {application.in_charge}."),
        ],
        application,
        authority,
    )


def silence_accepted(application: Application, authority: Authority) -> Draft:
    """Will tell an agent that silence accepted what only she can carry out: answers of hers are needed."""
    return _to_agent(
        f"Demande n° {application.number} : acceptée par le silence, à terminer",
        [
            words(
                f"La demande n°{NO_BREAK}{application.number} est acceptée, faute de réponse à temps. Ce qu’elle"
                " demande n’a pas pu se faire seul : ouvrez-la pour le terminer."
            ),
            words(f"Service en charge{NO_BREAK}: {application.in_charge}."),
        ],
        application,
        authority,
    )


def is_about_health(application: Application) -> bool:
    """Will tell whether a procedure asks anything of health: its very title may say too much."""
    definition = application.version.definition
    return any(one.is_health for one in definition.fields) or any(one.is_health for one in definition.documents)


def _named(application: Application) -> str:
    number = f"n°{NO_BREAK}{application.number}"
    return number if is_about_health(application) else f"{application.version.title} ({number})"


def _your(application: Application, *, starts: bool = False) -> str:
    about = "" if is_about_health(application) else f", «{NO_BREAK}{application.version.title}{NO_BREAK}»"
    return f"{'Votre' if starts else 'votre'} demande n°{NO_BREAK}{application.number}{about}"


def _what_follows(application: Application) -> str:
    """Will say that something was done; what it was is read on the page."""
    effect = AppliedEffect.objects.filter(application=application).first()
    return "Votre dossier est à jour : la page de la demande dit ce qui a été fait." if effect and effect.done else ""


def _remedies(application: Application) -> list[Block]:
    months = {2: "deux"}.get(APPEAL_MONTHS, str(APPEAL_MONTHS))
    within = f"Vous pouvez contester cette décision dans les {months} mois qui suivent le jour où vous la recevez."
    return [words(within), *map(words, paragraphs(application.version.definition.remedies))]


def _draft(
    subject: str,
    blocks: list[Block],
    application: Application,
    authority: Authority,
    *,
    label: str = "Voir ma demande",
) -> Draft:
    return Draft(
        subject,
        (*blocks, link(label, page_of(application, authority))),
        f"{authority.name}, espace famille",
        contact_lines(authority),
    )


def page_of(application: Application, authority: Authority) -> str:
    """Will return the address of an application in the family's space: a page of its own under « Mes demandes »."""
    return f"{settings.FAMILY_URL}{_path('application', FAMILY_SITE, application, authority)}"


def _path(name: str, site: str, application: Application, authority: Authority) -> str:
    where = {"authority": authority.slug, "application": application.public_id}
    path: str = reverse(name, urlconf=site, kwargs=where)
    return path


def _to_agent(subject: str, blocks: list[Block], application: Application, authority: Authority) -> Draft:
    path = _path("office_application", OFFICE_SITE, application, authority)
    where = link("Ouvrir la demande", f"{settings.OFFICE_URL}{path}")
    return Draft(subject, (*blocks, where), f"{authority.name}, espace des agents", ())

"""The letters of a shared custody: what a home asks, what the other answers, what the town hall decides.

Each is written to one home: the other has no name, no address, and no word but what it wrote to be read here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.urls import reverse

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.rules.custody import Role, last_day_to_answer, terms_from
from marelle.domain.reservations.rules.custody_sentences import Homes, of_name, terms_in_words
from marelle.foundation.french_dates import in_full
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Block, Draft, link, listing, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from marelle.domain.authorities.models import Authority
    from marelle.domain.families.models import Child
    from marelle.domain.reservations.models import SharedCustody

STATE, KIND = CustodyProposal.State, CustodyProposal.Kind
WHAT: Final = {KIND.CALENDAR: "un autre calendrier de garde", KIND.DAYS: "un échange de jours"}
MISTAKE: Final = "Si ce n’est pas ce que dit votre accord ou votre jugement, écrivez à la mairie."
TOWN_HALL_DECIDES: Final = "La mairie décide, et vous écrit. D’ici là, le calendrier reste comme il est."


def asked(proposal: CustodyProposal, authority: Authority) -> Draft:
    """Will tell the other home what is asked, until when it may answer, and what silence does."""
    on = proposal.asked_at.astimezone(authority.zone).date()
    due = last_day_to_answer(on, starts_on=proposal.starts_on, days=(*proposal.gives, *proposal.takes))
    silence = "la mairie décide" if proposal.kind == KIND.CALENDAR else "rien ne change"
    return _draft(
        f"Garde : l’autre foyer propose {_what(proposal)}",
        [
            words(f"L’autre foyer {of_name(proposal.child.first_name)} vous propose {_what(proposal)}."),
            *_said(proposal, proposal.to_home_id, authority),
            *_quoted("Son message", proposal.words),
            words(f"Vous pouvez répondre jusqu’au {in_full(due, year=True)}. Sans réponse, {silence}."),
        ],
        proposal,
        authority,
        seen="Voir et répondre",
    )


def answered(proposal: CustodyProposal, family: int, authority: Authority) -> Draft:
    """Will tell the answer to the home that asked; a refused calendar to both, since the town hall decides."""
    asks = proposal.from_home_id == family
    child = proposal.child.first_name
    if proposal.state == STATE.AGREED:
        subject = f"Garde : l’autre foyer accepte {_what(proposal)}"
        first = f"L’autre foyer accepte ce que vous avez proposé pour {child} : {_what(proposal)}."
        last = [words("Le calendrier de garde est à jour.")]
    elif proposal.state == STATE.REFUSED:
        subject = f"Garde : l’autre foyer refuse {_what(proposal)}"
        first = f"L’autre foyer refuse ce que vous avez proposé pour {child} : {_what(proposal)}."
        last = [words("Rien ne change.")]
    else:
        subject = "Garde : la mairie décide"
        first = (
            f"L’autre foyer n’est pas d’accord avec le calendrier de garde que vous avez proposé pour {child}."
            if asks
            else f"Vous n’êtes pas d’accord avec le calendrier de garde que l’autre foyer a proposé pour {child}."
        )
        last = [words(TOWN_HALL_DECIDES)]
    answer = _quoted("Sa réponse" if asks else "Votre réponse", proposal.answer)
    return _draft(subject, [words(first), *_said(proposal, family, authority), *answer, *last], proposal, authority)


def withdrawn(proposal: CustodyProposal, authority: Authority) -> Draft:
    """Will tell the other home that it has nothing to answer any more."""
    child = proposal.child.first_name
    return _draft(
        "Garde : une proposition est retirée",
        [
            words(f"L’autre foyer {of_name(child)} a retiré sa proposition : {_what(proposal)}."),
            words("Rien ne change, et vous n’avez rien à répondre."),
        ],
        proposal,
        authority,
    )


def unanswered(proposal: CustodyProposal, family: int, authority: Authority) -> Draft:
    """Will tell what silence did: days stay as they are, the town hall decides of a calendar."""
    child = proposal.child.first_name
    if proposal.from_home_id == family:
        first = f"L’autre foyer n’a pas répondu à votre proposition pour {child} : {_what(proposal)}."
    else:
        first = f"Vous n’avez pas répondu à la proposition de l’autre foyer pour {child} : {_what(proposal)}."
    last = TOWN_HALL_DECIDES if proposal.kind == KIND.CALENDAR else "Rien ne change."
    return _draft(
        "Garde : une proposition reste sans réponse",
        [words(first), *_said(proposal, family, authority), words(last)],
        proposal,
        authority,
    )


def decided(proposal: CustodyProposal, family: int, authority: Authority) -> Draft:
    """Will tell both homes what the town hall decided, in its own words."""
    child = proposal.child.first_name
    is_accepted = proposal.state == STATE.DECIDED
    last = "Le calendrier de garde est à jour." if is_accepted else "Le calendrier de garde reste comme il était."
    return _draft(
        "Garde : la mairie a décidé",
        [
            words(
                f"La mairie {'retient' if is_accepted else 'écarte'} ce qui était proposé pour {child} : "
                f"{_what(proposal)}."
            ),
            *_said(proposal, family, authority),
            *_quoted("La mairie vous écrit", proposal.decision),
            words(last),
        ],
        proposal,
        authority,
    )


def settled(custody: SharedCustody, family: int, authority: Authority) -> Draft:
    """Will tell a home (key) what the town hall settled of whose days they are, and from when."""
    child = custody.child
    since = in_full(custody.starts_on, year=True)
    terms = custody.settled
    if terms is None:
        said: list[Block] = [
            words(
                f"À partir du {since}, il n’y a plus de calendrier de garde pour {child.first_name} : chaque foyer "
                "peut réserver tous les jours, et celui qui réserve paie."
            )
        ]
    else:
        homes = Homes.seen_from(Role.FIRST if custody.first_home_id == family else Role.SECOND)
        said = [
            words(f"La mairie a réglé la garde {of_name(child.first_name)}."),
            listing(f"À partir du {since}", list(terms_in_words(terms, homes, services=_services(authority)))),
        ]
    return _about_child("Garde : la mairie a réglé le calendrier", [*said, words(MISTAKE)], child, authority)


def days_set(child: Child, ours: Sequence[date], theirs: Sequence[date], authority: Authority) -> Draft:
    """Will tell a home which days the town hall says are its own, and which are the other's."""
    said = (("Jours chez vous", ours), ("Jours dans l’autre foyer", theirs))
    days = [listing(title, [in_full(day, year=True) for day in days]) for title, days in said if days]
    first = words(f"La mairie a réglé chez qui sont des jours {of_name(child.first_name)}.")
    return _about_child("Garde : la mairie a réglé des jours", [first, *days, words(MISTAKE)], child, authority)


def _what(proposal: CustodyProposal) -> str:
    return WHAT[KIND(proposal.kind)]


def _said(proposal: CustodyProposal, family: int, authority: Authority) -> list[Block]:
    """Will say the days or the terms, as this home (key) reads them."""
    asks = proposal.from_home_id == family
    if proposal.terms is not None and proposal.starts_on is not None:
        homes = Homes.seen_from(Role.FIRST if asks else Role.SECOND)
        title = f"À partir du {in_full(proposal.starts_on, year=True)}"
        terms = terms_from(proposal.terms)
        return [listing(title, list(terms_in_words(terms, homes, services=_services(authority))))]
    ours, theirs = (proposal.takes, proposal.gives) if asks else (proposal.gives, proposal.takes)
    said = (("Jours chez vous", ours), ("Jours dans l’autre foyer", theirs))
    return [listing(title, [in_full(day, year=True) for day in sorted(days)]) for title, days in said if days]


def _services(authority: Authority) -> dict[int, str]:
    return {service.pk: service.name for service in offer_of(authority).services}


def _quoted(who: str, text: str) -> list[Block]:
    return [words(f"{who} : « {text} »")] if text else []


def _draft(
    subject: str,
    blocks: list[Block],
    proposal: CustodyProposal,
    authority: Authority,
    *,
    seen: str = "Voir le calendrier de garde",
) -> Draft:
    return _letter(
        subject, [*blocks, link(seen, _url("custody_proposal", authority, proposal=proposal.public_id))], authority
    )


def _about_child(subject: str, blocks: list[Block], child: Child, authority: Authority) -> Draft:
    calendar = link("Voir le calendrier de garde", _url("custody", authority, child=child.public_id))
    return _letter(subject, [*blocks, calendar], authority)


def _url(name: str, authority: Authority, **named: str) -> str:
    path = reverse(name, urlconf=FAMILY_SITE, kwargs={"authority": authority.slug, **named})
    return f"{settings.FAMILY_URL}{path}"


def _letter(subject: str, blocks: list[Block], authority: Authority) -> Draft:
    return Draft(subject, tuple(blocks), f"{authority.name}, espace famille", contact_lines(authority))

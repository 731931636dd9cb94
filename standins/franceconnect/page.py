"""The pages, in French: they say first that nothing here is true."""

from __future__ import annotations

import html

from standins.franceconnect.profiles import Person, Profile

STYLE = """
:root { font: 1rem/1.5 system-ui, sans-serif; color: #1b2733; background: #eef2f5 }
body { margin: 0 auto; padding: 1.5rem 1rem; max-width: 36rem }
header { background: #5b2a86; color: #fff; padding: .75rem 1.25rem; border-radius: .5rem; font-weight: 700 }
h1 { font-size: 1.5rem; line-height: 1.25 } ul { margin: .25rem 0; padding-left: 1.25rem }
main { background: #fff; border: 1px solid #cfd8df; border-radius: .5rem; padding: .75rem 1.25rem 1.25rem }
main { margin-top: 1rem }
button { font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .7rem; border-radius: .4rem }
button { border: 1px solid #51606e; background: #fff; color: inherit; cursor: pointer; min-height: 2.75rem }
button.first { background: #17406b; border-color: #17406b; color: #fff } .soft { color: #51606e }
"""
DATA = {
    "identite_pivot": "nom, prénoms, sexe, date et lieu de naissance",
    "email": "adresse e-mail",
    "siret": "numéro SIRET de votre organisation",
    "given_name": "prénom",
    "usual_name": "nom d’usage",
    "cnaf_quotient_familial": "quotient familial",
    "cnaf_allocataires": "identité des allocataires",
    "cnaf_enfants": "identité des enfants",
}


def choice_page(profile: Profile, people: dict[str, Person], scopes: tuple[str, ...]) -> str:
    """Return the page where one says who one is."""
    asked = "".join(f"<li>{html.escape(DATA[scope])}</li>" for scope in scopes if scope in DATA)
    buttons = "".join(
        f'<button class="first" name="person" value="{html.escape(name)}">{html.escape(_words(person))}</button>'
        for name, person in people.items()
    )
    return page(
        profile,
        "Qui êtes-vous ?",
        f"<p>Le service demande&nbsp;:</p><ul>{asked}</ul><p>Choisissez une personne imaginée&nbsp;:</p>"
        f'<form method="post">{buttons}<button name="cancel" value="1">Annuler et revenir au service</button></form>',
    )


def _words(person: Person) -> str:
    name = f"{person['given_name']} {person.get('usual_name') or person['family_name']}"
    more = person.get("siret") or person.get("birthdate", "")
    return f"Je suis {name} ({more})" if more else f"Je suis {name}"


def refused_page(profile: Profile, code: str, words: str) -> str:
    """Return the page of a request that is not taken."""
    return page(
        profile,
        "Une erreur est survenue",
        f"<p>Code d’erreur&nbsp;: <b>{html.escape(code)}</b></p><p>{html.escape(words)}</p>",
    )


def over_page(profile: Profile) -> str:
    """Return the page of somebody who comes too late."""
    return page(profile, "Cette page a expiré", "<p>Revenez au service, puis recommencez.</p>")


def page(profile: Profile, title: str, content: str) -> str:
    """Return a page of the stand-in."""
    escaped = html.escape(title)
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escaped} : doublure de {profile.title}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><header>DOUBLURE de {profile.title} : rien ici n’est vrai</header><main><h1>{escaped}</h1>{content}"
        f'<p class="soft">Cette page imite {profile.title} pour la démonstration. Aucun mot de passe n’est demandé, et'
        " aucune de ces personnes n’existe.</p></main></body></html>\n"
    )

"""The payment page: plain HTML in French, no script, five outcomes and a tab to close."""

from __future__ import annotations

from html import escape

from standins.payfip.messages import Message
from standins.payfip.till import Client, Operation

STYLE = """
:root { font: 1rem/1.5 system-ui, sans-serif; color: #161616; background: #f6f6f6 }
body { margin: 0 auto; padding: 1.5rem 1rem; max-width: 34rem }
main { background: #fff; border: 1px solid #ddd; padding: 1rem 1.25rem }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .25rem 0 1rem } .soft { color: #555 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 0 1.25rem }
dt { color: #555 } dd { margin: 0; overflow-wrap: anywhere } .amount { font-size: 1.4rem; font-weight: 700 }
button { display: block; width: 100%; min-height: 44px; margin: .5rem 0; padding: .6rem 1rem; font: inherit }
button { cursor: pointer; color: #000091; background: #fff; border: 1px solid #000091 }
button.main { color: #fff; background: #000091 }
table { border-collapse: collapse; width: 100%; font-size: .875rem } th { text-align: left }
td:nth-child(3) { overflow-wrap: anywhere }
td, th { padding: .25rem .5rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top } h2 { font-size: 1.1rem }
select { font: inherit; min-height: 44px; max-width: 100% } a { color: #000091 }
:focus-visible { outline: 3px solid #0a76f6; outline-offset: 2px }
"""
CLOSES = "fermer"
CHOICES = (
    ("P", "Payer par carte bancaire", "main"),
    ("V", "Payer par prélèvement", "main"),
    ("R", "Faire refuser la carte", ""),
    ("Z", "Faire refuser le prélèvement", ""),
    ("A", "Abandonner le paiement", ""),
    (CLOSES, "Fermer l’onglet sans rien faire", ""),
)
REFUSALS = {
    "P1": "Cette opération n’existe pas, ou plus.",
    "P3": "Cette opération a déjà servi. Retournez sur le site de votre collectivité pour recommencer.",
    "P4": "Cette page devait être ouverte dans les quinze minutes. Retournez sur le site de votre collectivité.",
}


def payment_page(operation: Operation, client: Client) -> str:
    """Return the page where an operation is paid."""
    asked = operation.asked
    facts = {
        "Créancier": ", ".join(client.names),
        "Référence": asked["refdet"],
        "Objet": asked.get("objet", ""),
        "Courriel": asked["mel"],
    }
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    buttons = "".join(
        f'<button name="resultat" value="{value}"{f""" class="{kind}" """ if kind else ""}>{words}</button>'
        for value, words, kind in CHOICES
    )
    trial = "" if asked["saisie"] == "W" else '<p class="soft">Saisie d’essai ou d’activation.</p>'
    return whole_page(
        "Paiement de votre facture",
        f'<dl>{listed}<dt>Montant</dt><dd class="amount">{_euros(int(asked["montant"]))}</dd></dl>{trial}'
        f'<form method="post"><input type="hidden" name="idop" value="{operation.idop}">{buttons}</form>',
    )


def refusal_page(code: str) -> str:
    """Return the page of an idop that does not open."""
    return whole_page("Paiement impossible", f"<p>{REFUSALS[code]}</p><p class=soft>Code {code}</p>")


def closed_page() -> str:
    """Return what stands in place of a closed tab."""
    return whole_page("Onglet fermé", "<p>Rien n’a été enregistré. Vous pouvez fermer cet onglet.</p>")


def ticket_page(words: str, back: Message | None) -> str:
    """Return the page of an outcome, with the way back to the merchant unless it is lost."""
    content = f"<p>{escape(words)}.</p>"
    if back is None:
        content += "<p>Le retour vers le site de la collectivité est perdu.</p>"
    else:
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in back.fields.items()
        )
        content += (
            f'<form method="post" action="{escape(back.url)}">{hidden}'
            "<button class=main>Revenir sur le site</button></form>"
        )
    return whole_page("Opération terminée", content)


def nothing_page() -> str:
    """Return the page of an address where there is nothing."""
    return whole_page("Il n’y a rien ici", "<p>Cette adresse n’existe pas.</p>")


def _euros(cents: int) -> str:
    whole = f"{cents // 100:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{whole},{cents % 100:02d}\N{NO-BREAK SPACE}€"


def whole_page(title: str, content: str) -> str:
    """Return a page of the stand-in."""
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title} – PayFiP (doublure)</title><link rel="stylesheet" href="/style.css"></head>'
        f'<body><main><p class="soft">PayFiP, doublure : aucun argent ne bouge.</p><h1>{title}</h1>{content}</main>'
        '<footer><p><a href="/">Réglages de la doublure</a></p></footer></body></html>\n'
    )

"""The payment page, in French: plain HTML, no script, and a button for each thing that happens in life."""

from __future__ import annotations

import html

from standins.payzen.platform import Outcome, Session

STYLE = """
:root { font: 1rem/1.5 system-ui, sans-serif; color: #1b2733; background: #eef2f5 }
body { margin: 0 auto; padding: 1.5rem 1rem; max-width: 34rem }
header { border-bottom: 3px solid #d4551f; margin-bottom: 1.5rem; font-weight: 600 }
h1 { font-size: 1.5rem; line-height: 1.25 } dl { margin: 1rem 0 } dt { color: #51606e } dd { margin: 0 0 .5rem }
main { background: #fff; border: 1px solid #cfd8df; border-radius: .5rem; padding: .75rem 1.25rem 1.25rem }
button { font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .7rem; border-radius: .4rem }
button { border: 1px solid #51606e; background: #fff; color: inherit; cursor: pointer; min-height: 2.75rem }
button.first { background: #17603a; border-color: #17603a; color: #fff } .soft { color: #51606e } a { color: #1f4fa3 }
"""
BUTTONS = (
    (Outcome.PAID, "Payer : la carte est acceptée"),
    (Outcome.REFUSED, "Payer : la carte est refusée"),
    (Outcome.REFUSED_ONCE, "La carte est refusée, j’en essaie une autre"),
    (Outcome.ABANDONED, "Annuler et retourner à la boutique"),
    (Outcome.PAID_AND_CLOSED, "Payer, puis fermer l’onglet sans revenir"),
    (Outcome.CLOSED, "Fermer l’onglet sans payer"),
)


def payment_page(session: Session, *, was_refused: bool) -> str:
    """Return the page of an order to pay."""
    fields = session.fields
    euros, cents = divmod(int(fields["vads_amount"]), 100)
    facts = {"Boutique": session.shop.number, "Commande": session.order_id, "Pour": fields.get("vads_order_info", "")}
    facts["Reçu envoyé à"] = fields.get("vads_cust_email", "")
    listed = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.items() if value)
    said = '<p role="alert">Votre carte a été refusée. Essayez-en une autre.</p>' if was_refused else ""
    buttons = "".join(
        f'<button name="outcome" value="{outcome}"{" class=first" if outcome is Outcome.PAID else ""}>{words}</button>'
        for outcome, words in BUTTONS
    )
    mode = "Paiement d’essai" if session.context == "TEST" else "Paiement"
    return page(
        f"{mode} : {euros},{cents:02d} €",
        f'{said}<dl>{listed}</dl><form method="post">{buttons}</form>'
        '<p class="soft">Cette page imite PayZen : aucune carte n’est demandée, rien n’est débité.</p>',
    )


def over_page(session: Session) -> str:
    """Return the page of somebody who comes too late, or twice."""
    back = html.escape(session.fields.get("vads_url_return", ""))
    link = f'<p><a href="{back}">Retourner à la boutique</a></p>' if back else ""
    return page("Ce paiement n’est plus possible", f"<p>La page a expiré, ou le paiement est déjà terminé.</p>{link}")


def closed_page() -> str:
    """Return the page that stands for a closed tab."""
    return page("L’onglet est fermé", "<p>Vous pouvez vraiment le fermer : personne ne revient à la boutique.</p>")


def refused_form_page(code: int) -> str:
    """Return the page of a form that is not taken."""
    return page("Formulaire refusé", f"<p>Un dysfonctionnement s’est produit. Code d’erreur : {code:02d}.</p>")


def page(title: str, content: str) -> str:
    """Return a page of the stand-in."""
    escaped = html.escape(title)
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escaped}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><header>PayZen (doublure)</header><main><h1>{escaped}</h1>{content}</main></body></html>\n"
    )

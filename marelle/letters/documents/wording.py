"""A document in French words: everything that the templates show, as plain texts, nothing left to compute."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from marelle.domain.authorities.rules.palette import palette
from marelle.foundation.amounts_in_words import amount_in_words
from marelle.foundation.french_dates import in_full, listed_days, without_weekday
from marelle.foundation.money import NO_BREAK, in_euros
from marelle.foundation.periods import Period
from marelle.letters.documents.applications import ApplicationPaper
from marelle.letters.documents.certificates import CertifiedChild, TaxCertificateDocument
from marelle.letters.documents.codes import CodeLetterDocument
from marelle.letters.documents.flyers import FlyerDocument, WayIn
from marelle.letters.documents.invoices import InvoiceDocument, Kind, Line, Section, Step
from marelle.letters.documents.own_data import OwnDataDocument
from marelle.letters.documents.parties import Amount, Issuer, Recipient
from marelle.letters.documents.qr_codes import squares_of
from marelle.letters.documents.receipts import ReceiptDocument
from marelle.letters.documents.reminders import ReminderDocument
from marelle.letters.documents.statements import StatementDocument
from marelle.letters.documents.tables import PaperTable, TablesDocument

CHARACTERS = Path(__file__).parent / "fonts" / "characters.txt"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
TOO_LONG = re.compile(r"\S{40}(?=\S)")  # a word that no column can hold may be cut there

Words = dict[str, Any]


def invoice_words(document: InvoiceDocument) -> Words:
    """Will write an invoice."""
    title = f"{document.kind.capitalize()} n°{NO_BREAK}{document.number}"
    subtitles = [document.object]
    if document.corrects:
        verb = "Corrige" if document.is_credit_note else "Complète"
        subtitles.append(f"{verb} la facture n°{NO_BREAK}{document.corrects}")
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "recipient": _recipient(document.payer),
            "title": title,
            "document_title": f"{title}, {document.issuer.name}",
            "description": f"{document.object}, {_period(document.period)}",
            "subtitles": subtitles,
            "facts": [
                ["Émis le" if document.is_credit_note else "Émise le", without_weekday(document.issued_on, year=True)],
                ["Période", _period(document.period)],
                ["Exercice", str(document.exercice)],
            ],
            "brief": _brief(document),
            "sections": [_section(section) for section in document.sections],
            "components": _components(document),
            "notes": [document.regrouping] if document.regrouping else [],
            "totals": _totals(document),
            "left_to_pay": _left_to_pay(document),
            "how_title": "Ce que devient cet avoir" if document.is_credit_note else "Comment payer",
            "how": list(document.how_to_pay),
            "mentions": _mentions(document),
            "stub": _stub(document),
            "foot": f"{title} · {document.issuer.regie or document.issuer.name}",
        }
    )


def own_data_words(document: OwnDataDocument) -> Words:
    """Will write what somebody downloads of what is kept about them."""
    made = without_weekday(document.issued_on, year=True)
    title = "Mes données personnelles"
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "title": title,
            "document_title": f"{title}, {made}",
            "description": "Ce que Marelle garde d’un compte et de ses familles",
            "lead": [
                f"Compte {document.person}, le {made}.",
                (
                    "Ce document dit tout ce qui est gardé de vous, de votre foyer et des enfants qui vivent chez vous."
                    " Le fichier JSON dit la même chose à un logiciel ; il a en plus les justificatifs que vous avez"
                    " déposés et, ligne à ligne, les places prises et les écritures de compte."
                ),
            ],
            "chapters": [
                {
                    "title": chapter.title,
                    "parts": [
                        {"title": part.title, "rows": [[list(piece) for piece in row] for row in part.rows]}
                        for part in chapter.parts
                    ],
                }
                for chapter in document.chapters
            ],
            "foot": f"{title} · {made}",
        }
    )


def certificate_words(document: TaxCertificateDocument) -> Words:
    """Will write a tax certificate."""
    title = f"Attestation fiscale {document.year}"
    eligible = "Aucun enfant" if not document.children else ", ".join(child.name for child in document.children)
    issued = without_weekday(document.issued_on, year=True)
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "recipient": _recipient(document.payer),
            "title": title,
            "document_title": f"{title}, {document.issuer.name}",
            "description": f"Frais de garde payés en {document.year}",
            "subtitles": [f"Frais de garde des enfants de moins de six ans, payés en {document.year}"],
            "facts": [["Année", str(document.year)], ["Faite le", issued]],
            "brief": [
                _answer("À déclarer, avant plafond", in_euros(document.total_cents)),
                _answer("Payé", f"du 1ᵉʳ{NO_BREAK}janvier au 31{NO_BREAK}décembre {document.year}"),
                _answer("Pour", eligible),
            ],
            "children": [_child(child) for child in document.children],
            "not_eligible": [
                f"{child.name}, date de naissance : {without_weekday(child.born_on, year=True)}. {child.reason}"
                for child in document.not_eligible
            ],
            "law": [
                (
                    f"Cette attestation sert à demander le crédit d’impôt pour frais de garde des jeunes enfants "
                    f"({document.article}). Elle compte les sommes payées dans l’année civile, quel que soit le mois "
                    f"des prestations, pour les enfants de moins de six ans au 1ᵉʳ{NO_BREAK}janvier {document.year}, "
                    f"et seulement la part de garde : ni les repas, ni les pénalités, ni les frais d’inscription."
                ),
                *document.notes,
            ],
            "made": f"{document.issuer.name}, le{NO_BREAK}{issued}",
            "signatory": document.issuer.signatory,
            "foot": f"{title} · {document.issuer.name}",
        }
    )


def reminder_words(document: ReminderDocument) -> Words:
    """Will write a reminder."""
    written = without_weekday(document.written_on, year=True)
    first = min(one.due_on for one in document.invoices)
    count = len(document.invoices)
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "recipient": _recipient(document.payer),
            "title": document.title,
            "facts": [["Le", written]],
            "brief": [
                _answer("Reste à payer", in_euros(document.total_cents)),
                _answer("Depuis le", without_weekday(first, year=True)),
                _answer("Pour", f"{count} factures" if count > 1 else "une facture"),
            ],
            "words": list(document.words),
            "invoices": [
                {
                    "number": one.number,
                    "object": one.object,
                    "due": without_weekday(one.due_on, year=True),
                    "left": in_euros(one.left_cents),
                }
                for one in document.invoices
            ],
            "total": in_euros(document.total_cents),
            "ways": list(document.ways_to_pay),
            "made": f"{document.issuer.name}, le{NO_BREAK}{written}",
            "signatory": document.issuer.signatory,
            "foot": f"{document.title} · {document.issuer.name}",
        }
    )


def code_letter_words(document: CodeLetterDocument) -> Words:
    """Will write the letter of a family's codes."""
    written = without_weekday(document.written_on, year=True)
    several = len(document.codes) > 1
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "recipient": _recipient(document.family),
            "title": "Votre espace famille est ouvert",
            "facts": [["Le", written], *([["Par", document.handed_by]] if document.handed_by else [])],
            "words": [
                f"{document.issuer.name} vous ouvre son espace famille : réservations, absences, factures et demandes.",
                "Chaque responsable a son propre code." if several else "Voici votre code d’adhésion.",
            ],
            "codes": [
                {
                    "name": one.name,
                    "code": one.code,
                    "until": f"Sert une fois, jusqu’au {without_weekday(one.until, year=True)}",
                }
                for one in document.codes
            ],
            "how_title": "Comment faire ?",
            "how": [
                f"Ouvrez {document.site} et choisissez « Créer un compte ».",
                "Indiquez votre adresse e-mail, ouvrez le courriel que vous recevez, choisissez un mot de passe.",
                "Saisissez le code. Majuscules, espaces et tirets n’ont pas d’importance.",
            ],
            "notes": [
                (
                    "Vous avez déjà un compte Factures en ligne, ou dans une autre commune ? Utilisez les mêmes"
                    " identifiants : connectez-vous, puis « J’ai un code »."
                ),
                "Ce code est à vous seul. Perdu ou trop ancien ? La mairie en donne un autre.",
            ],
            "foot": f"Code d’adhésion · {document.issuer.name}",
        }
    )


def flyer_words(document: FlyerDocument) -> Words:
    """Will write a flyer, after the way in that the authority uses."""
    site = document.site.removeprefix("https://").removeprefix("http://").rstrip("/")
    is_link = document.way_in is WayIn.LINK
    squares = squares_of(document.site)
    pay = []
    if document.has_prepaid:
        pay.append("Ce qui se paie à la réservation : vous payez en ligne, en validant votre panier.")
    if document.has_arrears:
        pay.append("Ce qui se paie en fin de mois : vous recevez vos factures et les retrouvez dans « Mes factures ».")
    if document.invoices_site:
        invoices = document.invoices_site.removeprefix("https://").removeprefix("http://").rstrip("/")
        pay.append(f"Une facture se paie aussi sans compte, avec sa référence et son montant, sur {invoices}.")
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "title": "Réalisez vos démarches, simplement et gratuitement",
            "document_title": f"Espace famille, {document.issuer.name}",
            "description": "Comment ouvrir votre espace famille" + (" par un lien" if is_link else " avec un code"),
            "announcement": document.announcement,
            "services": ", ".join(document.services),
            "connect": "Connectez-vous sur",
            "site": site,
            "photo": "Ou photographiez ce code avec votre téléphone.",
            "qr": {"size": squares.size, "runs": [list(run) for run in squares.runs]},
            "qr_alt": f"Code à photographier, qui mène à {site}",
            "how_title": "Concrètement, comment faire ?",
            "how": _flyer_steps(is_link=is_link),
            "how_notes": [
                (
                    "Pas de courriel ? Cherchez parmi les indésirables, puis appelez la mairie : son adresse pour vous"
                    " est peut-être ancienne."
                    if is_link
                    else "Le code est à vous seul et sert une fois. Perdu ou trop ancien ? La mairie en donne un autre."
                )
            ],
            "abilities_title": "Ensuite, à tout moment",
            "abilities": [
                _answer("Consultez", "les présences et les absences de vos enfants, semaine par semaine."),
                _answer("Réservez", "pour tous vos enfants à la fois ; chaque jour dit jusqu’à quand."),
                _answer("Signalez", "une absence, ou annulez, dans le délai indiqué sur chaque jour."),
                _answer("Demandez", "une inscription, un changement d’adresse, et suivez la réponse."),
            ],
            "pay_title": "Payez quand vous le souhaitez",
            "pay": pay,
            "notes": [
                (
                    "Un seul compte suffit : pour tous vos enfants, pour vos factures en ligne, et pour une autre"
                    " commune qui utilise le même site (« Ajouter une commune »)."
                )
            ],
            "contact_title": "Une question ?",
            "foot": f"Espace famille · {document.issuer.name}",
        }
    )


def _flyer_steps(*, is_link: bool) -> list[str]:
    if is_link:
        return [
            "La mairie active votre compte : vous recevez un courriel avec un lien.",
            "Ouvrez le lien, choisissez un mot de passe et relisez vos informations.",
            "C’est prêt : votre espace est ouvert, avec vos enfants.",
        ]
    return [
        "Inscrivez-vous d’abord auprès de la mairie : elle vous remet un code d’adhésion.",
        "Ouvrez cette adresse et choisissez « Créer un compte ».",
        "Indiquez votre adresse e-mail, ouvrez le courriel que vous recevez, choisissez un mot de passe.",
        "Saisissez le code. Majuscules, espaces et tirets n’ont pas d’importance.",
    ]


def _with_article(regie: str) -> str:
    """Will write « La régie de recettes scolaire » at the head of a sentence."""
    return f"La r{regie[1:]}" if regie.startswith("Régie ") else regie


def receipt_words(document: ReceiptDocument) -> Words:
    """Will write a receipt: the amount in figures and in words, whom from, how, for what."""
    number = f"n°{NO_BREAK}{document.number}"
    title = f"{'Contre-quittance' if document.is_counter else 'Quittance'} {number}"
    paid = without_weekday(document.paid_on, year=True)
    issued = without_weekday(document.issued_on, year=True)
    said = amount_in_words(abs(document.cents))
    regie = document.issuer.regie or document.issuer.name
    rows = [
        ["Date", paid],
        ["Montant en chiffres", in_euros(document.cents)],
        ["Montant en lettres", amount_in_words(document.cents)],
        ["Moyen de paiement", document.means],
        ["Pour", document.label],
    ]
    if document.settles:
        rows.append(["Règle", ", ".join(document.settles)])
    if document.reference:
        rows.append(["Référence", document.reference])
    if document.is_counter:
        rows += [["Annule la quittance", document.cancels], ["Raison", document.reason or "non précisée"]]
        sentence = (
            f"{_with_article(regie)} annule la quittance n°{NO_BREAK}{document.cancels}, donnée à "
            f"{document.payer.name} pour la somme de {said}."
        )
        law = "Une quittance ne se modifie pas : cette contre-quittance l’annule et garde les deux."
    else:
        sentence = f"{_with_article(regie)} a reçu de {document.payer.name} la somme de {said}."
        law = "Cette quittance vaut reçu. Un chèque, un prélèvement ou un virement vaut sous réserve d’encaissement."
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "recipient": _recipient(document.payer),
            "title": title,
            "document_title": f"{title}, {document.issuer.name}",
            "description": f"{in_euros(document.cents)}, {document.label}",
            "subtitles": [f"Annule la quittance n°{NO_BREAK}{document.cancels}"] if document.is_counter else [],
            "facts": [["Donnée le", issued], ["Exercice", str(document.exercice)]],
            "brief": [
                _answer("Annulé" if document.is_counter else "Reçu", in_euros(document.cents)),
                _answer("Le", paid),
                _answer("Moyen de paiement", document.means),
            ],
            "sentence": sentence,
            "detail_title": "Détail",
            "rows": rows,
            "law": [law],
            "made": f"{document.issuer.name}, le{NO_BREAK}{issued}",
            "signatory": document.issuer.signatory,
            "foot": f"{title} · {regie}",
        }
    )


def statement_words(document: StatementDocument) -> Words:
    """Will write what a régie signs."""
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "recipient": _recipient(document.recipient),
            "title": document.title,
            "document_title": f"{document.title}, {document.issuer.name}",
            "description": document.subtitle,
            "subtitle": document.subtitle,
            "facts": [list(fact) for fact in document.facts],
            "brief": [_answer(name, value) for name, value in document.answers],
            "tables": [
                {
                    "title": table.title,
                    "columns": list(table.columns),
                    "rows": [{"cells": list(row.cells), "amount": in_euros(row.cents)} for row in table.rows],
                    "total_name": table.total_name,
                    "total": in_euros(table.total_cents),
                }
                for table in document.tables
            ],
            "words": list(document.words),
            "signed_by": list(document.signed_by),
            "foot": f"{document.title} · {document.issuer.regie or document.issuer.name}",
        }
    )


def tables_words(document: TablesDocument) -> Words:
    """Will write tables to carry."""
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "title": document.title,
            "document_title": f"{document.title}, {document.issuer.name}",
            "description": document.subtitle,
            "subtitle": document.subtitle,
            "words": list(document.words),
            "is_wide": document.is_wide,
            "is_large": document.is_large,
            "is_apart": document.is_apart,
            "tables": [
                {
                    "title": table.title,
                    "note": table.note,
                    "columns": list(table.columns),
                    "rows": [list(row) for row in table.rows],
                    "total": list(table.total),
                    "numbers": sorted(table.numbers),
                    "widths": _widths(table),
                }
                for table in document.tables
            ],
            "foot": f"{document.title} · {document.issuer.name}",
        }
    )


def _widths(table: PaperTable) -> list[int]:
    """Will share the page between columns by the length of what they hold; 0 for one that needs no more than that."""
    found = []
    for place, name in enumerate(table.columns):
        if place in table.numbers or place in table.narrow:
            found.append(0)
            continue
        lengths = sorted(len(row[place]) for row in table.rows)
        usual = lengths[len(lengths) * 9 // 10] if lengths else 0
        found.append(max(8, len(name), min(usual, 40)))
    return found if any(found) else [1, *found[1:]]


def application_words(document: ApplicationPaper) -> Words:
    """Will write what a family keeps of a request."""
    return _shown(
        {
            "issuer": _issuer(document.issuer),
            "recipient": _recipient(document.recipient),
            "title": document.title,
            "document_title": f"{document.title}, {document.issuer.name}",
            "description": document.subtitle,
            "subtitle": document.subtitle,
            "facts": [list(fact) for fact in document.facts],
            "brief": [_answer(name, value) for name, value in document.answers],
            "lead": [said.splitlines() for said in document.lead],
            "chapters": [
                {
                    "title": chapter.title,
                    "words": [said.splitlines() for said in chapter.words],
                    "rows": [[name, value.splitlines()] for name, value in chapter.rows],
                }
                for chapter in document.chapters
            ],
            "is_signed": document.is_signed,
            "made": f"{document.issuer.name}, le{NO_BREAK}{without_weekday(document.issued_on, year=True)}",
            "signatory": document.issuer.signatory,
            "foot": f"{document.title} · {document.issuer.name}",
        }
    )


def _issuer(issuer: Issuer) -> Words:
    colors = _colors(issuer.accent)
    ways = " · ".join(filter(None, (issuer.phone, issuer.email)))
    siret = f"SIRET{NO_BREAK}{issuer.siret}" if issuer.siret else ""
    return {
        "name": issuer.name,
        "regie": issuer.regie,
        "contact": [line for line in (*issuer.address, ways, issuer.opening_hours, siret) if line],
        **colors,
        "logo": issuer.logo.path if issuer.logo else None,
        "logo_alt": f"Logo : {issuer.name}",
    }


@lru_cache(maxsize=256)
def _colors(accent: str) -> dict[str, str]:
    found = palette(accent)
    return {"accent": found.accent, "tint": found.tint, "edge": found.edge}


def _recipient(recipient: Recipient) -> Words:
    return {"name": recipient.name, "address": list(recipient.address)}


def _period(period: Period) -> str:
    first, last = period.starts_on, period.ends_on or period.starts_on
    if first == last:
        return f"le {without_weekday(first, year=True)}"
    start = without_weekday(first, year=first.year != last.year)
    return f"du {start} au {without_weekday(last, year=True)}"


def _answer(name: str, value: str) -> Words:
    return {"name": name, "value": value}


def _brief(document: InvoiceDocument) -> list[Words]:
    left = document.left_to_pay_cents
    if document.is_credit_note:
        return [
            _answer("En votre faveur", in_euros(-left)),
            _answer("Vous n’avez", "rien à payer"),
            _answer("Ensuite", document.how_in_brief),
        ]
    if left == 0:
        return [
            _answer("À payer", in_euros(0)),
            _answer("Cette facture est", "déjà réglée"),
            _answer("Montant de la facture", in_euros(document.total_cents)),
        ]
    due = in_full(document.due_on, year=True) if document.due_on else "à réception"
    return [
        _answer("À payer", in_euros(left)),
        _answer("Au plus tard" if document.due_on else "Quand", due),
        _answer("Comment", document.how_in_brief),
    ]


def _section(section: Section) -> Words:
    return {
        "title": section.title,
        "detail": section.detail,
        "lines": [_line(line) for line in section.lines],
        "total_name": f"Total {section.title}",
        "total": in_euros(section.total_cents) if len(section.lines) > 1 else None,
    }


def _line(line: Line) -> Words:
    steps = " · ".join(map(_step, line.steps))
    adjustments = " · ".join(_signed(amount) for amount in line.adjustments)
    notes = (listed_days(line.dates), steps, adjustments, line.resolution)
    return {
        "label": f"{line.label}, {line.day_type}" if line.day_type else line.label,
        "notes": [_sentence(note) for note in notes if note],
        "quantity": f"{_count(line.quantity)}{NO_BREAK}{line.unit}" if line.unit else _count(line.quantity),
        "unit": in_euros(line.unit_cents),
        "total": in_euros(line.total_cents),
    }


def _step(step: Step) -> str:
    return step.text if step.cents is None else f"{step.text}{NO_BREAK}: {in_euros(step.cents)}"


def _signed(amount: Amount) -> str:
    return f"{amount.text}{NO_BREAK}: {in_euros(amount.cents)}"


def _count(quantity: int) -> str:
    return f"\N{MINUS SIGN}{NO_BREAK}{-quantity}" if quantity < 0 else str(quantity)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _totals(document: InvoiceDocument) -> list[Words]:
    rows = [("Total des prestations", document.lines_cents)]
    rows += [(aid.text, -aid.cents) for aid in document.aids]
    rows += [(debt.text, debt.cents) for debt in document.carried_over]
    name = "Total de l’avoir" if document.is_credit_note else "Total de la facture"
    sums = [_total(*row) for row in rows] if len(rows) > 1 else []
    sums.append(_total(name, document.total_cents, is_sum=True))
    sums += [_total(taken.text, -taken.cents) for taken in (*document.credits, *document.payments)]
    return sums


def _left_to_pay(document: InvoiceDocument) -> Words:
    if document.is_credit_note:
        return _answer("En votre faveur", in_euros(-document.left_to_pay_cents))
    return _answer("Reste à payer", in_euros(document.left_to_pay_cents))


def _total(name: str, cents: int, *, is_sum: bool = False) -> Words:
    return {"name": name, "value": in_euros(cents), "sum": is_sum}


def _components(document: InvoiceDocument) -> list[list[str]]:
    rows = [[f"{share.code} {share.label}", in_euros(share.cents)] for share in document.components]
    if document.childcare_cents is not None:
        rows.append(["Dont frais de garde (crédit d’impôt)", in_euros(document.childcare_cents)])
    if document.cesu_cents is not None:
        rows.append(["Dont payable en CESU", in_euros(document.cesu_cents)])
    return rows


def _mentions(document: InvoiceDocument) -> str:
    said = document.mentions
    issuer = document.issuer
    by = f"Document émis par {issuer.signatory}." if issuer.signatory else ""
    return " ".join(filter(None, (said.resolution, said.vat, said.recovery, said.contest, by)))


def _stub(document: InvoiceDocument) -> Words | None:
    if document.kind is Kind.CREDIT_NOTE or document.left_to_pay_cents == 0:
        return None
    facts = [[f"{document.kind.capitalize()} n°", document.number], ["Payeur", document.payer.name]]
    if reference := document.payment_reference:
        facts += [["Identifiant collectivité", reference.authority_code], ["Référence", reference.reference]]
    facts.append(["À payer", in_euros(document.left_to_pay_cents)])
    return {"title": "Références de paiement, à rappeler ou à joindre à votre règlement", "facts": facts}


def _child(child: CertifiedChild) -> Words:
    rows = [
        {"name": paid.text, "paid": in_euros(paid.paid_cents), "care": in_euros(paid.childcare_cents)}
        for paid in child.sums
    ]
    rows += [{"name": f"{aid.text} (aide déduite)", "paid": "", "care": in_euros(-aid.cents)} for aid in child.aids]
    return {
        "name": child.name,
        "born": f"date de naissance : {without_weekday(child.born_on, year=True)}",
        "rows": rows,
        "total_name": f"Frais de garde payés pour {child.name}",
        "total": in_euros(child.deductible_cents),
    }


def _shown(value: Any) -> Any:
    """Will keep, in every text, what the fonts can draw: a strict PDF refuses a sign without a shape."""
    match value:
        case str():
            return _drawable(value)
        case dict():
            return {name: each if name == "logo" else _shown(each) for name, each in value.items()}
        case list():
            return [_shown(each) for each in value]
        case _:
            return value


@lru_cache(maxsize=4096)
def _drawable(text: str) -> str:
    shown = unicodedata.normalize("NFC", text)
    if not _known().issuperset(shown):
        shown = "".join(sign if sign in _known() else _instead_of(sign) for sign in shown)
    return TOO_LONG.sub("\\g<0>\N{ZERO WIDTH SPACE}", shown)


def _instead_of(sign: str) -> str:
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in {"Cf", "Mn"} else UNKNOWN  # a mark of direction, a bare accent


@cache
def _known() -> frozenset[str]:
    """Will read the signs that the fonts can draw, written as ranges of code points."""
    known: set[str] = set()
    for line in CHARACTERS.read_text().splitlines():
        if line and not line.startswith("#"):
            first, _, last = line.partition("-")
            known.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(known)

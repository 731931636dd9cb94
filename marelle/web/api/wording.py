"""What the interface says when it does nothing, to who reads the log of a software."""

from __future__ import annotations

from typing import Final

UNKNOWN_CALLER: Final = "Jeton absent, inconnu ou révoqué, ou d’une autre collectivité."
TOO_MANY: Final = "Trop de demandes : réessayez dans une minute."
NOT_SO: Final = "Cette adresse ne se demande pas ainsi."
NOT_JSON: Final = "Envoyez du JSON, avec l’en-tête Content-Type: application/json."
NOT_READ: Final = "Ce JSON n’est pas lisible."
TOO_LARGE: Final = "C’est trop lourd : 2 Mo au plus, documents compris."
NOT_INVOICES: Final = 'Envoyez une facture, ou { "factures": [ … ] } avec 1 à 500 factures.'
WRONG: Final = "Des factures sont à corriger : aucune n’est importée."
CONFLICT: Final = "Des références sont déjà là avec autre chose : aucune facture n’est importée."
NOT_FOUND: Final = "Aucune facture de cette régie ne porte cette référence."
TWICE: Final = "Cette référence est deux fois dans l’envoi."
UNKNOWN: Final = "Ce champ n’existe pas."
NOT_TEXT: Final = "Ce champ est un texte."
NOT_CENTS: Final = "Le montant est un nombre entier de centimes."
NOT_PDF: Final = "Le document est un PDF de 300 Ko au plus, en base 64."

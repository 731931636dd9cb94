"""The words of the agents' first page."""

from __future__ import annotations

NOT_AN_AGENT = "Ce compte n’est pas celui d’un agent"
CHOOSE = "Où travaillez-vous aujourd’hui ?"
MY_POST = "Mon poste"

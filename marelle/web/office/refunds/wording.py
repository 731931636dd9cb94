"""The words of refunds at the office."""

from __future__ import annotations

from typing import Final

from marelle.domain.payments.operations.refunds import WhyNotRefunded

NO_DECISION: Final = "Choisissez une réponse."
NO_REGIE: Final = "Choisissez une régie."
PAST_DAY: Final = "Ce jour est passé : choisissez aujourd’hui ou un jour à venir."
CLOSED_DAY: Final = "Les banques sont fermées ce jour-là."
TOO_FAR: Final = "Ce jour est trop loin."
ANSWERED: Final = "La réponse est enregistrée, et part à la famille par e-mail."
MADE: Final = "Le fichier est prêt : téléchargez-le, puis remettez-le à la banque."
SENT: Final = "Les virements sont enregistrés : les porte-monnaie sont débités, les familles prévenues."
ABANDONED: Final = "Le fichier est abandonné : ses remboursements attendent le prochain."
INVALID_FILE: Final = "Le fichier ne respecte pas le format des banques : rien n’a été écrit."
WHY_NOT: Final = {
    WhyNotRefunded.NOT_THAT_MUCH: "Le porte-monnaie de la famille ne contient plus autant.",
    WhyNotRefunded.ANSWERED: "Cette demande a déjà sa réponse.",
    WhyNotRefunded.IN_A_FILE: "Cette demande est dans un fichier : abandonnez-le d’abord.",
    WhyNotRefunded.NO_REFERENCE: "Écrivez la référence que le Trésor a donnée.",
    WhyNotRefunded.NO_WORDS: "Écrivez pourquoi : la famille le lira.",
    WhyNotRefunded.NO_ACCOUNT: (
        "Cette régie n’a pas de compte pour virer : enregistrez d’abord son compte créancier, menu Prélèvements."
    ),
    WhyNotRefunded.NOBODY: "Rien n’attend un virement dans cette régie, ou les porte-monnaie ne suffisent plus.",
    WhyNotRefunded.FILE_IS_OPEN: "Un fichier de cette régie n’est pas parti : envoyez-le ou abandonnez-le d’abord.",
    WhyNotRefunded.FILE_IS_GONE: "Ce fichier est parti ou abandonné : il ne change plus.",
    WhyNotRefunded.WALLET_USED: "Un porte-monnaie a servi depuis : {names}. N’envoyez pas ce fichier, refaites-en un.",
}

"""Bank accounts: an IBAN and its key, a BIC, a creditor identifier; what is said when they are wrong.

ISO 13616 (IBAN), ISO 9362 (BIC), the creditor identifier of SEPA (ICS, the « SCI » of Banque de France). The countries
are those of the SEPA schemes (European Payments Council, EPC409-09).
An IBAN is checked by its own key alone: the national keys inside it are older than the lists of banks that would check
them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.eu import at_02
from stdnum.exceptions import InvalidChecksum, ValidationError

MOST_SIGNS: Final = 60
EEA: Final = frozenset(re.findall("..", "ATBEBGCYCZDEDKEEESFIFRGRHRHUIEISITLILTLULVMTNLNOPLPTROSESISK"))
SEPA: Final = EEA | frozenset(re.findall("..", "ADALCHGBGIMCMDMEMKRSSMVA"))
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\-.]+")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


class AccountFault(StrEnum):
    """What is wrong with what was written, in the words that its writer reads."""

    NO_IBAN = "Indiquez l’IBAN du compte : il est sur votre relevé d’identité bancaire, et commence par FR en France."
    NOT_AN_IBAN = "Ceci n’est pas un IBAN. Il commence par deux lettres et deux chiffres, comme FR76."
    LENGTH = "Il manque des caractères à cet IBAN, ou il y en a trop. En France, il en compte 27."
    KEY = "Un chiffre de cet IBAN est faux : sa clé de contrôle ne correspond pas. Relisez-le sur votre relevé."
    NOT_SEPA = "Ce compte est tenu hors de la zone des paiements européens (SEPA) : il ne peut pas servir ici."
    NOT_A_BIC = "Ceci n’est pas un BIC. Il compte 8 ou 11 caractères, comme AGRIFRPPXXX."
    BIC_NEEDED = "Pour un compte tenu dans ce pays, indiquez aussi le BIC de la banque."
    BIC_ELSEWHERE = "Ce BIC n’est pas du même pays que l’IBAN."
    NOT_AN_ICS = "Cet identifiant créancier est faux. Il commence par FR, suivi d’une clé, comme FR72ZZZ123456."

    @property
    def is_of_bic(self) -> bool:
        """Will tell whether the BIC is what is wrong."""
        return self in {AccountFault.NOT_A_BIC, AccountFault.BIC_NEEDED, AccountFault.BIC_ELSEWHERE}


class WrongAccountError(Exception):
    """What was written names no account that can be used; `fault` says why, in words."""

    def __init__(self, fault: AccountFault) -> None:
        """Will keep why, and nothing of what was written."""
        super().__init__(fault.name)
        self.fault = fault


def iban_from(text: str) -> str:
    """Will return an IBAN in capitals and without spaces, from what was written. Raises WrongAccountError."""
    compact = _SPACES.sub("", text).upper().removeprefix("IBAN").lstrip(":")
    if not compact:
        raise WrongAccountError(AccountFault.NO_IBAN)
    if len(compact) > MOST_SIGNS or not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", compact, re.ASCII):
        raise WrongAccountError(AccountFault.NOT_AN_IBAN)
    try:
        ibans.validate(compact, check_country=False)
    except InvalidChecksum as error:
        raise WrongAccountError(AccountFault.KEY if _has_its_length(compact) else AccountFault.LENGTH) from error
    except ValidationError as error:
        raise WrongAccountError(
            AccountFault.NOT_AN_IBAN if _has_its_length(compact) else AccountFault.LENGTH
        ) from error
    if compact[:2] not in SEPA:
        raise WrongAccountError(AccountFault.NOT_SEPA)
    return compact


def _has_its_length(compact: str) -> bool:
    """Will tell whether a French IBAN has its 27 signs; others are taken at their word."""
    return not compact.startswith("FR") or len(compact) == len("FR7630006000011234567890189")


def bic_from(text: str, *, iban: str) -> str:
    """Will return a BIC in capitals, empty when none is written and none is needed. Raises WrongAccountError."""
    compact = _SPACES.sub("", text).upper()
    if not compact:
        if iban[:2] not in EEA:
            raise WrongAccountError(AccountFault.BIC_NEEDED)
        return ""
    if not _BIC.fullmatch(compact) or not bics.is_valid(compact):
        raise WrongAccountError(AccountFault.NOT_A_BIC)
    # Banks of French overseas places and of Monaco hold accounts whose IBAN begins by FR.
    if compact[4:6] != iban[:2] and iban[:2] not in {"FR", "GB", "MC"}:
        raise WrongAccountError(AccountFault.BIC_ELSEWHERE)
    return compact


def ics_from(text: str) -> str:
    """Will return a creditor identifier in capitals and without spaces. Raises WrongAccountError."""
    compact = _SPACES.sub("", text).upper()
    if len(compact) > MOST_SIGNS or not compact.isascii() or not at_02.is_valid(compact):
        raise WrongAccountError(AccountFault.NOT_AN_ICS)
    return compact


def in_fours(iban: str) -> str:
    """Will write an IBAN as people read it, by groups of four."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def masked(iban: str) -> str:
    """Will write enough of an IBAN for its holder to know it, and no more: « FR76 •••• 0189 »."""
    return f"{iban[:4]} •••• {iban[-4:]}" if iban else ""

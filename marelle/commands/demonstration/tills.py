"""How the régies of a demonstration are paid: open online at the stand-ins, with a régisseuse, a drawer and a mandate.

What is written here is what a régie has after its trials: the stand-ins of PayFiP and PayZen know these numbers.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.accounts.models import Agent
from marelle.domain.authorities.models import Regie
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import CreditorAccount, PaymentSettings, RegisseurTerm
from marelle.domain.payments.operations.creditors import CreditorChoices, set_creditor
from marelle.domain.payments.operations.regies import name_regisseur, set_act
from marelle.foundation import tenancy
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

OPEN_FOR_DAYS: Final = 60


class Till(NamedTuple):
    """A régie (code) online: who cashes, its number there, what it signs and asks with; who holds it (e-mail)."""

    regie: str
    gateway: str
    number: str
    holder: str
    key: str = ""
    password: str = ""
    has_top_up: bool = False
    takes_part_payments: bool = False
    ics: str = ""


TILLS: Final = {
    "dammartin-sur-tigeaux": (
        Till("scolaire", "payfip", "100771", "nadia.ferrand@exemple.fr", takes_part_payments=True, ics="FR72ZZZ123456"),
    ),
    "jolieville": (
        Till("periscolaire", "payfip", "100772", "claire.meunier@exemple.fr"),
        Till(
            "loisirs", "payzen", "70258842", "claire.meunier@exemple.fr", has_top_up=True,
            key="cledeproductiondelademonstration", password="prodpassword_demonstration",  # noqa: S106  the stand-in's
        ),
    ),
}  # fmt: skip
TRIED: Final = {"payfip": ("test.card", "activation.card", "activation.debit"), "payzen": ("test.card",)}


@operation
def open_tills(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will have the régies of an authority of the demonstration cash online and at the desk."""
    with tenancy.scope({authority.pk}):
        for till in TILLS[authority.slug]:
            regie = Regie.objects.get(code=till.regie)
            opened_at = at - timedelta(days=OPEN_FOR_DAYS)
            PaymentSettings.objects.update_or_create(
                regie=regie,
                defaults={
                    "authority": authority,
                    "gateway": till.gateway,
                    "mode": Mode.PRODUCTION.value,
                    "number": till.number,
                    "key": till.key,
                    "password": till.password,
                    "trials": dict.fromkeys(TRIED[till.gateway], (opened_at - timedelta(days=7)).isoformat()),
                    "opened_at": opened_at,
                    "takes_part_payments": till.takes_part_payments,
                    "has_top_up": till.has_top_up,
                    "low_balance_cents": 1000 if till.has_top_up else 0,
                },
            )
            set_act(
                regie, reference="2019-44", ceiling_cents=1_220_00, float_cents=50_00, deposit_days=31, by=by, at=at
            )
            holder = Agent.objects.get(user__email=till.holder)
            if not RegisseurTerm.objects.filter(regie=regie).exists():
                name_regisseur(
                    regie,
                    agent=holder,
                    kind=RegisseurTerm.Kind.REGISSEUR,
                    starts_on=date(at.year, 1, 1),
                    by=by,
                    at=at,
                )
            if till.ics:
                set_creditor(regie, _creditor(authority, till), by=by, at=at)


def _creditor(authority: Authority, till: Till) -> CreditorChoices:
    return CreditorChoices(
        ics=till.ics,
        name=f"Régie {authority.name}",
        address=authority.name,
        iban="FR26 1007 1770 0000 0010 0018 704",
        bic="TRPUFRP1",
        scheme=CreditorAccount.Scheme.OF_2009,
        settles_after_days=5,
        fee_cents=0,
        is_open=True,
    )

"""The steps of closing a month: where each stands, how much is left of it, and the one screen where it is done."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from marelle.domain.billing.models import BillingRun
from marelle.domain.billing.queries.dockets import settings_of, to_hand_over
from marelle.domain.billing.queries.overtaken import overtaken_by
from marelle.domain.billing.queries.readiness import readiness_of
from marelle.domain.billing.queries.review import Figures, figures_of
from marelle.domain.billing.queries.unpaid import letters_to_print, unpaid_invoices
from marelle.domain.billing.rules.reminders import due_stage
from marelle.domain.payments.models import BankDeposit
from marelle.domain.payments.queries.desk import to_deposit
from marelle.domain.procedures.queries.inbox import waiting_by_service
from marelle.domain.reservations.queries.absences import absences_on, awaiting_certificate
from marelle.domain.reservations.queries.attendance import unfinished_sheets
from marelle.domain.reservations.queries.requests import pending_requests
from marelle.foundation.french_dates import in_short, listed
from marelle.foundation.money import in_euros
from marelle.web.office.month import wording
from marelle.web.office.month.naming import Closing, month_written
from marelle.web.office.month.way_back import RETOUR
from marelle.web.office.month.wording import Standing, count
from marelle.web.office.overtaken_words import invoices_to_correct
from marelle.web.office.surroundings import ROLES, url_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from marelle.domain.authorities.models import Regie
    from marelle.domain.billing.queries.dockets import ToHandOver
    from marelle.domain.billing.queries.unpaid import UnpaidInvoice
    from marelle.domain.catalog.queries import Offer, ProductOffer, ServiceOffer
    from marelle.domain.reservations.queries.attendance import UnfinishedSheet
    from marelle.foundation.periods import Period
    from marelle.web.doors import OfficeVisit

DAYS_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Step:
    """A step: `words` says what is left, `lines` name it (text, address if any), the button leads to its screen."""

    code: str
    title: str
    standing: Standing
    words: str
    label: str = ""
    url: str = ""
    lines: tuple[tuple[str, str], ...] = ()

    @property
    def is_left(self) -> bool:
        """Will tell whether somebody has something to do here now."""
        return self.standing in {Standing.TO_DO, Standing.TO_SEE, Standing.UNDER_WAY}


class Month:
    """What the steps are about: a month of a régie, seen by an agent."""

    def __init__(
        self, visit: OfficeVisit, regie: Regie, month: Period, *, services: Sequence[ServiceOffer], offer: Offer
    ) -> None:
        """Will keep it; `services` are those that the régie collects for."""
        self.visit, self.regie, self.month, self.offer = visit, regie, month, offer
        self.services = {service.pk: service.name for service in services}
        self.products: tuple[ProductOffer, ...] = tuple(
            product for product in offer.products if product.activity.service.pk in self.services
        )
        self.keys = [product.pk for product in self.products]
        self.first = month.starts_on
        self.last = month.ends_on or month.starts_on
        # What is to come is nobody's fault yet.
        self.until = min(self.last, visit.today)
        self.is_over = self.last < visit.today
        self.closing = Closing(month, regie.code)

    def at(self, name: str, anchor: str = "", /, *, asked: dict[str, str] | None = None, **named: str) -> str:
        """Will return the address of a screen, with the way back."""
        query = urlencode({**(asked or {}), RETOUR: str(self.closing)})
        return f"{url_of(self.visit, name, **named)}?{query}{anchor}"

    def steps(self) -> list[Step]:
        """Will return the steps, in order. Some thirty statements, whatever the number of children and invoices."""
        return [
            self._sheets(),
            self._certificates(),
            self._cancellations(),
            *self._applications(),
            self._warnings(),
            *self._billing(),
            self._deposits(),
            self._reminders(),
            self._treasury(),
        ]

    def _sheets(self) -> Step:
        found = unfinished_sheets(self.keys, self.first, self.until)
        if not found:
            return Step("pointage", wording.SHEETS, Standing.DONE, "Chaque jour est pointé.")
        places = {product.activity.facility_pk: product.activity.facility_name for product in self.products}
        days = sorted({one.date for one in found})
        left = sum(one.expected - one.seen for one in found)
        lines = tuple(
            (_sheet_words(one, self.services[one.service_pk], places[one.facility_pk]), self._sheet(one.date))
            for one in found[:DAYS_NAMED]
        )
        if len(found) > DAYS_NAMED:
            lines += ((f"… et {count(len(found) - DAYS_NAMED, 'autre feuille', 'autres feuilles')}", ""),)
        return Step(
            "pointage",
            wording.SHEETS,
            Standing.TO_DO,
            f"{count(left, 'présence', 'présences')} à pointer, sur {count(len(days), 'jour', 'jours')}."
            " Sans pointage, ce qui est réservé est facturé comme venu.",
            "Pointer le premier jour" if self.visit.may(ROLES.RECORD_ATTENDANCE) else "",
            self._sheet(days[0]),
            lines,
        )

    def _sheet(self, day: date) -> str:
        may_tick = self.visit.may(ROLES.RECORD_ATTENDANCE)
        return self.at("office_sheet", day=day.isoformat()) if may_tick else ""

    def _certificates(self) -> Step:
        told = absences_on(self.keys, first=self.first, last=self.last)
        found = awaiting_certificate(told, offer=self.offer, at=self.visit.at)
        proved = told.filter(certificate_at__isnull=False)
        overtaken = invoices_to_correct(
            self.visit, overtaken_by(proved, offer=self.offer, at=self.visit.at), self.offer
        )
        if not found and not overtaken:
            return Step("absences", wording.CERTIFICATES, Standing.DONE, "Aucun certificat n’est attendu.")
        awaited = (
            f"{count(len(found), 'absence attend', 'absences attendent')} un certificat qui changerait la facture."
        )
        late = (
            f"{count(len(overtaken), 'facture émise est à corriger', 'factures émises sont à corriger')} :"
            " un justificatif est arrivé après. La prochaine facturation ne le fait pas."
        )
        return Step(
            "absences",
            wording.CERTIFICATES,
            Standing.TO_DO if overtaken else Standing.TO_SEE,
            " ".join([awaited] * bool(found) + [late] * bool(overtaken)),
            *self._link("Voir les absences", "office_absences", ROLES.MANAGE_RESERVATIONS),
            lines=tuple((f"{one.number}, {one.name} : {one.what}", one.url) for one in overtaken),
        )

    def _cancellations(self) -> Step:
        waiting = pending_requests(self.keys).filter(reservation__date__lte=self.last).count()
        if not waiting:
            return Step("annulations", wording.CANCELLATIONS, Standing.DONE, "Aucune n’attend de réponse.")
        return Step(
            "annulations",
            wording.CANCELLATIONS,
            Standing.TO_DO,
            f"{count(waiting, 'demande attend', 'demandes attendent')} une réponse : sans elle, le jour est facturé.",
            *self._link("Répondre", "office_cancellations", ROLES.MANAGE_RESERVATIONS),
        )

    def _applications(self) -> list[Step]:
        """Will return nothing for who answers for no service: she may not know."""
        waiting = waiting_by_service(self.visit.roles)
        if not waiting:
            return []
        if not sum(waiting):
            return [Step("demandes", wording.APPLICATIONS, Standing.DONE, "Aucune n’attend de réponse.")]
        words = (
            f"{count(sum(waiting), 'demande attend', 'demandes attendent')} une réponse. Elle peut changer un tarif."
        )
        return [
            Step(
                "demandes",
                wording.APPLICATIONS,
                Standing.TO_SEE,
                words if sum(waiting) == 1 else words.replace("Elle peut", "Certaines peuvent"),
                "Répondre",
                self.at("office_applications"),
            )
        ]

    def _warnings(self) -> Step:
        ready = readiness_of(self.services, first=self.first, last=self.last, offer=self.offer)
        lacking = [
            *([count(ready.unknown_families, "famille sans quotient", "familles sans quotient")] * bool(ready.unknown)),
            *([count(len(ready.unpriced), "prestation sans tarif", "prestations sans tarif")] * bool(ready.unpriced)),
            *([count(len(ready.homeless), "présence sans foyer", "présences sans foyer")] * bool(ready.homeless)),
        ]
        changing = count(len(ready.changing), "tarif ou règlement a changé", "tarifs ou règlements ont changé")
        check = self.at(
            "office_billing_prepare",
            "#avant",
            asked={"regie": self.regie.code, "mois": month_written(self.month)},
        )
        if not lacking:
            words = f"Rien ne manque. Dans le mois, {changing}." if ready.changing else "Rien ne manque."
            return Step("avertissements", wording.WARNINGS, Standing.DONE, words)
        words = f"{listed(lacking).capitalize()} : ces jours ne seront pas facturés."
        lines = tuple(
            (f"Famille {one.name}, sans quotient", self.at("office_family", "#quotient", family=one.family))
            for one in ready.unknown
            if self.visit.may(ROLES.READ_FAMILIES)
        )
        return Step("avertissements", wording.WARNINGS, Standing.TO_DO, words, "Voir ce qui manque", check, lines)

    def _billing(self) -> list[Step]:
        """Will return two steps: the drafts, then their issue, as the runs of these days stand."""
        runs = list(
            BillingRun.objects.filter(regie=self.regie, starts_on__lte=self.last, ends_on__gte=self.first)
            .exclude(state=BillingRun.State.ABANDONED)
            .order_by("-started_at", "-pk")
        )
        figures = figures_of([run.pk for run in runs])
        open_run = next((run for run in runs if run.state in BillingRun.OPEN), None)
        issued = [run for run in runs if run.state == BillingRun.State.ISSUED]
        billed = {
            service
            for run in issued
            if run.starts_on <= self.first and run.ends_on >= self.last
            for service in run.services
        }
        left = [name for pk, name in self.services.items() if pk not in billed]
        lines = tuple(
            (
                f"{run.name} : {count(known.invoices, 'facture', 'factures')}, {in_euros(known.cents)}",
                self.at("office_run", run=run.public_id),
            )
            for run in issued
            if (known := figures.get(run.pk, Figures()))
        )
        if open_run is not None:
            return self._open(open_run, figures.get(open_run.pk, Figures()), lines)
        drafts, issuing = wording.DRAFTS, wording.ISSUING
        if not left:
            whole = sum(figures.get(run.pk, Figures()).invoices for run in issued)
            return [
                Step("brouillons", drafts, Standing.DONE, "Préparés et vérifiés."),
                Step(
                    "emission",
                    issuing,
                    Standing.DONE,
                    f"{count(whole, 'facture émise', 'factures émises')}.",
                    lines=lines,
                ),
            ]
        later = Step("emission", issuing, Standing.LATER, "Après la vérification des brouillons.", lines=lines)
        if not self.is_over:
            return [Step("brouillons", drafts, Standing.LATER, wording.NOT_OVER), later]
        asked = {"regie": self.regie.code, "mois": month_written(self.month)}
        words = f"Reste à facturer : {listed(left)}." if issued else "Rien n’est encore facturé."
        return [
            Step(
                "brouillons", drafts, Standing.TO_DO, words, "Préparer les brouillons",
                self.at("office_billing_prepare", asked=asked),
            ),
            later,
        ]  # fmt: skip

    def _open(self, run: BillingRun, known: Figures, lines: tuple[tuple[str, str], ...]) -> list[Step]:
        show = self.at("office_run", run=run.public_id)
        drafts, issuing = wording.DRAFTS, wording.ISSUING
        prepared = f"{count(known.invoices, 'facture', 'factures')}, {in_euros(known.cents)}"
        if run.state == BillingRun.State.DRAFTING:
            return [
                Step("brouillons", drafts, Standing.UNDER_WAY, "La préparation est en cours.", "Suivre", show),
                Step("emission", issuing, Standing.LATER, "Après la vérification des brouillons.", lines=lines),
            ]
        if run.state == BillingRun.State.ISSUING:
            return [
                Step("brouillons", drafts, Standing.DONE, "Vérifiés et approuvés."),
                Step("emission", issuing, Standing.UNDER_WAY, f"{prepared} : l’émission est en cours.", "Suivre", show),
            ]
        noted = count(known.noted, "famille à vérifier", "familles à vérifier")
        approve = self.at("office_run_approve", run=run.public_id)
        return [
            Step(
                "brouillons",
                drafts,
                Standing.TO_SEE if known.noted else Standing.DONE,
                f"{prepared}, {noted}." if known.noted else f"{prepared} : rien à vérifier.",
                "Vérifier",
                show,
            ),
            Step(
                "emission",
                issuing,
                Standing.TO_DO,
                f"{prepared} à émettre. Rien n’est encore parti aux familles.",
                "Émettre…" if known.invoices else "",
                approve if known.invoices else "",
                lines,
            ),
        ]

    def _deposits(self) -> Step:
        waiting = to_deposit(self.regie.pk)
        prepared = BankDeposit.objects.filter(regie=self.regie, state=BankDeposit.State.PREPARED).count()
        cents, receipts = sum(one.cents for one in waiting), sum(one.receipts for one in waiting)
        if not receipts and not prepared:
            return Step("versement", wording.DEPOSITS, Standing.DONE, "Rien n’attend d’être versé.")
        words = [
            *([f"{in_euros(cents)} à verser ({count(receipts, 'quittance', 'quittances')})"] * bool(receipts)),
            *([f"{count(prepared, 'bordereau préparé', 'bordereaux préparés')} à porter"] * bool(prepared)),
        ]
        url = self.at("office_deposits", regie=self.regie.code)
        return Step("versement", wording.DEPOSITS, Standing.TO_DO, f"{', '.join(words)}.", "Verser", url)

    @functools.cached_property
    def _unpaid(self) -> list[UnpaidInvoice]:
        return unpaid_invoices(on=self.visit.today, regies=[self.regie.pk])

    def _reminders(self) -> Step:
        due = [one for one in self._unpaid if due_stage(one.facts, one.stages, on=self.visit.today) is not None]
        letters = letters_to_print(self.regie.pk).count()
        if not due and not letters:
            return Step("relances", wording.REMINDERS, Standing.DONE, "Aucune relance n’est à envoyer.")
        cents = in_euros(sum(one.facts.left for one in due))
        words = [
            *([f"{count(len(due), 'facture', 'factures')} à relancer, {cents}"] * bool(due)),
            *([f"{count(letters, 'courrier', 'courriers')} à imprimer"] * bool(letters)),
        ]
        url = self.at("office_unpaid", asked={"regie": self.regie.code})
        return Step("relances", wording.REMINDERS, Standing.TO_DO, f"{', '.join(words)}.", "Relancer", url)

    def _treasury(self) -> Step:
        enough, little = to_hand_over(
            self.regie, lowest=settings_of(self.regie).lowest_cents, on=self.visit.today, unpaid=self._unpaid
        )
        if not enough:
            words = "Rien à remettre."
            if little:
                words = f"Rien à remettre : {_debts(little)}, trop peu pour le Trésor."
            return Step("tresor", wording.TREASURY, Standing.DONE, words)
        return Step(
            "tresor",
            wording.TREASURY,
            Standing.TO_DO,
            f"{_debts(enough)} après la dernière relance.",
            "Préparer le fichier PES",
            self.at("office_dockets"),
        )

    def _link(self, label: str, name: str, role: str) -> tuple[str, str]:
        return (label, self.at(name)) if self.visit.may(role) else ("", "")


def _sheet_words(one: UnfinishedSheet, service: str, place: str) -> str:
    left = count(one.expected - one.seen, "enfant", "enfants")
    return f"{in_short(one.date)}, {service}, {place} : {left} sur {one.expected}"


def _debts(rows: Sequence[ToHandOver]) -> str:
    return f"{count(len(rows), 'payeur', 'payeurs')}, {in_euros(sum(one.cents for one in rows))}"

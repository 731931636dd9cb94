"""A town with a row in every table of an authority. Two of them never meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

from django.apps import apps

from marelle.domain.accounts.models import Grant
from marelle.domain.authorities.models import LoadedRecord, OfAuthority, Regie
from marelle.domain.billing.models import (
    Aid,
    BilledCount,
    BilledFigure,
    BillingRun,
    CollectionBatch,
    CollectionEvent,
    CollectionHold,
    CollectionOrder,
    CollectionReturn,
    CollectionSeries,
    CollectionSettings,
    Debtor,
    FollowedAccount,
    HiddenInvoice,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    ManualCharge,
    NumberSeries,
    PaidBeforeTitle,
    PayerAccount,
    Posting,
    Reminder,
    ReminderStage,
)
from marelle.domain.billing.operations.api_tokens import make_token
from marelle.domain.catalog.models import Activity, Reglement, Slot
from marelle.domain.families.models import (
    AccessRemoval,
    AddressChange,
    CalendarFeed,
    ChildPhoto,
    Consent,
    ConsentText,
    DifferentFamilies,
    Family,
    FamilyQuotient,
    FileConfirmation,
    PickupChild,
    PickupPerson,
    ProfilePolicy,
    ProfileSettings,
    ProposedChange,
    RemovedMembership,
    SupportingDocument,
)
from marelle.domain.families.operations.blocks import put_block
from marelle.domain.families.rules.photos import PHOTO_CODE
from marelle.domain.onboarding.models import ActivityCopy, ProductCost
from marelle.domain.payments.models import (
    BankDeposit,
    BankStatement,
    CashCount,
    CreditorAccount,
    DepositSeries,
    DirectDebit,
    DirectDebitBatch,
    DirectDebitLine,
    DirectDebitMandate,
    MandateAmendment,
    PaymentAttempt,
    PaymentLine,
    PaymentSettings,
    Receipt,
    ReceiptSeries,
    RefundRequest,
    RegieAct,
    RegieHandover,
    RegisseurTerm,
    StatementLine,
    TransferBatch,
)
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    AttendanceMark,
    CancellationRequest,
    Confirmation,
    CustodyDay,
    CustodyProposal,
    CustodyTurn,
    DayFigure,
    Disruption,
    DisruptionLine,
    FiguresCount,
    FreedPlace,
    KitchenOrder,
    KitchenSettings,
    PlaceOffer,
    SharedCustody,
    WaitingListEntry,
)
from marelle.domain.reservations.rules.custody import CustodyTerms, as_json
from marelle.domain.reservations.rules.kitchen import Counts, Portion
from marelle.domain.reservations.rules.kitchen import written as portions_written
from marelle.foundation import files, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted
from marelle.letters.models import FamilyText, Letter
from tests.domain.household import NOW, THURSDAY, Household
from tests.factories.imported import WATER, import_invoice
from tests.factories.imports import make_import
from tests.factories.joining import make_code, make_guardian, make_invitation, make_join_request
from tests.factories.messages import make_messages
from tests.factories.published import make_download, make_kitchen, make_menu
from tests.factories.town import (
    DAY_BEFORE_AT_NINE,
    make_agent,
    make_article,
    make_authority,
    make_child,
    make_class,
    make_closure,
    make_facility,
    make_holiday,
    make_product,
    make_reservation,
    make_service,
    make_user,
)
from tests.house.asking import make_applications

MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
# Written nowhere but in the tables of people: what must never be in a journal, a queue or a log.
PERSONAL = (
    "Quenneville",
    "Théodorine",
    "Ysoline",
    "sans arachide",
    "quenneville@exemple.fr",
    "Mot de la famille",
    "FR7630006000011234567890189",
)


def tables_of_authorities() -> list[type[OfAuthority]]:
    """Return every model whose rows belong to an authority."""
    return [model for model in apps.get_models() if issubclass(model, OfAuthority)]


def make_payment_rows(authority, *, regie, payer, home, invoice, reservation, confirmation, agent):
    """Make the rows of payments, and a payment that was undone."""
    settings = PaymentSettings.objects.create(authority=authority, regie=regie, gateway="payfip", number="123456")
    paid, undone = (
        Posting.objects.create(
            authority=authority,
            regie=regie,
            payer=payer,
            kind=kind,
            date=MONDAY,
            at=NOW,
            by_id=agent.user_id,
            means="card",
        )
        for kind in ("payment", "payment")
    )
    reversal = Posting.objects.create(
        authority=authority,
        regie=regie,
        payer=payer,
        kind="reversal",
        date=MONDAY,
        at=NOW,
        means="card",
        reverses=undone,
    )
    for posting, cents in ((paid, 385), (undone, 100), (reversal, -100)):
        LedgerEntry.objects.bulk_create(
            [
                LedgerEntry(authority=authority, posting=posting, account="cash", code="card", cents=cents),
                LedgerEntry(authority=authority, posting=posting, account="wallet", payer=payer, cents=-cents),
            ]
        )
    attempt = PaymentAttempt.objects.create(
        authority=authority,
        checkout=f"caisse{authority.pk:06d}",
        purpose="basket",
        user_id=home.user,
        family=home.family,
        regie=regie,
        payer=payer,
        confirmation=confirmation,
        gateway="payfip",
        mode="production",
        number="123456",
        reference=f"2026ESSAI{authority.pk:08d}",
        exercice=2026,
        label="Cantine",
        cents=385,
        state="paid",
        provider_id=f"idop-{authority.pk}",
        created_at=NOW,
        ended_at=NOW,
        posting=paid,
    )
    PaymentLine.objects.create(authority=authority, attempt=attempt, reservation=reservation, cents=385)
    PaymentLine.objects.create(authority=authority, attempt=attempt, invoice=invoice, cents=385)
    ReceiptSeries.objects.create(authority=authority, regie=regie, exercice=2026, last=3)
    facts = {
        "authority": authority,
        "regie": regie,
        "payer": payer,
        "exercice": 2026,
        "payer_name": "Quenneville",
        "label": "Cantine",
        "means": "card",
        "date": MONDAY,
        "given_at": NOW,
        "given_by_id": agent.user_id,
    }
    receipt = Receipt.objects.create(posting=paid, sequence=1, cents=385, **facts)
    wrong = Receipt.objects.create(posting=undone, sequence=2, cents=100, **facts)
    Receipt.objects.create(posting=reversal, sequence=3, cents=-100, cancels=wrong, **facts)
    deposit, term, handover = make_desk_rows(authority, regie=regie, agent=agent, receipt=receipt)
    trial = PaymentAttempt.objects.create(
        authority=authority, purpose="trial", user_id=agent.user_id, regie=regie, gateway="payfip", mode="test",
        number="123456", reference=f"2026TRIAL{authority.pk:08d}", exercice=2026, label="Essai", cents=100,
        created_at=NOW,
    )  # fmt: skip
    statement = BankStatement.objects.create(
        authority=authority, regie=regie, source="bank", name="releve.csv", starts_on=MONDAY, ends_on=MONDAY,
        imported_at=NOW, imported_by_id=agent.user_id,
    )  # fmt: skip
    line = StatementLine.objects.create(
        authority=authority, statement=statement, regie=regie, source="bank", fingerprint="0", date=MONDAY,
        label="VIR QUENNEVILLE", cents=385, attempt=attempt, receipt=receipt, invoice=invoice, state="matched",
        sorted_by_id=agent.user_id,
    )  # fmt: skip
    return SimpleNamespace(
        settings=settings,
        attempt=attempt,
        receipt=receipt,
        deposit=deposit,
        term=term,
        handover=handover,
        statement_line=line,
        trial=trial,
    )


def make_desk_rows(authority, *, regie, agent, receipt):
    """Make the act of a régie, a deposit, and its hand-over to another régisseur after a count."""
    deposit = BankDeposit.objects.create(
        authority=authority,
        regie=regie,
        exercice=2026,
        sequence=1,
        means="card",
        receipt_count=1,
        cents=385,
        prepared_on=MONDAY,
        prepared_at=NOW,
        prepared_by_id=agent.user_id,
    )
    Receipt.objects.filter(pk=receipt.pk).update(deposit=deposit)
    RegieAct.objects.create(authority=authority, regie=regie, reference="2026-12", ceiling_cents=100_00)
    DepositSeries.objects.create(authority=authority, regie=regie, exercice=2026, last=1)
    leaving, coming = (
        RegisseurTerm.objects.create(
            authority=authority,
            regie=regie,
            agent=agent,
            kind="regisseur",
            name=agent.name,
            starts_on=MONDAY,
            ends_on=ends_on,
        )
        for ends_on in (MONDAY, None)
    )
    count = CashCount.objects.create(
        authority=authority,
        regie=regie,
        pieces={"500": 1},
        counted_cents=500,
        expected_cents=500,
        date=MONDAY,
        counted_at=NOW,
        counted_by_id=agent.user_id,
    )
    handover = RegieHandover.objects.create(
        authority=authority,
        regie=regie,
        leaving=leaving,
        coming=coming,
        cash_count=count,
        float_cents=0,
        held=[["cash", 1, 500]],
        last_receipts={"2026": 3},
        date=MONDAY,
        recorded_at=NOW,
        recorded_by_id=agent.user_id,
    )
    return deposit, coming, handover


def make_bank_rows(authority, *, regie, payer, home, invoice, charge, posting, agent):
    """Make the rows of direct debits and refunds: a mandate whose account changed, a debit, a request in a file."""
    account = {"iban": PERSONAL[-1], "bic": "AGRIFRPPXXX"}
    CreditorAccount.objects.create(
        authority=authority, regie=regie, ics="FR72ZZZ123456", name="COMMUNE", address="1, place de la Mairie",
        iban="FR2930001000641234567890147", bic="BDFEFRPPXXX", fee_cents=150,
    )  # fmt: skip
    mandate = DirectDebitMandate.objects.create(
        authority=authority,
        regie=regie,
        payer=payer,
        family=home.family,
        ics="FR72ZZZ123456",
        creditor_name="COMMUNE",
        creditor_address="1, place de la Mairie",
        rum="MDT-202611-ESSAI",
        holder="Théodorine Quenneville",
        address="2, rue Haute",
        place="Dammartin",
        signed_on=MONDAY,
        signed_at=NOW,
        signed_by_id=home.user,
        state_at=NOW,
        **account,
    )
    batch = DirectDebitBatch.objects.create(
        authority=authority,
        regie=regie,
        due_on=date(2026, 12, 10),
        message="PRLV-20261210-ESSAI",
        file="<Document/>",
        state="sent",
        prepared_at=NOW,
        prepared_by_id=agent.user_id,
        sent_by_id=agent.user_id,
    )
    debit = DirectDebit.objects.create(
        authority=authority,
        batch=batch,
        mandate=mandate,
        payer=payer,
        reference="20261210-ESSAI",
        cents=385,
        state="sent",
        fee=charge,
        posting=posting,
    )
    DirectDebitLine.objects.create(authority=authority, debit=debit, invoice=invoice, cents=385)
    MandateAmendment.objects.create(
        authority=authority,
        mandate=mandate,
        former_iban=PERSONAL[-1],
        amended_at=NOW,
        amended_by_id=home.user,
        told_in=debit,
    )
    transfers = TransferBatch.objects.create(
        authority=authority,
        regie=regie,
        paid_on=date(2026, 12, 10),
        message="VIR-20261210-ESSAI",
        file="<Document/>",
        made_at=NOW,
        made_by_id=agent.user_id,
        sent_by_id=agent.user_id,
    )
    facts = {"authority": authority, "payer": payer, "family": home.family, "holder": "Théodorine Quenneville"}
    RefundRequest.objects.create(
        cents=285, asked_at=NOW, asked_by_id=home.user, state="paid", way="transfer", batch=transfers,
        posting=posting, decided_by_id=agent.user_id, words="Mot de la famille", **facts, **account,
    )  # fmt: skip
    refund = RefundRequest.objects.create(
        cents=100, asked_at=NOW, asked_by_id=home.user, words="Mot de la famille", **facts, **account
    )
    return mandate, batch, transfers, refund


def make_collection_rows(authority, *, regie, payer, family, invoice, agent):
    """Make the rows of what is unpaid: a family that is left alone, and a docket in preparation."""
    CollectionSettings.objects.create(authority=authority, regie=regie, town_code="100", budget_code="00")
    words = {"name": "Rappel", "words": "Merci de payer."}
    ReminderStage.objects.create(authority=authority, regie=regie, position=1, days=7, **words)
    Reminder.objects.create(
        authority=authority, invoice=invoice, position=1, how="letter", left_cents=385, sent_at=NOW, sent_by=agent.user,
        **words,
    )  # fmt: skip
    hold = CollectionHold.objects.create(
        authority=authority,
        family=family,
        invoice=invoice,
        kind="dispute",
        reason="Mot de la famille",
        put_at=NOW,
        put_by=agent.user,
    )
    Debtor.objects.create(
        authority=authority,
        payer=payer,
        civility="MME",
        last_name="Quenneville",
        first_name="Théodorine",
        address="1 rue des Lilas",
        postcode="77515",
        town="Fictiville",
    )
    CollectionSeries.objects.create(
        authority=authority, town_code="100", budget_code="00", exercice=2026, kind="titles"
    )
    facts = {"authority": authority, "regie": regie, "kind": "titles", "exercice": 2026, "prepared_at": NOW}
    docket = CollectionBatch.objects.create(prepared_by=agent.user, **facts)
    left = CollectionBatch.objects.create(
        state="exported", sequence=1, exported_at=NOW, exported_by=agent.user, **facts
    )
    order = CollectionOrder.objects.create(
        authority=authority, batch=left, payer=payer, invoice=invoice, piece=1, line=1, cents=385
    )
    posting = Posting.objects.filter(regie=regie, kind="payment").order_by("pk").first()
    CollectionEvent.objects.create(
        authority=authority, order=order, origin="10", date=MONDAY, cents=385, learnt_at=NOW, posting=posting
    )
    before_title = PaidBeforeTitle.objects.create(
        authority=authority, town_code="100", budget_code="00", exercice=2026, number=501, line=1, date=MONDAY,
        cents=700, words="VIR MARTIN CANTINE", learnt_at=NOW, dealt_at=NOW, dealt_by=agent.user,
    )  # fmt: skip
    CollectionReturn.objects.create(
        authority=authority, digest=f"{authority.pk:064d}", name="retour.xml", kind="return", taken_at=NOW,
        taken_by=agent.user,
    )  # fmt: skip
    return hold, docket, before_title


def make_ways_in(authority, *, family):
    """Make a guardian without an account who holds a link and a code, and an account that asks to come in."""
    guardian = make_guardian(authority, "Ombeline", family=family, name="Quenneville")
    make_code(guardian)
    request = make_join_request(
        authority, make_user(), last_name="Quenneville", child_first_name="Ysoline", words="Mot de la famille"
    )
    make_join_request(authority, make_user(), state="accepted", answered_at=NOW, family=family)
    link = make_invitation(guardian)
    Letter.objects.create(
        authority=authority,
        kind="invitation",
        object_key=link.pk,
        family=family,
        guardian=guardian,
        subject="Activez votre espace famille",
        queued_at=NOW,
    )
    FamilyText.objects.create(
        authority=authority, kind="place_offered", object_key=1, family=family, guardian=guardian, state="failed",
        claimed_at=NOW, failure="no_number",
    )  # fmt: skip
    return guardian, link, request


def make_access_rows(authority, *, home, guardian, agent):
    """Make what keeps nobody out any more, and what the agenda of the family's account reads."""
    removal = AccessRemoval.objects.create(
        authority=authority, family=home.family, guardian=guardian, kind="court_order", words="Mot de la famille",
        addresses=["0" * 64], removed_at=NOW, removed_by=agent.user, lifted_at=NOW, lifted_by=agent.user,
    )  # fmt: skip
    RemovedMembership.objects.create(authority=authority, removal=removal, user_id=home.user, joined_at=NOW)
    feed = CalendarFeed(authority=authority, membership=home.family.memberships.get(), made_at=NOW)
    feed.renew()
    feed.save()
    return feed


def make_profile_rows(authority, *, home, child):
    """Make the rows of the profile: a change that waits, somebody who may fetch the child, answers, a confirmation."""
    guardian = home.family.guardians.order_by("pk").first()
    ProfilePolicy.objects.create(authority=authority, field="family_name", way="approval")
    ProfileSettings.objects.create(authority=authority, confirmation_month=9)
    change = ProposedChange.objects.create(
        authority=authority,
        family=home.family,
        field="family_name",
        old="Quenneville",
        new="Quenneville-Roy",
        proposed_at=NOW,
        proposed_by_id=home.user,
    )
    ProposedChange.objects.create(
        authority=authority,
        family=home.family,
        guardian=guardian,
        field="guardian_last_name",
        old="Quenneville",
        new="Roy",
        state="refused",
        proposed_at=NOW,
        decided_at=NOW,
        reason="Mot de la famille",
    )
    ProposedChange.objects.create(
        authority=authority,
        family=home.family,
        child=child,
        field="child_last_name",
        old="Quenneville",
        new="Roy",
        state="withdrawn",
        proposed_at=NOW,
        decided_at=NOW,
    )
    move = AddressChange.objects.create(
        authority=authority,
        family=home.family,
        address="3 rue Quenneville",
        is_resident=False,
        starts_on=date(2027, 2, 1),
        recorded_at=NOW,
    )
    person = PickupPerson.objects.create(
        authority=authority,
        family=home.family,
        name="Aldegonde Quenneville",
        phone="06 12 34 56 78",
        starts_on=MONDAY,
        added_at=NOW,
        added_by_id=home.user,
    )
    PickupChild.objects.create(authority=authority, person=person, child=child)
    text = ConsentText.objects.create(
        authority=authority, code=PHOTO_CODE, title="Photo", body="Vue des agents.", about="child", published_at=NOW
    )
    Consent.objects.create(
        authority=authority,
        text=text,
        family=home.family,
        child=child,
        is_given=True,
        answered_at=NOW,
        answered_by_id=home.user,
    )
    photo = ChildPhoto.objects.create(
        authority=authority,
        child=child,
        stored_as=files.store(b"un visage"),
        content_type="image/jpeg",
        uploaded_at=NOW,
        uploaded_by_id=home.user,
    )
    FileConfirmation.objects.create(
        authority=authority,
        family=home.family,
        confirmed_on=MONDAY,
        confirmed_at=NOW,
        confirmed_by_id=home.user,
        content='[["Votre foyer",[["Nom de la famille","Quenneville"]]]]',
    )
    return change, move, person, text, photo


def make_kitchen_rows(authority, meal):
    """Return the settings of a kitchen which was told of Thursday."""
    where = {"authority": authority, "service": meal.activity.service}
    KitchenOrder.objects.create(
        **where,
        facility=meal.activity.facility,
        date=THURSDAY,
        content=portions_written([Portion(meal.pk, meal.name, Counts(1, (("Sans porc", 1),)))]),
        meals=1,
        frozen_at=NOW,
        sent_to=["cuisine@exemple.fr"],
        state="sent",
        sent_at=NOW,
    )
    KitchenSettings.objects.create(**where, facility=meal.activity.facility, emails=["office@exemple.fr"])
    return KitchenSettings.objects.create(**where, emails=["cuisine@exemple.fr"])


def make_custody_rows(home, child, meal):
    """Make what two homes of a child settled, asked and agreed; the child lives with the first one alone.

    Return one of the proposals.
    """
    other = Family.objects.create(authority=home.authority, code="autre-foyer", name="Mérovée")
    said = {"authority": home.authority, "child": child}
    for first, second, since in ((home.family, other, MONDAY), (other, home.family, THURSDAY)):
        SharedCustody.objects.create(
            **said,
            first_home=first,
            second_home=second,
            starts_on=since,
            terms=as_json(CustodyTerms()),
            origin="agreed",
            settled_at=NOW,
            settled_by_id=home.user,
        )
        proposal = CustodyProposal.objects.create(
            **said,
            from_home=first,
            to_home=second,
            kind="days",
            gives=[since],
            words="Mot du foyer",
            state="agreed",
            asked_at=NOW,
            asked_by_id=home.user,
            answered_at=NOW,
            answer="Réponse du foyer",
            decision="Mot de la mairie",
        )
        CustodyDay.objects.create(**said, family=first, date=since, proposal=proposal, set_at=NOW, set_by_id=home.user)
        service = meal.activity.service_id
        CustodyTurn.objects.create(**said, service_id=service, starts_on=since, family=first, beside=second)
    return proposal


def make_whole_town(name: str) -> SimpleNamespace:  # noqa: PLR0915  a row of each table
    """Make an authority with one row at least in each of its tables."""
    authority = make_authority(name)
    school = make_facility(authority)
    classroom = make_class(school)
    with permitted("factory"), tenancy.scope({authority.pk}):
        regie = Regie.objects.create(authority=authority, code="regie", name="Régie cantine")
    service = make_service(authority, regie=regie)
    meal = make_product(authority, service=service, facility=school, capacity=5)
    make_holiday(authority, "Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3))
    make_closure(authority, "Sortie", date(2026, 12, 3), service=service, facility=school)
    home = Household(authority, "Quenneville")
    child = make_child(
        home.family, "Ysoline", products=(meal,), school_class=classroom, allergies="sans arachide", diet="sans porc"
    )
    agent = make_agent(authority, "Nadia Ferrand")
    article = make_article(authority, "La cantine est en ligne", is_public=False)
    download = make_download(authority, "Règlement intérieur")
    make_menu(authority, MONDAY, "Hachis parmentier", facility=school)
    make_kitchen(authority)
    reservation = make_reservation(child, meal, MONDAY, family=home.family)
    with permitted("factory"), tenancy.scope({authority.pk}):
        home.family.email = "quenneville@exemple.fr"
        home.family.save()
        home.family.guardians.update(first_name="Théodorine")
        Grant.objects.create(authority=authority, agent=agent, role="view_day", facility=school)
        LoadedRecord.objects.create(authority=authority, kind="families.child", object_key=child.pk)
        ProductCost.objects.create(authority=authority, product=meal, cost_cents=742, said_at=NOW)
        Reglement.objects.create(
            authority=authority,
            activity_id=meal.activity_id,
            product=meal,
            valid_from=date(2026, 9, 1),
            rules=DAY_BEFORE_AT_NINE,
        )
        confirmation = Confirmation.objects.create(
            authority=authority,
            user_id=home.user,
            family=home.family,
            basket_key=f"cle{authority.pk:09d}",
            number=f"R-2026-{authority.pk:08d}",
            confirmed_at=NOW,
        )
        reservation.confirmation = confirmation
        reservation.reglement = Reglement.objects.order_by("pk").first()
        reservation.save()
        asked = CancellationRequest.objects.create(
            authority=authority,
            reservation=reservation,
            confirmation=confirmation,
            asked_at=NOW,
            words="Mot de la famille",
        )
        entry = WaitingListEntry.objects.create(
            authority=authority,
            child=child,
            family=home.family,
            product=meal,
            date=THURSDAY,
            slot=Slot.objects.get(activity=meal.activity_id, date=THURSDAY),
            asked_at=NOW,
        )
        freed = FreedPlace.objects.create(
            authority=authority, reservation=reservation, freed_at=NOW, freed_by_id=home.user
        )
        PlaceOffer.objects.create(
            authority=authority,
            entry=entry,
            reservation=reservation,
            offered_at=NOW - timedelta(days=1),
            expires_at=NOW,
            answered_at=NOW,
            state="expired",
        )
        proposed = PlaceOffer.objects.create(
            authority=authority,
            entry=entry,
            freed=freed,
            offered_at=NOW,
            expires_at=NOW + timedelta(hours=1),
            reason="Mot de la mairie",
        )
        Attendance.objects.create(
            authority=authority, child=child, product=meal, date=MONDAY, state="present", recorded_at=NOW
        )
        AttendanceMark.objects.create(
            authority=authority,
            uid=uuid4(),
            device="tablette",
            seq=1,
            child=child,
            product=meal,
            date=MONDAY,
            state="present",
            seen_at=NOW,
            received_at=NOW,
        )
        kitchen = make_kitchen_rows(authority, meal)
        DayFigure.objects.create(
            authority=authority,
            product=meal,
            date=MONDAY,
            is_young=True,
            provider="CNAF",
            reserved=1,
            present=1,
            absent=0,
            unbooked=0,
            noted=0,
            minutes=120,
        )
        FiguresCount.objects.create(authority=authority, until=MONDAY, counted_at=NOW)
        BilledFigure.objects.create(authority=authority, product=meal, date=MONDAY, is_young=True, units=1, minutes=120)
        BilledCount.objects.create(authority=authority, counted_at=NOW)
        absence = Absence.objects.create(
            authority=authority,
            reservation=reservation,
            cause="illness",
            told_at=NOW,
            told_by_id=home.user,
            words="Mot de la famille",
        )
        disruption = Disruption.objects.create(
            authority=authority,
            kind="strike",
            effect="keep",
            title="Grève",
            starts_on=THURSDAY,
            ends_on=THURSDAY,
            products=[meal.pk],
            declared_at=NOW,
        )
        DisruptionLine.objects.create(
            authority=authority, disruption=disruption, reservation=reservation, did="left", former_state="reserved"
        )
        Letter.objects.create(
            authority=authority,
            kind="basket_confirmed",
            object_key=confirmation.pk,
            family=home.family,
            subject="Vos réservations sont enregistrées",
            queued_at=datetime(2026, 11, 23, tzinfo=UTC),
        )
        home.wish(child, meal, FRIDAY)
        begun_again = Activity.objects.create(
            authority=authority,
            code="cantine-2027",
            name="Cantine",
            service=service,
            facility=school,
            starts_on=date(2027, 9, 1),
            ends_on=date(2028, 7, 3),
        )
        ActivityCopy.objects.create(
            authority=authority, source_id=meal.activity_id, copy=begun_again, school_year=2026, copied_at=NOW
        )
        shared = make_custody_rows(home, child, meal)
        DifferentFamilies.objects.create(authority=authority, first=home.family, second=home.family, said_at=NOW)
        block = put_block(home.family, "missing_document", document="Assurance", by=home.by, at=NOW)
        payer = PayerAccount.objects.create(
            authority=authority, regie=regie, family=home.family, name="Quenneville", email="quenneville@exemple.fr"
        )
        aid = Aid.objects.create(
            authority=authority,
            family=home.family,
            child=child,
            service=service,
            payer=payer,
            label="Aide de la CAF",
            cents=100,
            starts_on=date(2026, 9, 1),
            ends_on=date(2027, 7, 2),
        )
        manual = ManualCharge.objects.create(
            authority=authority,
            payer=payer,
            child=child,
            date=MONDAY,
            label="Badge",
            cents=500,
            reason="Mot de la famille",
            added_at=NOW,
        )
        run = BillingRun.objects.create(
            authority=authority,
            regie=regie,
            name="Cantine, novembre 2026",
            services=[service.pk],
            starts_on=date(2026, 11, 1),
            ends_on=date(2026, 11, 30),
            exercice=2026,
            invoiced_on=date(2026, 12, 1),
            due_on=date(2026, 12, 31),
            state="review",
            started_at=NOW,
        )
        NumberSeries.objects.create(authority=authority, regie=regie, exercice=2026, last=1)
        draft, invoice = (
            Invoice.objects.create(
                authority=authority,
                regie=regie,
                run=in_run,
                payer=payer,
                family=home.family,
                label="Cantine, novembre 2026",
                starts_on=date(2026, 11, 1),
                ends_on=date(2026, 11, 30),
                exercice=2026,
                total_cents=385,
                payer_name="Quenneville",
                drafted_at=NOW,
            )
            for in_run in (run, None)
        )
        InvoiceLine.objects.create(
            authority=authority,
            invoice=invoice,
            kind="day",
            child=child,
            product=meal,
            label="Repas",
            days=[MONDAY],
            unit_cents=385,
            total_cents=385,
            quotient_cents=742_13,
            bracket="3",
            steps=[["742,13 × 0,52 %", 385]],
        )
        Invoice.objects.filter(pk=invoice.pk).update(
            state="issued", sequence=1, number="2026-00001", issued_on=date(2026, 12, 1), due_on=date(2026, 12, 31)
        )
        Invoice.objects.filter(pk=draft.pk).update(corrects=invoice)
        posting = Posting.objects.create(
            authority=authority,
            regie=regie,
            payer=payer,
            invoice=invoice,
            kind="invoice",
            date=date(2026, 12, 1),
            at=NOW,
        )
        LedgerEntry.objects.bulk_create(
            [
                LedgerEntry(
                    authority=authority, posting=posting, account="receivable", payer=payer, invoice=invoice, cents=385
                ),
                LedgerEntry(authority=authority, posting=posting, account="revenue", code="7067", cents=-385),
            ]
        )
        HiddenInvoice.objects.create(authority=authority, user_id=home.user, invoice=invoice, hidden_at=NOW)
        by = Actor(ActorKind.AGENT, agent.user_id)
        water = {WATER.reference: b"%PDF-1.7 facture d'eau"}
        imported = import_invoice(regie, documents=water, by=by, at=NOW)
        FollowedAccount.objects.create(
            authority=authority, user_id=home.user, payer_id=imported.payer_id, followed_at=NOW
        )
        api_token, _secret = make_token(regie, name="Logiciel de l’eau", by=by, at=NOW)
        paid = make_payment_rows(
            authority, regie=regie, payer=payer, home=home, invoice=invoice, reservation=reservation,
            confirmation=confirmation, agent=agent,
        )  # fmt: skip
        mandate, debits, transfers, refund = make_bank_rows(
            authority, regie=regie, payer=payer, home=home, invoice=invoice, charge=manual,
            posting=paid.attempt.posting, agent=agent,
        )  # fmt: skip
        hold, docket, before_title = make_collection_rows(
            authority, regie=regie, payer=payer, family=home.family, invoice=invoice, agent=agent
        )
        document = SupportingDocument.objects.create(
            authority=authority,
            family=home.family,
            child=child,
            kind="quotient",
            name="attestation Quenneville.pdf",
            content_type="application/pdf",
            stored_as=files.store(b"%PDF-1.7 attestation de la famille Quenneville"),
            size=46,
            uploaded_at=NOW,
            uploaded_by_id=agent.user_id,
        )
        quotient = FamilyQuotient.objects.create(
            authority=authority,
            family=home.family,
            value_cents=742_13,
            valid_from=date(2026, 9, 1),
            source=FamilyQuotient.Source.DOCUMENT,
            document=document,
            recorded_at=NOW,
            recorded_by_id=agent.user_id,
        )
        guardian, link, joining = make_ways_in(authority, family=home.family)
        feed = make_access_rows(authority, home=home, guardian=guardian, agent=agent)
        change, move, person, text, photo = make_profile_rows(authority, home=home, child=child)
        brought = make_import(authority, by=agent.user_id)
        asking = make_applications(authority, home=home, child=child, document=document, agent=agent)
        written = make_messages(home.family, guardian, by=agent.user_id)
        empty = [model._meta.label for model in tables_of_authorities() if not model.objects.exists()]
    assert empty == [], f"the whole town lacks rows of {empty}"
    return SimpleNamespace(
        authority=authority,
        home=home,
        child=child,
        meal=meal,
        agent=agent,
        block=block,
        document=document,
        quotient=quotient,
        payer=payer,
        aid=aid,
        manual=manual,
        hold=hold,
        docket=docket,
        before_title=before_title,
        run=run,
        draft=draft,
        invoice=invoice,
        article=article,
        download=download,
        asked=asked,
        absence=absence,
        kitchen=kitchen,
        proposed=proposed,
        disruption=disruption,
        **vars(paid),
        mandate=mandate,
        debits=debits,
        transfers=transfers,
        refund=refund,
        proposal=shared,
        confirmation=confirmation,
        guardian=guardian,
        link=link,
        joining=joining,
        feed=feed,
        change=change,
        move=move,
        person=person,
        photo=photo,
        text=text,
        imported=imported,
        brought=brought,
        api_token=api_token,
        asking=asking,
        written=written,
    )

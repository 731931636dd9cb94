"""Documents to draw: the invoices and certificates of a family of flyer 3, and variations of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from marelle.foundation.periods import Period
from marelle.letters.documents.certificates import CertifiedChild, ChildNotEligible, PaidSum, TaxCertificateDocument
from marelle.letters.documents.flyers import FlyerDocument, WayIn
from marelle.letters.documents.invoices import (
    AccountingShare,
    InvoiceDocument,
    Kind,
    Line,
    Mentions,
    PaymentReference,
    Section,
    Step,
)
from marelle.letters.documents.parties import Amount, Issuer, Logo, Recipient
from marelle.letters.documents.receipts import ReceiptDocument

CREST = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 56">
<path d="M4 4h40v26c0 12-9 19-20 23C13 49 4 42 4 30z" fill="#3953A8" stroke="#1F2233" stroke-width="2"/>
<path d="M4 22h40v8c0 2 0 3-1 5H5c-1-2-1-3-1-5z" fill="#FFD875"/>
<circle cx="24" cy="13" r="5" fill="#FFD875"/><path d="M12 50c6-6 18-6 24 0l-12 4z" fill="#A9DFC3"/></svg>"""

ISSUER = Issuer(
    name="Commune de Dammartin-sur-Tigeaux",
    regie="Régie de recettes périscolaire",
    address=("1 place de la Mairie", "77163 Dammartin-sur-Tigeaux"),
    siret="217 701 543 00015",
    phone="01 64 04 00 00",
    email="perisco@exemple.fr",
    opening_hours="Lundi, mardi, jeudi et vendredi, 9 h – 12 h et 14 h – 17 h",
    signatory="Anne Ferrand, maire",
    logo=Logo(CREST, "image/svg+xml"),
)
PAYER = Recipient("Mme CLAIRONI Pauline", ("12 rue des Tilleuls", "Appartement 4", "77163 Dammartin-sur-Tigeaux"))
MENTIONS = Mentions(
    resolution="Tarifs fixés par la délibération n° 2026-41 du conseil municipal du 18 juin 2026.",
    vat="TVA non applicable, article 256 B du code général des impôts.",
    recovery=(
        "Les sommes non réglées à la date limite seront recouvrées par titre exécutoire, par le comptable public."
    ),
    contest=(
        "Cette facture peut être contestée auprès de la collectivité. Le titre qui la suivrait peut l’être devant le "
        "tribunal administratif ou judiciaire compétent, selon la nature de la créance, dans les deux mois de sa "
        "réception (article L. 1617-5 du code général des collectivités territoriales). La contestation "
        "suspend le recouvrement."
    ),
)
HOW = (
    "En ligne, par carte bancaire : monespacefamille.fr, « Mes factures ».",
    "Par chèque à l’ordre de « Régie périscolaire », avec les références au bas de la page.",
    "En espèces ou en CESU, à la mairie, aux heures d’ouverture. Le CESU ne paie pas les repas.",
)
BAND_3 = (Step("Quotient 742 → tranche 3", 310), Step("2ᵉ enfant −10 %", -31))


def november(*days: int) -> tuple[date, ...]:
    return tuple(date(2026, 11, day) for day in days)


def line(label: str, days: tuple[date, ...], cents: int, **more) -> Line:
    return Line(label, len(days), cents, len(days) * cents, dates=days, **more)


def invoice(**changes) -> InvoiceDocument:
    """Will make the invoice of November 2026: two children, three services, 55,39 € left to pay."""
    lucia = Section(
        "Lucia",
        (
            line(
                "Repas",
                november(2, 3, 5, 6, 9, 10),
                310,
                unit="repas",
                day_type="jour d’école",
                steps=(Step("Quotient 742 → tranche 3", 310),),
            ),
            line(
                "Repas réservé hors délai",
                november(12),
                410,
                unit="repas",
                day_type="jour d’école",
                steps=(Step("Quotient 742 → tranche 3", 310), Step("Réservation tardive", 100)),
            ),
            line(
                "Accueil du soir",
                november(2, 3, 5, 6),
                245,
                unit="soirs",
                steps=(Step("2 demi-heures à 1,10 €", 220), Step("Goûter", 25)),
            ),
        ),
        detail="CE1 B, école Jules-Ferry",
    )
    sofia = Section(
        "Sofia",
        (
            line("Repas", november(2, 3, 5, 6, 9, 10), 279, unit="repas", day_type="jour d’école", steps=BAND_3),
            Line(
                "Accueil de loisirs",
                2,
                1450,
                2580,
                unit="journées",
                day_type="mercredi",
                dates=november(4, 18),
                steps=(Step("Quotient 742 × 1,954 %, arrondi au centime", 1450),),
                adjustments=(Amount("Plafond du mois, 25,80 €", -320),),
            ),
        ),
        detail="Moyenne section, école Jules-Ferry",
    )
    lines = lucia.total_cents + sofia.total_cents
    values = {
        "kind": Kind.INVOICE,
        "number": "2026-CA-00-154",
        "exercice": 2026,
        "issued_on": date(2026, 12, 3),
        "period": Period(date(2026, 11, 1), date(2026, 11, 30)),
        "due_on": date(2026, 12, 31),
        "issuer": ISSUER,
        "payer": PAYER,
        "object": "Restauration scolaire et accueil périscolaire, novembre 2026",
        "sections": (lucia, sofia),
        "aids": (Amount("Aide de la CAF, bons vacances", 1200),),
        "carried_over": (Amount("Report de septembre 2026 (facture de moins de 15 €)", 620),),
        "credits": (Amount("Crédit du compte", 385),),
        "payments": (Amount("Payé le 2 novembre par carte", 1000),),
        "components": (
            AccountingShare("7067", "Restauration et périscolaire", lines - 2580),
            AccountingShare("7066", "Accueil de loisirs", 2580),
        ),
        "childcare_cents": 980 + 2580,
        "cesu_cents": 980,
        "total_cents": lines - 1200 + 620,
        "left_to_pay_cents": lines - 1200 + 620 - 385 - 1000,
        "how_in_brief": "En ligne sur monespacefamille.fr, par chèque ou à la mairie",
        "how_to_pay": HOW,
        "mentions": MENTIONS,
        "regrouping": "Les factures de moins de 15 € sont reportées sur la suivante (article D. 1611-1 du CGCT).",
    }
    values |= {"payment_reference": PaymentReference("012345", "2026CA00154", values["left_to_pay_cents"])}
    return InvoiceDocument(**values | changes)


def plain_invoice(sections: tuple[Section, ...], **changes) -> InvoiceDocument:
    """Will make an invoice with these sections and nothing deducted."""
    cents = sum(section.total_cents for section in sections)
    nothing = {"aids": (), "carried_over": (), "credits": (), "payments": (), "components": ()}
    shares = {"childcare_cents": None, "cesu_cents": None}
    left = {"total_cents": cents, "left_to_pay_cents": cents}
    reference = {"payment_reference": PaymentReference("012345", "2026CA00154", cents)}
    return invoice(sections=sections, **nothing | shares | left | reference | changes)


def long_invoice(count: int = 200) -> InvoiceDocument:
    """Will make an invoice of `count` lines, over several pages."""
    children = ("Lucia", "Sofia", "Álvaro", "Inès")
    per_child = count // len(children)
    sections = tuple(
        Section(
            child,
            tuple(
                line(
                    f"Accueil de loisirs, semaine {week + 1}",
                    (date(2026, 1, 5) + timedelta(weeks=week % 50),),
                    1000 + week,
                    unit="journée",
                    steps=(Step("Quotient 742 → tranche 3", 1000 + week),),
                )
                for week in range(per_child)
            ),
            detail="École Jules-Ferry",
        )
        for child in children
    )
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    return plain_invoice(sections, object="Accueil de loisirs, année 2026", period=year)


def credit_note() -> InvoiceDocument:
    """Will make a credit note for three meals."""
    given_back = Line(
        "Repas non pris, certificat reçu le 16 novembre",
        -3,
        310,
        -930,
        unit="repas",
        day_type="jour d’école",
        dates=november(9, 10, 12),
        steps=(Step("Quotient 742 → tranche 3", 310),),
        resolution="Règlement, article 6 : absence pour maladie à partir du premier jour",
    )
    return plain_invoice(
        (Section("Lucia", (given_back,), detail="CE1 B, école Jules-Ferry"),),
        kind=Kind.CREDIT_NOTE,
        number="2026-CA-00-171",
        corrects="2026-CA-00-154",
        due_on=None,
        object="Restauration scolaire, novembre 2026",
        how_in_brief="Ce montant est gardé sur votre compte et viendra en moins de votre prochaine facture",
        how_to_pay=(
            "Ce montant est gardé sur votre compte à la régie : il viendra en moins de votre prochaine facture.",
            "Vous préférez être remboursée ou remboursé ? Écrivez à la mairie, avec un RIB.",
        ),
        payment_reference=None,
        regrouping="",
    )


def sober_invoice() -> InvoiceDocument:
    """Will make an invoice of an authority that gave neither logo nor contact, to a payer without address."""
    meals = line("Repas", november(3), 350, unit="repas")
    return plain_invoice(
        (Section("Théo", (meals,)),),
        number="12",
        object="Cantine, novembre 2026",
        issuer=Issuer(name="Syndicat scolaire du Val", accent="#046E30"),
        payer=Recipient("M. CASSEREAU Pe"),
        how_in_brief="À la mairie",
        how_to_pay=("À la mairie, par chèque ou en espèces.",),
        payment_reference=None,
        mentions=replace(MENTIONS, contest="", vat=""),
        regrouping="",
    )


def certificate(**changes) -> TaxCertificateDocument:
    """Will make the certificate of 2026: Sofia counts, Lucia was already six."""
    months = ("janvier", "février", "mars", "avril", "mai", "juin")
    sums = tuple(PaidSum(f"Facture de {month}, payée en 2026", 6480, 3580) for month in months)
    sofia = CertifiedChild(
        "Sofia SANCHEZ-CORDOVES",
        date(2022, 7, 20),
        sums,
        len(sums) * 3580 - 2400,
        aids=(Amount("CAF, bons vacances de l’été", 2400),),
    )
    values = {
        "year": 2026,
        "issued_on": date(2027, 2, 1),
        "issuer": ISSUER,
        "payer": PAYER,
        "children": (sofia,),
        "total_cents": sofia.deductible_cents,
        "not_eligible": (
            ChildNotEligible("Lucia SANCHEZ-CORDOVES", date(2019, 5, 20), "Six ans avant le 1ᵉʳ janvier 2026."),
        ),
        "notes": ("La part des CESU payée par un employeur est à retirer de la somme déclarée.",),
    }
    return TaxCertificateDocument(**values | changes)


def receipt(**changes) -> ReceiptDocument:
    """Will make the receipt of a card payment that settles an invoice."""
    values = {
        "number": "2026-0042",
        "exercice": 2026,
        "issued_on": date(2026, 12, 3),
        "paid_on": date(2026, 12, 2),
        "issuer": ISSUER,
        "payer": PAYER,
        "cents": 3850,
        "means": "Carte bancaire",
        "label": "Régie de recettes périscolaire",
        "settles": ("facture n° 2026-CA-00-154",),
        "reference": "2026K7M2QX4P",
    }
    return ReceiptDocument(**values | changes)


def counter_receipt(**changes) -> ReceiptDocument:
    """Will make the receipt that undoes it: the cheque came back."""
    values = {"number": "2026-0057", "cents": -3850, "cancels": "2026-0042", "reason": "Chèque revenu impayé"}
    return receipt(**values | changes)


def flyer(way_in: WayIn = WayIn.LINK, **changes: Any) -> FlyerDocument:
    """A flyer of an authority that offers everything."""
    values: dict[str, Any] = {
        "written_on": date(2026, 11, 30),
        "issuer": ISSUER,
        "way_in": way_in,
        "announcement": "Les services cantine et étude surveillée sont en ligne !",
        "site": "https://famille.exemple.fr/dammartin-sur-tigeaux/",
        "services": ("Cantine", "Étude surveillée"),
        "has_prepaid": True,
        "has_arrears": True,
        "invoices_site": "https://factures.exemple.fr/",
    }
    return FlyerDocument(**{**values, **changes})

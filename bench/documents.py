"""Drawing invoices as PDF, one after the other, on one core: 500 of them, no two alike."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta

from bench.figures import Figure, Report, median
from marelle.letters.documents.drawing import invoice_pdf
from marelle.letters.documents.invoices import InvoiceDocument, Line, Section, Step
from marelle.letters.documents.parties import Recipient

ROUNDS = 5


def measure(report: Report, *, is_quick: bool) -> None:
    """Will draw distinct invoices of one to three children and 2 to 8 lines, in rounds; the median round counts."""
    from tests.factories.documents import plain_invoice

    per_round = 20 if is_quick else 100
    invoice_pdf(_invoice(plain_invoice(_sections(0)), 0))  # fonts and templates are read once for each process
    rates, weights = [], []
    for turn in range(ROUNDS):
        drawn = [_invoice(plain_invoice(_sections(place)), place) for place in _places(turn, per_round)]
        # What one core spends: drawing waits for nothing, and what else the machine does is not its doing.
        start = time.process_time()
        files = [invoice_pdf(document) for document in drawn]
        rates.append(per_round / (time.process_time() - start))
        weights += [len(file) for file in files]
        assert len(set(files)) == per_round, "two invoices are alike"
    report.add(
        Figure(
            "invoice_pdf",
            median(rates),
            "PDF/s",
            floor=60,
            aim=120,
            more_is_better=True,
            note=f"{ROUNDS * per_round} distinct invoices, one core; {median(weights) / 1000:.0f} KB each",
        )
    )


def _places(turn: int, count: int) -> range:
    return range(1 + turn * count, 1 + (turn + 1) * count)


def _sections(place: int) -> tuple[Section, ...]:
    children = ("Lucia", "Sofia", "Álvaro")[: 1 + place % 3]
    return tuple(Section(f"{child} {place}", _lines(place + rank), "CE1 B") for rank, child in enumerate(children))


def _lines(place: int) -> tuple[Line, ...]:
    price, days = 200 + place % 300, tuple(date(2026, 11, 1 + (place + step) % 12) for step in range(8))
    quotient = Step(f"Quotient {300 + place} → tranche {1 + place % 8}", price)
    meals = Line("Repas", 8, price, 8 * price, "repas", "jour d’école", tuple(sorted(days)), (quotient,))
    evenings = Line("Accueil du soir", 4, 245, 980, "soirs", "", tuple(sorted(days)[:4]), (Step("2 demi-heures", 245),))
    late = Line("Repas hors délai", 1, price + 100, price + 100, "repas", "", days[:1], (quotient, Step("Tardif", 100)))
    return (meals, evenings, late)[: 2 + place % 2]


def _invoice(document: InvoiceDocument, place: int) -> InvoiceDocument:
    payer = Recipient(f"Mme PAYEUR Numéro {place}", (f"{place} rue des Tilleuls", "77163 Dammartin-sur-Tigeaux"))
    day = document.issued_on + timedelta(days=place % 20)
    return replace(document, number=f"2026-CA-00-{place}", payer=payer, issued_on=day)

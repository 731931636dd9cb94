"""Documents: what they say, what they refuse, what a screen reader and an archive find in them."""

from __future__ import annotations

import re
import threading
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from marelle.foundation.money import in_euros
from marelle.letters.documents import drawing
from marelle.letters.documents.certificates import CertifiedChild, PaidSum
from marelle.letters.documents.drawing import certificate_pdf, flyer_pdf, invoice_pdf, invoices_pdf, receipt_pdf
from marelle.letters.documents.flyers import WayIn
from marelle.letters.documents.invoices import Kind, Line, PaymentReference, Section, Step
from marelle.letters.documents.parties import Amount, Issuer, Logo, Recipient
from marelle.letters.documents.wording import CHARACTERS, UNKNOWN, invoice_words
from tests.factories.documents import (
    ISSUER,
    PAYER,
    certificate,
    counter_receipt,
    credit_note,
    flyer,
    invoice,
    line,
    long_invoice,
    november,
    plain_invoice,
    receipt,
    sober_invoice,
)

DOCUMENTS = {
    "invoice": lambda: (invoice(), invoice_pdf),
    "long": lambda: (long_invoice(), invoice_pdf),
    "credit note": lambda: (credit_note(), invoice_pdf),
    "sober": lambda: (sober_invoice(), invoice_pdf),
    "certificate": lambda: (certificate(), certificate_pdf),
    "receipt": lambda: (receipt(), receipt_pdf),
    "flyer by a link": lambda: (flyer(WayIn.LINK), flyer_pdf),
    "flyer with a code": lambda: (flyer(WayIn.CODE), flyer_pdf),
    "counter-receipt": lambda: (counter_receipt(), receipt_pdf),
}


def read(file: bytes) -> PdfReader:
    return PdfReader(BytesIO(file))


def flat(text: str) -> str:
    """Every blank, or none where a line was cut, is the same to who reads."""
    return re.sub(r"\s+", "", text)


def text_of(file: bytes) -> str:
    return flat("".join(page.extract_text() for page in read(file).pages))


def roles(file: bytes) -> list[str]:
    """The kinds of the tags, in reading order."""
    found = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif hasattr(node, "get"):
            if "/S" in node:
                found.append(str(node["/S"]))
            if "/K" in node:
                walk(node["/K"])

    walk(read(file).trailer["/Root"]["/StructTreeRoot"])
    return found


class TestTags:
    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_each_document_is_tagged_titled_in_french_and_says_which_standards_it_follows(self, name):
        document, draw = DOCUMENTS[name]()

        root = read(draw(document)).trailer["/Root"]
        about = root["/Metadata"].get_data().decode()

        assert root["/MarkInfo"]["/Marked"]
        assert root["/StructTreeRoot"]["/K"]
        assert str(root["/Lang"]).lower().startswith("fr")
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert "<pdfuaid:part>1</pdfuaid:part>" in about
        assert "<pdfaid:part>3</pdfaid:part>" in about
        assert "<pdfaid:conformance>A</pdfaid:conformance>" in about
        assert document.issuer.name in about

    def test_an_invoice_has_one_title_and_a_table_with_headers(self):
        found = roles(invoice_pdf(invoice()))

        assert found.count("/H1") == 1
        assert {"/H2", "/Table", "/TH", "/TD", "/Figure"} <= set(found)

    def test_the_logo_has_words_for_who_does_not_see_it(self):
        with_logo = invoice_pdf(invoice())

        assert figures(with_logo) == [f"Logo : {ISSUER.name}"]
        assert figures(invoice_pdf(sober_invoice())) == []


def objects(file: bytes) -> list:
    reader = read(file)
    return [reader.get_object(number) for number in range(1, reader.trailer["/Size"])]


def figures(file: bytes) -> list[str]:
    return [str(found["/Alt"]) for found in objects(file) if isinstance(found, dict) and found.get("/S") == "/Figure"]


class TestInvoice:
    def test_every_amount_line_and_mention_is_on_the_page(self):
        document = invoice()

        found = text_of(invoice_pdf(document))

        for section in document.sections:
            assert flat(section.title + section.detail) in found
            assert flat(in_euros(section.total_cents)) in found
            for row in section.lines:
                for said in (
                    row.label,
                    in_euros(row.unit_cents),
                    in_euros(row.total_cents),
                    f"{row.quantity} {row.unit}",
                ):
                    assert flat(said) in found
                for step in row.steps:
                    assert flat(f"{step.text} : {in_euros(step.cents)}") in found
        for deducted in (*document.aids, *document.credits, *document.payments):
            assert flat(deducted.text + in_euros(-deducted.cents)) in found
        for added in (*document.carried_over, *document.components):
            assert flat(in_euros(added.cents)) in found
        said = document.mentions
        for words in (
            said.resolution,
            said.vat,
            said.recovery,
            said.contest,
            *document.how_to_pay,
            document.regrouping,
        ):
            assert flat(words) in found
        for words in (
            "Facture n° 2026-CA-00-154",
            "Reste à payer 55,39 €",
            "Total de la facture 69,24 €",
            "jeudi 31 décembre 2026",
            "Les 2, 3, 5, 6, 9 et 10 novembre",
            "Exercice 2026",
            "Dont payable en CESU 9,80 €",
            "Anne Ferrand, maire",
            "Régie de recettes périscolaire",
            "012345",
            "2026CA00154",
            *PAYER.address,
        ):
            assert flat(words) in found

    def test_a_credit_note_says_what_it_corrects_and_asks_for_nothing(self):
        found = text_of(invoice_pdf(credit_note()))

        assert flat("Avoir n° 2026-CA-00-171") in found
        assert flat("Corrige la facture n° 2026-CA-00-154") in found
        assert flat("En votre faveur 9,30 €") in found
        assert flat("À payer") not in found
        assert flat("Références de paiement") not in found

    def test_a_complementary_invoice_says_which_invoice_it_completes(self):
        found = text_of(invoice_pdf(invoice(kind=Kind.COMPLEMENTARY, corrects="2026-CA-00-100")))

        assert flat("Facture complémentaire n° 2026-CA-00-154") in found
        assert flat("Complète la facture n° 2026-CA-00-100") in found

    def test_an_invoice_already_settled_asks_for_nothing(self):
        document = plain_invoice(invoice().sections)
        settled = replace(
            document,
            payments=(Amount("Payé le 2 novembre", document.total_cents),),
            left_to_pay_cents=0,
            payment_reference=None,
        )

        found = text_of(invoice_pdf(settled))

        assert flat("déjà réglée") in found
        assert flat("Références de paiement") not in found

    def test_a_long_invoice_repeats_its_headers_and_numbers_its_pages(self):
        document = long_invoice(200)

        pages = [flat(page.extract_text()) for page in read(invoice_pdf(document)).pages]

        assert len(pages) > 5
        for number, page in enumerate(pages, start=1):
            assert f"{number}/{len(pages)}" in page
        with_lines = [page for page in pages if flat("Accueil de loisirs, semaine") in page]
        assert len(with_lines) >= len(pages) - 1
        assert all(flat("Prix unitaire") in page for page in with_lines)
        assert sum(page.count(flat("Accueil de loisirs, semaine")) for page in pages) == 200
        assert flat("Références de paiement") in pages[-1]

    def test_the_address_stands_in_the_window_of_an_envelope(self):
        places = {}

        def visit(text, matrix, _matrix, _font, _size):
            for said in (PAYER.name, PAYER.address[0], PAYER.address[1]):
                if said in text:
                    places.setdefault(said, (matrix[4] / 72 * 25.4, 297 - matrix[5] / 72 * 25.4))

        read(invoice_pdf(invoice())).pages[0].extract_text(visitor_text=visit)

        assert len(places) == 3
        assert all(105 <= x <= 190 and 45 <= y <= 85 for x, y in places.values()), places

    def test_the_same_document_gives_the_same_bytes(self):
        assert invoice_pdf(invoice()) == invoice_pdf(invoice())

    def test_threads_draw_at_once_though_nothing_was_drawn_before(self, monkeypatch):
        fresh = cache(drawing._made_desk.__wrapped__)
        monkeypatch.setattr(drawing, "_made_desk", fresh)
        drawn = []
        threads = [threading.Thread(target=lambda: drawn.append(invoice_pdf(invoice()))) for _ in range(4)]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(drawn) == 4
        assert set(drawn) == {invoice_pdf(invoice())}
        assert fresh.cache_info().currsize == 1
        fresh().cleanup()


class TestPrintFile:
    def test_each_invoice_begins_on_an_odd_page_with_its_own_page_numbers(self):
        documents = [replace(sober_invoice(), number=str(100 + place)) for place in range(drawing.HANDFUL + 2)]
        documents.insert(1, long_invoice(40))

        pages = [flat(page.extract_text()) for page in read(invoices_pdf(iter(documents))).pages]

        starts = [place for place, page in enumerate(pages) if flat("À payer") in page and "1/" in page]
        assert len(starts) == len(documents)
        assert all(place % 2 == 0 for place in starts)
        assert all(flat(f"n° {said.number}") in pages[place] for place, said in zip(starts, documents, strict=True))
        assert pages[1] == ""
        assert len(pages) % 2 == 0

    def test_nothing_to_print_is_refused(self):
        with pytest.raises(ValueError, match="aucune facture"):
            invoices_pdf([])


class TestCertificate:
    def test_every_sum_child_and_reason_is_on_the_page(self):
        document = certificate()

        found = text_of(certificate_pdf(document))

        for child in document.children:
            for paid in child.sums:
                assert flat(paid.text + in_euros(paid.paid_cents) + in_euros(paid.childcare_cents)) in found
            for aid in child.aids:
                assert flat(in_euros(-aid.cents)) in found
            assert flat(in_euros(child.deductible_cents)) in found
        for words in (
            "Attestation fiscale 2026",
            document.article,
            "date de naissance : 20 juillet 2022",
            "Lucia SANCHEZ-CORDOVES, date de naissance : 20 mai 2019. Six ans avant le 1ᵉʳ janvier 2026.",
            "190,80 €",
            *document.notes,
        ):
            assert flat(words) in found

    def test_a_year_without_an_eligible_child_says_so(self):
        found = text_of(certificate_pdf(certificate(children=(), total_cents=0)))

        assert flat("Aucun enfant") in found

    @pytest.mark.parametrize(
        ("born_on", "counts"),
        [(date(2020, 1, 2), True), (date(2020, 1, 1), False), (date(2019, 12, 31), False)],
        ids=["six on 2 January", "six on 1 January", "six the day before"],
    )
    def test_a_child_counts_until_six_on_the_first_of_january(self, born_on, counts):
        child = replace(certificate().children[0], born_on=born_on)

        if counts:
            assert certificate(children=(child,))
        else:
            with pytest.raises(ValueError, match="avait six ans"):
                certificate(children=(child,))


MEALS = Section("Théo", (line("Repas", november(3, 5), 350),))


class TestRefused:
    @pytest.mark.parametrize(
        "wrong",
        [
            lambda: Line("Repas", 2, 350, 701),
            lambda: Line("Repas", 2, 350, 700, steps=(Step("Tranche 3", 310),)),
            lambda: Line("Repas", 2, 350, 700, adjustments=(Amount("Plafond", -100),)),
            lambda: Line("Repas", 2, 3.5, 7),
            lambda: Line("Repas", 2, 350, 700.0),
            lambda: Amount("Aide", 12.0),
            lambda: Amount("Aide", True),
            lambda: plain_invoice((MEALS,), total_cents=701),
            lambda: plain_invoice((MEALS,), left_to_pay_cents=699),
            lambda: plain_invoice((MEALS,), aids=(Amount("CAF", 100),)),
            lambda: plain_invoice((MEALS,), carried_over=(Amount("Report", 100),)),
            lambda: plain_invoice((MEALS,), credits=(Amount("Crédit", 100),)),
            lambda: plain_invoice((MEALS,), payments=(Amount("Payé", -100),), left_to_pay_cents=800),
            lambda: plain_invoice((MEALS,), payments=(Amount("Payé", 800),), left_to_pay_cents=-100),
            lambda: plain_invoice((MEALS,), childcare_cents=701),
            lambda: plain_invoice((MEALS,), cesu_cents=7.0),
            lambda: plain_invoice((MEALS,), components=invoice().components),
            lambda: plain_invoice((MEALS,), payment_reference=PaymentReference("012345", "1", 699)),
            lambda: plain_invoice((MEALS,), kind=Kind.CREDIT_NOTE),
            lambda: plain_invoice(()),
            lambda: plain_invoice((Section("Théo", ()),)),
            lambda: certificate(total_cents=1),
            lambda: CertifiedChild("Sofia", date(2022, 7, 20), (PaidSum("Mai", 100, 101),), 101),
            lambda: CertifiedChild("Sofia", date(2022, 7, 20), (PaidSum("Mai", 100, 50),), 51),
            lambda: CertifiedChild("Sofia", date(2022, 7, 20), (PaidSum("Mai", 100, 50),), 60, (Amount("CAF", -10),)),
            lambda: Issuer("Mairie", accent="red"),
            lambda: Logo(b"GIF89a", "image/gif"),
        ],
        ids=range(27),
    )
    def test_what_does_not_add_up_is_refused_before_anything_is_drawn(self, wrong):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()

    def test_no_amount_of_a_document_is_a_float(self):
        def floats(value):
            if isinstance(value, float):
                return [value]
            if is_dataclass(value):
                return [found for field in fields(value) for found in floats(getattr(value, field.name))]
            return [found for each in value for found in floats(each)] if isinstance(value, tuple) else []

        assert floats(invoice()) == floats(certificate()) == []
        assert floats(Recipient("Trois", (3.0,))) == [3.0]


class TestReceipt:
    def test_it_says_the_amount_in_figures_and_in_words_whom_from_how_and_for_what(self):
        found = text_of(receipt_pdf(receipt()))

        for words in (
            "Quittance n° 2026-0042",
            "La régie de recettes périscolaire a reçu de Mme CLAIRONI Pauline",
            "la somme de trente-huit euros et cinquante centimes.",
            "Reçu 38,50 €",
            "Carte bancaire",
            "facture n° 2026-CA-00-154",
            "2026K7M2QX4P",
            "2 décembre 2026",
            "Donnée le 3 décembre 2026",
            "Anne Ferrand, maire",
        ):
            assert flat(words) in found

    def test_a_counter_receipt_says_which_it_undoes_and_why(self):
        found = text_of(receipt_pdf(counter_receipt()))

        for words in (
            "Contre-quittance n° 2026-0057",
            "annule la quittance n° 2026-0042",
            "moins trente-huit euros et cinquante centimes",
            "Chèque revenu impayé",
        ):
            assert flat(words) in found
        assert flat("a reçu de") not in found

    @pytest.mark.parametrize("name", ["N" * 400, "#panic(1)", "Inès 😀", ""])
    def test_no_name_stops_it(self, name):
        drawn = receipt_pdf(receipt(payer=Recipient(name, (name,)), label=name, reference=name, settles=(name,)))

        assert flat("trente-huit euros") in text_of(drawn)

    @pytest.mark.parametrize(
        "wrong",
        [{"cents": 0}, {"cents": -100}, {"cents": 38.5}, {"cancels": "2026-0041"}],
        ids=["nothing", "below zero", "a float", "of another"],
    )
    def test_one_that_says_two_things_is_refused(self, wrong):
        with pytest.raises(ValueError, match="quittance"):
            receipt(**wrong)


class TestWhatPeopleWrite:
    MARKUP = (
        '#panic("lu") *gras* _italique_ $x^2$ \\ @renvoi <label> `code` = Titre [crochets] '
        '// fin /* */ ~ -- "guillemets" \'s'
    )

    def test_markup_is_written_as_it_is_and_never_obeyed(self):
        found = text_of(invoice_pdf(everywhere(self.MARKUP)))

        assert found.count(flat(self.MARKUP)) >= 5

    def test_a_file_beside_the_templates_is_not_read_for_a_name(self):
        found = text_of(invoice_pdf(everywhere('#read("style.typ") #image("/etc/passwd")')))

        assert flat('#read("style.typ")') in found
        assert "Figtree" not in found

    @pytest.mark.parametrize(
        "name",
        [
            "N" * 400,
            "un nom très long " * 60,
            "محمد بن عبد الله",
            "שלום כהן",
            "Inès 😀👨‍👩‍👧 Dupont",
            "山田太郎",
            "Zoe\u0308 e\u0301\u0323",
            "a\u202eb\u200bc\u0000d\ne\tf",
            "",
            " ",
        ],
        ids=["one word", "many words", "arabic", "hebrew", "emoji", "han", "combining", "control", "empty", "blank"],
    )
    def test_no_name_stops_a_document(self, name):
        file = invoice_pdf(everywhere(name))

        assert flat("Reste à payer") in text_of(file)

    def test_what_no_font_can_draw_is_replaced_by_a_sign_that_says_so(self):
        words = invoice_words(everywhere("Inès 😀"))

        assert words["recipient"]["name"] == f"Inès {UNKNOWN}"

    def test_names_of_europe_are_written_in_full(self):
        for name in (
            "Łukasz Żółć",
            "Ștefan Țăran",
            "Çağlar Şahin",
            "Ünal Öztürk",
            "Ðorđe Čović",
            "Yoann Le Goff-Kérébel",
        ):
            assert invoice_words(everywhere(name))["recipient"]["name"] == name

    def test_each_sign_said_to_be_drawn_is_drawn(self):
        ranges = [line.split("-") for line in CHARACTERS.read_text().splitlines() if not line.startswith("#")]
        signs = [chr(code) for bounds in ranges for code in range(int(bounds[0], 16), int(bounds[-1], 16) + 1)]
        rows = tuple(" ".join(signs[start : start + 60]) for start in range(0, len(signs), 60))

        # A strict PDF refuses a sign without a shape: drawing is the proof.
        assert len(signs) > 1500
        assert invoice_pdf(invoice(payer=Recipient("Tous", rows), how_to_pay=rows))


class TestLogos:
    def test_an_image_is_drawn_whatever_its_kind(self):
        pixel = bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
        )

        drawn = invoice_pdf(invoice(issuer=replace(ISSUER, logo=Logo(pixel, "image/png"))))

        images = [found for found in objects(drawn) if isinstance(found, dict) and found.get("/Subtype") == "/Image"]
        assert [(image["/Width"], image["/Height"]) for image in images] == [(1, 1)]

    def test_a_very_wide_logo_leaves_room_for_the_name(self):
        wide = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 100"><rect width="900" height="100"/></svg>'

        drawn = invoice_pdf(invoice(issuer=replace(ISSUER, logo=Logo(wide, "image/svg+xml"))))

        assert flat(ISSUER.name) in text_of(drawn)


def everywhere(text: str):
    """An invoice in which everything that people or a town write is `text`."""
    rows = (replace(line("Repas", november(3), 350), label=text, unit=text, day_type=text, resolution=text),)
    return plain_invoice(
        (Section(text, rows, detail=text),),
        payer=Recipient(text, (text, text)),
        object=text,
        how_to_pay=(text,),
        how_in_brief=text,
        number=text,
        regrouping=text,
    )

"""A family's quotient on its page: noted with its proof, asked of the CAF and the MSA, withdrawn; nothing lost."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.connectors.quotient.client import ApiParticulier
from marelle.domain.families.models import FamilyQuotient, Guardian, SupportingDocument
from marelle.domain.families.quotient_source import FoundQuotient, Trouble
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.web.office.families import quotient_section
from marelle.web.office.families.quotient_section import signed
from tests.api_particulier import TOKEN
from tests.factories import town
from tests.factories.papers import image, pdf
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")
PDF = pdf()
ELENA = {
    "birth_name": "Sanchez",
    "used_name": "",
    "first_names": "Elena",
    "birth": "12/03/1984",
    "sex": "F",
    "place": "france",
    "town": "77288",
    "department": "",
    "country": "",
}


@pytest.fixture
def plugged(office, settings, api):
    """The town has a SIRET and asks the stand-in."""
    settings.QUOTIENT_SOURCE = ApiParticulier(api.url, TOKEN, whole_seconds=2)
    with permitted("test"):
        office.authority.siret = "21770154900016"
        office.authority.save()
    return api


def look(office, query=""):
    return office.client.get(office.at(f"familles/{office.family.public_id}/{query}"))


def page(office, query=""):
    return body(look(office, query))


def send(office, where, **fields):
    return office.client.post(office.at(f"familles/{office.family.public_id}/quotients/{where}"), fields)


def note(office, **fields):
    said = {"value": "742", "valid_from": "2026-09-01", "source": "declared"} | fields
    return send(office, "", **said)


def ask(office, **fields):
    return send(office, "demander/", **{"guardian": guardian(office).public_id, **ELENA, **fields})


def guardian(office):
    with tenancy.scope({office.authority.pk}):
        return Guardian.objects.filter(family=office.family).first()


def noted(office):
    with tenancy.scope({office.authority.pk}):
        rows = FamilyQuotient.objects.order_by("pk")
        return [(one.value_cents, one.valid_from.isoformat(), one.source, one.withdrawn_at is None) for one in rows]


def file(content=PDF, name="attestation CAF.pdf"):
    return SimpleUploadedFile(name, content, content_type="text/html")


def soup(answer):
    return BeautifulSoup(answer.content, "html.parser")


def field(answer, id_):
    return soup(answer).find(id=id_)


class TestNoting:
    def test_a_family_without_a_quotient_says_so(self, office):
        assert "Aucun quotient ne compte aujourd’hui pour cette famille." in page(office)

    @pytest.mark.parametrize(
        ("value", "cents"),
        [("742", 742_00), ("742,50", 742_50), (" 1 250 ", 1_250_00), ("0", 0), ("742.50 €", 742_50)],
    )
    def test_it_is_noted_and_shown_with_its_day_its_source_and_who_noted_it(self, office, value, cents):
        answer = note(office, value=value)

        assert answer.status_code == 303
        assert noted(office) == [(cents, "2026-09-01", "declared", True)]
        shown = page(office)
        assert "depuis le 01/09/2026" in shown
        assert "Déclaré au guichet" in shown
        assert f"Noté le 23/11/2026 par {office.agent.name}" in shown

    @pytest.mark.parametrize(
        ("fields", "id_", "sentence"),
        [
            ({"value": ""}, "noter-value", "Indiquez un quotient"),
            ({"value": "beaucoup"}, "noter-value", "Indiquez un quotient"),
            ({"value": "742,5"}, "noter-value", "Indiquez un quotient"),
            ({"valid_from": "31/02/2026"}, "noter-valid_from", "Indiquez un jour"),
            ({"valid_from": "0001-01-01"}, "noter-valid_from", "Indiquez un jour"),
            ({"source": ""}, "noter-source", "Dites comment"),
            ({"source": "api"}, "noter-source", "Dites comment"),
            ({"source": "file"}, "noter-source", "Dites comment"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(self, office, fields, id_, sentence):
        answer = note(office, **fields)

        assert answer.status_code == 422
        wrong = field(answer, id_)
        described = wrong["aria-describedby"]
        assert sentence in field(answer, described.split()[-1]).get_text()
        if "value" not in fields:
            assert field(answer, "noter-value")["value"] == "742"
        assert noted(office) == []

    def test_a_negative_and_an_absurd_quotient_are_refused_and_cannot_be_confirmed(self, office):
        for value, sentence in (("-5", "jamais négatif"), ("25000", "n’existe pas")):
            answer = note(office, value=value, is_confirmed="on")

            assert answer.status_code == 409
            assert sentence in field(answer, "noter-value-error").get_text()
            assert field(answer, "noter-is_confirmed") is None
        assert noted(office) == []

    def test_an_unusual_one_asks_for_a_tick(self, office):
        answer = note(office, value="6000")

        assert answer.status_code == 409
        assert "très rare" in field(answer, "noter-is_confirmed-error").get_text()
        assert note(office, value="6000", is_confirmed="on").status_code == 303

    def test_one_of_the_same_day_replaces_the_other_once_confirmed(self, office):
        note(office)
        answer = note(office, value="600")

        assert "il sera retiré et remplacé" in body(answer)
        assert note(office, value="600", is_confirmed="on").status_code == 303
        assert [row[0::3] for row in noted(office)] == [(742_00, False), (600_00, True)]
        assert "Retiré le 23/11/2026" in page(office)

    def test_the_one_to_come_does_not_count_yet(self, office):
        note(office)
        note(office, value="512,50", valid_from="2026-12-01")

        shown = field(look(office), "quotient")
        assert shown.find("p").get_text() == "742 depuis le 01/09/2026"
        assert "À venir" in shown.get_text()


class TestDocuments:
    def test_a_file_is_kept_and_handed_over_as_a_file_only(self, office):
        assert note(office, document=file()).status_code == 303
        with tenancy.scope({office.authority.pk}):
            kept = SupportingDocument.objects.get()
        link = soup(look(office)).select_one("#quotient a[href*=justificatifs]")

        answer = office.client.get(link["href"])

        assert noted(office)[0][2] == "document"
        assert (kept.content_type, kept.pages) == ("application/pdf", 1)
        assert answer.content == kept.content
        assert answer.content.startswith(b"%PDF-")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'attachment; filename="attestation CAF.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert "no-store" in answer["Cache-Control"]

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"<html><script>alert(1)</script>", "ni un PDF, ni une photo"),
            (b"", "Ce fichier est vide"),
            (b"%PDF-1.7".ljust(20 * 1024 * 1024 + 1), "plus de 20 Mo"),
            (PDF[:300], "abîmé ou incomplet"),
        ],
        ids=["a page that says it is a PDF", "empty", "too big", "half of one"],
    )
    def test_a_file_that_is_not_taken_is_said_beside_its_field(self, office, content, sentence):
        answer = note(office, document=file(content))

        assert answer.status_code == 422
        assert sentence in field(answer, "noter-document-error").get_text()
        assert noted(office) == []

    def test_a_heavy_photo_is_taken_made_lighter_and_never_written_on_a_disk_as_it_came(self, office, settings):
        heavy = image(size=(1000, 500)) + bytes(19 * 1024 * 1024)
        settings.FILE_UPLOAD_TEMP_DIR = "/nonexistent"

        assert note(office, document=file(heavy, "photo.jpg")).status_code == 303
        with tenancy.scope({office.authority.pk}):
            assert SupportingDocument.objects.get().size < 100_000

    def test_a_body_beyond_all_is_refused_and_so_is_a_file_where_none_is_taken(self, office):
        answer = note(office, document=file(b"%PDF-1.7".ljust(46 * 1024 * 1024)))
        assert answer.status_code == 413
        assert "Un fichier pèse au plus 20 Mo" in body(answer)
        address = office.at(f"familles/{office.family.public_id}/blocages/")
        heavy = {"kind": "incomplete_file", "document": file(b"%PDF-1.7".ljust(3 * 1024 * 1024))}
        assert office.client.post(address, heavy).status_code == 413

    def test_a_form_that_comes_back_says_that_the_file_must_be_chosen_again(self, office):
        for answer in (note(office, value="", document=file()), note(office, value="6000", document=file())):
            assert "Choisissez de nouveau le fichier" in field(answer, "noter-document-error").get_text()

    def test_a_file_of_another_family_or_without_the_right_is_out_of_reach(self, office):
        note(office, document=file())
        with tenancy.scope({office.authority.pk}):
            kept = SupportingDocument.objects.get()
        other = town.make_family(office.authority, "Autre")
        looks = signed_in(town.make_agent(office.authority, "Paul", "view_day"))

        own = office.at(f"familles/{office.family.public_id}/justificatifs/{kept.public_id}/")
        assert office.client.get(own.replace(office.family.public_id, other.public_id)).status_code == 404
        assert looks.get(own).status_code == 403


class TestWithdrawing:
    def test_it_is_withdrawn_once_and_stays_in_the_history(self, office):
        note(office)
        with tenancy.scope({office.authority.pk}):
            quotient = FamilyQuotient.objects.get()

        first, second = (send(office, f"{quotient.public_id}/") for _ in range(2))

        assert (first.status_code, second.status_code) == (303, 404)
        assert noted(office) == [(742_00, "2026-09-01", "declared", False)]
        assert "Aucun quotient ne compte" in page(office)
        assert "Retiré le 23/11/2026" in page(office)


class TestAsking:
    def test_without_a_source_nothing_is_proposed(self, office, settings):
        settings.QUOTIENT_SOURCE = None

        assert "Demander à la CAF" not in page(office)
        assert "n’est pas reliée à API Particulier" in body(ask(office))

    def test_the_answer_is_shown_and_noted_only_when_confirmed(self, office, plugged):
        answer = ask(office)

        shown = body(answer)
        assert answer.status_code == 200
        assert "La CAF donne un quotient de 742, pour novembre 2026." in shown
        assert "ELENA SANCHEZ-CORDOVES (12/03/1984)" in shown
        assert "LUCIA SANCHEZ-CORDOVES (09/04/2017)" in shown
        assert noted(office) == []

        carried = soup(answer).find("input", attrs={"name": "answer"})["value"]
        assert field(answer, "reponse-valid_from")["value"] == "2026-11-01"
        assert send(office, "reponse/", answer=carried, valid_from="2026-11-01").status_code == 303

        assert noted(office) == [(742_00, "2026-11-01", "api", True)]
        after = page(office)
        assert "Donné par la CAF (API Particulier), pour novembre 2026" in after
        assert "Aucun justificatif n’est à demander" in after
        assert "article L. 114-8" in after

    def test_the_journal_says_that_it_was_asked_and_nothing_of_the_person(self, office, plugged):
        ask(office)
        ask(office, birth_name="Inconnue")

        asked = AuditEntry.objects.exclude(verb__in=("read_health", "read_quotient"))  # what the page showed besides
        lines = list(asked.order_by("pk").values_list("verb", "object_key", "details"))
        assert [(verb, key) for verb, key, _details in lines] == [("ask_quotient", guardian(office).pk)] * 2
        assert [details["outcome"] for _verb, _key, details in lines] == ["FOUND", "NOT_FOUND"]
        assert "anchez" not in str(lines)

    @pytest.mark.parametrize(
        ("fields", "trouble"),
        [
            ({"birth_name": "Inconnue"}, Trouble.NOT_FOUND),
            ({"birth_name": "Encombre", "first_names": "Alix", "birth": "01/01/1980"}, Trouble.TOO_MANY),
            ({"birth_name": "Panne", "first_names": "Alix", "birth": "1/1/1980"}, Trouble.UNAVAILABLE),
        ],
    )
    def test_without_an_answer_the_agent_reads_why_and_what_to_do_and_loses_nothing(
        self, office, plugged, fields, trouble
    ):
        answer = ask(office, **fields)

        assert trouble.value in body(answer)
        assert field(answer, "demander-birth_name")["value"] == fields["birth_name"]
        assert field(answer, "demander")["open"] == ""
        assert noted(office) == []

    def test_several_names_a_town_by_its_name_and_an_unknown_day_are_asked(self, office, plugged):
        ask(office, first_names="Elena, Maria Luz", birth="1984", town="Meaux", department="77", used_name="Cordoves")
        ask(office, place="abroad", country="99134", town="Séville", department="77")

        first, second = (path for path, _headers in plugged.heard)
        assert "prenoms%5B%5D=Elena&prenoms%5B%5D=Maria+Luz&anneeDateNaissance=1984&sexeEtatCivil=F" in first
        assert "nomCommuneNaissance=Meaux&codeCogInseeDepartementNaissance=77" in first
        assert "nomUsage=Cordoves" in first
        assert "codeCogInseePaysNaissance=99134" in second
        assert "Commune" not in second

    @pytest.mark.parametrize(
        ("fields", "id_", "sentence"),
        [
            ({"guardian": "0" * 12}, "guardian", "Choisissez la personne"),
            ({"birth_name": ""}, "birth_name", "nom de naissance"),
            ({"birth_name": "x" * 81}, "birth_name", "80 caractères"),
            ({"first_names": " , "}, "first_names", "au moins un prénom"),
            ({"birth": "31/02/1984"}, "birth", "Indiquez la date de naissance"),
            ({"birth": "hier"}, "birth", "Indiquez la date de naissance"),
            ({"birth": "2027"}, "birth", "Indiquez la date de naissance"),
            ({"birth": "1850"}, "birth", "Indiquez la date de naissance"),
            ({"birth": "0000"}, "birth", "Indiquez la date de naissance"),
            ({"sex": ""}, "sex", "Choisissez ce que dit"),
            ({"place": ""}, "place", "née en France"),
            ({"town": ""}, "town", "Écrivez la commune"),
            ({"town": "Meaux"}, "department", "Indiquez le département"),
            ({"place": "abroad"}, "country", "code Insee du pays"),
            ({"place": "abroad", "country": "99100"}, "country", "code Insee du pays"),
        ],
    )
    def test_an_identity_that_is_not_whole_asks_nobody(self, office, plugged, fields, id_, sentence):
        answer = ask(office, **fields)

        assert answer.status_code == 422
        assert sentence in field(answer, f"demander-{id_}-error").get_text()
        assert plugged.heard == []

    def test_the_form_begins_with_what_is_known_of_a_guardian(self, office, plugged):
        with permitted("test"), tenancy.scope({office.authority.pk}):
            david = Guardian.objects.create(
                authority=office.authority, family=office.family, first_name="David", last_name="Roux"
            )
        first = soup(look(office))
        link = first.find("a", string="Demander plutôt pour David Roux")
        second = soup(look(office, f"?responsable={david.public_id}"))

        assert link["href"].endswith(f"?responsable={david.public_id}#demander")
        assert second.find(id="demander-birth_name")["value"] == "Roux"
        assert second.find(id="demander").has_attr("open")


class TestConfirming:
    def test_what_the_browser_says_of_the_value_is_not_read(self, office, plugged):
        carried = signed(FoundQuotient(742_00, "MSA", 2026, 11), office.family)

        send(office, "reponse/", answer=carried, valid_from="2026-11-01", value="10", source="file", provider="X")

        assert noted(office) == [(742_00, "2026-11-01", "api", True)]

    @pytest.mark.parametrize("what", ["forged", "another family", "nothing", "too old"])
    def test_an_answer_that_is_not_ours_notes_nothing(self, office, plugged, monkeypatch, what):
        other = town.make_family(office.authority, "Autre")
        carried = {
            "forged": signing.dumps([office.family.pk, 0, "CNAF", "2026-11"], salt="ailleurs"),
            "another family": signed(FoundQuotient(0), other),
            "nothing": "",
            "too old": signed(FoundQuotient(0), office.family),
        }[what]
        if what == "too old":
            monkeypatch.setattr(quotient_section, "ANSWER_SECONDS", -1)

        answer = send(office, "reponse/", answer=carried, valid_from="2026-11-01")

        assert answer.status_code == 409
        assert "Demandez de nouveau" in body(answer)
        assert noted(office) == []

    def test_a_day_that_is_none_keeps_the_answer(self, office, plugged):
        carried = signed(FoundQuotient(742_00), office.family)
        answer = send(office, "reponse/", answer=carried, valid_from="")

        assert answer.status_code == 422
        assert soup(answer).find("input", attrs={"name": "answer"})["value"] == carried

    def test_it_replaces_one_of_the_same_day_once_confirmed(self, office, plugged):
        note(office, valid_from="2026-11-01", value="700")
        carried = signed(FoundQuotient(742_00, "CNAF", 2026, 11), office.family)
        refused = send(office, "reponse/", answer=carried, valid_from="2026-11-01")
        send(office, "reponse/", answer=carried, valid_from="2026-11-01", is_confirmed="on")

        assert refused.status_code == 409
        assert "il sera retiré et remplacé" in field(refused, "reponse-is_confirmed-error").get_text()
        assert [row[0::3] for row in noted(office)] == [(700_00, False), (742_00, True)]

    def test_an_absurd_answer_is_refused_in_words(self, office, plugged):
        carried = signed(FoundQuotient(90_000_00), office.family)

        answer = send(office, "reponse/", answer=carried, valid_from=date(2026, 11, 1), is_confirmed="on")

        assert answer.status_code == 409
        assert "n’existe pas" in body(answer)


def test_the_page_asks_as_few_questions_for_one_quotient_as_for_many(office, django_assert_max_num_queries):
    note(office)
    page(office)
    with django_assert_max_num_queries(60) as few:
        page(office)
    for month in range(1, 9):
        note(office, valid_from=f"2026-{month:02d}-01", value=f"{month}00", document=file())
    page(office)
    with django_assert_max_num_queries(60) as many:
        page(office)

    assert len(many) <= len(few)

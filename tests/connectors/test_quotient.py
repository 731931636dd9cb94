"""API Particulier v3, against a stand-in that answers as the State's test site: each answer read, each refusal said."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
import traceback
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings as django_settings
from ruamel.yaml import YAML

from marelle.config.environment import BadEnvironment, read
from marelle.connectors.franceconnect.access import TO_ASK_QUOTIENT
from marelle.connectors.quotient.answers import found
from marelle.connectors.quotient.client import ApiParticulier
from marelle.domain.families.quotient_source import FoundQuotient, Identity, QuotientUnknownError, Trouble
from standins.api_particulier.cases import cases_by_token, known_cases
from standins.api_particulier.server import Mood, Server
from tests.api_particulier import REFERENCE, TOKEN
from tests.franceconnect import ACCOUNT, as_franceconnect

SIRET = "13002526500013"
OWN = known_cases(None)
PUBLISHED = known_cases(REFERENCE)[: -len(OWN)] if REFERENCE.is_dir() else ()
needs_reference = pytest.mark.skipif(
    not PUBLISHED, reason=f"NOT PROVEN HERE: the State's cases are not at {REFERENCE}; MARELLE_API_PARTICULIER_CASES"
)
SOMEONE = Identity("Sanchez", ("Elena",), "F", 1984, 3, 12, birth_town_code="77288")
# What must never be in a log: the token, and who was asked about.
SECRETS = (TOKEN, "Sanchez", "SANCHEZ", "Elena", "ELENA", "1984", "77288", SIRET)


def identity_of(params):
    """Say a case's parameters in our words."""

    def one(name):
        return params.get(name, ("",))[0]

    return Identity(
        birth_name=one("nomNaissance"),
        used_name=one("nomUsage"),
        first_names=params.get("prenoms", ()),
        sex=one("sexeEtatCivil"),
        birth_year=int(one("anneeDateNaissance") or 0) or None,
        birth_month=int(one("moisDateNaissance") or 0) or None,
        birth_day=int(one("jourDateNaissance") or 0) or None,
        birth_country=one("codeCogInseePaysNaissance"),
        birth_town_code=one("codeCogInseeCommuneNaissance"),
        birth_town=one("nomCommuneNaissance"),
        birth_department=one("codeCogInseeDepartementNaissance"),
    )


def trouble(source, identity=SOMEONE, recipient=SIRET):
    with pytest.raises(QuotientUnknownError) as no:
        source.quotient_of(identity, recipient=recipient)
    return no.value.trouble


EXPECTED = {404: Trouble.NOT_FOUND, 429: Trouble.TOO_MANY, 502: Trouble.UNAVAILABLE, 504: Trouble.UNAVAILABLE}


class TestCases:
    @pytest.mark.parametrize("case", [*PUBLISHED, *OWN], ids=lambda case: case.name)
    def test_each_fictional_person_is_answered(self, source, case):
        """Those of past months are asked with a month, which an agent is not asked for: this month's is."""
        asked = {name: values for name, values in case.params.items() if name not in ("annee", "mois")}
        payload = json.loads(case.payload)
        said = payload.get("data", {}).get("quotient_familial")
        if asked.keys() != case.params.keys():
            answer = found(case.status, case.payload.encode())
        elif said is None:
            expected = Trouble.NO_QUOTIENT if case.status == 200 else EXPECTED[case.status]
            assert trouble(source, identity_of(asked)) is expected
            return
        else:
            answer = source.quotient_of(identity_of(asked), recipient=SIRET)

        assert (answer.value_cents, answer.provider) == (said["valeur"] * 100, said["fournisseur"])
        assert answer.valid_from == date(said["annee"], said["mois"], 1)
        assert answer.period == f"{said['annee']}-{said['mois']:02d}"
        assert len(answer.children) == len(payload["data"].get("enfants", []))
        assert len(answer.adults) == len(payload["data"].get("allocataires", []))

    @needs_reference
    def test_the_states_cases_are_all_there(self):
        statuses = [case.status for case in PUBLISHED]

        assert {status: statuses.count(status) for status in set(statuses)} == {200: 19, 404: 5, 429: 1, 502: 1, 504: 1}

    @needs_reference
    def test_what_the_stand_in_says_and_we_ask_is_in_the_published_description(self):
        text = (REFERENCE.parent / "openapi_v3.yaml").read_text()
        operation = YAML(typ="safe").load(text)["paths"]["/v3/dss/quotient_familial/identite"]["get"]
        names = {each["name"] for each in operation["parameters"]}
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]
        parts = schema["properties"]

        for case in OWN:
            assert {name.replace("prenoms", "prenoms[]") for name in case.params} <= names
            data = json.loads(case.payload).get("data", {})
            assert data.keys() <= parts.keys()
            for part in ("quotient_familial", "adresse"):
                assert data.get(part, {}).keys() in (set(), parts[part]["properties"].keys())


def test_the_question_is_asked_as_the_service_wants_it(source, api):
    source.quotient_of(SOMEONE, recipient=SIRET)
    ((path, headers),) = api.heard

    assert urlsplit(path).path == "/v3/dss/quotient_familial/identite"
    assert parse_qsl(urlsplit(path).query) == [
        ("recipient", SIRET),
        ("nomNaissance", "Sanchez"),
        ("prenoms[]", "Elena"),
        ("anneeDateNaissance", "1984"),
        ("moisDateNaissance", "3"),
        ("jourDateNaissance", "12"),
        ("sexeEtatCivil", "F"),
        ("codeCogInseePaysNaissance", "99100"),
        ("codeCogInseeCommuneNaissance", "77288"),
    ]
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Cache-Control"] == "no-cache"


def test_several_first_names_a_used_name_and_a_town_by_its_name(source, api):
    someone = Identity(
        "D’Été", ("Anne", "Zoé", "Lou", "Ève"), "F", 1987, birth_town="Meaux", birth_department="77", used_name="Lô"
    )
    trouble(source, someone)
    asked = parse_qsl(urlsplit(api.heard[0][0]).query)

    assert [value for name, value in asked if name == "prenoms[]"] == ["Anne", "Zoé", "Lou"]
    assert dict(asked) | {"prenoms[]": ""} == {
        "recipient": SIRET,
        "nomNaissance": "D’Été",
        "nomUsage": "Lô",
        "prenoms[]": "",
        "anneeDateNaissance": "1987",
        "sexeEtatCivil": "F",
        "codeCogInseePaysNaissance": "99100",
        "nomCommuneNaissance": "Meaux",
        "codeCogInseeDepartementNaissance": "77",
    }


def test_born_abroad_no_town_is_said(source, api):
    trouble(source, Identity("X", ("Y",), "M", 1990, birth_country="99350", birth_town_code="77288"))

    assert "CommuneNaissance" not in api.heard[0][0]


def refusal(code, parameter=None):
    return json.dumps({"errors": [{"code": code, "title": "x", "detail": "x", "source": parameter, "meta": {}}]})


REFUSALS = {
    "a bad token": (401, refusal("00101"), Trouble.NOT_ALLOWED, "expiré"),
    "an expired token": (401, refusal("00103"), Trouble.NOT_ALLOWED, "autorisation"),
    "a blacklisted token": (401, refusal("00105"), Trouble.NOT_ALLOWED, "administre"),
    "rights too small": (403, refusal("00100"), Trouble.NOT_ALLOWED, "ne couvre pas"),
    "no file": (404, refusal("37003"), Trouble.NOT_FOUND, "justificatif"),
    "no file at the MSA": (404, refusal("10003"), Trouble.NOT_FOUND, "nom de naissance"),
    "no file at the CNAF": (404, refusal("23003"), Trouble.NOT_FOUND, "l’autre parent"),
    "not referenced": (404, refusal("35003"), Trouble.NOT_FOUND, "allocataire"),
    "asked twice at once": (409, refusal("00015"), Trouble.ALREADY_ASKED, "Attendez une minute"),
    "an identity of a wrong shape": (422, refusal("00366"), Trouble.WRONG_IDENTITY, "lieu de naissance"),
    "no recipient": (422, refusal("00203", {"parameter": "recipient"}), Trouble.NO_RECIPIENT, "SIRET"),
    "a date to come": (400, refusal("00366"), Trouble.WRONG_IDENTITY, "n’a pas la forme"),
    "too many questions": (429, refusal("00429"), Trouble.TOO_MANY, "Attendez une minute"),
    "an unknown error behind": (502, refusal("37999"), Trouble.UNAVAILABLE, "Réessayez"),
    "in maintenance": (504, refusal("37001"), Trouble.UNAVAILABLE, "ne répond pas"),
    "out of time": (504, refusal("37002"), Trouble.UNAVAILABLE, "ne répond pas"),
    "no address": (504, refusal("37004"), Trouble.UNAVAILABLE, "ne répond pas"),
    "too many behind": (504, refusal("37008"), Trouble.UNAVAILABLE, "dans quelques minutes"),
    "a broken network": (504, refusal("00501"), Trouble.UNAVAILABLE, "justificatif"),
    "a page of a proxy": (502, "<html>Bad gateway</html>", Trouble.UNAVAILABLE, "ne répond pas"),
    "a status of nobody": (418, "", Trouble.UNREADABLE, "ne se lit pas"),
    "errors of another shape": (422, '{"errors": ["x"]}', Trouble.WRONG_IDENTITY, "forme"),
}


@pytest.mark.parametrize("refused", REFUSALS.values(), ids=REFUSALS.keys())
def test_each_refusal_is_said_in_words_and_says_what_to_do(source, api, refused):
    status, body, expected, words = refused
    api.canned = status, body

    no = trouble(source)

    assert no is expected
    assert words in no


ANSWERS = {
    "no JSON": "Bonjour",
    "nothing": "",
    "a list": "[]",
    "no data": '{"links": {}}',
    "data of another kind": '{"data": 3}',
    "a value in words": '{"data": {"quotient_familial": {"valeur": "742"}}}',
    "a value that is true": '{"data": {"quotient_familial": {"valeur": true}}}',
    "a value beyond all": '{"data": {"quotient_familial": {"valeur": 1e99}}}',
    "a value of a hundred thousand digits": f'{{"data": {{"quotient_familial": {{"valeur": {"9" * 100_000}}}}}}}',
    "a value that is no number": '{"data": {"quotient_familial": {"valeur": NaN}}}',
    "less than a cent": '{"data": {"quotient_familial": {"valeur": 742.123}}}',
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS.keys())
def test_what_cannot_be_read_is_not_guessed(source, api, body):
    api.canned = 200, body

    assert trouble(source) is Trouble.UNREADABLE


@pytest.mark.parametrize(
    "said", ['{"enfants": []}', '{"quotient_familial": null}', '{"quotient_familial": {"valeur": null}}']
)
def test_a_file_without_its_quotient_is_told_apart(source, api, said):
    api.canned = 200, f'{{"data": {said}}}'

    assert trouble(source) is Trouble.NO_QUOTIENT


def test_each_other_field_may_be_absent_or_odd(source, api):
    people = '"allocataires": [{}, 3, {"prenoms": 1, "date_naissance": "?"}], "enfants": "x"'
    quotient = '{"valeur": 742.5, "fournisseur": "<b>", "annee": true, "mois": 13}'
    api.canned = 200, f'{{"data": {{{people}, "quotient_familial": {quotient}}}}}'

    answer = source.quotient_of(SOMEONE, recipient=SIRET)

    assert (answer.value_cents, answer.provider, answer.valid_from, answer.period) == (742_50, "", None, "")
    assert [(one.name, one.first_names, one.birth_date) for one in answer.adults] == [("", "", None)]
    assert answer.children == ()


MOODS = {
    Mood.SILENT: Trouble.UNAVAILABLE,
    Mood.DRIBBLING: Trouble.UNAVAILABLE,
    Mood.GARBAGE: Trouble.UNREADABLE,
    Mood.ANOTHER_SITE: Trouble.UNREADABLE,
    Mood.ELSEWHERE: Trouble.UNREADABLE,
    Mood.ENDLESS: Trouble.UNREADABLE,
    Mood.HALF: Trouble.UNREACHABLE,
}


@pytest.mark.parametrize(("mood", "expected"), MOODS.items(), ids=MOODS.keys())
def test_a_server_in_a_bad_mood_is_survived_in_time(api, mood, expected):
    api.mood = mood
    before = time.monotonic()

    assert trouble(ApiParticulier(api.url, TOKEN, whole_seconds=0.4)) is expected
    assert time.monotonic() - before < 3
    assert len(api.heard) == 1, "the token is not carried elsewhere, and nothing is asked twice"


def test_nobody_at_the_address(api):
    gone = api.url
    api.server_close()

    assert trouble(ApiParticulier(gone, TOKEN)) is Trouble.UNREACHABLE


def test_an_authority_without_a_siret_asks_nothing(source, api):
    assert trouble(source, recipient="") is Trouble.NO_RECIPIENT
    assert api.heard == []


def test_the_stand_in_refuses_as_the_real_one_does(api):
    strange = Identity("Inconnue", ("Zoé",), "F", 1980, birth_town_code="77288")
    source = ApiParticulier(api.url, TOKEN)

    assert trouble(ApiParticulier(api.url, "un-autre-jeton")) is Trouble.NOT_ALLOWED
    assert trouble(source, recipient="123") is Trouble.NO_RECIPIENT
    assert trouble(source, strange) is Trouble.NOT_FOUND
    for wrong in (
        Identity("Inconnue", (), "F", 1980, birth_town_code="77288"),
        Identity("Inconnue", ("Zoé",), "X", 1980, birth_town_code="77288"),
        Identity("Inconnue", ("Zoé",), "F", 1980, birth_country="12", birth_town_code="77288"),
        Identity("Inconnue", ("Zoé",), "F", birth_town="Meaux", birth_department="77"),
    ):
        assert trouble(source, wrong) is Trouble.WRONG_IDENTITY


class TestSecrets:
    @pytest.mark.parametrize("mood", list(Mood))
    def test_neither_the_token_nor_the_person_is_ever_logged(self, api, caplog, mood):
        api.mood = mood
        source, said = ApiParticulier(api.url, TOKEN, whole_seconds=0.3), ""
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="marelle"):
            try:
                source.quotient_of(SOMEONE, recipient=SIRET)
            except QuotientUnknownError as error:
                said = "".join(traceback.format_exception(error)) + repr(error)

        assert ("no quotient" in caplog.text) == bool(said)
        assert not [secret for secret in SECRETS if secret in caplog.text + said]

    def test_the_client_library_may_not_speak_of_addresses(self):
        levels = {name: django_settings.LOGGING["loggers"][name]["level"] for name in ("httpx", "httpcore")}

        assert levels == {"httpx": "WARNING", "httpcore": "WARNING"}

    def test_nothing_shows_itself_when_printed(self, source):
        answer = source.quotient_of(SOMEONE, recipient=SIRET)
        shown = f"{source!r} {SOMEONE!r} {answer!r} {answer.adults!r}"

        assert isinstance(answer, FoundQuotient)
        assert not [secret for secret in (*SECRETS, "742") if re.search(rf"\b{secret}\b", shown)]


class TestSettings:
    def test_without_a_token_nothing_is_plugged(self, tmp_path):
        assert read({"MARELLE_VAR": str(tmp_path)}).api_particulier is None

    def test_with_one_the_states_address_is_asked(self, tmp_path):
        plugged = read({"MARELLE_VAR": str(tmp_path), "MARELLE_API_PARTICULIER_TOKEN": " abc.def-1 "}).api_particulier

        assert (plugged.url, plugged.token) == ("https://particulier.api.gouv.fr", "abc.def-1")
        assert "abc.def" not in repr(plugged)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"MARELLE_API_PARTICULIER_URL": "http://particulier.api.gouv.fr"},
            {"MARELLE_API_PARTICULIER_URL": "ftp://exemple.fr"},
            {"MARELLE_API_PARTICULIER_URL": "https://a b"},
            {"MARELLE_API_PARTICULIER_TOKEN": "deux mots"},
            {"MARELLE_API_PARTICULIER_TOKEN": "jeton\nX: 1"},
        ],
        ids=str,
    )
    def test_what_would_send_it_in_clear_or_break_a_header_is_refused(self, tmp_path, wrong):
        with pytest.raises(BadEnvironment, match="MARELLE_API_PARTICULIER") as said:
            read({"MARELLE_VAR": str(tmp_path)} | wrong)

        assert "jeton" not in str(said.value)


class TestByToken:
    """The same answers for whoever FranceConnect has identified: the token is the right to ask."""

    @pytest.fixture
    def caf(self, fc):
        server = Server(OWN, by_token=cases_by_token(REFERENCE if REFERENCE.is_dir() else None), franceconnect=fc.url)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()
        server.server_close()

    @staticmethod
    def token(fc, scopes=TO_ASK_QUOTIENT, person="elena"):
        connector = as_franceconnect(fc)
        back = f"{ACCOUNT}/compte/franceconnect/retour/"
        journey = connector.begin(redirect_uri=back, scopes=scopes)
        code = dict(parse_qsl(urlsplit(fc.come_back_as(journey.url, person)).query))["code"]
        at = datetime.now(UTC)  # noqa: TID251  the stand-in signs at this very moment
        return connector.recognize(journey, code, redirect_uri=back, at=at).access_token

    def test_a_token_brings_its_holders_quotient_and_only_the_siret_is_said(self, fc, caf):
        answer = ApiParticulier(caf.url).quotient_by_token(self.token(fc), recipient=SIRET)

        assert (answer.value_cents, answer.provider, answer.period) == (742_00, "CNAF", "2026-11")
        ((path, headers),) = caf.heard
        assert path == f"/v3/dss/quotient_familial/france_connect?recipient={SIRET}"
        assert headers["Cache-Control"] == "no-cache"

    def test_born_abroad(self, fc, caf):
        answer = ApiParticulier(caf.url).quotient_by_token(self.token(fc, person="samira"), recipient=SIRET)

        assert (answer.value_cents, answer.provider) == (0, "MSA")

    def test_each_refusal(self, fc, caf):
        source = ApiParticulier(caf.url)
        unknown, without_scope, late = (
            self.token(fc, person="nina"),
            self.token(fc, scopes=("openid", "identite_pivot")),
            self.token(fc),
        )

        def said(token, recipient=SIRET):
            with pytest.raises(QuotientUnknownError) as no:
                source.quotient_by_token(token, recipient=recipient)
            return no.value.trouble

        assert said(unknown) is Trouble.NOT_FOUND
        assert said(without_scope) is Trouble.NOT_ALLOWED
        assert said("inventé".encode().hex()) is Trouble.NOT_ALLOWED
        assert said(late, recipient="123") is Trouble.NO_RECIPIENT
        assert said(late, recipient="") is Trouble.NO_RECIPIENT
        fc.clock.ahead = 61
        assert said(late) is Trouble.NOT_ALLOWED

    @needs_reference
    def test_the_states_people_are_answered(self, fc, caf):
        published = cases_by_token(REFERENCE)
        good = [case for case in published if case.status == 200]
        assert len(good) >= 10
        case = next(one for one in good if "2_parents_3_mineurs.yml" in one.name)
        asked = {name: values[0] for name, values in case.params.items()}
        fc.provider.people["paul"] = {
            "given_name": " ".join(case.params["prenoms"]),
            "given_name_array": list(case.params["prenoms"]),
            "family_name": asked["nomNaissance"],
            "gender": {"M": "male", "F": "female"}[asked["sexeEtatCivil"]],
            "birthdate": "{anneeDateNaissance}-0{moisDateNaissance}-{jourDateNaissance}".format(**asked),
            "birthplace": asked["codeCogInseeCommuneNaissance"],
            "birthcountry": asked["codeCogInseePaysNaissance"],
        }
        answer = ApiParticulier(caf.url).quotient_by_token(self.token(fc, person="paul"), recipient=SIRET)
        said = json.loads(case.payload)["data"]["quotient_familial"]

        assert (answer.value_cents, answer.period) == (said["valeur"] * 100, f"{said['annee']}-{said['mois']:02d}")

    @needs_reference
    def test_what_is_asked_is_in_the_published_description(self):
        text = (REFERENCE.parent / "openapi_v3.yaml").read_text()
        operation = YAML(typ="safe").load(text)["paths"]["/v3/dss/quotient_familial/france_connect"]["get"]
        required = {each["name"] for each in operation["parameters"] if each.get("required")}

        assert required == {"recipient"}

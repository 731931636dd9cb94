"""What is answered to a question: the refusals of openapi_v3.yaml first, then the case that has the same parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from standins.api_particulier.cases import Case, Params

PATH = "/v3/dss/quotient_familial/identite"
BY_TOKEN_PATH = "/v3/dss/quotient_familial/france_connect"  # noqa: S105  an address
SCOPE = "cnaf_quotient_familial"
FRANCE = "99100"
MOST_FIRST_NAMES = 3
Answer = tuple[int, str]

# The shape of each parameter but `recipient`, which is asked for in words of its own.
_SHAPES = {
    "nomNaissance": r".+",
    "nomUsage": r".*",
    "prenoms": r".+",
    "anneeDateNaissance": r"(19|20)\d\d",
    "moisDateNaissance": r"0?[1-9]|1[0-2]",
    "jourDateNaissance": r"0?[1-9]|[12]\d|3[01]",
    "sexeEtatCivil": r"[MF]",
    "codeCogInseePaysNaissance": r"99\d{3}",
    "codeCogInseeCommuneNaissance": r"[0-9][0-9AB]\d{3}",
    "nomCommuneNaissance": r".+",
    "codeCogInseeDepartementNaissance": r"\d[0-9AB]\d?",
    "annee": r"20\d\d",
    "mois": r"0?[1-9]|1[0-2]",
}
_REQUIRED = ("nomNaissance", "prenoms", "sexeEtatCivil", "codeCogInseePaysNaissance")


def answer(cases: Sequence[Case], asked: Params, *, authorization: str, token: str | None) -> Answer:
    """Return status and body. Any token that is not empty is good when `token` is None."""
    given = authorization.removeprefix("Bearer ") if authorization.startswith("Bearer ") else ""
    if not given or (token is not None and given != token):
        return 401, _error("00101", "Interdit", "Votre token n'est pas valide ou n'est pas renseigné", "token")
    if not re.fullmatch(r"\d{14}", "".join(asked.get("recipient", ()))):
        return 422, _error("00203", "Entité non traitable", "Le paramètre recipient est obligatoire", "recipient")
    params = {key.removesuffix("[]"): values for key, values in asked.items() if key != "recipient"}
    known = next((case for case in cases if case.matches(params)), None)
    if known is not None:
        return known.status, known.payload
    if not _is_readable(params):
        words = "Un ou plusieurs paramètres de civilité ne sont pas correctement formatés"
        return 422, _error("00366", "Entité non traitable", words)
    words = "Le dossier allocataire n'a pas été trouvé auprès de la CNAV."
    return 404, _error("37003", "Dossier allocataire absent CNAV", words, provider="CNAV")


def answer_by_token(cases: Sequence[Case], asked: Params, *, said: Mapping[str, Any]) -> Answer:
    """Return status and body for what FranceConnect `said` of the token: whose it is, for which scopes, if it lives."""
    if not said.get("active"):
        return 401, _error("00101", "Interdit", "Votre token n'est pas valide ou n'est pas renseigné", "token")
    if SCOPE not in str(said.get("scope", "")).split():
        words = "Votre token est valide mais vos privilèges sont insuffisants."
        return 403, _error("00100", "Privilèges insuffisants", words, "token")
    if not re.fullmatch(r"\d{14}", "".join(asked.get("recipient", ()))) or asked.keys() - {
        "recipient",
        "annee",
        "mois",
    }:
        return 422, _error("00203", "Entité non traitable", "Le paramètre recipient est obligatoire", "recipient")
    identity = _identity(said)
    known = next((case for case in cases if case.is_about(identity)), None)
    if known is not None:
        return known.status, known.payload
    words = "Le dossier allocataire n'a pas été trouvé auprès de la CNAV."
    return 404, _error("37003", "Dossier allocataire absent CNAV", words, provider="CNAV")


def _identity(said: Mapping[str, Any]) -> Params:
    """Return the pivot identity in the words of the question by identity."""
    year, month, day = ([*str(said.get("birthdate", "")).split("-"), "", "", ""])[:3]
    one = {
        "nomNaissance": said.get("family_name"),
        "anneeDateNaissance": year,
        "moisDateNaissance": month.lstrip("0"),
        "jourDateNaissance": day.lstrip("0"),
        "sexeEtatCivil": "F" if said.get("gender") == "female" else "M",
        "codeCogInseePaysNaissance": said.get("birthcountry"),
        "codeCogInseeCommuneNaissance": said.get("birthplace"),
    }
    names = tuple(said.get("given_name_array") or ())[:MOST_FIRST_NAMES]
    return {"prenoms": names, **{key: (str(value),) for key, value in one.items() if value}}


def _is_readable(params: Params) -> bool:
    if any(name not in params for name in _REQUIRED) or any(name not in _SHAPES for name in params):
        return False
    for name, values in params.items():
        if len(values) > (MOST_FIRST_NAMES if name == "prenoms" else 1):
            return False
        if not all(re.fullmatch(_SHAPES[name], value) for value in values):
            return False
    if params["codeCogInseePaysNaissance"] != (FRANCE,):
        return True
    named = ("nomCommuneNaissance", "codeCogInseeDepartementNaissance", "anneeDateNaissance")
    return "codeCogInseeCommuneNaissance" in params or all(name in params for name in named)


def _error(code: str, title: str, detail: str, parameter: str = "", provider: str = "") -> str:
    error: dict[str, Any] = {
        "code": code,
        "title": title,
        "detail": detail,
        "source": {"parameter": parameter} if parameter else None,
        "meta": {"provider": provider} if provider else {},
    }
    return json.dumps({"errors": [error]}, ensure_ascii=False)

"""What is answered to a question: the refusals of openapi_v3.yaml first, then the case that has the same parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from standins.api_particulier.cases import Case, Params

PATH = "/v3/dss/quotient_familial/identite"
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

"""What sites ask us themselves, without a person's browser: how to ask, our keys, tokens for a code, who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.idp.oidc import app_settings
from allauth.idp.oidc.internal.oauthlib.utils import convert_response, extract_params
from django.conf import settings
from django.db import transaction
from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oauthlib.oauth2.rfc6749 import errors

from marelle.domain.accounts.rules.clients import SCOPES
from marelle.web.account.provider import keys
from marelle.web.account.provider.server import Server
from marelle.web.account.provider.validator import S256
from marelle.web.doors import by_token, public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PUBLISHED_SECONDS = 3600


@public
@require_safe
def configuration(request: HttpRequest) -> HttpResponse:
    """Will describe us (OpenID Connect Discovery 1.0): what is written here, and nothing else, is done."""
    return _published(
        {
            "issuer": settings.ACCOUNT_URL,
            "authorization_endpoint": _address("oidc_authorization"),
            "token_endpoint": _address("oidc_token"),
            "userinfo_endpoint": _address("oidc_userinfo"),
            "jwks_uri": _address("oidc_jwks"),
            "end_session_endpoint": _address("oidc_end_session"),
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": [keys.ALGORITHM],
            "token_endpoint_auth_methods_supported": list(app_settings.AUTH_METHODS),
            "code_challenge_methods_supported": [S256],
            "prompt_values_supported": ["none", "login", "consent"],
            "claims_supported": [
                *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid", "at_hash"),
                *("email", "email_verified"),
            ],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "authorization_response_iss_parameter_supported": True,
            "ui_locales_supported": ["fr"],
            "service_documentation": f"{settings.ACCOUNT_URL}{reverse('help')}",
        }
    )


@public
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Will publish what verifies our signatures: every key, the one to come and the one before too."""
    return _published({"keys": [dict(key.published) for key in keys.signing_keys()]})


@public
@csrf_exempt  # a site calls, and proves itself by its secret
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Will give an access token and an id_token for a code, in one transaction: of two that bring it, one waits."""
    try:
        if any(len(values) > 1 for _name, values in request.POST.lists()):
            raise errors.InvalidRequestError("a parameter is given twice.")
        with transaction.atomic():
            return _uncached(convert_response(*Server().create_token_response(*extract_params(request))))
    except errors.OAuth2Error as error:
        return _refused(error)
    except ValueError:  # not a form: oauthlib does not read it
        return _refused(errors.InvalidRequestError())


@by_token
@csrf_exempt  # a site calls, with the token that it was given
@require_http_methods(["GET", "HEAD", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """Will say who the person is of whom a site holds an access token."""
    try:
        return _uncached(convert_response(*Server().create_userinfo_response(*extract_params(request))))
    except errors.OAuth2Error as error:
        return _refused(error)
    except ValueError:
        return _refused(errors.InvalidRequestError())


def _address(name: str) -> str:
    return f"{settings.ACCOUNT_URL}{reverse(name)}"


def _published(document: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(document)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={PUBLISHED_SECONDS}"
    return response


def _refused(error: errors.OAuth2Error) -> HttpResponse:
    response = JsonResponse(dict(error.twotuples), status=error.status_code)
    for name, value in error.headers.items():
        response[name] = value
    return _uncached(response)


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response

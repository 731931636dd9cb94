"""The library's forms of codes and passkeys, with our labels, and a few refusals that it leaves to us."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as app
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from fido2.utils import websafe_decode

from marelle.web.account.forms import say

REFUSED = "Cette clé d’accès n’a pas été reconnue ici. Recommencez, ou choisissez un autre moyen."
LONGEST_NAME = 60
LONGEST_CREDENTIAL = 16_384
# A code of an application is good for three half-minutes at most.
REMEMBERED_SECONDS = 120


class _Once:
    """Refuses a code of an application that has just served: the library forgets it before it stops being good."""

    def clean_code(self) -> str:
        """Will return the code; raises ValidationError for a wrong one or one that has served."""
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:  # type: ignore[attr-defined]
            signs = "".join(filter(str.isalnum, code))
            served = sha256(f"{self.user.pk}:{signs}".encode()).hexdigest()  # type: ignore[attr-defined]
            if not cache.add(f"marelle.code:{served}", 1, timeout=REMEMBERED_SECONDS):
                raise get_adapter().validation_error("incorrect_code")
        return code


class CredentialField(forms.JSONField):
    """What a browser signed. It is small, and of what the database can keep: JSON allows more than PostgreSQL does."""

    def to_python(self, value: Any) -> Any:
        """Will return the value; raises ValidationError for what no browser sends."""
        if isinstance(value, str) and len(value) > LONGEST_CREDENTIAL:
            raise ValidationError(REFUSED)
        try:
            found = super().to_python(value)
            written = json.dumps(found, allow_nan=False, ensure_ascii=False)
            written.encode()
        except (RecursionError, ValueError) as error:
            raise ValidationError(REFUSED) from error
        if "\\u0000" in written:
            raise ValidationError(REFUSED)
        return found


class _OfThisSite:
    """Refuses what a browser signed for another address than this very site's, and what no browser sends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(  # type: ignore[attr-defined]
            widget=forms.HiddenInput,
            validators=[_is_signed_here],
            error_messages=dict.fromkeys(("required", "invalid"), REFUSED),
        )
        self.use_required_attribute = False

    def clean_credential(self) -> Any:
        """Will return what the library makes of it; raises ValidationError whatever is wrong."""
        clean = getattr(super(), "clean_credential", None)
        if clean is None:
            return self.cleaned_data["credential"]  # type: ignore[attr-defined]
        try:
            return clean()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValidationError(REFUSED) from error


def _is_signed_here(credential: Any) -> None:
    request = context.request
    try:
        origin = json.loads(websafe_decode(credential["response"]["clientDataJSON"]))["origin"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValidationError(REFUSED) from error
    if origin != f"{request.scheme}://{request.get_host()}":
        raise ValidationError(REFUSED)


class SignInCodeForm(_Once, codes.AuthenticateForm):
    """The code asked for after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "code", label="Code", hint="Les six chiffres de votre application, ou un code de secours.")


class ConfirmCodeForm(_Once, codes.ReauthenticateForm):
    """The code asked for again before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "code", label="Code", hint="Les six chiffres de votre application, ou un code de secours.")


class SignInPasskeyForm(_OfThisSite, passkeys.AuthenticateWebAuthnForm):
    """A passkey after the password."""


class ConfirmPasskeyForm(_OfThisSite, passkeys.ReauthenticateWebAuthnForm):
    """A passkey again, before something that matters."""


class PasskeyAloneForm(_OfThisSite, passkeys.LoginWebAuthnForm):
    """A passkey instead of the password."""


class AddPasskeyForm(_OfThisSite, passkeys.AddWebAuthnForm):
    """A new passkey, and the name by which it is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self, "name", label="Son nom", hint="Pour la reconnaître : « Téléphone d’Elena », « Ordinateur du bureau »."
        )
        self.fields["name"].max_length = LONGEST_NAME
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME
        # Each of ours is asked to stay in the device and to check its owner: it may always serve alone.
        self.fields.pop("passwordless", None)

    def clean_name(self) -> str:
        """Will return a name that fits."""
        return str(super().clean_name())[:LONGEST_NAME]

    def clean(self) -> dict[str, Any]:
        """Will return what the library makes of it; raises ValidationError whatever is wrong."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValidationError(REFUSED) from error
        return cleaned


class RenamePasskeyForm(passkeys.EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "name", label="Son nom")
        self.fields["name"].max_length = LONGEST_NAME
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME

    def clean_name(self) -> str:
        """Will return a name that fits."""
        return str(self.cleaned_data["name"])[:LONGEST_NAME]


class ActivateAppForm(app.ActivateTOTPForm):
    """The first code of an application, which proves that it works."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, "code", label="Code", hint="Les six chiffres que l’application affiche maintenant.")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"

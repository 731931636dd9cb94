"""How the library's second factors behave in this house."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

import qrcode
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from marelle.foundation import encryption

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.accounts.models import User


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted, and passkeys belong to the domain that the settings say."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "Ce n’est pas le bon code, ou il a déjà servi. Attendez le suivant, puis recommencez.",
        "cannot_generate_recovery_codes": "Ajoutez d’abord une clé d’accès ou une application de codes.",
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Will say to whom a passkey is given: the domain that the settings say, or the account site."""
        return {"id": passkey_domain(context.request), "name": settings.OPERATOR.name}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Will name the account, as the browser will show it, by its address."""
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.email}

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002  the library's own name
        """Will propose a name for a new passkey."""
        known = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Clé d’accès {known + 1}" if known else "Ma clé d’accès"

    def encrypt(self, text: str) -> str:
        """Will keep the secrets of codes as the database keeps health."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Will open them."""
        return encryption.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Will draw the QR code as a picture of one path, on white whatever the theme: cameras want the contrast."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        rows = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
        return (
            f'<svg class="qr" viewBox="0 0 {len(rows)} {len(rows)}" role="img" aria-label="Code à photographier"'
            ' shape-rendering="crispEdges">'
            f'<rect width="100%" height="100%" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
        )


@transaction.atomic
def rotate_secrets() -> int:
    """Will encrypt the secrets of codes again under the first key, and return how many rows hold one.

    Raises cryptography's InvalidToken when no key opens one; then nothing is changed.
    """
    done = 0
    for row in Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk"):
        row.data.update({name: encryption.rotate(row.data[name]) for name in ("secret", "seed") if name in row.data})
        row.save(update_fields=["data"])
        done += 1
    return done


def passkey_domain(request: HttpRequest) -> str:
    """Will return the domain to which the passkeys of this site belong."""
    return settings.PASSKEY_DOMAIN or request.get_host().partition(":")[0]


def has_passkey_here(request: HttpRequest, user: User) -> bool:
    """Will tell whether the account has a passkey that this site's browser may be asked for."""
    here = sha256(passkey_domain(request).encode()).digest()
    keys = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN)
    return any(key.wrap().authenticator_data.rp_id_hash == here for key in keys)

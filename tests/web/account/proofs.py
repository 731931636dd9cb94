"""What a person proves with: the codes of an application (RFC 6238), and a device that keeps a passkey."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import struct
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from marelle.foundation import clock

FLAG = AuthenticatorData.FLAG


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return the six digits that an application shows now, or some half-minutes later."""
    counter = struct.pack(">Q", int(clock.machine_now().timestamp()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Device:
    """A telephone that keeps one passkey and knows its owner by her finger."""

    def __init__(self, origin: str = "http://compte.localhost", *, knows_its_owner: bool = True) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.flags = FLAG.UP | FLAG.UV if knows_its_owner else FLAG.UP
        self.handle = ""

    def makes(self, options: dict) -> str:
        """Return what the form brings back when a key is made."""
        asked = options["publicKey"]
        self.domain, self.handle = asked["rp"]["id"], asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        kept = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(self._domain_hash(), self.flags | FLAG.AT, 0, kept)
        attestation = AttestationObject.create("none", data, {})
        client_data = CollectedClientData.create("webauthn.create", asked["challenge"], self.origin)
        return self._written(
            {"clientDataJSON": websafe_encode(client_data), "attestationObject": websafe_encode(attestation)},
            {"credProps": {"rk": True}},
        )

    def signs(self, options: dict, *, handle: str | None = None) -> str:
        """Return what the form brings back when the key is used."""
        asked = options["publicKey"]
        data = AuthenticatorData.create(self._domain_hash(), self.flags, 1)
        client_data = CollectedClientData.create("webauthn.get", asked["challenge"], self.origin)
        signature = self.key.sign(bytes(data) + client_data.hash, ec.ECDSA(SHA256()))
        return self._written(
            {
                "clientDataJSON": websafe_encode(client_data),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": handle or self.handle,
            }
        )

    def _domain_hash(self) -> bytes:
        return sha256(self.domain.encode()).digest()

    def _written(self, response: dict, extensions: dict | None = None) -> str:
        name = websafe_encode(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": extensions or {},
                "response": response,
            }
        )


def flipped(credential: str, part: str) -> str:
    """Return a credential of which one bit of a part is wrong."""
    said = json.loads(credential)
    raw = bytearray(websafe_decode(said["response"][part]))
    raw[-1] ^= 1
    said["response"][part] = websafe_encode(bytes(raw))
    return json.dumps(said)

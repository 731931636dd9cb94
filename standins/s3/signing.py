"""AWS Signature Version 4, computed again from what was heard."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

ALGORITHM = "AWS4-HMAC-SHA256"
DRIFT = timedelta(minutes=15)
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<key>[^/,]+)/(?P<day>\d{{8}})/(?P<region>[^/]+)/s3/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Heard:
    """A request: its path and query as written on the line, its headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def fault_of(heard: Heard, *, key: str, secret: str, region: str, now: datetime) -> str | None:  # noqa: PLR0911  one line a fault
    """Return the code with which S3 refuses the request, None for one that is rightly signed."""
    said = _AUTHORIZATION.fullmatch(heard.headers.get("authorization", ""))
    if said is None:
        return "AccessDenied"
    if said["key"] != key:
        return "InvalidAccessKeyId"
    moment = heard.headers.get("x-amz-date", "")
    try:
        signed_at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return "AccessDenied"
    if abs(now - signed_at) > DRIFT:
        return "RequestTimeTooSkewed"
    if said["region"] != region or said["day"] != moment[:8]:
        return "AuthorizationHeaderMalformed"
    signed = said["headers"].split(";")
    must = {"host", *(name for name in heard.headers if name.startswith("x-amz-"))}
    if not must <= set(signed) or signed != sorted(signed):
        return "AccessDenied"
    digest = heard.headers.get("x-amz-content-sha256", "")
    if digest != "UNSIGNED-PAYLOAD" and digest != hashlib.sha256(heard.body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    canonical = "\n".join(
        (
            heard.method,
            heard.path,
            _canonical(heard.query),
            *(f"{name}:{' '.join(heard.headers.get(name, '').split())}" for name in signed),
            "",
            ";".join(signed),
            digest,
        )
    )
    scope = f"{said['day']}/{region}/s3/aws4_request"
    to_sign = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signing = f"AWS4{secret}".encode()
    for part in (said["day"], region, "s3", "aws4_request"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    expected = hmac.digest(signing, to_sign.encode(), "sha256").hex()
    return None if hmac.compare_digest(expected, said["signature"]) else "SignatureDoesNotMatch"


def _canonical(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(sorted(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs))


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")

"""What the surroundings say: the environment variables, read once into one frozen value.

Standard library and psycopg only: the command line reads this before Django exists. Each variable is described in
`docs/operate/settings.md`.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

PROJECT = Path(__file__).resolve().parents[2]
# An unused name that says what to do, for what reads the settings without needing a database (the type checker does).
NO_DATABASE = "postgresql:///marelle?host=/nonexistent/no-database-is-started"
API_PARTICULIER = "https://particulier.api.gouv.fr"
FRANCECONNECT = "https://app.franceconnect.gouv.fr"
PROCONNECT = "https://auth.agentconnect.gouv.fr"
OVH_API = "https://eu.api.ovh.com/1.0"
PAYZEN_PAGE = "https://secure.payzen.eu/vads-payment/"
PAYZEN_API = "https://api.payzen.eu"
PAYFIP = "https://www.payfip.gouv.fr/tpa/services/securite"
PAYFIP_PAGE = "https://www.payfip.gouv.fr/tpa/paiementws.web"
CONNECT_TIMEOUT_SECONDS = 10
CONNECTION_LIFE_SECONDS = 600
RSA_BITS = 2048
PEM = r"-----BEGIN ((?:RSA )?PRIVATE KEY)-----(.+?)-----END \1-----"
NEITHER_SIGN = r"\\n|[\s,]"  # what stands between the signs of a key, or between two keys, and says nothing


class BadEnvironment(Exception):
    """A variable cannot be understood; the message is one French sentence for whoever set it."""


@dataclass(frozen=True)
class Email:
    """Where letters are handed over, and who signs them."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    use_tls: bool
    sender: str


@dataclass(frozen=True)
class Operator:
    """Who runs the service and answers for it: shown in the footer and in the legal notice."""

    name: str
    mark: Path | None  # an SVG or PNG file shown beside the name; our own when there is none
    address: str
    email: str
    publication_director: str
    host: str  # the hosting company, its address and telephone


@dataclass(frozen=True)
class ApiParticulierAccess:
    """Where quotients are asked, and the token of the authorities' authorisation (habilitation); none: not plugged."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class IdentityAccess:
    """Where the State identifies people, and the client that we are there; none: not plugged, no button."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class PayFiPAccess:
    """Where orders are placed with PayFiP, and where families go to pay them; each régie has its own numcli there."""

    url: str
    page_url: str


@dataclass(frozen=True)
class PayZenAccess:
    """Where PayZen shows its payment page, and where it is asked; each régie has its own shop there."""

    page_url: str
    api_url: str


@dataclass(frozen=True)
class TextsAccess:
    """The SMS account at OVHcloud by which texts leave, who we are there, and the name that signs; none: no texts.

    `price` is what one part costs, in thousandths of a euro; 0 when nobody said.
    """

    url: str
    account: str
    application_key: str
    application_secret: str = field(repr=False)
    consumer_key: str = field(repr=False)
    sender: str
    price: int


@dataclass(frozen=True)
class ReturnsAccess:
    """The address to which e-mails come back, and where they are read: a Maildir, or a mailbox by IMAP."""

    address: str
    maildir: Path | None
    imap_url: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class BucketAccess:
    """Where files are kept on a service that speaks S3, and who we are for it; none: a folder."""

    endpoint: str
    bucket: str
    key: str
    secret: str = field(repr=False)
    region: str


@dataclass(frozen=True)
class Environment:
    """All that Marelle asks of its surroundings."""

    var: Path  # what Marelle writes: the embedded database, secrets, collected static files
    databases: dict[str, dict[str, Any]] = field(repr=False)
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)  # Fernet keys; the first encrypts, all decrypt
    oidc_keys: tuple[str, ...] = field(repr=False)  # RSA keys in PEM; the first signs who one is, all are published
    family_hosts: tuple[str, ...]  # the first is the one written in links, the others redirect
    office_hosts: tuple[str, ...]
    account_hosts: tuple[str, ...]
    invoices_hosts: tuple[str, ...]
    account_port: int | None  # of the account site, which has a process group of its own; None: the other sites' port
    account_back_channel: str  # where the other sites call the account site; empty: at its public address
    public_scheme: str
    public_port: int | None  # None: the scheme's own
    passkey_domain: str  # the domain that passkeys belong to; empty: the account site's own
    needs_second_factor: bool  # of agents
    business_days_ahead: int
    is_demonstration: bool
    is_debug: bool
    invitation_days: int  # how long an activation link may be followed
    code_days: int  # how long a membership code may be typed
    operator: Operator
    email: Email
    mailbox_url: str  # the page of the demonstration's mail catcher, or empty
    api_particulier_url: str
    api_particulier: ApiParticulierAccess | None
    franceconnect: IdentityAccess | None
    asks_quotient_by_franceconnect: bool  # our client there was allowed the scopes of the CNAF
    proconnect: IdentityAccess | None
    identity_buttons: Mapping[str, Path | None]  # the official artwork of each, an SVG or PNG file
    payzen: PayZenAccess
    payfip: PayFiPAccess
    texts: TextsAccess | None
    returns: ReturnsAccess | None
    files_dir: Path  # what families give, encrypted
    files_s3: BucketAccess | None
    clamav: str  # where clamd listens, host:port or the path of its socket; empty: not plugged
    pes_schemas: Path | None  # the folder that holds PES_V2, the Trésor's schemas; none: no docket leaves

    def public_url(self, host: str, port: int | None = None) -> str:
        """Return the address of a host as people type it, without a final slash; `port` instead of the usual one."""
        shown = port or self.public_port
        return f"{self.public_scheme}://{host}" + (f":{shown}" if shown else "")

    @property
    def account_url(self) -> str:
        """Return the address of the account site, which is also the issuer that signs who one is."""
        return self.public_url(self.account_hosts[0], self.account_port)


@cache
def environment() -> Environment:
    """Return what the process's environment says, read at the first call; raise BadEnvironment."""
    return read(os.environ)


def read(environ: Mapping[str, str]) -> Environment:
    """Return what these variables say; raise BadEnvironment naming the first one that is wrong."""
    var = var_folder(environ)
    is_demonstration = _boolean(environ, "MARELLE_DEMONSTRATION")
    url = environ.get("DATABASE_URL", "")
    own_secrets = var / "secrets.json"
    family_hosts = _hosts(environ, "MARELLE_FAMILY_HOSTS", "famille.localhost")
    office_hosts = _hosts(environ, "MARELLE_OFFICE_HOSTS", "mairie.localhost")
    account_hosts = _hosts(environ, "MARELLE_ACCOUNT_HOSTS", "compte.localhost")
    invoices_hosts = _hosts(environ, "MARELLE_INVOICES_HOSTS", "factures.localhost")
    keeps_own = not url or _boolean(environ, "MARELLE_EMBEDDED") or is_demonstration or own_secrets.exists()
    own_secrets_if_any = own_secrets if keeps_own else None
    secret_key, encryption_keys, oidc_keys = _secrets(environ, own_secrets_if_any)
    return Environment(
        var=var,
        databases={"default": database_settings(url or NO_DATABASE)},
        secret_key=secret_key,
        encryption_keys=encryption_keys,
        oidc_keys=oidc_keys,
        family_hosts=family_hosts,
        office_hosts=office_hosts,
        account_hosts=account_hosts,
        invoices_hosts=invoices_hosts,
        account_port=_integer(environ, "MARELLE_ACCOUNT_PORT", 0, lowest=0, highest=65535) or None,
        account_back_channel=_web_address(environ, "MARELLE_ACCOUNT_BACK_CHANNEL", "").rstrip("/"),
        public_scheme=_one_of(environ, "MARELLE_PUBLIC_SCHEME", ("http", "https")),
        public_port=_integer(environ, "MARELLE_PUBLIC_PORT", 0, lowest=0, highest=65535) or None,
        passkey_domain=_passkey_domain(environ, account_hosts[0]),
        needs_second_factor=_boolean(environ, "MARELLE_AGENTS_SECOND_FACTOR"),
        business_days_ahead=_integer(environ, "MARELLE_BUSINESS_DAYS_AHEAD", 0, lowest=-36525, highest=36525),
        is_demonstration=is_demonstration,
        is_debug=_boolean(environ, "MARELLE_DEBUG"),
        invitation_days=_integer(environ, "MARELLE_INVITATION_DAYS", 14, lowest=1, highest=90),
        code_days=_integer(environ, "MARELLE_CODE_DAYS", 60, lowest=1, highest=400),
        operator=Operator(
            name=environ.get("MARELLE_OPERATOR_NAME") or "Marelle",
            mark=_picture(environ, "MARELLE_OPERATOR_MARK"),
            address=environ.get("MARELLE_OPERATOR_ADDRESS", ""),
            email=environ.get("MARELLE_OPERATOR_EMAIL", ""),
            publication_director=environ.get("MARELLE_PUBLICATION_DIRECTOR", ""),
            host=environ.get("MARELLE_HOSTING", ""),
        ),
        email=Email(
            host=environ.get("EMAIL_HOST") or "127.0.0.1",
            port=_integer(environ, "EMAIL_PORT", 25, lowest=1, highest=65535),
            user=environ.get("EMAIL_HOST_USER", ""),
            password=environ.get("EMAIL_HOST_PASSWORD", ""),
            use_tls=_boolean(environ, "EMAIL_USE_TLS"),
            sender=environ.get("EMAIL_FROM") or "Marelle <ne-pas-repondre@famille.localhost>",
        ),
        mailbox_url=environ.get("MARELLE_MAILBOX_URL", ""),
        api_particulier_url=_web_address(environ, "MARELLE_API_PARTICULIER_URL", API_PARTICULIER),
        api_particulier=_api_particulier(environ),
        franceconnect=_identity(
            environ,
            "MARELLE_FRANCECONNECT_CLIENT_ID",
            "MARELLE_FRANCECONNECT_CLIENT_SECRET",
            _web_address(environ, "MARELLE_FRANCECONNECT_URL", FRANCECONNECT),
        ),
        asks_quotient_by_franceconnect=_boolean(environ, "MARELLE_FRANCECONNECT_QUOTIENT"),
        proconnect=_identity(
            environ,
            "MARELLE_PROCONNECT_CLIENT_ID",
            "MARELLE_PROCONNECT_CLIENT_SECRET",
            _web_address(environ, "MARELLE_PROCONNECT_URL", PROCONNECT),
        ),
        identity_buttons={
            "franceconnect": _picture(environ, "MARELLE_FRANCECONNECT_BUTTON"),
            "proconnect": _picture(environ, "MARELLE_PROCONNECT_BUTTON"),
        },
        payzen=PayZenAccess(
            _web_address(environ, "MARELLE_PAYZEN_URL", PAYZEN_PAGE),
            _web_address(environ, "MARELLE_PAYZEN_API_URL", PAYZEN_API),
        ),
        payfip=PayFiPAccess(
            url=_web_address(environ, "MARELLE_PAYFIP_URL", PAYFIP),
            page_url=_web_address(environ, "MARELLE_PAYFIP_PAGE_URL", PAYFIP_PAGE),
        ),
        texts=_texts(environ),
        returns=_returns(environ),
        files_dir=files_folder(environ),
        files_s3=_bucket(environ),
        clamav=_clamav(environ),
        pes_schemas=_pes_schemas(environ.get("MARELLE_PES_SCHEMAS", "")),
    )


def var_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder where Marelle writes, `var` in the project unless MARELLE_VAR says otherwise."""
    return Path(environ.get("MARELLE_VAR") or PROJECT / "var").absolute()


def files_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder where files are kept, `files` beside the embedded database unless MARELLE_FILES_DIR is set."""
    return Path(environ.get("MARELLE_FILES_DIR") or var_folder(environ) / "files").absolute()


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's description of the database at a `postgresql://` address; raise BadEnvironment."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadEnvironment("DATABASE_URL n'est pas valable : elle doit commencer par postgresql://.")
    try:
        parts: dict[str, Any] = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        # libpq's message may quote the address, and the address holds a password.
        raise BadEnvironment("DATABASE_URL n'est pas valable : l'adresse ne se lit pas.") from error
    if not parts.get("dbname"):
        raise BadEnvironment("DATABASE_URL n'est pas valable : le nom de la base manque à la fin de l'adresse.")
    parts.setdefault("connect_timeout", CONNECT_TIMEOUT_SECONDS)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
        "CONN_MAX_AGE": CONNECTION_LIFE_SECONDS,
        "CONN_HEALTH_CHECKS": True,
    }


def _secrets(environ: Mapping[str, str], file: Path | None) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the signing key, the encryption keys and those of the account site: given, else our own, made once."""
    secret_key = environ.get("SECRET_KEY", "")
    encryption_keys = _list(environ.get("MARELLE_ENCRYPTION_KEYS", ""))
    oidc_keys = _pem_keys(environ.get("MARELLE_OIDC_KEYS", ""))
    given = {"SECRET_KEY": secret_key, "MARELLE_ENCRYPTION_KEYS": encryption_keys, "MARELLE_OIDC_KEYS": oidc_keys}
    missing = [name for name, value in given.items() if not value]
    if missing:
        if file is None:
            raise BadEnvironment(f"{missing[0]} doit être définie quand DATABASE_URL l'est.")
        kept = _kept_secrets(file)
        secret_key = secret_key or kept["secret_key"]
        encryption_keys = encryption_keys or tuple(kept["encryption_keys"])
        oidc_keys = oidc_keys or tuple(kept["oidc_keys"])
    for key in encryption_keys:
        if not _is_fernet_key(key):
            raise BadEnvironment(
                "MARELLE_ENCRYPTION_KEYS n'est pas valable : chaque clé fait 32 octets en base64 (clé Fernet)."
            )
    return secret_key, encryption_keys, oidc_keys


def _pem_keys(text: str) -> tuple[str, ...]:
    """Return the private keys of a text, each in PEM, whose lines may be ended by a written newline or run together.

    Whether each is an RSA key that is long enough is looked at by a check, with a library that this module must not
    load.
    """
    keys = tuple(
        f"-----BEGIN {kind}-----\n{re.sub(NEITHER_SIGN, '', body)}\n-----END {kind}-----\n"
        for kind, body in re.findall(PEM, text, re.DOTALL)
    )
    if re.sub(NEITHER_SIGN, "", re.sub(PEM, "", text, flags=re.DOTALL)):
        raise BadEnvironment("MARELLE_OIDC_KEYS n'est pas valable : clés RSA privées en PEM attendues.")
    return keys


def _kept_secrets(file: Path) -> dict[str, Any]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_secrets_once(file)
        kept: dict[str, Any] = json.loads(file.read_text())
        if "oidc_keys" not in kept:
            kept = _complete_secrets(file)
    except (OSError, ValueError) as error:
        raise BadEnvironment(f"Le fichier {file} ne peut être ni lu ni créé.") from error
    return kept


def _write_secrets_once(file: Path) -> None:
    """Create the file whole or not at all: several processes may come first together."""
    if file.exists():
        return
    draft = _write_draft(
        file,
        {
            "secret_key": secrets.token_urlsafe(50),
            "encryption_keys": [base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()],
            "oidc_keys": [_new_rsa_key()],
        },
    )
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _complete_secrets(file: Path) -> dict[str, Any]:
    """Add to a file of before the account site what it lacks; of several processes, one does it and all read it."""
    with file.open() as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        kept: dict[str, Any] = json.loads(file.read_text())
        if "oidc_keys" not in kept:
            kept["oidc_keys"] = [_new_rsa_key()]
            _write_draft(file, kept).replace(file)
    return kept


def _write_draft(file: Path, kept: dict[str, Any]) -> Path:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(kept, out)
    return draft


def _new_rsa_key() -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  loaded once in the life of a folder
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    return (
        rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode("ascii")
    )


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32  # noqa: PLR2004 — said just above
    except ValueError:
        return False


def _picture(environ: Mapping[str, str], name: str) -> Path | None:
    path = environ.get(name, "")
    if not path:
        return None
    if Path(path).suffix.lower() not in (".svg", ".png") or not Path(path).is_file():
        raise BadEnvironment(f"{name} n'est pas valable : chemin d'un fichier .svg ou .png attendu.")
    return Path(path)


def _api_particulier(environ: Mapping[str, str]) -> ApiParticulierAccess | None:
    token = environ.get("MARELLE_API_PARTICULIER_TOKEN", "").strip()
    url = _web_address(environ, "MARELLE_API_PARTICULIER_URL", API_PARTICULIER)
    if not re.fullmatch(r"[!-~]*", token):
        raise BadEnvironment("MARELLE_API_PARTICULIER_TOKEN n'est pas valable : un seul mot, sans espace ni accent.")
    return ApiParticulierAccess(url, token) if token else None


def _identity(environ: Mapping[str, str], id_name: str, secret_name: str, url: str) -> IdentityAccess | None:
    """Return the client that we are at an address, None when it is not said; half of one is wrong."""
    said = {name: environ.get(name, "").strip() for name in (id_name, secret_name)}
    if not any(said.values()):
        return None
    for name, value in said.items():
        if not re.fullmatch(r"[!-~]+", value):
            raise BadEnvironment(f"{name} n'est pas valable : un seul mot attendu, sans espace ni accent.")
    return IdentityAccess(url.rstrip("/"), said[id_name], said[secret_name])


def _bucket(environ: Mapping[str, str]) -> BucketAccess | None:
    """Return the bucket that is set, None without an endpoint; all of it or nothing."""
    endpoint = _web_address(environ, "MARELLE_FILES_S3_ENDPOINT", "").rstrip("/")
    names = ("MARELLE_FILES_S3_BUCKET", "MARELLE_FILES_S3_KEY", "MARELLE_FILES_S3_SECRET", "MARELLE_FILES_S3_REGION")
    said = [environ.get(name, "").strip() for name in names]
    if not endpoint and not any(said):
        return None
    if not endpoint:
        raise BadEnvironment("MARELLE_FILES_S3_ENDPOINT doit être définie quand MARELLE_FILES_S3_BUCKET l'est.")
    for name, value in zip(names, said, strict=True):
        if not re.fullmatch(r"[!-~]+", value):
            raise BadEnvironment(f"{name} n'est pas valable : un seul mot attendu, sans espace ni accent.")
    return BucketAccess(endpoint, *said)


def _texts(environ: Mapping[str, str]) -> TextsAccess | None:
    """Return the account by which texts leave, None without any of it; all of it or nothing."""
    names = (
        "MARELLE_OVH_SMS_ACCOUNT",
        "MARELLE_OVH_SMS_APPLICATION_KEY",
        "MARELLE_OVH_SMS_APPLICATION_SECRET",
        "MARELLE_OVH_SMS_CONSUMER_KEY",
    )
    said = {name: environ.get(name, "").strip() for name in names}
    url = _web_address(environ, "MARELLE_OVH_SMS_URL", OVH_API).rstrip("/")
    sender = environ.get("MARELLE_OVH_SMS_SENDER", "").strip()
    price = _integer(environ, "MARELLE_OVH_SMS_PRICE", 0, lowest=0, highest=10000)
    if not any(said.values()):
        return None
    for name, value in said.items():
        if not re.fullmatch(r"[a-zA-Z0-9-]+", value):
            raise BadEnvironment(f"{name} n'est pas valable : lettres, chiffres et traits d'union attendus.")
    if not re.fullmatch(r"[a-zA-Z0-9 ]{0,11}", sender):
        raise BadEnvironment("MARELLE_OVH_SMS_SENDER n'est pas valable : 11 lettres ou chiffres au plus.")
    account, application_key, application_secret, consumer_key = said.values()
    return TextsAccess(url, account, application_key, application_secret, consumer_key, sender, price)


def _returns(environ: Mapping[str, str]) -> ReturnsAccess | None:
    """Return where what comes back is read, None when it is not said; an address alone is read by nobody."""
    address = environ.get("MARELLE_RETURNS_ADDRESS", "").strip()
    mailbox = environ.get("MARELLE_RETURNS_MAILBOX", "").strip()
    if not address and not mailbox:
        return None
    if not re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", address):
        raise BadEnvironment("MARELLE_RETURNS_ADDRESS n'est pas valable : adresse e-mail attendue.")
    user, password = environ.get("MARELLE_RETURNS_USER", ""), environ.get("MARELLE_RETURNS_PASSWORD", "")
    if mailbox.startswith("maildir:/"):
        return ReturnsAccess(address, Path(mailbox.removeprefix("maildir:")), "", "", "")
    if not re.fullmatch(r"imaps://[a-zA-Z0-9.:-]+(?:/\S+)?|imap://127\.0\.0\.1:\d+(?:/\S+)?", mailbox) or not user:
        raise BadEnvironment(
            "MARELLE_RETURNS_MAILBOX n'est pas valable : maildir:/dossier, ou imaps://machine/dossier avec"
            " MARELLE_RETURNS_USER et MARELLE_RETURNS_PASSWORD."
        )
    return ReturnsAccess(address, None, mailbox, user, password)


def _clamav(environ: Mapping[str, str]) -> str:
    address = environ.get("MARELLE_CLAMAV", "").strip()
    if address and not re.fullmatch(r"/\S+|(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}", address):
        raise BadEnvironment("MARELLE_CLAMAV n'est pas valable : machine:port ou chemin d'une socket attendu.")
    return address


def _web_address(environ: Mapping[str, str], name: str, default: str) -> str:
    """Return an address of https, or of this machine."""
    url = environ.get(name) or default
    if url and not re.fullmatch(
        r"https://[a-zA-Z0-9.:/-]+|http://(?:127\.0\.0\.1|localhost)(?::\d+)?(?:/[a-zA-Z0-9./-]*)?", url
    ):
        raise BadEnvironment(f"{name} n'est pas valable : adresse https:// attendue.")
    return url


def _pes_schemas(path: str) -> Path | None:
    if not path:
        return None
    if not (Path(path) / "PES_V2").is_dir():
        raise BadEnvironment("MARELLE_PES_SCHEMAS n'est pas valable : dossier contenant PES_V2 attendu.")
    return Path(path).absolute()


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _hosts(environ: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    hosts = _list(environ.get(name) or default)
    for host in hosts:
        if not re.fullmatch(r"[a-zA-Z0-9.-]+", host):
            raise BadEnvironment(f"{name} n'est pas valable : « {host} » n'est pas un nom de machine.")
    return tuple(host.lower() for host in hosts)


def _passkey_domain(environ: Mapping[str, str], site: str) -> str:
    """Return the domain above the account site to which passkeys belong; browsers refuse one that is not above it."""
    domain = environ.get("MARELLE_PASSKEY_DOMAIN", "").strip().lower()
    if domain and not (f".{site}".endswith(f".{domain}") and "." in domain):
        raise BadEnvironment(f"MARELLE_PASSKEY_DOMAIN n'est pas valable : domaine de {site} attendu.")
    return domain


def _boolean(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value in ("1", "true", "yes", "oui"):
        return True
    if value in ("", "0", "false", "no", "non"):
        return False
    raise BadEnvironment(f"{name} n'est pas valable : 1 ou 0 attendu.")


def _integer(environ: Mapping[str, str], name: str, default: int, *, lowest: int, highest: int) -> int:
    value = environ.get(name, "").strip()
    if not value:
        return default
    if not re.fullmatch(r"-?\d{1,9}", value) or not lowest <= int(value) <= highest:
        raise BadEnvironment(f"{name} n'est pas valable : nombre de {lowest} à {highest} attendu.")
    return int(value)


def _one_of(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """Return the value, the first allowed one by default."""
    value = environ.get(name) or allowed[0]
    if value not in allowed:
        raise BadEnvironment(f"{name} n'est pas valable : {' ou '.join(allowed)} attendu.")
    return value

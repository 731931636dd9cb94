"""Django's settings, from the environment and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from marelle.config.environment import environment
from marelle.connectors.clamav.scanner import ClamAV
from marelle.connectors.desk.gateway import Desk
from marelle.connectors.payfip.gateway import PayFiP
from marelle.connectors.payzen.gateway import PayZen
from marelle.connectors.sepa.files import SepaFiles

if TYPE_CHECKING:
    from marelle.domain.news.returned import ReturnedLetters
    from marelle.domain.payments.gateways import Gateway

ROOT = Path(__file__).resolve().parents[2]
_env = environment()

DEBUG = False  # Django's own debug pages show personal data; ours is MARELLE_DEBUG
SHOW_DESIGN_PAGE = _env.is_debug
SECRET_KEY = _env.secret_key
ENCRYPTION_KEYS = _env.encryption_keys
OIDC_KEYS = _env.oidc_keys
DATABASES = _env.databases
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
BUSINESS_DAYS_AHEAD = _env.business_days_ahead
IS_DEMONSTRATION = _env.is_demonstration
INVITATION_DAYS = _env.invitation_days
CODE_DAYS = _env.code_days
OPERATOR = _env.operator
MAILBOX_URL = _env.mailbox_url
PES_SCHEMAS = _env.pes_schemas

# What is plugged into the ports of the domain; None where nothing is.
QUOTIENT_SOURCE = None
if _env.api_particulier is not None:  # its client takes a tenth of a second to load
    from marelle.connectors.quotient.client import ApiParticulier

    QUOTIENT_SOURCE = ApiParticulier(_env.api_particulier.url, _env.api_particulier.token)
QUOTIENT_BY_FRANCECONNECT = None
FRANCECONNECT = PROCONNECT = None
IDENTITY_BUTTONS = _env.identity_buttons
if _env.franceconnect is not None:
    from marelle.connectors.franceconnect.access import FranceConnect

    FRANCECONNECT = FranceConnect(
        _env.franceconnect.url, _env.franceconnect.client_id, _env.franceconnect.client_secret
    )
    if _env.asks_quotient_by_franceconnect:
        from marelle.connectors.quotient.client import ApiParticulier

        QUOTIENT_BY_FRANCECONNECT = ApiParticulier(_env.api_particulier_url)
if _env.proconnect is not None:
    from marelle.connectors.proconnect.access import ProConnect

    PROCONNECT = ProConnect(_env.proconnect.url, _env.proconnect.client_id, _env.proconnect.client_secret)
TEXTS = TEXT_PRICE = None
if _env.texts is not None:
    from marelle.connectors.sms.client import OvhTexts

    TEXTS = OvhTexts(
        _env.texts.url,
        _env.texts.account,
        _env.texts.sender,
        application_key=_env.texts.application_key,
        application_secret=_env.texts.application_secret,
        consumer_key=_env.texts.consumer_key,
    )
    TEXT_PRICE = _env.texts.price or None
RETURNS: ReturnedLetters | None = None
if _env.returns is not None:
    from marelle.connectors.returns.mailboxes import ImapMailbox, MaildirMailbox

    if _env.returns.maildir is not None:
        RETURNS = MaildirMailbox(_env.returns.maildir)
    else:
        RETURNS = ImapMailbox(_env.returns.imap_url, _env.returns.user, _env.returns.password)
GATEWAYS: dict[str, Gateway] = {
    gateway.code: gateway
    for gateway in (
        Desk(),
        PayFiP(_env.payfip.url, _env.payfip.page_url),
        PayZen(_env.payzen.page_url, _env.payzen.api_url),
    )
}
# Where a family is sent to pay: a form of ours may post there, or be redirected there.
PAYMENT_PAGES = tuple("://".join(urlsplit(url)[:2]) for url in (_env.payfip.page_url, _env.payzen.page_url))
# Where one is sent to say who one is, and to leave: forms of ours end there too.
IDENTITY_PAGES = tuple(
    "://".join(urlsplit(plugged.url)[:2]) for plugged in (_env.franceconnect, _env.proconnect) if plugged is not None
)
BANK_FILES = SepaFiles()
ANTIVIRUS = ClamAV(_env.clamav) if _env.clamav else None

FAMILY_HOSTS = _env.family_hosts
OFFICE_HOSTS = _env.office_hosts
ACCOUNT_HOSTS = _env.account_hosts
INVOICES_HOSTS = _env.invoices_hosts
FAMILY_URL = _env.public_url(FAMILY_HOSTS[0])
OFFICE_URL = _env.public_url(OFFICE_HOSTS[0])
ACCOUNT_URL = _env.account_url
INVOICES_URL = _env.public_url(INVOICES_HOSTS[0])
# Where our other sites call the account site themselves: a name in .localhost is a browser's, not every machine's.
ACCOUNT_BACK_CHANNEL = _env.account_back_channel or ACCOUNT_URL
_hosts = (*FAMILY_HOSTS, *OFFICE_HOSTS, *ACCOUNT_HOSTS, *INVOICES_HOSTS)
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
ALLOWED_HOSTS = [*_hosts, *(f"www.{host}" for host in _hosts), *LOOPBACK_HOSTS]
ROOT_URLCONF = "marelle.config.urls_family"
WSGI_APPLICATION = "marelle.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "csp",
    "procrastinate.contrib.django",
    "marelle.foundation",
    "marelle.domain.authorities",
    "marelle.domain.accounts",
    "marelle.domain.families",
    "marelle.domain.catalog",
    "marelle.domain.reservations",
    "marelle.domain.news",
    "marelle.domain.billing",
    "marelle.domain.payments",
    "marelle.domain.procedures",
    "marelle.domain.onboarding",
    "marelle.letters",
    "marelle.jobs",
    "marelle.web.components",
    "marelle.web",
    "marelle.config",
]

MIDDLEWARE = [
    "marelle.web.doors.RequestReference",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "marelle.config.hosts.HostMiddleware",
    "marelle.web.account.provider.asking.FormsLeadBack",
    "marelle.web.family_addresses.FamilyInAddress",
    "django.middleware.gzip.GZipMiddleware",
    "marelle.web.doors.ReadableRequest",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marelle.web.account.identities.leaving.LeavesByTheSameDoor",
    "marelle.web.office.month.way_back.KeepsWayBack",
    "marelle.web.doors.DoorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "marelle" / "web"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials", "marelle.web.components.templatetags.marelle"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "marelle.web.surroundings.surroundings",
                "marelle.web.office.month.way_back.way_back",
                "marelle.web.account.identities.ways.ways_in",
                "marelle.web.account.surroundings.account_surroundings",
            ],
        },
    }
]

FORM_RENDERER = "marelle.web.components.widgets.ControlRenderer"

# What is kept of people, field by field, and what each may download.
DATA_REGISTER = ROOT / "marelle" / "config" / "data_retention.yaml"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "marelle.web.account.passwords.NotEasyToGuess"},
]
LOGIN_URL = "/compte/connexion/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "marelle.web.account.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_FORMS = {
    "login": "marelle.web.account.forms.SignInForm",
    "reset_password": "marelle.web.account.forms.ForgottenPasswordForm",
    "reset_password_from_key": "marelle.web.account.forms.ChooseFromLinkForm",
    "change_password": "marelle.web.account.forms.ChangePasswordForm",
    "reauthenticate": "marelle.web.account.forms.ConfirmPasswordForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# How often the ways in may be tried, beside the library's own limits. `key` is the address typed, known or not.
ACCOUNT_RATE_LIMITS = {
    "join_by_code": "10/h/user,60/h/ip",
    "mistype_code": "60/h/user,300/h/ip",
    "ask_to_join": "5/h/user",
    "ask_for_account": "20/h/ip,3/h/key",
    "ask_for_link": "20/h/ip,3/h/key",
    # Whoever guesses an invoice: `key` is the reference typed, whose amount is to be found; known or not.
    "find_invoice": "30/h/ip,10/h/key",
    # Who stole an open session may not try passwords in it for long.
    "reauthenticate": "10/10m/user",
    "change_password": "10/10m/user",
    "manage_email": "5/h/user",
    # The softwares that bring their invoices: by token, and whoever tries tokens.
    "api": "240/m/key",
    "api_refused": "30/h/ip",
    # Agendas, which come back by themselves: by address of theirs, and whoever tries addresses.
    "agenda": "60/h/key",
    "agenda_refused": "60/h/ip",
    # On top of what the page of signing in counts: an account is not a place to guess the passwords of others from.
    "prove_other_account": "10/h/user,30/h/ip",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600

# Passkeys, codes of an application, recovery codes (decision 19).
AGENTS_SECOND_FACTOR = _env.needs_second_factor
PASSKEY_DOMAIN = _env.passkey_domain
MFA_ADAPTER = "marelle.web.account.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Our forms compare the origin with the very address of the site, which is narrower than what this line opens.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# An account is opened for an address that was read: by a town hall, or by following a link.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1  # a code lives half a minute; who types slowly is let in with the one before
MFA_TOTP_ISSUER = OPERATOR.name
# Agents of one town hall come from one address.
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
MFA_FORMS = {
    "authenticate": "marelle.web.account.second_factor.forms.SignInCodeForm",
    "authenticate_webauthn": "marelle.web.account.second_factor.forms.SignInPasskeyForm",
    "reauthenticate": "marelle.web.account.second_factor.forms.ConfirmCodeForm",
    "reauthenticate_webauthn": "marelle.web.account.second_factor.forms.ConfirmPasskeyForm",
    "login_webauthn": "marelle.web.account.second_factor.forms.PasskeyAloneForm",
    "add_webauthn": "marelle.web.account.second_factor.forms.AddPasskeyForm",
    "edit_webauthn": "marelle.web.account.second_factor.forms.RenamePasskeyForm",
    "activate_totp": "marelle.web.account.second_factor.forms.ActivateAppForm",
}

# Signing in for other sites (decision 20). Codes are rows too, so the library's cache of codes is never used.
IDP_OIDC_ADAPTER = "marelle.web.account.provider.adapter.ProviderAdapter"
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
IDP_OIDC_AUTHORIZATION_CODE_EXPIRES_IN = 60
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 300
IDP_OIDC_ID_TOKEN_EXPIRES_IN = 300

SESSION_ENGINE = "marelle.web.account.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# In a cookie they would leave names of children on the computer.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "marelle.web.errors.forged"
_is_https = _env.public_scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_NAME = "__Host-session" if _is_https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _is_https else "csrf"
# Behind https there is a proxy of ours: attempts are counted for each visitor, not all together for the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _is_https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
SECURE_HSTS_SECONDS = 31536000 if _is_https else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *PAYMENT_PAGES, *IDENTITY_PAGES],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# A basket of a year for a large family is some 4,000 squares; beyond that it is not a person.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# A form that takes a file; and one that takes documents of families, two photos of a phone as it makes them: more than
# one may weigh, so that one too big is refused beside its field. Nothing of it is ever on a disk in clear.
FILES_UPLOAD_MAX_SIZE = 10 * 1024 * 1024
DOCUMENTS_UPLOAD_MAX_SIZE = 45 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["marelle.web.uploads.InMemoryOnly"]
# Where files are kept, encrypted: a folder, or a bucket when one is set.
FILES_DIR = _env.files_dir
FILES_S3 = _env.files_s3

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "marelle_cache"}}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = _env.var / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
SERVESTATIC_KEEP_ONLY_HASHED_FILES = False

EMAIL_HOST = _env.email.host
EMAIL_PORT = _env.email.port
EMAIL_HOST_USER = _env.email.user
EMAIL_HOST_PASSWORD = _env.email.password
EMAIL_USE_TLS = _env.email.use_tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = _env.email.sender
RETURNS_ADDRESS = _env.returns.address if _env.returns is not None else ""

PROCRASTINATE_ON_APP_READY = "marelle.jobs.tasks.on_app_ready"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "marelle.foundation.discreet_logs.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "marelle": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        # They write whole addresses, and an address asks about somebody.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []

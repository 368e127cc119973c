"""Settings: environment variables, with defaults that run the demo on one laptop.

KHOTAIL_HOME      folder of the database, keys, files and snapshots (default: ./khotail-home)
KHOTAIL_DATABASE  address such as postgres://user:password@host/name (default: SQLite in the home folder)
KHOTAIL_DEMO      1: keys are made in the home folder, sign-in pages list the demo accounts, no TOTP is asked for
KHOTAIL_SECRET_KEY, KHOTAIL_DATA_KEY, KHOTAIL_HOSTS, KHOTAIL_BANNER … : see docs/deploy.md
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from khotail.site.keys import from_environment, made_in
from khotail.site.mail import mail_from

HOME = Path(os.environ.get("KHOTAIL_HOME", "khotail-home")).resolve()
DEMO = os.environ.get("KHOTAIL_DEMO") == "1"
DEBUG = False

_keys = made_in(HOME) if DEMO else from_environment()
SECRET_KEY = _keys.secret
KHOTAIL_DATA_KEY = base64.b64decode(_keys.data)
KHOTAIL_CIPHER = os.environ.get("KHOTAIL_CIPHER", "aes")  # or "sm4"
KHOTAIL_HOME = HOME
KHOTAIL_DEMO = DEMO
KHOTAIL_DEMO_PASSWORD = "khotail-demo"  # of the demo's people, shown on its sign-in page
_banner_file = HOME / "banner"  # written by khotail set-up
_banner = _banner_file.read_text().strip() if _banner_file.exists() else ""
KHOTAIL_BANNER = os.environ.get("KHOTAIL_BANNER") or _banner  # region whose data this installation holds
KHOTAIL_RULEBOOK = os.environ.get("KHOTAIL_RULEBOOK", "cn_15")
KHOTAIL_REQUIRE_TOTP = os.environ.get("KHOTAIL_REQUIRE_TOTP", "0" if DEMO else "1") == "1"
KHOTAIL_MAX_UPLOAD_MB = int(os.environ.get("KHOTAIL_MAX_UPLOAD_MB", "200"))
KHOTAIL_SCHEDULE = os.environ.get(
    "KHOTAIL_SCHEDULE", ""
)  # file of recurring jobs instead of khotail/jobs/schedule.yaml
KHOTAIL_KEEP_EXPORTS_DAYS = int(os.environ.get("KHOTAIL_KEEP_EXPORTS_DAYS", "7"))
#: requests of one person: path, methods, how many per minute (khotail.site.limits)
KHOTAIL_LIMITS = (
    ("/intake/", ("POST",), 60),
    ("/register/", ("GET", "POST"), 240),
    ("/register/person/", ("POST",), 60),  # numbers in clear
    ("/api/", ("GET", "POST", "PUT", "PATCH", "DELETE"), 600),
    ("/open311/", ("GET", "POST"), 240),
    ("/report/", ("POST",), 60),  # what somebody types is looked at on the way
    ("/report/send/", ("POST",), 10),
    ("/receipt/", ("POST",), 20),  # guessed receipts
    ("/my/", ("POST",), 240),  # of an address: many phones share one, and codes have limits of their own
)
KHOTAIL_SMS_BACKEND = os.environ.get("KHOTAIL_SMS_BACKEND", f"khotail.accounts.sms.{'Shown' if DEMO else 'Console'}")
#: phones of the demo's residents, listed on the portal's sign-in page (khotail.site.demo_residents)
KHOTAIL_DEMO_PHONES = ("13800000001", "13800000002", "13800000003") if DEMO else ()
KHOTAIL_SMS_URL = os.environ.get(
    "KHOTAIL_SMS_URL", ""
)  # of a gateway that takes JSON, with khotail.accounts.sms.Gateway
KHOTAIL_SMS_KEY = os.environ.get("KHOTAIL_SMS_KEY", "")
KHOTAIL_SMS_FIELDS = os.environ.get("KHOTAIL_SMS_FIELDS", "phone,text")  # the gateway's names for number and words
KHOTAIL_ADDRESS = os.environ.get("KHOTAIL_ADDRESS", "")  # https://…, for links in e-mails and messages
KHOTAIL_REMEMBER_SECONDS = (
    60  # how long counts over a region are shown before they are made anew (khotail.desk.remembered)
)
KHOTAIL_PROTECT_TRAIL = True  # triggers refuse to change events

ALLOWED_HOSTS = os.environ.get("KHOTAIL_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "khotail.desk",  # before allauth, whose pages it words and dresses
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "django_htmx",
    "csp",
    "khotail.trail",
    "khotail.accounts",
    "khotail.jobs",
    "khotail.register",
    "khotail.residents",
    "khotail.intake",
    "khotail.screening",
    "khotail.casework",
    "khotail.issues",
    "khotail.visits",
    "khotail.entitlements",
    "khotail.assistance",
    "khotail.funds",
    "khotail.partners",
    "khotail.relocation",
    "khotail.simulation",
    "khotail.oversight",
    "khotail.portal",
    "khotail.field",
    "khotail.api",
    "khotail.site",
    "ninja",  # the scripts and styles of the API's documentation are served from here, not from elsewhere
    "django.forms",  # last: the desk has its own select.html
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "khotail.site.not_stored.NotStored",
    "khotail.desk.problems.DatabaseGone",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "khotail.accounts.middleware.OwnLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "khotail.accounts.devices.Renewing",
    "khotail.accounts.middleware.SignInComplete",
    "khotail.site.limits.Limits",
    "khotail.desk.problems.ProblemPages",
    "khotail.portal.middleware.AtHome",  # last: what goes wrong on a page of the portal is told as the portal tells it
]

ROOT_URLCONF = "khotail.site.urls"
WSGI_APPLICATION = "khotail.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "khotail.desk.context.everywhere",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("KHOTAIL_DATABASE", f"sqlite:///{HOME / 'khotail.sqlite3'}"), conn_max_age=60
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue instead of failing half-way; readers never wait.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; "
        "PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY;",
    }

AUTH_USER_MODEL = "accounts.Officer"
AUTHENTICATION_BACKENDS = ["khotail.accounts.signed_in.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "khotail.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# An office shares one address: a name is locked after 5 failures, an address after 50. Signing in at all is not rationed.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,50/15m/ip", "login": "300/m/ip"}
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("KHOTAIL_PROXIES", "0"))  # whose X-Forwarded-For is believed
MFA_ADAPTER = "khotail.accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Khotail"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_SAVE_EVERY_REQUEST = False

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
KHOTAIL_PORTAL_LANGUAGES = [*LANGUAGES, ("mn-mong", "ᠮᠣᠩᠭᠣᠯ")]  # written from top to bottom; only the portal can
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Large uploads wait in the home folder, never in the system's folder of temporary files.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "khotail.intake.spool.HomeUploads",
]

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Lock-outs and used codes live here: a cache that forgets the least to make room would forget them too.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

_SECURE = not DEMO and os.environ.get("KHOTAIL_PLAIN_HTTP") != "1"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF, "'unsafe-inline'"],  # ECharts and MapLibre set style attributes
        "worker-src": [SELF, "blob:"],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

KHOTAIL_MAIL = mail_from(os.environ)
EMAIL_BACKEND = KHOTAIL_MAIL.backend
EMAIL_HOST, EMAIL_PORT = KHOTAIL_MAIL.host, KHOTAIL_MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = KHOTAIL_MAIL.user, KHOTAIL_MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = KHOTAIL_MAIL.tls == "starttls", KHOTAIL_MAIL.tls == "tls"
EMAIL_TIMEOUT = 15  # seconds; a server that does not answer must not hold a page up
DEFAULT_FROM_EMAIL = KHOTAIL_MAIL.sender

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "khotail.site.logs.WithoutData",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("KHOTAIL_LOG", "WARNING")},
}

"""Settings that hold everywhere. Safe by default: `local` relaxes them, `production` demands the secrets."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from neuralbox.settings import logins
from neuralbox.settings.ai_providers import *  # noqa: F403
from neuralbox.settings.back_office import UNFOLD as UNFOLD
from neuralbox.settings.broker import broker_url
from neuralbox.settings.env import env
from neuralbox.settings.gateways import *  # noqa: F403
from neuralbox.settings.mail import mail_settings
from neuralbox.settings.schedule import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("NEURALBOX_DATA_DIR", str(BASE_DIR / "var"))).resolve()

DEBUG = False
LOCAL_MODE = False
PRODUCTION = False
SECRET_KEY = env.secret("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Networks that may read /metrics.
METRICS_ALLOWED: list[str] = env.list("METRICS_ALLOWED", ["127.0.0.0/8", "::1/128"])

# --- Apps: ours bottom-up, so that erasure can run top-down -------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.tiktok",
    "allauth.socialaccount.providers.vk",
    "allauth.socialaccount.providers.yandex",
    "allauth.usersessions",
    "auditlog",
    "csp",
    "django_filters",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "rest_framework",
    "neuralbox.core",
    "neuralbox.pages",
    "legal",
    "accounts",
    "providers",
    "billing",
    "generations",
]

MIDDLEWARE = [
    "neuralbox.core.middleware.RequestIdMiddleware",
    "neuralbox.core.metrics.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "neuralbox.core.middleware.SitePolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "neuralbox.core.middleware.RequestLogMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ApiCallMiddleware",
    "neuralbox.core.audit.AuditMiddleware",
]

ROOT_URLCONF = "neuralbox.urls"
WSGI_APPLICATION = "neuralbox.wsgi.application"
ASGI_APPLICATION = "neuralbox.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

# --- Data stores --------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.dj_db_url("DATABASE_URL", "postgresql://localhost/neuralbox"),
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        # One pool per process: threads of the web server and the worker borrow from it.
        "pool": {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL_SIZE", 10),
            "timeout": env.float("DATABASE_POOL_TIMEOUT", 15),
        },
        "prepare_threshold": 3,
        "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000",
    }
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Hosts on a private network that may be spoken to without encryption; the deployment check warns of each.
PLAIN_TRANSPORT_HOSTS: list[str] = env.list("PLAIN_TRANSPORT_HOSTS", [])
REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "nb",
    }
}

# --- Files --------------------------------------------------------------------------------------
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", "")
S3_BUCKET = env.str("S3_BUCKET", "")
S3_REGION = env.str("S3_REGION", "us-east-1")
S3_ACCESS_KEY_ID = env.secret("S3_ACCESS_KEY_ID")
S3_SECRET_ACCESS_KEY = env.secret("S3_SECRET_ACCESS_KEY")
SIGNED_LINK_LIFETIME = timedelta(minutes=15)
MIB = 1024 * 1024
UPLOAD_LIMITS: dict[str, dict[str, int]] = {
    "image": {"bytes": 30 * MIB, "pixels": 50_000_000, "side": 12_000},
    "video": {"bytes": 200 * MIB, "seconds": 600},
    "audio": {"bytes": 100 * MIB, "seconds": 900},
}
LARGE_BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/uploads": {"bytes": 200 * MIB + 64 * 1024, "code": "upload_too_large"}
}
UPLOADS_PER_DAY = {"files": 500, "bytes": 5 * 1024 * MIB}
UPLOADS_IN_TOTAL = {"files": 2000, "bytes": 20 * 1024 * MIB}

STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "neuralbox.core.storage.LocalStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "neuralbox.pages.static_files.ModuleAwareStaticFilesStorage"},
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "neuralbox.core.s3_storage.PrivateS3Storage",
        "OPTIONS": {},
    }
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(DATA_DIR / "static")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

# --- Sign-in ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/login/complete"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "NeuralBox"
# A code typed as its thirty seconds end still counts, and a telephone's clock may be off by as much (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1
STAFF_NEED_SECOND_FACTOR = True
ACCOUNT_SIGNUP_FIELDS = ["email"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
_configured_logins = logins.configure(env.secret)
LOGINS: tuple[str, ...] = logins.LOGINS
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = _configured_logins["SOCIALACCOUNT_PROVIDERS"]
LOGIN_BASE_URLS: dict[str, str] = _configured_logins["LOGIN_BASE_URLS"]
LOGINS_MISSING: list[str] = _configured_logins["LOGINS_MISSING"]
LOGINS_UNKNOWN: list[str] = _configured_logins["LOGINS_UNKNOWN"]
USERSESSIONS_TRACK_ACTIVITY = False
# The session is the family of a sign-in's tokens: it lives as long as an unused refresh token, and is renewed with it.
SESSION_COOKIE_AGE = 30 * 24 * 3600
SIGN_IN_LONGEST = timedelta(days=90)
API_KEYS_PER_USER = 20
# Welcome tokens go to so many new accounts a day of one address, and of one browser there.
GIFTS_PER_ADDRESS_A_DAY = env.int("GIFTS_PER_ADDRESS_A_DAY", 10)
GIFTS_PER_BROWSER_A_DAY = env.int("GIFTS_PER_BROWSER_A_DAY", 3)
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {"socialaccount_login_error": "/login?error=failed"}
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.FamilyTokenStrategy"  # noqa: S105
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 300
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = SESSION_COOKIE_AGE
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
SILENCED_SYSTEM_CHECKS = ["account.W001"]

# --- API ----------------------------------------------------------------------------------------
# Calls per seconds: by address for strangers and for signing in, by account, by API key.
RATE_LIMITS = {
    "anonymous": env.str("RATE_LIMIT_ANONYMOUS", "300/60"),
    "sign_in": env.str("RATE_LIMIT_SIGN_IN", "60/60"),
    "second_factor": "10/300",
    "support": "10/3600",
    "letters": "5/3600",
    "account": env.str("RATE_LIMIT_ACCOUNT", "3000/60"),
    "key": env.str("RATE_LIMIT_KEY", "1500/60"),
}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.StaffViewAuthentication",
        "accounts.authentication.AccessTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["neuralbox.core.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "neuralbox.core.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "neuralbox.core.problems.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["neuralbox.core.rate_limits.CallerRateLimit"],
    "DEFAULT_THROTTLE_RATES": {},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "NeuralBox API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "DESCRIPTION": (
        "Make images, video, music, speech, avatars and text with one token balance. "
        "Errors are `application/problem+json` (RFC 9457) with a stable `code`, in the language of `Accept-Language`."
    ),
    "ENUM_NAME_OVERRIDES": {
        "ModalityEnum": "generations.models.catalogue.Modality.choices",
        "FileKindEnum": "generations.models.assets.FileKind.choices",
        "GenerationStatusEnum": "generations.models.Generation.Status",
        "PaymentStatusEnum": "billing.models.Payment.Status",
        "ReceiptStatusEnum": "billing.models.Receipt.Status",
        "RefundStatusEnum": "billing.models.Refund.Status",
        "WebhookEventEnum": "generations.models.webhooks.WebhookEvent.choices",
        "ExportStatusEnum": "legal.models.Export.Status",
        "DeletionStatusEnum": "legal.models.DeletionRequest.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "neuralbox.api_docs.add_refusals",
    ],
}

# --- Security -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
if S3_ENDPOINT_URL:
    for directive in ("img-src", "media-src", "connect-src"):
        CONTENT_SECURITY_POLICY["DIRECTIVES"][directive].append(S3_ENDPOINT_URL)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "neuralbox.core.views.csrf_failure"
PERMISSIONS_POLICY: dict[str, Any] = {
    "camera": ["self"],
    "geolocation": [],
    "microphone": ["self"],
    "payment": [],
    "usb": [],
}

# --- Languages ----------------------------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Celery: the database is the truth, Celery is the engine ------------------------------------
CELERY_BROKER_URL = broker_url(REDIS_URL)
# A message is only a hint: the job's row says whether the work is done. So messages are acknowledged on arrival.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = (
    {
        "billing.begin_due": {"queue": "poll"},
        "core.sweep": {"queue": "sweep"},
        "generations.sweep": {"queue": "sweep"},
        "generations.poll_due": {"queue": "poll"},
    },
    "neuralbox.core.jobs.route",
)
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_TASK_TIME_LIMIT = 330
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1200, "socket_timeout": 10, "socket_connect_timeout": 5}
# Publishing never blocks a request for long: what was not published is found by the sweep.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# --- Product figures ----------------------------------------------------------------------------
# Bonus tokens for everybody who joins.
WELCOME_TOKENS = env.int("WELCOME_TOKENS", 100)
# Where providers reach us about their tasks, when that is not the public address.
WEBHOOK_BASE_URL = env.str("WEBHOOK_BASE_URL", SITE_URL).rstrip("/")
# How long a submission whose answer was lost is waited for before the next route is tried.
UNKNOWN_OUTCOME_PATIENCE = timedelta(seconds=env.int("UNKNOWN_OUTCOME_PATIENCE_SECONDS", 60))
# Who is written to when a provider is taken out.
STAFF_ALERT_EMAILS: list[str] = env.list("STAFF_ALERT_EMAILS", [])
# What a token brings us on average, in USD. For margins in the back office, and nothing else.
TOKEN_VALUE_USD = Decimal(env.str("TOKEN_VALUE_USD", "0.03"))

# --- Privacy ------------------------------------------------------------------------------------
# Who runs this installation, as the documents name it, and its details: registration, address.
LEGAL_OPERATOR = env.str("LEGAL_OPERATOR", "")
LEGAL_OPERATOR_DETAILS = env.str("LEGAL_OPERATOR_DETAILS", "")
# The report of the test run that the page of promises shows; a deployment brings a copy along.
PROMISES_REPORT = Path(env.str("PROMISES_REPORT", str(DATA_DIR / "promises.json")))
# An export that is larger comes in several parts.
EXPORT_PART_BYTES = env.int("EXPORT_PART_BYTES", 2048 * MIB)

# --- Mail, logs, errors -------------------------------------------------------------------------
vars().update(mail_settings(env.secret("EMAIL_URL", "console://")))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "NeuralBox <support@neuralbox.ru>")
SUPPORT_EMAIL = "support@neuralbox.ru"

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
        },
        "plain": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django_structlog": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # They would name each call: with its query, which may hold a signature.
        "stripe": {"level": "WARNING"},
        "urllib3.connectionpool": {"level": "ERROR"},
    },
}

SENTRY_DSN = env.secret("SENTRY_DSN")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, include_local_variables=False)

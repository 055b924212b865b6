"""AI providers: one without its key is not offered, half of a configuration is an error of `manage.py check`."""

from neuralbox.settings.env import env

KIE_API_KEY = env.secret("KIE_API_KEY")
KIE_BASE_URL = env.str("KIE_BASE_URL", "https://api.kie.ai").rstrip("/")
KIE_UPLOAD_BASE_URL = env.str("KIE_UPLOAD_BASE_URL", "https://kieai.redpandaai.co").rstrip("/")
KIE_WEBHOOK_HMAC_KEY = env.secret("KIE_WEBHOOK_HMAC_KEY")
PIAPI_API_KEY = env.secret("PIAPI_API_KEY")
PIAPI_BASE_URL = env.str("PIAPI_BASE_URL", "https://api.piapi.ai").rstrip("/")
PIAPI_UPLOAD_BASE_URL = env.str("PIAPI_UPLOAD_BASE_URL", "https://upload.theapi.app").rstrip("/")
PIAPI_WEBHOOK_SECRET = env.secret("PIAPI_WEBHOOK_SECRET")
GOAPI_API_KEY = env.secret("GOAPI_API_KEY")
GOAPI_BASE_URL = env.str("GOAPI_BASE_URL", "https://api.goapi.ai").rstrip("/")
GOAPI_WEBHOOK_SECRET = env.secret("GOAPI_WEBHOOK_SECRET")
SUNO_API_KEY = env.secret("SUNO_API_KEY")
SUNO_BASE_URL = env.str("SUNO_BASE_URL", "https://api.sunoapi.org").rstrip("/")
# Where their store for inputs is; no page names it. Without it they are given links to our own storage.
SUNO_UPLOAD_BASE_URL = env.str("SUNO_UPLOAD_BASE_URL", "").rstrip("/")
HEYGEN_API_KEY = env.secret("HEYGEN_API_KEY")
HEYGEN_BASE_URL = env.str("HEYGEN_BASE_URL", "https://api.heygen.com").rstrip("/")
# Its interface v3 takes uploads at the same address.
HEYGEN_UPLOAD_BASE_URL = env.str("HEYGEN_UPLOAD_BASE_URL", HEYGEN_BASE_URL).rstrip("/")
HEYGEN_WEBHOOK_SECRET = env.secret("HEYGEN_WEBHOOK_SECRET")

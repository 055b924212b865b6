"""People, their API keys, their notices, what they write to support, and what happened to their accounts."""

from accounts.models.api_keys import ApiKey, ApiKeySecret
from accounts.models.email_proofs import EmailProof
from accounts.models.notices import Notice
from accounts.models.security import RefreshClaim, SecurityEvent
from accounts.models.support import StaffView, SupportMessage
from accounts.models.usage import ApiCall, ApiKeyDay
from accounts.models.users import User, UserManager

__all__ = [
    "ApiCall",
    "ApiKey",
    "ApiKeyDay",
    "ApiKeySecret",
    "EmailProof",
    "Notice",
    "RefreshClaim",
    "SecurityEvent",
    "StaffView",
    "SupportMessage",
    "User",
    "UserManager",
]

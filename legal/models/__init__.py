"""Tables: documents and consents, exports and deletions, retention, and the registers."""

from legal.models.deletion import DeletionRequest, LegalHold
from legal.models.documents import Consent, Document, DocumentVersion
from legal.models.exports import Export, ExportPart
from legal.models.registers import Disclosure, PrivacyRequest
from legal.models.retention import RetentionResult, RetentionRule, RetentionRun, RetentionWarning

__all__ = [
    "Consent",
    "DeletionRequest",
    "Disclosure",
    "Document",
    "DocumentVersion",
    "Export",
    "ExportPart",
    "LegalHold",
    "PrivacyRequest",
    "RetentionResult",
    "RetentionRule",
    "RetentionRun",
    "RetentionWarning",
]

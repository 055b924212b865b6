"""Documents, consents, retention, exports, deletion and disclosures. Knows no app above it."""

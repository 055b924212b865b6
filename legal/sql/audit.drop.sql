DROP TRIGGER legal_keep_audit ON auditlog_logentry;
DROP FUNCTION legal_keep_audit();

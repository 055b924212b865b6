-- The audit trail is append-only. What an erasure has to do is all that an update may: forget names, addresses and
-- reasons. Who did what to which row, and when, stays.

CREATE FUNCTION legal_keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.content_type_id, NEW.object_pk, NEW.object_id, NEW.action, NEW.changes, NEW.timestamp)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.content_type_id, OLD.object_pk, OLD.object_id, OLD.action, OLD.changes, OLD.timestamp)
       AND (NEW.actor_id IS NULL OR NEW.actor_id = OLD.actor_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail does not change' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER legal_keep_audit BEFORE UPDATE OR DELETE ON auditlog_logentry
    FOR EACH ROW EXECUTE FUNCTION legal_keep_audit();

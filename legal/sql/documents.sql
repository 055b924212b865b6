-- A published version of a document never changes and never goes away; what it says can be proven years later.
-- Only the note that people were told of it may still be added, once. A consent is written once; it goes with its
-- person and is never altered.

CREATE FUNCTION legal_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'published' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.announced_at IS NULL
       AND to_jsonb(OLD) - 'announced_at' = to_jsonb(NEW) - 'announced_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published version of a document does not change' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER legal_keep_published BEFORE UPDATE OR DELETE ON legal_documentversion
    FOR EACH ROW EXECUTE FUNCTION legal_keep_published();

CREATE FUNCTION legal_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a consent does not change' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER legal_keep_consent BEFORE UPDATE ON legal_consent
    FOR EACH ROW EXECUTE FUNCTION legal_keep_consent();

DROP TRIGGER legal_keep_consent ON legal_consent;
DROP FUNCTION legal_keep_consent();
DROP TRIGGER legal_keep_published ON legal_documentversion;
DROP FUNCTION legal_keep_published();

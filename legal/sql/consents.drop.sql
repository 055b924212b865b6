DROP FUNCTION legal_owes_consent(uuid);

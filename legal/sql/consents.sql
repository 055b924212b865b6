-- Whether a person has to agree to a changed document before they order or buy: a version in force needs agreement, and
-- they have agreed neither to it nor to a later one. First versions stop nobody: who joins agrees to them before there is
-- an account, and a document that is new to everybody was not announced. Asked within other statements, such as the
-- function that takes orders, so that an order costs no query more.

CREATE OR REPLACE FUNCTION legal_owes_consent(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM legal_documentversion AS binding
        JOIN legal_document AS document ON document.slug = binding.document_id AND document.is_accepted
        WHERE binding.status = 'published' AND binding.needs_acceptance AND binding.number > 1
          AND binding.effective_at <= now()
          AND NOT EXISTS (
              SELECT FROM legal_consent AS consent
              JOIN legal_documentversion AS agreed ON agreed.id = consent.version_id
              WHERE consent.user_id = person AND agreed.document_id = binding.document_id
                AND agreed.number >= binding.number
          )
    )
$$;

-- Creates a generation with everything that must be remembered together: idempotency key, redeemed quote, generation,
-- its uploads, its first event and the job that submits it. The hold is placed by billing in the same transaction, last,
-- so that the wallet's row is locked only until the commit. Foreign keys are deferred, so the order is free.
--
-- Outcomes: 'created'; 'replayed' (same key and body: `generation_id` is the earlier one); 'key_reused' (same key, other
-- body); 'frozen' (the account orders nothing now); 'quote_not_open'; 'stale' (the model's terms changed or it was switched off: look again).
CREATE OR REPLACE FUNCTION generations_create(
    new_id uuid, owner_id uuid, key_id uuid, client_key text, digest bytea,
    from_quote uuid, from_version uuid, price bigint, new_hold uuid,
    given_input jsonb, given_prompt text, given_uploads uuid[],
    origin text, hook text, labels jsonb, retried uuid, new_job uuid
) RETURNS TABLE (
    outcome text, generation_id uuid, tokens bigint, model_slug text, modality text, input jsonb,
    created_at timestamptz, deadline timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    known record;
    terms record;
    the_input jsonb := given_input;
    the_uploads uuid[] := given_uploads;
    the_prompt text := given_prompt;
    the_version uuid := from_version;
    the_price bigint := price;
    started timestamptz := clock_timestamp();
BEGIN
    IF client_key IS NOT NULL THEN
        INSERT INTO generations_idempotencykey (user_id, key, body_digest, generation_id)
        VALUES (owner_id, client_key, digest, new_id) ON CONFLICT (user_id, key) DO NOTHING;
        IF NOT FOUND THEN
            SELECT earlier.body_digest, earlier.generation_id INTO known
            FROM generations_idempotencykey AS earlier WHERE earlier.user_id = owner_id AND earlier.key = client_key;
            RETURN QUERY SELECT CASE WHEN known.body_digest = digest THEN 'replayed' ELSE 'key_reused' END,
                known.generation_id, NULL::bigint, NULL::text, NULL::text, NULL::jsonb, NULL::timestamptz, NULL::timestamptz;
            RETURN;
        END IF;
    END IF;

    IF EXISTS (SELECT FROM accounts_user AS person WHERE person.id = owner_id AND person.frozen_at IS NOT NULL) THEN
        RETURN QUERY SELECT 'frozen', NULL::uuid, NULL::bigint, NULL::text, NULL::text, NULL::jsonb,
            NULL::timestamptz, NULL::timestamptz;
        RETURN;
    END IF;

    IF from_quote IS NOT NULL THEN
        UPDATE generations_quote AS quote SET status = 'redeemed'
        WHERE quote.id = from_quote AND quote.user_id = owner_id AND quote.status = 'open' AND quote.expires_at > now()
        RETURNING quote.version_id, quote.tokens, quote.input,
            ARRAY(SELECT jsonb_array_elements_text(quote.upload_ids)::uuid), coalesce(quote.input ->> 'prompt', quote.input ->> 'script', '')
        INTO the_version, the_price, the_input, the_uploads, the_prompt;
        IF NOT FOUND THEN
            RETURN QUERY SELECT 'quote_not_open', NULL::uuid, NULL::bigint, NULL::text, NULL::text, NULL::jsonb,
                NULL::timestamptz, NULL::timestamptz;
            RETURN;
        END IF;
    END IF;

    SELECT model.id, model.slug, model.modality, version.deadline_seconds INTO terms
    FROM generations_modelversion AS version JOIN generations_model AS model ON model.id = version.model_id
    WHERE version.id = the_version AND model.is_enabled
      AND (from_quote IS NOT NULL OR model.current_version_id = version.id);
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'stale', NULL::uuid, NULL::bigint, NULL::text, NULL::text, NULL::jsonb,
            NULL::timestamptz, NULL::timestamptz;
        RETURN;
    END IF;

    INSERT INTO generations_generation (
        id, user_id, model_id, version_id, quote_id, hold_id, retry_of_id, api_key_id, modality, status, progress, stage,
        provider, input, prompt, tokens_quoted, tokens_captured, source, metadata, webhook_url, hidden, deadline, created_at
    ) VALUES (
        new_id, owner_id, terms.id, the_version, from_quote, new_hold, retried, key_id, terms.modality, 'queued', 0, '',
        '', the_input, the_prompt, the_price, 0, origin, labels, hook, false,
        started + make_interval(secs => terms.deadline_seconds), started
    );
    IF cardinality(the_uploads) > 0 THEN
        INSERT INTO generations_generation_uploads (generation_id, upload_id)
        SELECT new_id, upload.id FROM generations_upload AS upload
        WHERE upload.id = ANY (the_uploads) AND upload.user_id = owner_id;
    END IF;
    INSERT INTO generations_event (user_id, generation_id, kind, payload, created_at)
    VALUES (owner_id, new_id, 'status', jsonb_build_object('status', 'queued'), started);
    PERFORM core_enqueue(new_job, 'generations.submit', jsonb_build_array(new_id));

    RETURN QUERY SELECT 'created', new_id, the_price, terms.slug::text, terms.modality::text, the_input, started,
        started + make_interval(secs => terms.deadline_seconds);
END $$;

-- The ledger's only writers. Every step is one function and one round trip. Each locks the wallet's row, looks, refuses
-- or writes; the lock lives until the commit, so callers call them last.

-- The hash of an entry: SHA-256 over its content as text and the previous hash in hexadecimal.
-- `verify_statement.py` computes the same.
CREATE FUNCTION billing_entry_hash(
    wallet uuid, number bigint, kind text, reference text, created_at timestamptz,
    paid bigint, bonus bigint, held bigint, previous bytea
) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(concat_ws('|',
        wallet, number, kind, reference,
        to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        paid, bonus, held, encode(previous, 'hex')), 'UTF8'));
$$;

-- Writes one entry and moves the wallet's balances. `wallet` is its row, locked by the caller. The amounts of the system's
-- accounts are given in the order issued, granted, revenue, refunded, corrections.
CREATE FUNCTION billing_post(
    wallet billing_wallet, the_kind text, the_reference text, the_hold uuid, the_description text,
    d_paid bigint, d_bonus bigint, d_held bigint,
    d_issued bigint, d_granted bigint, d_revenue bigint, d_refunded bigint, d_corrections bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    new_hash bytea := billing_entry_hash(
        wallet.id, wallet.entries_count + 1, the_kind, the_reference, moment, d_paid, d_bonus, d_held, wallet.last_hash);
BEGIN
    INSERT INTO billing_journalentry (
        wallet_id, sequence, kind, reference, hold_id, description, created_at, paid, bonus, held, issued, granted, revenue,
        refunded, corrections, available_after, held_after, previous_hash, hash
    ) VALUES (
        wallet.id, wallet.entries_count + 1, the_kind, the_reference, the_hold, the_description, moment,
        d_paid, d_bonus, d_held, d_issued, d_granted, d_revenue, d_refunded, d_corrections,
        wallet.paid + wallet.bonus + d_paid + d_bonus, wallet.held + d_held, wallet.last_hash, new_hash
    );
    UPDATE billing_wallet
    SET paid = paid + d_paid, bonus = bonus + d_bonus, held = held + d_held, entries_count = entries_count + 1,
        last_hash = new_hash
    WHERE id = wallet.id;
END $$;

-- The start of the present window of that kind; a `total` never ends.
CREATE FUNCTION billing_window_start(kind text, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE kind WHEN 'total' THEN 'epoch'::timestamptz ELSE date_trunc(kind, moment, 'UTC') END;
$$;

-- Sets tokens aside: bonus tokens first. Outcomes: 'placed'; 'known' (this reference has a hold already); 'insufficient';
-- 'capped' (`cap_window`, `cap_limit`, `cap_used` say which cap); 'no_wallet'.
CREATE FUNCTION billing_hold_place(
    owner uuid, new_hold uuid, tokens bigint, the_reference text, the_spender text, spender_caps jsonb
) RETURNS TABLE (
    outcome text, hold_id uuid, available bigint, held bigint, cap_window text, cap_limit bigint, cap_used bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    wallet billing_wallet;
    known uuid;
    from_bonus bigint;
    cap record;
    already bigint;
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO wallet FROM billing_wallet WHERE owner_id = owner FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'no_wallet', NULL::uuid, 0::bigint, 0::bigint, NULL::text, NULL::bigint, NULL::bigint;
        RETURN;
    END IF;
    SELECT id INTO known FROM billing_hold WHERE reference = the_reference;
    IF FOUND THEN
        RETURN QUERY SELECT 'known', known, wallet.paid + wallet.bonus, wallet.held, NULL::text, NULL::bigint, NULL::bigint;
        RETURN;
    END IF;
    IF wallet.paid + wallet.bonus < tokens THEN
        RETURN QUERY SELECT 'insufficient', NULL::uuid, wallet.paid + wallet.bonus, wallet.held,
            NULL::text, NULL::bigint, NULL::bigint;
        RETURN;
    END IF;

    -- All holds of a wallet meet at its row, so caps can be looked at first and reserved afterwards.
    FOR cap IN
        SELECT '' AS spender, own.window AS kind, own.limit AS tokens FROM billing_spendcap AS own WHERE own.wallet_id = wallet.id
        UNION ALL
        SELECT the_spender, given.key, given.value::bigint FROM jsonb_each_text(coalesce(spender_caps, '{}')) AS given
    LOOP
        SELECT usage.used INTO already FROM billing_spendusage AS usage
        WHERE usage.wallet_id = wallet.id AND usage.spender = cap.spender AND usage.window = cap.kind
          AND usage.starts_at = billing_window_start(cap.kind, moment);
        IF coalesce(already, 0) + tokens > cap.tokens THEN
            RETURN QUERY SELECT 'capped', NULL::uuid, wallet.paid + wallet.bonus, wallet.held,
                cap.kind::text, cap.tokens, coalesce(already, 0);
            RETURN;
        END IF;
    END LOOP;
    PERFORM billing_count_spending(wallet.id, the_spender, tokens, moment);

    from_bonus := least(wallet.bonus, tokens);
    INSERT INTO billing_hold (id, wallet_id, amount, paid, bonus, captured, status, reference, spender, created_at)
    VALUES (new_hold, wallet.id, tokens, tokens - from_bonus, from_bonus, 0, 'active', the_reference, the_spender, moment);
    PERFORM billing_post(wallet, 'hold', 'hold:' || new_hold, new_hold, the_reference,
                         from_bonus - tokens, -from_bonus, tokens, 0, 0, 0, 0, 0);
    RETURN QUERY SELECT 'placed', new_hold, wallet.paid + wallet.bonus - tokens, wallet.held + tokens,
        NULL::text, NULL::bigint, NULL::bigint;
END $$;

-- Counts tokens in every window of the wallet and of the spender; a negative number gives a reservation back.
CREATE FUNCTION billing_count_spending(the_wallet uuid, the_spender text, tokens bigint, moment timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO billing_spendusage AS usage (wallet_id, spender, "window", starts_at, used)
    SELECT the_wallet, who.spender, kind, billing_window_start(kind, moment), tokens
    FROM (SELECT '' AS spender UNION SELECT the_spender) AS who, unnest(ARRAY['hour', 'day', 'month', 'total']) AS kind
    ON CONFLICT (wallet_id, spender, "window", starts_at) DO UPDATE SET used = usage.used + EXCLUDED.used;
$$;

-- Takes `tokens` of a hold for good (NULL: all of it) and gives the rest back. Bonus tokens are taken first.
-- False: it was settled before; nothing was changed.
CREATE FUNCTION billing_hold_capture(the_hold uuid, tokens bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    wallet billing_wallet;
    hold billing_hold;
    taken bigint;
    taken_bonus bigint;
BEGIN
    SELECT billing_wallet.* INTO wallet FROM billing_wallet
    WHERE id = (SELECT wallet_id FROM billing_hold WHERE id = the_hold) FOR UPDATE;
    UPDATE billing_hold SET status = 'captured', captured = coalesce(tokens, amount), settled_at = clock_timestamp()
    WHERE id = the_hold AND status = 'active' RETURNING * INTO hold;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    taken := hold.captured;
    taken_bonus := least(hold.bonus, taken);
    PERFORM billing_post(wallet, 'capture', 'capture:' || the_hold, the_hold, hold.reference,
                         hold.paid - (taken - taken_bonus), hold.bonus - taken_bonus, -hold.amount, 0, 0, taken, 0, 0);
    IF taken < hold.amount THEN
        PERFORM billing_count_spending(wallet.id, hold.spender, taken - hold.amount, hold.created_at);
    END IF;
    RETURN true;
END $$;

-- Gives all tokens of a hold back to where they came from. False: it was settled before; nothing was changed.
CREATE FUNCTION billing_hold_release(the_hold uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    wallet billing_wallet;
    hold billing_hold;
BEGIN
    SELECT billing_wallet.* INTO wallet FROM billing_wallet
    WHERE id = (SELECT wallet_id FROM billing_hold WHERE id = the_hold) FOR UPDATE;
    UPDATE billing_hold SET status = 'released', settled_at = clock_timestamp()
    WHERE id = the_hold AND status = 'active' RETURNING * INTO hold;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM billing_post(wallet, 'release', 'release:' || the_hold, the_hold, hold.reference,
                         hold.paid, hold.bonus, -hold.amount, 0, 0, 0, 0, 0);
    PERFORM billing_count_spending(wallet.id, hold.spender, -hold.amount, hold.created_at);
    RETURN true;
END $$;

-- Puts tokens in or takes them out, other than by a generation. `kind` is one of top_up, bonus, refund, correction;
-- `tokens` is negative for what is taken. Outcomes: 'posted'; 'known' (this reference was posted before); 'insufficient';
-- 'no_wallet'.
CREATE FUNCTION billing_transfer(the_wallet uuid, kind text, tokens bigint, the_reference text, the_description text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    wallet billing_wallet;
BEGIN
    SELECT * INTO wallet FROM billing_wallet WHERE id = the_wallet FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'no_wallet';
    END IF;
    IF EXISTS (SELECT 1 FROM billing_journalentry WHERE reference = the_reference) THEN
        RETURN 'known';
    END IF;
    IF kind <> 'bonus' AND wallet.paid + tokens < 0 THEN
        RETURN 'insufficient';
    END IF;
    CASE kind
        WHEN 'top_up' THEN
            PERFORM billing_post(wallet, kind, the_reference, NULL, the_description, tokens, 0, 0, -tokens, 0, 0, 0, 0);
        WHEN 'bonus' THEN
            PERFORM billing_post(wallet, kind, the_reference, NULL, the_description, 0, tokens, 0, 0, -tokens, 0, 0, 0);
        WHEN 'refund' THEN
            PERFORM billing_post(wallet, kind, the_reference, NULL, the_description, tokens, 0, 0, 0, 0, 0, -tokens, 0);
        WHEN 'correction' THEN
            PERFORM billing_post(wallet, kind, the_reference, NULL, the_description, tokens, 0, 0, 0, 0, 0, 0, -tokens);
    END CASE;
    RETURN 'posted';
END $$;

-- The books are never rewritten. A test database is emptied between tests, so only there TRUNCATE is let through.
CREATE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER billing_journal_is_append_only BEFORE UPDATE OR DELETE ON billing_journalentry
FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER billing_journal_is_not_emptied BEFORE TRUNCATE ON billing_journalentry
FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse_change();

-- Half of each page stays free, so that balance updates need no index entry of their own.
ALTER TABLE billing_wallet SET (fillfactor = 50);
ALTER TABLE billing_spendusage SET (fillfactor = 70);

-- The entries as lines, for people and reports.
CREATE VIEW billing_posting AS
    SELECT entry.id * 8 + line.number AS id, entry.id AS entry_id, line.account, line.amount
    FROM billing_journalentry AS entry, LATERAL (VALUES
        (0, 'available:paid', entry.paid), (1, 'available:bonus', entry.bonus), (2, 'held', entry.held),
        (3, 'issued', entry.issued), (4, 'bonus', entry.granted), (5, 'revenue', entry.revenue),
        (6, 'refunded', entry.refunded), (7, 'corrections', entry.corrections)
    ) AS line (number, account, amount)
    WHERE line.amount <> 0;

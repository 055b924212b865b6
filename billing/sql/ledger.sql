-- The ledger's only writers. Each step is one function and one round trip: it locks the wallet's row, looks, refuses or
-- writes. The lock lives until the commit, so callers call these functions last.

-- The content of an entry as text: a JSON array, the same bytes as Python's `json.dumps(…, ensure_ascii=False)`.
-- `verify_statement.py` writes the same text.
CREATE FUNCTION billing_entry_content(entry billing_journalentry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_array(
        'neuralbox-ledger-1', entry.wallet_id, entry.sequence, entry.kind, entry.reference, entry.description,
        to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        entry.paid, entry.bonus, entry.held,
        entry.issued, entry.granted, entry.revenue, entry.refunded, entry.corrections,
        entry.available_after, entry.held_after, encode(entry.previous_hash, 'hex'))::text;
$$;

-- Writes one entry and moves the wallet's balances. `wallet` is its row, locked by the caller; `entry` carries the kind,
-- the reference, the description, the hold and the amounts. Returns the wallet's row after it.
CREATE FUNCTION billing_post(wallet billing_wallet, entry billing_journalentry) RETURNS billing_wallet
LANGUAGE plpgsql AS $$
BEGIN
    entry.id := nextval('billing_journalentry_id_seq');
    entry.wallet_id := wallet.id;
    entry.sequence := wallet.entries_count + 1;
    entry.description := coalesce(entry.description, '');
    entry.created_at := clock_timestamp();
    entry.paid := coalesce(entry.paid, 0);
    entry.bonus := coalesce(entry.bonus, 0);
    entry.held := coalesce(entry.held, 0);
    entry.issued := coalesce(entry.issued, 0);
    entry.granted := coalesce(entry.granted, 0);
    entry.revenue := coalesce(entry.revenue, 0);
    entry.refunded := coalesce(entry.refunded, 0);
    entry.corrections := coalesce(entry.corrections, 0);
    entry.available_after := wallet.paid + entry.paid + wallet.bonus + entry.bonus;
    entry.held_after := wallet.held + entry.held;
    entry.previous_hash := wallet.last_hash;
    entry.hash := sha256(convert_to(billing_entry_content(entry), 'UTF8'));
    INSERT INTO billing_journalentry SELECT (entry).*;
    UPDATE billing_wallet
    SET paid = paid + entry.paid, bonus = bonus + entry.bonus, held = held + entry.held,
        entries_count = entry.sequence, last_hash = entry.hash
    WHERE id = wallet.id
    RETURNING * INTO wallet;
    RETURN wallet;
END $$;

-- The start of the window of that kind that `moment` lies in, in UTC; a `total` never ends.
CREATE FUNCTION billing_window_start(kind text, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE kind WHEN 'total' THEN 'epoch'::timestamptz ELSE date_trunc(kind, moment, 'UTC') END;
$$;

-- What a spender of a wallet has spent or reserved since a moment, from its holds. The wallet itself is the spender ''.
CREATE FUNCTION billing_spent(the_wallet uuid, the_spender text, since timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(CASE status WHEN 'active' THEN amount ELSE captured END), 0)::bigint
    FROM billing_hold
    WHERE wallet_id = the_wallet AND created_at >= since AND (the_spender = '' OR spender = the_spender);
$$;

-- Begins to count what a spender uses in the windows named, from the holds that are there. Call it with the wallet locked.
CREATE FUNCTION billing_count_usage(the_wallet uuid, the_spender text, windows text[], moment timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO billing_spendusage (wallet_id, spender, "window", starts_at, used)
    SELECT the_wallet, the_spender, kind, billing_window_start(kind, moment),
           billing_spent(the_wallet, the_spender, billing_window_start(kind, moment))
    FROM unnest(windows) AS kind
    WHERE NOT EXISTS (
        SELECT FROM billing_spendusage AS counted
        WHERE counted.wallet_id = the_wallet AND counted.spender = the_spender AND counted.window = kind);
$$;

-- Sets tokens aside: bonus tokens first. Outcomes: 'placed'; 'known' (this very hold is there already); 'taken' (the
-- reference has another hold); 'insufficient'; 'capped' (`cap_window`, `cap_limit`, `cap_used` say by which cap).
-- All holds of a wallet meet at its row, so parallel calls cannot pass a balance or a cap.
CREATE FUNCTION billing_hold_place(
    owner uuid, new_hold uuid, tokens bigint, the_reference text, the_spender text, spender_caps jsonb
) RETURNS TABLE (
    outcome text, hold_id uuid, available bigint, held bigint, cap_window text, cap_limit bigint, cap_used bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    wallet billing_wallet;
    known billing_hold;
    entry billing_journalentry;
    from_bonus bigint;
    moment timestamptz;
BEGIN
    SELECT * INTO wallet FROM billing_wallet WHERE owner_id = owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'insufficient'; available := 0; held := 0;
        RETURN NEXT; RETURN;
    END IF;
    available := wallet.paid + wallet.bonus;
    held := wallet.held;
    moment := clock_timestamp();

    SELECT * INTO known FROM billing_hold WHERE reference = the_reference;
    IF FOUND THEN
        outcome := CASE WHEN known.wallet_id = wallet.id AND known.amount = tokens THEN 'known' ELSE 'taken' END;
        hold_id := known.id;
        RETURN NEXT; RETURN;
    END IF;
    IF available < tokens THEN
        outcome := 'insufficient';
        RETURN NEXT; RETURN;
    END IF;

    IF spender_caps IS NOT NULL THEN
        PERFORM billing_count_usage(wallet.id, the_spender, ARRAY(SELECT jsonb_object_keys(spender_caps)), moment);
    END IF;
    IF EXISTS (
        SELECT FROM billing_spendusage AS usage WHERE usage.wallet_id = wallet.id AND usage.spender IN ('', the_spender)
    ) THEN
        SELECT 'capped', counted.window, counted.cap, counted.used INTO outcome, cap_window, cap_limit, cap_used
        FROM (
            SELECT usage.window,
                   CASE usage.spender
                       WHEN '' THEN (SELECT own.limit FROM billing_spendcap AS own
                                     WHERE own.wallet_id = wallet.id AND own.window = usage.window)
                       ELSE (spender_caps ->> usage.window)::bigint
                   END AS cap,
                   CASE WHEN usage.starts_at >= billing_window_start(usage.window, moment) THEN usage.used ELSE 0 END AS used
            FROM billing_spendusage AS usage
            WHERE usage.wallet_id = wallet.id AND usage.spender IN ('', the_spender)
        ) AS counted
        WHERE counted.used + tokens > counted.cap
        ORDER BY counted.cap - counted.used
        LIMIT 1;
        IF FOUND THEN
            RETURN NEXT; RETURN;
        END IF;
        UPDATE billing_spendusage AS usage
        SET used = tokens + CASE WHEN usage.starts_at >= billing_window_start(usage.window, moment) THEN usage.used ELSE 0 END,
            starts_at = greatest(usage.starts_at, billing_window_start(usage.window, moment))
        WHERE usage.wallet_id = wallet.id AND usage.spender IN ('', the_spender);
    END IF;

    from_bonus := least(wallet.bonus, tokens);
    INSERT INTO billing_hold (id, wallet_id, amount, paid, bonus, captured, status, reference, spender, created_at)
    VALUES (new_hold, wallet.id, tokens, tokens - from_bonus, from_bonus, 0, 'active', the_reference, the_spender, moment);
    entry.kind := 'hold';
    entry.reference := 'hold:' || the_reference;
    entry.hold_id := new_hold;
    entry.paid := from_bonus - tokens;
    entry.bonus := -from_bonus;
    entry.held := tokens;
    wallet := billing_post(wallet, entry);
    outcome := 'placed';
    hold_id := new_hold;
    available := wallet.paid + wallet.bonus;
    held := wallet.held;
    RETURN NEXT;
END $$;

-- Ends a hold: `tokens` of it are taken for good (bonus tokens first) and the rest returns to where it came from.
-- NULL takes all of it. Outcomes: 'settled'; 'known' (it was settled before); 'too_much'; 'no_hold'.
CREATE FUNCTION billing_hold_settle(the_hold uuid, new_status text, tokens bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    wallet billing_wallet;
    hold billing_hold;
    entry billing_journalentry;
    taken_bonus bigint;
BEGIN
    UPDATE billing_hold SET status = new_status, captured = coalesce(tokens, amount), settled_at = clock_timestamp()
    WHERE id = the_hold AND status = 'active' AND amount >= coalesce(tokens, amount)
    RETURNING * INTO hold;
    IF NOT FOUND THEN
        SELECT * INTO hold FROM billing_hold WHERE id = the_hold;
        RETURN CASE WHEN NOT FOUND THEN 'no_hold' WHEN hold.status = 'active' THEN 'too_much' ELSE 'known' END;
    END IF;
    SELECT * INTO wallet FROM billing_wallet WHERE id = hold.wallet_id FOR NO KEY UPDATE;
    taken_bonus := least(hold.bonus, hold.captured);
    entry.kind := CASE new_status WHEN 'captured' THEN 'capture' ELSE 'release' END;
    entry.reference := entry.kind || ':' || hold.reference;
    entry.hold_id := the_hold;
    entry.paid := hold.paid - (hold.captured - taken_bonus);
    entry.bonus := hold.bonus - taken_bonus;
    entry.held := -hold.amount;
    entry.revenue := hold.captured;
    PERFORM billing_post(wallet, entry);
    IF hold.captured < hold.amount THEN
        UPDATE billing_spendusage SET used = used - (hold.amount - hold.captured)
        WHERE wallet_id = hold.wallet_id AND spender IN ('', hold.spender) AND starts_at <= hold.created_at;
    END IF;
    RETURN 'settled';
END $$;

-- The two ends of a hold, under their names.
CREATE FUNCTION billing_hold_capture(the_hold uuid, tokens bigint) RETURNS text LANGUAGE sql AS $$
    SELECT billing_hold_settle(the_hold, 'captured', tokens);
$$;
CREATE FUNCTION billing_hold_release(the_hold uuid) RETURNS text LANGUAGE sql AS $$
    SELECT billing_hold_settle(the_hold, 'released', 0);
$$;

-- Puts tokens in or takes them out, other than by a hold. `the_kind` is one of top_up, bonus, refund, correction; `tokens` is
-- negative for what is taken. A refund takes paid tokens only, a correction takes bonus tokens first and gives paid ones.
-- Outcomes: 'posted'; 'known' (posted before, the same); 'taken' (the reference stands for another entry);
-- 'insufficient' (`at_hand` tokens could be taken); 'no_wallet'.
CREATE FUNCTION billing_transfer(the_wallet uuid, the_kind text, tokens bigint, the_reference text, the_description text)
RETURNS TABLE (outcome text, owner uuid, at_hand bigint) LANGUAGE plpgsql AS $$
DECLARE
    wallet billing_wallet;
    known billing_journalentry;
    entry billing_journalentry;
BEGIN
    SELECT * INTO wallet FROM billing_wallet WHERE id = the_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'no_wallet';
        RETURN NEXT; RETURN;
    END IF;
    owner := wallet.owner_id;
    SELECT * INTO known FROM billing_journalentry WHERE reference = the_reference;
    IF FOUND THEN
        outcome := CASE
            WHEN known.wallet_id = wallet.id AND known.kind = the_kind AND known.paid + known.bonus = tokens THEN 'known'
            ELSE 'taken' END;
        RETURN NEXT; RETURN;
    END IF;
    at_hand := CASE the_kind WHEN 'correction' THEN wallet.paid + wallet.bonus ELSE wallet.paid END;
    IF at_hand + tokens < 0 THEN
        outcome := 'insufficient';
        RETURN NEXT; RETURN;
    END IF;
    entry.kind := the_kind;
    entry.reference := the_reference;
    entry.description := the_description;
    CASE the_kind
        WHEN 'top_up' THEN
            entry.paid := tokens;
            entry.issued := -tokens;
        WHEN 'bonus' THEN
            entry.bonus := tokens;
            entry.granted := -tokens;
        WHEN 'refund' THEN
            entry.paid := tokens;
            entry.refunded := -tokens;
        WHEN 'correction' THEN
            entry.bonus := greatest(least(tokens, 0), -wallet.bonus);
            entry.paid := tokens - entry.bonus;
            entry.corrections := -tokens;
    END CASE;
    PERFORM billing_post(wallet, entry);
    outcome := 'posted';
    RETURN NEXT;
END $$;

-- Replaces the caps of a wallet by `caps`, an object of window and tokens, and counts from then on what they limit.
CREATE FUNCTION billing_set_caps(owner uuid, caps jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    wallet billing_wallet;
BEGIN
    SELECT * INTO wallet FROM billing_wallet WHERE owner_id = owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM billing_spendcap WHERE wallet_id = wallet.id AND NOT caps ? "window";
    INSERT INTO billing_spendcap (wallet_id, "window", "limit")
    SELECT wallet.id, given.key, given.value::bigint FROM jsonb_each_text(caps) AS given
    ON CONFLICT (wallet_id, "window") DO UPDATE SET "limit" = EXCLUDED."limit";
    DELETE FROM billing_spendusage WHERE wallet_id = wallet.id AND spender = '' AND NOT caps ? "window";
    PERFORM billing_count_usage(wallet.id, '', ARRAY(SELECT jsonb_object_keys(caps)), clock_timestamp());
    RETURN true;
END $$;

-- The books are never rewritten. A test database is emptied between tests, so only there TRUNCATE is let through.
CREATE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER billing_journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_journalentry
FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse_change();

-- Part of each page stays free, so that an update needs no index entry of its own.
ALTER TABLE billing_wallet SET (fillfactor = 50);
ALTER TABLE billing_hold SET (fillfactor = 70);
ALTER TABLE billing_spendusage SET (fillfactor = 50);

-- The entries as lines, for people and reports.
CREATE VIEW billing_posting AS
    SELECT entry.id * 8 + line.number AS id, entry.id AS entry_id, line.account, line.amount
    FROM billing_journalentry AS entry, LATERAL (VALUES
        (0, 'available:paid', entry.paid), (1, 'available:bonus', entry.bonus), (2, 'held', entry.held),
        (3, 'issued', entry.issued), (4, 'bonus', entry.granted), (5, 'revenue', entry.revenue),
        (6, 'refunded', entry.refunded), (7, 'corrections', entry.corrections)
    ) AS line (number, account, amount)
    WHERE line.amount <> 0;

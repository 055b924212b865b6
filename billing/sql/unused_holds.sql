-- Unused tokens set aside because their money may go back: a refund or a dispute. They are no spending, so spend caps do
-- not count them, and what is taken goes where it came from: paid tokens to `refunded`, bonus tokens to `granted`.
-- Replaces billing_spent and billing_hold_settle of ledger.sql by versions that know the purpose of a hold.

CREATE OR REPLACE FUNCTION billing_spent(the_wallet uuid, the_spender text, since timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(CASE status WHEN 'active' THEN amount ELSE captured END), 0)::bigint
    FROM billing_hold
    WHERE wallet_id = the_wallet AND created_at >= since AND (the_spender = '' OR spender = the_spender)
      AND purpose = 'spend';
$$;

CREATE OR REPLACE FUNCTION billing_hold_settle(the_hold uuid, new_status text, tokens bigint) RETURNS text
LANGUAGE plpgsql AS $$
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
    entry.kind := CASE WHEN new_status <> 'captured' THEN 'release' WHEN hold.purpose = 'spend' THEN 'capture' ELSE 'refund' END;
    entry.reference := entry.kind || ':' || hold.reference;
    entry.hold_id := the_hold;
    entry.paid := hold.paid - (hold.captured - taken_bonus);
    entry.bonus := hold.bonus - taken_bonus;
    entry.held := -hold.amount;
    IF hold.purpose = 'spend' THEN
        entry.revenue := hold.captured;
    ELSE
        entry.refunded := hold.captured - taken_bonus;
        entry.granted := taken_bonus;
        entry.description := CASE
            WHEN new_status = 'captured' AND hold.purpose = 'dispute' THEN 'Taken back: the payment was disputed'
            WHEN new_status = 'captured' THEN 'Refund of unused tokens'
            WHEN hold.purpose = 'dispute' THEN 'Returned: the dispute is settled'
            ELSE 'Returned: the refund did not take place' END;
    END IF;
    PERFORM billing_post(wallet, entry);
    IF hold.captured < hold.amount AND hold.purpose = 'spend' THEN
        UPDATE billing_spendusage SET used = used - (hold.amount - hold.captured)
        WHERE wallet_id = hold.wallet_id AND spender IN ('', hold.spender) AND starts_at <= hold.created_at;
    END IF;
    RETURN 'settled';
END $$;

-- Sets paid and bonus tokens aside for a refund or a dispute, each from its own balance. `in_part`: as many of them as
-- are there. Outcomes: 'placed'; 'known' (this very hold is there already); 'taken' (the reference has another hold);
-- 'insufficient' (`paid` and `bonus` say what is there); 'nothing' (in part, and nothing is there); 'no_wallet'.
CREATE FUNCTION billing_hold_unused(
    the_wallet uuid, new_hold uuid, paid_tokens bigint, bonus_tokens bigint, the_reference text, the_purpose text,
    the_description text, in_part boolean
) RETURNS TABLE (outcome text, hold_id uuid, owner uuid, paid bigint, bonus bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    wallet billing_wallet;
    known billing_hold;
    entry billing_journalentry;
BEGIN
    SELECT * INTO wallet FROM billing_wallet WHERE id = the_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'no_wallet';
        RETURN NEXT; RETURN;
    END IF;
    owner := wallet.owner_id;
    SELECT * INTO known FROM billing_hold WHERE reference = the_reference;
    IF FOUND THEN
        outcome := CASE WHEN known.wallet_id = wallet.id AND known.purpose = the_purpose THEN 'known' ELSE 'taken' END;
        hold_id := known.id; paid := known.paid; bonus := known.bonus;
        RETURN NEXT; RETURN;
    END IF;
    paid := least(paid_tokens, wallet.paid);
    bonus := least(bonus_tokens, wallet.bonus);
    IF NOT in_part AND (paid < paid_tokens OR bonus < bonus_tokens) THEN
        outcome := 'insufficient';
        RETURN NEXT; RETURN;
    END IF;
    IF paid + bonus = 0 THEN
        outcome := 'nothing';
        RETURN NEXT; RETURN;
    END IF;
    INSERT INTO billing_hold (
        id, wallet_id, amount, paid, bonus, captured, status, reference, spender, purpose, created_at)
    VALUES (new_hold, wallet.id, paid + bonus, paid, bonus, 0, 'active', the_reference, '', the_purpose, clock_timestamp());
    entry.kind := 'hold';
    entry.reference := 'hold:' || the_reference;
    entry.description := the_description;
    entry.hold_id := new_hold;
    entry.paid := -paid;
    entry.bonus := -bonus;
    entry.held := paid + bonus;
    PERFORM billing_post(wallet, entry);
    outcome := 'placed';
    hold_id := new_hold;
    RETURN NEXT;
END $$;

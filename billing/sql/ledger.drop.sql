DROP VIEW billing_posting;
DROP TRIGGER billing_journal_is_not_emptied ON billing_journalentry;
DROP TRIGGER billing_journal_is_append_only ON billing_journalentry;
DROP FUNCTION billing_refuse_change();
DROP FUNCTION billing_transfer(uuid, text, bigint, text, text);
DROP FUNCTION billing_hold_release(uuid);
DROP FUNCTION billing_hold_capture(uuid, bigint);
DROP FUNCTION billing_hold_place(uuid, uuid, bigint, text, text, jsonb);
DROP FUNCTION billing_count_spending(uuid, text, bigint, timestamptz);
DROP FUNCTION billing_window_start(text, timestamptz);
DROP FUNCTION billing_post(
    billing_wallet, text, text, uuid, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint);
DROP FUNCTION billing_entry_hash(uuid, bigint, text, text, timestamptz, bigint, bigint, bigint, bytea);

DROP FUNCTION billing_hold_unused(uuid, uuid, bigint, bigint, text, text, text, boolean);

DROP FUNCTION billing_payment_credit(uuid, text, jsonb, uuid, interval);

-- Gives the tokens of a payment that was paid, in one round trip: its status, the entries, the line in its log and the job
-- that tells the customer. Moves from every status in which no money has come; returns the wallet's owner, or NULL when
-- the money had come before. The references of the entries are unique, so even a defect here could not credit twice.
CREATE FUNCTION billing_payment_credit(
    the_payment uuid, the_source text, the_details jsonb, job uuid, job_delay interval
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    payment billing_payment;
    bought record;
    given record;
    moment timestamptz := clock_timestamp();
BEGIN
    UPDATE billing_payment
    SET status = 'paid', paid_at = moment, closed_at = moment, failure = '', next_poll_at = NULL
    WHERE id = the_payment AND status IN ('created', 'pending', 'failed', 'cancelled', 'expired')
    RETURNING * INTO payment;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO bought FROM billing_transfer(
        payment.wallet_id, 'top_up', payment.tokens, 'top-up:payment:' || payment.id, 'Bought tokens');
    IF bought.outcome <> 'posted' THEN
        RAISE EXCEPTION 'payment % cannot be credited: %', payment.id, bought.outcome;
    END IF;
    IF payment.bonus_tokens > 0 THEN
        SELECT * INTO given FROM billing_transfer(
            payment.wallet_id, 'bonus', payment.bonus_tokens, 'bonus:payment:' || payment.id, 'Given with bought tokens');
        IF given.outcome <> 'posted' THEN
            RAISE EXCEPTION 'the gift of payment % cannot be credited: %', payment.id, given.outcome;
        END IF;
    END IF;
    INSERT INTO billing_paymentevent (payment_id, kind, source, details, created_at)
    VALUES (payment.id, 'paid', the_source, the_details, moment);
    PERFORM core_enqueue(job, 'billing.tell_paid', jsonb_build_array(payment.id), job_delay);
    RETURN bought.owner;
END $$;

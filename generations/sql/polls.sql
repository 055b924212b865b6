-- Takes provider tasks whose poll is due and sets the next one: 2, 3, 5, 8, 13, 20, then every 30 seconds, with jitter.
-- Safe to run in parallel: what one caller takes, another skips.
CREATE FUNCTION generations_due_polls(how_many int) RETURNS SETOF uuid LANGUAGE sql AS $$
    UPDATE generations_providertask AS task
    SET polls = task.polls + 1,
        next_poll_at = now() + (0.85 + random() * 0.3)
            * make_interval(secs => (ARRAY[2, 3, 5, 8, 13, 20, 30])[least(task.polls + 1, 7)])
    FROM (
        SELECT due.id FROM generations_providertask AS due
        WHERE due.status IN ('submitted', 'running', 'unknown') AND due.next_poll_at <= now()
        ORDER BY due.next_poll_at
        LIMIT how_many
        FOR UPDATE SKIP LOCKED
    ) AS picked
    WHERE task.id = picked.id
    RETURNING task.id;
$$;

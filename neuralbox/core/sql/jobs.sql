-- Records a job in the caller's transaction. `published_at` is set at once, because the caller publishes after its
-- commit; what was not published, or got lost, is due again after the sweep's pause.
CREATE FUNCTION core_enqueue(job_id uuid, job_name text, job_args jsonb, delay interval DEFAULT '0') RETURNS void
LANGUAGE sql AS $$
    INSERT INTO core_job (id, name, args, run_at, published_at)
    VALUES (job_id, job_name, job_args, now() + delay, CASE WHEN delay = '0' THEN now() END);
$$;

-- Takes jobs that are due and that nobody works on, and marks them published. Safe to run in parallel.
-- Jobs named in `crowded` wait in a long queue at the broker: they are taken only if their worker was lost.
CREATE FUNCTION core_due_jobs(how_many int, republish_after_seconds int, crowded text[])
RETURNS TABLE (id uuid, name text, args jsonb)
LANGUAGE sql AS $$
    UPDATE core_job AS job SET published_at = now(), leased_until = NULL
    FROM (
        SELECT due.id FROM core_job AS due
        WHERE due.gave_up_at IS NULL AND due.run_at <= now()
          AND (due.leased_until < now()
               OR (due.leased_until IS NULL
                   AND due.name <> ALL (crowded)
                   AND (due.published_at IS NULL
                        OR due.published_at < now() - make_interval(secs => republish_after_seconds))))
        ORDER BY due.run_at
        LIMIT how_many
        FOR UPDATE SKIP LOCKED
    ) AS picked
    WHERE job.id = picked.id
    RETURNING job.id, job.name, job.args;
$$;

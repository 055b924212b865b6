DROP FUNCTION core_due_jobs(int, int);
DROP FUNCTION core_enqueue(uuid, text, jsonb, interval);

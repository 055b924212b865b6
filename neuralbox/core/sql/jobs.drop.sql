DROP FUNCTION core_due_jobs(int, int, text[]);
DROP FUNCTION core_enqueue(uuid, text, jsonb, interval);

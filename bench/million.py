"""Fills a database with generations that have ended, with their holds, ledger entries and pictures, by SQL alone.

The books are right, but for the hashes of their entries: a chain can only be written one entry after the other, and
nothing that is measured reads it.
"""

import psycopg

from bench.people import TOKENS_EACH

PER_PERSON = 100
_TABLES = ("generations_generation", "generations_asset", "billing_hold", "billing_journalentry")

# A table of what is to be written: one row per generation, in the order of time. Ids are UUIDv7, as everywhere.
# `available` is what its person has before it.
_PLAN = """
    CREATE UNLOGGED TABLE bench_plan AS
    SELECT person.id AS user_id, round, moment, failed, round * 2 + 2 AS sequence,
           %(tokens)s - 3 * count(*) FILTER (WHERE NOT failed) OVER (
               PARTITION BY person.id ORDER BY round ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS available,
           (head || substr(md5(random()::text), 1, 15))::uuid AS id,
           (head || substr(md5(random()::text), 1, 15))::uuid AS hold_id
    FROM generate_series(0, %(rounds)s - 1) AS round
    CROSS JOIN LATERAL (
        SELECT id, row_number() OVER (ORDER BY id) AS number FROM accounts_user
        WHERE id = ANY(%(people)s)
    ) AS person
    CROSS JOIN LATERAL (
        SELECT now() - interval '90 days'
               + (round * %(count)s + person.number) * (interval '80 days' / (%(rounds)s * %(count)s)) AS moment,
               (person.number + round) %% 20 = 0 AS failed
    ) AS times
    CROSS JOIN LATERAL (
        SELECT lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7abc8' AS head
    ) AS beginning
    ORDER BY moment
"""
_STEPS = (
    """INSERT INTO billing_hold (id, wallet_id, amount, paid, bonus, captured, status, reference, spender, created_at,
                                 settled_at)
       SELECT hold_id, user_id, 3, 3, 0, CASE WHEN failed THEN 0 ELSE 3 END,
              CASE WHEN failed THEN 'released' ELSE 'captured' END, 'generation:' || id, '', moment,
              moment + interval '9 seconds'
       FROM bench_plan""",
    """INSERT INTO billing_journalentry (wallet_id, sequence, kind, reference, hold_id, description, created_at, paid,
                                         bonus, held, issued, granted, revenue, refunded, corrections,
                                         available_after, held_after, previous_hash, hash)
       SELECT user_id, sequence, 'hold', 'hold:generation:' || id, hold_id, '', moment, -3, 0, 3, 0, 0, 0, 0, 0,
              available - 3, 3, sha256('before'), sha256('after')
       FROM bench_plan""",
    """INSERT INTO billing_journalentry (wallet_id, sequence, kind, reference, hold_id, description, created_at, paid,
                                         bonus, held, issued, granted, revenue, refunded, corrections,
                                         available_after, held_after, previous_hash, hash)
       SELECT user_id, sequence + 1, CASE WHEN failed THEN 'release' ELSE 'capture' END,
              CASE WHEN failed THEN 'release:generation:' ELSE 'capture:generation:' END || id, hold_id, '',
              moment + interval '9 seconds', CASE WHEN failed THEN 3 ELSE 0 END, 0, -3, 0, 0,
              CASE WHEN failed THEN 0 ELSE 3 END, 0, 0, CASE WHEN failed THEN available ELSE available - 3 END, 0,
              sha256('before'), sha256('after')
       FROM bench_plan""",
    """INSERT INTO generations_generation (id, user_id, model_id, version_id, hold_id, modality, status, progress,
              stage, provider, input, prompt, tokens_quoted, tokens_captured, source, error, metadata, webhook_url,
              hidden, deadline, created_at, started_at, finished_at)
       SELECT plan.id, user_id, model.id, model.current_version_id, hold_id, model.modality,
              CASE WHEN failed THEN 'failed' ELSE 'succeeded' END, 1, '', 'offline',
              jsonb_build_object('prompt', 'A lighthouse no. ' || round, 'size', '512'), 'A lighthouse no. ' || round,
              3, CASE WHEN failed THEN 0 ELSE 3 END, 'api',
              CASE WHEN failed THEN '{"code": "provider_failed"}'::jsonb END, '{}', '', false,
              moment + interval '2 minutes', moment, moment + interval '1 second', moment + interval '9 seconds'
       FROM bench_plan AS plan JOIN generations_model AS model ON model.slug = 'demo-image'""",
    """INSERT INTO generations_asset (id, generation_id, position, kind, mime, bytes, width, height, sha256,
                                      storage_key, thumbnail_key, is_late, created_at)
       SELECT id, id, 0, 'image', 'image/png', 1650195, 1024, 1024, repeat('a', 64),
              'results/' || user_id || '/' || id || '/0.png', 'results/' || user_id || '/' || id || '/0.thumb.webp',
              false, moment + interval '9 seconds'
       FROM bench_plan WHERE NOT failed""",
    """UPDATE billing_wallet AS wallet SET entries_count = 1 + 2 * %(rounds)s, paid = paid - spent.tokens
       FROM (
           SELECT user_id, 3 * count(*) FILTER (WHERE NOT failed) AS tokens FROM bench_plan GROUP BY user_id
       ) AS spent
       WHERE wallet.id = spent.user_id""",
)


def fill(database_url: str, people: list[object], *, each: int = PER_PERSON) -> None:
    """Give these newcomers of `people.create` so many generations each.

    Indexes are rebuilt afterwards, whatever happens, and triggers are off meanwhile.
    """
    values = {"rounds": each, "people": people, "count": len(people), "tokens": TOKENS_EACH}
    with psycopg.connect(database_url, autocommit=True) as connection:
        for setting in (
            "session_replication_role = replica",
            "synchronous_commit = off",
            "maintenance_work_mem = '256MB'",
            "work_mem = '128MB'",
        ):
            connection.execute(f"SET {setting}")
        connection.execute(psycopg.ClientCursor(connection).mogrify(_PLAN, values))
        indexes = connection.execute(
            """SELECT indexdef, indexrelid::regclass::text FROM pg_index
               JOIN pg_indexes ON indexname = indexrelid::regclass::text
               WHERE tablename = ANY(%s) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)""",
            [list(_TABLES)],
        ).fetchall()
        for _definition, name in indexes:
            connection.execute(f"DROP INDEX {name}")
        try:
            for step in _STEPS:
                connection.execute(step, values if "%(" in step else None)
        finally:
            for definition, _name in indexes:
                connection.execute(definition)
            connection.execute("DROP TABLE bench_plan")
        for table in (*_TABLES, "billing_wallet"):
            connection.execute(f"VACUUM ANALYZE {table}")
        connection.execute("CHECKPOINT")

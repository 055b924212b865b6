"""People with tokens and API keys, many at once: written by SQL, as creating them one by one would take minutes."""

from dataclasses import dataclass
from uuid import UUID

import psycopg

from accounts import key_texts

TOKENS_EACH = 1_000_000


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    key: str


def create(database_url: str, count: int) -> list[Person]:
    """New people, each with a wallet, a top-up and an API key of all scopes."""
    keys = [key_texts.generate() for _number in range(count)]
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TEMP TABLE newcomer (number int, public_id text, digest bytea, last_four text)")
        with connection.cursor().copy("COPY newcomer FROM STDIN") as copy:
            for number, key in enumerate(keys):
                copy.write_row((number, key.public_id, key.digest, key.last_four))
        connection.execute("ALTER TABLE newcomer ADD user_id uuid DEFAULT gen_random_uuid()")
        connection.execute("ALTER TABLE newcomer ADD key_id uuid DEFAULT gen_random_uuid()")
        connection.execute(
            """INSERT INTO accounts_user (id, password, is_superuser, email, name, avatar, language, theme,
                                          notice_settings, is_active, is_staff)
               SELECT user_id, '!', false, public_id || '@example.com', 'Person ' || number, '', 'en', 'system',
                      '{}', true, false
               FROM newcomer"""
        )
        connection.execute(
            """INSERT INTO billing_wallet (id, owner_id, paid, bonus, held, entries_count, last_hash)
               SELECT user_id, user_id, 0, 0, 0, 0, decode(repeat('00', 32), 'hex') FROM newcomer"""
        )
        connection.execute(
            "SELECT count(*) FROM newcomer, billing_transfer(user_id, 'top_up', %s, 'bench:' || user_id, '')",
            [TOKENS_EACH],
        )
        connection.execute(
            """INSERT INTO accounts_apikey (id, user_id, name, scopes, allowed_ips)
               SELECT key_id, user_id, 'benchmark', '{read,generate,billing}', '{}' FROM newcomer"""
        )
        connection.execute(
            """INSERT INTO accounts_apikeysecret (api_key_id, public_id, digest, last_four)
               SELECT key_id, public_id, digest, last_four FROM newcomer"""
        )
        rows = connection.execute("SELECT user_id FROM newcomer ORDER BY number").fetchall()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return [Person(row[0], key.text) for row, key in zip(rows, keys, strict=True)]

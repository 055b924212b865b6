"""Do generations and the books agree? The same questions for the nightly check, for people and for tests."""

import logging
from collections.abc import Iterator

from django.db import connection

from billing.selectors import ledger_differences

logger = logging.getLogger(__name__)

# Each names what must never be found. Active work changes while we look, so it is given a minute.
_QUESTIONS = {
    "an ended generation has an open hold": """
        SELECT generation.id FROM generations_generation AS generation
        JOIN billing_hold AS hold ON hold.id = generation.hold_id
        WHERE generation.status IN ('succeeded', 'failed', 'cancelled') AND hold.status = 'active'""",
    "an active generation has no open hold": """
        SELECT generation.id FROM generations_generation AS generation
        JOIN billing_hold AS hold ON hold.id = generation.hold_id
        WHERE generation.status IN ('queued', 'running', 'saving') AND hold.status <> 'active'""",
    "a generation and its hold disagree on what was captured": """
        SELECT generation.id FROM generations_generation AS generation
        JOIN billing_hold AS hold ON hold.id = generation.hold_id
        WHERE generation.tokens_captured <> hold.captured""",
    "an open hold belongs to no generation": """
        SELECT hold.id FROM billing_hold AS hold
        LEFT JOIN generations_generation AS generation ON generation.hold_id = hold.id
        WHERE hold.status = 'active' AND hold.reference LIKE 'generation:%%' AND generation.id IS NULL
          AND hold.created_at < now() - interval '1 minute'""",
    "a generation is active long after its deadline": """
        SELECT id FROM generations_generation
        WHERE status IN ('queued', 'running', 'saving') AND deadline < now() - interval '5 minutes'""",
}
SHOWN_OF_EACH = 20


def differences() -> Iterator[str]:
    """What disagrees between generations and holds, one line each. Nothing is mended by itself."""
    with connection.cursor() as cursor:
        for fault, question in _QUESTIONS.items():
            cursor.execute(f"{question} LIMIT %s", [SHOWN_OF_EACH])
            for (row_id,) in cursor.fetchall():
                yield f"{fault}: {row_id}"


def check() -> int:
    """Look through the ledger and the generations; every difference is an error in the log. Returns how many."""
    found = 0
    for difference in [*ledger_differences(), *differences()]:
        found += 1
        logger.error("the books disagree: %s", difference)
    return found

"""Management commands of a site, one after another in one process: Django starts once for all of them.

Reads a JSON list of arguments per line; answers with a JSON object of `output` and `error` per line.
"""

import contextlib
import io
import json
import sys
import traceback

import django
from django.core.management import call_command
from django.db import connection


def run(arguments: list[str]) -> dict[str, str]:
    """What the command wrote, and how it failed, if it did."""
    output = io.StringIO()
    error = ""
    try:
        with contextlib.redirect_stdout(output):
            call_command(*arguments, stdout=output)
    except (Exception, SystemExit):  # noqa: BLE001 - whatever it is, the test shall see it
        error = traceback.format_exc()
    finally:
        # The next command may come when the database has been restarted.
        connection.close()
        connection.close_pool()
    return {"output": output.getvalue(), "error": error}


if __name__ == "__main__":
    answers = sys.stdout
    django.setup()
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()

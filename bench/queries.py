"""Counts the queries of calls inside a process of the site, and signs a member of staff in. Run as a program."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import django


def main(command: str, argument: str = "{}") -> None:
    django.setup()
    if command == "session":
        print(_as_staff().cookies["sessionid"].value)
    else:
        print(json.dumps(_count(json.loads(argument))))


def _as_staff() -> Any:
    from django.test import Client

    from accounts.models import User

    client, staff = Client(), User.objects.filter(is_superuser=True).latest("created_at")
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0}]
    session["account_authentication_methods_user"] = str(staff.pk)
    session.save()
    return client


def _count(calls: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Each call is made twice: the first fills what the process keeps, the second is counted."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.api import ORDER

    counted = {}
    staff = _as_staff()
    for name, (method, path, key) in calls.items():
        client, headers = (staff, {}) if method == "ADMIN" else (Client(), {"Authorization": f"Bearer {key}"})
        for _time in range(2):
            with CaptureQueriesContext(connection) as queries:
                if method == "POST":
                    answer = client.post(path, ORDER, content_type="application/json", headers=headers)
                else:
                    answer = client.get(path, headers=headers)
        if answer.status_code not in {200, 202}:
            raise RuntimeError(f"{name} answered {answer.status_code}")
        # The beginning and the end of a transaction are noted like queries.
        counted[name] = sum(query["sql"] not in {"BEGIN", "COMMIT"} for query in queries)
    return counted


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Whatever a caller sends, the API answers as its document says, and never with an error of its own."""

import hypothesis
import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
STREAMS = r"/events$"
CALLS = 8  # of each kind: as the document asks, and not


@pytest.fixture
def document(db):
    """The document, bound to the application in this process, whose calls share the test's transaction."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def undocumented(document, headers):
    """What each operation answered that the document does not tell of."""

    def call(case):
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    found = {}
    bounded = hypothesis.settings(
        max_examples=CALLS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for result in document.exclude(path_regex=STREAMS).get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            cases = operation.as_strategy(generation_mode=mode)
            try:
                bounded(hypothesis.given(case=cases)(call))()
            except hypothesis.errors.Unsatisfiable:
                continue  # nothing can be sent that this operation would not understand
            except Exception as error:
                found[f"{operation.label} ({mode.value})"] = str(error)
    return found


def test_a_program_gets_only_documented_answers(document, catalogue, alice, api_client_of):
    credentials = api_client_of(alice)._credentials
    headers = {"Authorization": credentials["HTTP_AUTHORIZATION"]}
    found = undocumented(document, headers)
    assert not found, "\n\n".join(f"{name}: {trouble}" for name, trouble in found.items())

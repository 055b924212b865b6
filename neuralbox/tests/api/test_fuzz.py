"""Whatever a caller sends, the API answers as its document says, and never with an error of its own."""

import collections

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

from neuralbox.tests.fixtures import FIREFOX

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
STREAMS = r"/events$"
PERSONAL = r"/(me|wallet|webhook-endpoints)\b"
ENDS_THE_SESSION = r"/sessions|/sign-out|/deletion-request"
CALLS = 8  # of each kind: as the document asks, and not


@pytest.fixture
def person(alice, person_client_of):
    return person_client_of(alice)


@pytest.fixture
def document(db):
    """The document, bound to the application in this process, whose calls share the test's transaction."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def undocumented(document, headers, hers):
    """What each operation answered that the document does not tell of, and how often it answered at all.

    Every second call is about something that is there.
    """
    answers = collections.Counter()

    def call(case):
        if answers.total() % 2:
            case.path_parameters.update({name: str(hers[name]) for name in case.path_parameters if name in hers})
        response = case.call(headers=headers)
        answers[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    found = {}
    bounded = hypothesis.settings(
        max_examples=CALLS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for result in document.get_all_operations():
        operation = result.ok()
        kinds = [(mode.value, operation.as_strategy(generation_mode=mode)) for mode in GenerationMode]
        kinds += [("example", cases) for cases in operation.get_strategies_from_examples()]
        for kind, cases in kinds:
            try:
                bounded(hypothesis.given(case=cases)(call))()
            except hypothesis.errors.Unsatisfiable:
                continue  # nothing can be sent that this operation would not understand
            except Exception as error:  # noqa: BLE001 - told at the end, with those of other operations
                found[f"{operation.label} ({kind})"] = str(error)
    return found, answers


def told(found):
    return "\n\n".join(f"{name}: {trouble}" for name, trouble in found.items())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_program_gets_only_documented_answers(hers, alice, api_client_of, document):
    headers = {"Authorization": api_client_of(alice)._credentials["HTTP_AUTHORIZATION"]}
    found, answers = undocumented(document.exclude(path_regex=STREAMS), headers, hers)
    assert not found, told(found)
    assert {200, 202, 422} <= set(answers)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_person_gets_only_documented_answers(hers, person, document):
    headers = {"Authorization": person._credentials["HTTP_AUTHORIZATION"], "User-Agent": FIREFOX}
    own = document.include(path_regex=PERSONAL).exclude(path_regex=ENDS_THE_SESSION)
    found, answers = undocumented(own, headers, hers)
    assert not found, told(found)
    assert person.get("/api/v1/me").status_code == 200, "the calls should have come from a signed-in person"
    assert {200, 201, 422} <= set(answers)

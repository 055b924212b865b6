"""One row for each code of Kie.ai, in each place where it can stand."""

import pytest

from providers.adapters.kie import codes
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)


@pytest.mark.parametrize(
    ("code", "error", "failure"),
    [
        (400, ProviderRejected, "invalid_input"),
        (401, CredentialsRefused, None),
        (402, CreditsExhausted, None),
        (403, CredentialsRefused, None),
        (404, ProviderRejected, "not_offered"),
        (405, ProviderRejected, "refused"),
        (408, SubmissionOutcomeUnknown, None),
        (409, ProviderRejected, "already_made"),
        (413, ProviderRejected, "known_work"),
        (422, ProviderRejected, "invalid_input"),
        (429, RateLimited, None),
        (433, CreditsExhausted, None),
        (451, ProviderRejected, "input_not_fetched"),
        (455, ProviderUnavailable, None),
        (500, SubmissionOutcomeUnknown, None),
        (501, ProviderRejected, "generation_failed"),
        (502, SubmissionOutcomeUnknown, None),
        (505, ProviderUnavailable, None),
        (531, ProviderRejected, "generation_failed"),
        (550, RateLimited, None),
        (418, ProviderRejected, "refused"),
        (599, SubmissionOutcomeUnknown, None),
    ],
)
def test_a_code_that_answers_an_order(code, error, failure):
    read = codes.refusal(code, "words", None)
    assert type(read) is error
    if failure:
        assert read.failure.code == failure


def test_a_request_that_came_too_soon_was_dropped_and_may_come_again():
    assert codes.refusal(429, "words", None).retry_after == 10.0
    assert codes.refusal(429, "words", 3.0).retry_after == 3.0


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (429, "The current credits are insufficient. Please top up.", CreditsExhausted),
        (429, "Your call frequency is too high", RateLimited),
        (430, "", RateLimited),
        (405, "", RateLimited),
        (402, "", CreditsExhausted),
    ],
)
def test_the_lyrics_call_may_speak_in_the_codes_of_the_other_seller(code, message, error):
    assert type(codes.refusal(code, message, None, lyrics=True)) is error


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (404, TaskNotFound),
        (422, TaskNotFound),
        (401, CredentialsRefused),
        (402, CreditsExhausted),
        (433, CreditsExhausted),
        (429, RateLimited),
        (455, ProviderUnavailable),
        (500, ProviderUnavailable),
        (505, ProviderUnavailable),
    ],
)
def test_a_code_that_answers_a_question(code, error):
    assert type(codes.trouble(code, "recordInfo is null", None)) is error


@pytest.mark.parametrize(
    ("code", "failure", "retryable", "moderation"),
    [
        (400, "invalid_input", False, False),
        (401, "provider_account", True, False),
        (402, "provider_account", True, False),
        (404, "not_offered", False, False),
        (408, "timeout", True, False),
        (409, "already_made", False, False),
        (413, "known_work", False, True),
        (422, "invalid_input", False, False),
        (433, "provider_account", True, False),
        (451, "input_not_fetched", True, False),
        (500, "provider_error", True, False),
        (501, "generation_failed", True, False),
        (531, "generation_failed", True, False),
        (999, "generation_failed", True, False),
        (None, "generation_failed", True, False),
    ],
)
def test_a_code_in_the_record_of_a_failed_task(code, failure, retryable, moderation):
    read = codes.failure(code, "words", refusals_are_400=False)
    assert (read.code, read.retryable, read.moderation) == (failure, retryable, moderation)
    assert read.message.endswith("words")


def test_where_a_family_says_400_to_content_it_is_a_refusal_of_the_content():
    assert codes.failure(400, "", refusals_are_400=True).moderation
    assert not codes.failure(422, "", refusals_are_400=True).moderation


@pytest.mark.parametrize(
    "message",
    [
        "Your prompt was flagged by Website as violating content policies",
        "NSFW content detected",
        "The input image contains sensitive information",
        "Blocked by our safety system",
    ],
)
def test_jobs_have_no_code_for_refused_content_so_the_words_tell(message):
    read = codes.failure(500, message, refusals_are_400=False)
    assert (read.code, read.retryable, read.moderation) == ("content_refused", False, True)

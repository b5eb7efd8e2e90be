"""The providers' own chat clients, as installed from their packages, against a running sandbox.

They were not written by us, so they do not share our misunderstandings of the protocols.
"""

import json

import openai
import pytest
import scale_gp_beta
from scale_gp_beta import SGPClient

from clients import ADDRESS, BOTH, FLAT_OUT, HELLO, TOKEN, openai_on_its_own_routes

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
            "required": ["city"],
        },
    },
}


# scale-gp-beta


def test_scale_chat_answers(scale):
    answer = scale.chat.completions.create(model="sandbox/echo", messages=HELLO)
    assert answer.choices[0].message.content == "Hello, sandbox"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_scale_stream_gives_the_same_text_and_ends_cleanly(scale):
    whole = scale.chat.completions.create(model="sandbox/markdown", messages=HELLO).choices[0].message.content
    chunks = list(
        scale.chat.completions.create(
            model="sandbox/markdown", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 100


def test_scale_end_mark_is_what_its_client_cannot_read(scale):
    """Why /v5 sends no [DONE] unless it is asked to."""
    stream = scale.chat.completions.create(
        model="sandbox/short", messages=HELLO, stream=True, extra_headers={"x-sandbox-done": "true"}
    )
    with pytest.raises(json.JSONDecodeError):
        list(stream)


def test_scale_lists_what_can_be_called(scale):
    rows = scale.chat.completions.models(model_vendor="sandbox", limit=1000).items
    names = {f"{row.model_vendor}/{row.model_name}" for row in rows}
    assert {"sandbox/short", "sandbox/steady", "sandbox/fault/stall"} <= names
    assert {row.model_type for row in rows} == {"chat_completion", "completion", "generic"}
    assert all(row.model_availability == "available" for row in rows)


def test_scale_pages_through_its_records(scale):
    records = list(scale.models.list(limit=7))
    names = [record.name for record in records]
    assert len(names) == len(set(names)) > 7, "each record once, over several pages"
    assert all(record.status == "ready" for record in records)


def test_scale_tool_calls_arrive_in_fragments_that_join_to_json(scale):
    chunks = scale.chat.completions.create(model="sandbox/tools", messages=HELLO, tools=[WEATHER], stream=True)
    arguments, names = {}, {}
    for chunk in chunks:
        for call in chunk.choices[0].delta.tool_calls or []:
            arguments[call.index] = arguments.get(call.index, "") + call.function.arguments
            names.setdefault(call.index, call.function.name)
    assert names == {0: "get_weather", 1: "get_weather"}
    assert all(json.loads(text)["city"] for text in arguments.values())


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ("status-401", scale_gp_beta.AuthenticationError),
        ("status-403", scale_gp_beta.PermissionDeniedError),
        ("status-422", scale_gp_beta.UnprocessableEntityError),
        ("status-429", scale_gp_beta.RateLimitError),
        ("budget-exceeded", scale_gp_beta.RateLimitError),
        ("status-500-html", scale_gp_beta.InternalServerError),
        ("status-503", scale_gp_beta.InternalServerError),
    ],
)
def test_scale_scenarios_raise_their_class(scale, scenario, error):
    with pytest.raises(error):
        scale.chat.completions.create(model=f"sandbox/fault/{scenario}", messages=HELLO)


def test_scale_validation_names_the_field(scale):
    with pytest.raises(scale_gp_beta.UnprocessableEntityError) as raised:
        scale.chat.completions.create(model="sandbox/short", messages=HELLO, temperature=2.4)
    assert raised.value.body["detail"][0]["loc"] == ["body", "temperature"]


def test_scale_wrong_key_and_wrong_model():
    with SGPClient(api_key="wrong", account_id="account", base_url=ADDRESS, max_retries=0) as client:
        with pytest.raises(scale_gp_beta.AuthenticationError):
            client.chat.completions.create(model="sandbox/short", messages=HELLO)
    with SGPClient(api_key=TOKEN, account_id="account", base_url=ADDRESS, max_retries=0) as client:
        with pytest.raises(scale_gp_beta.BadRequestError):
            client.chat.completions.create(model="sandbox/none", messages=HELLO)


def test_scale_hands_error_frames_on_as_chunks(scale):
    """It does not raise, so whoever uses it has to look."""
    stream = scale.chat.completions.create(model="sandbox/fault/error-in-stream", messages=HELLO, stream=True)
    *chunks, last = stream
    assert all(chunk.choices for chunk in chunks)
    assert last.model_extra["error"]["message"]


def test_scale_retries_what_was_refused_once():
    with SGPClient(api_key=TOKEN, account_id="retries", base_url=ADDRESS, max_retries=1) as client:
        answer = client.chat.completions.create(
            model="sandbox/fault/status-429-once",
            messages=[{"role": "user", "content": "Once more, please"}],
            max_tokens=5,
            extra_headers=FLAT_OUT,
        )
    assert answer.choices[0].message.content


# openai


@BOTH
def test_openai_chat_answers(make):
    answer = make().chat.completions.create(model="sandbox/echo", messages=HELLO)
    assert answer.choices[0].message.content == "Hello, sandbox"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens_details.reasoning_tokens == 0


@BOTH
def test_openai_stream_gives_the_same_text(make):
    client = make()
    whole = client.chat.completions.create(model="sandbox/unicode", messages=HELLO).choices[0].message.content
    chunks = list(
        client.chat.completions.create(
            model="sandbox/unicode", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    assert chunks[-1].usage.completion_tokens > 0


@BOTH
def test_openai_choices_and_log_probabilities(make):
    answer = make().chat.completions.create(
        model="sandbox/logprobs", messages=HELLO, n=2, seed=4, logprobs=True, top_logprobs=3
    )
    assert len(answer.choices) == 2
    assert answer.choices[0].message.content != answer.choices[1].message.content
    for choice in answer.choices:
        tokens = choice.logprobs.content
        assert b"".join(bytes(token.bytes) for token in tokens).decode() == choice.message.content
        assert all(len(token.top_logprobs) == 3 for token in tokens)


@BOTH
def test_openai_tool_round_trip(make):
    client = make()
    first = client.chat.completions.create(model="sandbox/tools", messages=HELLO, tools=[WEATHER])
    calls = first.choices[0].message.tool_calls
    assert first.choices[0].finish_reason == "tool_calls" and len(calls) == 2
    results = [{"role": "tool", "tool_call_id": call.id, "content": f"{call.function.arguments}: sunny"} for call in calls]
    history = [*HELLO, first.choices[0].message.model_dump(exclude_none=True), *results]
    second = client.chat.completions.create(model="sandbox/tools", messages=history, tools=[WEATHER])
    assert second.choices[0].message.content.count("sunny") == 2


@BOTH
def test_openai_structured_answers_are_json(make):
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}
    answer = make().chat.completions.create(
        model="sandbox/json",
        messages=HELLO,
        response_format={"type": "json_schema", "json_schema": {"name": "thing", "schema": schema}},
    )
    assert set(json.loads(answer.choices[0].message.content)) == {"name", "size"}


@BOTH
@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ("status-401", openai.AuthenticationError),
        ("status-403", openai.PermissionDeniedError),
        ("status-422", openai.UnprocessableEntityError),
        ("status-429", openai.RateLimitError),
        ("quota-exceeded", openai.RateLimitError),
        ("status-500-html", openai.InternalServerError),
    ],
)
def test_openai_scenarios_raise_their_class(make, scenario, error):
    with pytest.raises(error):
        make().chat.completions.create(model=f"sandbox/fault/{scenario}", messages=HELLO)


@BOTH
@pytest.mark.parametrize("scenario", ["error-in-stream", "error-first-frame"])
def test_openai_error_frames_are_raised(make, scenario):
    stream = make().chat.completions.create(model=f"sandbox/fault/{scenario}", messages=HELLO, stream=True)
    with pytest.raises(openai.APIError, match="backend"):
        list(stream)


@BOTH
@pytest.mark.parametrize("scenario", ["crlf", "split-utf8", "one-byte-writes", "no-space"])
def test_openai_reads_awkward_but_legal_streams(make, scenario):
    stream = make().chat.completions.create(model=f"sandbox/fault/{scenario}", messages=HELLO, stream=True)
    chunks = list(stream)
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_openai_lists_and_finds_models():
    client = openai_on_its_own_routes()
    ids = [model.id for model in client.models.list()]
    assert "sandbox/steady" in ids
    assert client.models.retrieve("sandbox/steady").owned_by == "sandbox"
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("sandbox/none")
    assert raised.value.code == "model_not_found"


def test_openai_wrong_parameter_and_wrong_key():
    with pytest.raises(openai.BadRequestError) as raised:
        openai_on_its_own_routes().chat.completions.create(model="sandbox/short", messages=HELLO, temperature=-1)
    assert raised.value.param == "temperature"
    with pytest.raises(openai.AuthenticationError) as raised:
        openai.OpenAI(api_key="wrong", base_url=f"{ADDRESS}/oai/v1", max_retries=0).models.list()
    assert raised.value.code == "invalid_api_key"


def test_openai_does_not_retry_what_must_not_be_retried():
    client = openai_on_its_own_routes().with_options(max_retries=2)
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.with_raw_response.create(model="sandbox/fault/budget-exceeded", messages=HELLO)
    assert raised.value.request.headers["x-stainless-retry-count"] == "0"

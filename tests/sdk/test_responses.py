"""Responses with the official clients: every event is read by the type that its own client has for it."""

import json
import typing

import openai
import pydantic
import pytest
import scale_gp_beta
from openai.types.responses import Response, ResponseStreamEvent
from scale_gp_beta.types import response_create_response as scale_events
from scale_gp_beta.types.openai_response import OpenAIResponse

from clients import BOTH, openai_on_its_own_routes, openai_on_scale

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "strict": False,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}

# Models whose events and items are all documented.
MODELS = [
    "items-text",
    "items-tools",
    "items-search",
    "items-shell",
    "items-mcp",
    "items-media",
    "reasoning",
    "refusal",
    "filtered",
    "failed",
    "cancelled",
    "markdown",
    "fault/error-in-stream",
]


def parted(union):
    """The members of a union, which may be annotated."""
    inner = typing.get_args(union)
    return typing.get_args(inner[0]) if typing.get_origin(union) is typing.Annotated else inner


def kind(model):
    """The `type` that a class stands for."""
    field = model.model_fields.get("type")
    values = typing.get_args(field.annotation) if field else ()
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None


def streamed(client, **request):
    """The events of a stream as plain data: the client reads by name, and forgives what does not fit."""
    with client.responses.create(stream=True, **request) as stream:
        return [(event, event.to_dict(warnings=False)) for event in stream]


@pytest.mark.parametrize("model", MODELS)
def test_every_event_is_what_its_type_says(model):
    union = pydantic.TypeAdapter(ResponseStreamEvent)
    classes = {kind(member): member for member in parted(ResponseStreamEvent)}
    seen = []
    try:
        with openai_on_its_own_routes().responses.create(model=f"sandbox/{model}", input="Hello", stream=True) as stream:
            for event in stream:
                seen.append(event)
    except openai.APIError as error:
        # The client raises what arrives as an error.
        assert model == "fault/error-in-stream" and "backend" in error.message
    for event in seen:
        assert type(event) is classes[event.type]
        # Strictly, which the client itself does not do.
        union.validate_python(event.to_dict(warnings=False), by_alias=True)
    assert [event.sequence_number for event in seen] == list(range(len(seen)))


def test_every_event_of_the_client_is_reached():
    known = {kind(member) for member in parted(ResponseStreamEvent)}
    seen = {"error"}
    client = openai_on_its_own_routes()
    for model in MODELS[:-1]:
        events = streamed(client, model=f"sandbox/{model}", input="Hello", background=model == "markdown")
        seen |= {data["type"] for _, data in events}
    # A summary instead of raw thoughts has events of its own.
    assert known - seen == set()


def test_scale_types_fit_too():
    """Scale's types are older and know fewer items; what they know must fit."""
    names = [getattr(scale_events, name) for name in scale_events.__all__ if name.endswith("Event")]
    classes = {kind(event): event for event in names if kind(event)}
    items = {kind(item) for item in typing.get_args(scale_events.ResponseOutputItemDoneEventItem)}

    def knows(item):
        # Several actions in one call came later.
        return item["type"] in items and "actions" not in item

    assert len(classes) > 50 and len(items) > 15
    fitted = set()
    for model in MODELS[:-1]:
        for _, data in streamed(openai_on_scale(), model=f"sandbox/{model}", input="Hello"):
            all_items = [data["item"]] if "item" in data else data.get("response", {}).get("output", [])
            if data["type"] not in classes or not all(map(knows, all_items)):
                continue
            classes[data["type"]].model_validate(data)
            fitted.add(data["type"])
    assert len(fitted) > 45


@BOTH
def test_openai_response_is_typed_and_says_its_text(make):
    answer = make().responses.create(model="sandbox/echo", input="Grüezi “Welt”")
    Response.model_validate(answer.to_dict())
    assert answer.output_text == "Grüezi “Welt”"
    assert answer.status == "completed" and answer.usage.total_tokens > 0


@BOTH
def test_openai_stream_helper_assembles_the_same_response(make):
    client = make()
    whole = client.responses.create(model="sandbox/unicode", input="Hello")
    with client.responses.stream(model="sandbox/unicode", input="Hello") as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert text == whole.output_text == final.output_text


@BOTH
def test_openai_tool_round_trip_over_a_chain(make):
    client = make()
    first = client.responses.create(model="sandbox/tools", input="Weather?", tools=[WEATHER])
    calls = [item for item in first.output if item.type == "function_call"]
    assert len(calls) == 2
    results = [
        {"type": "function_call_output", "call_id": call.call_id, "output": f"{json.loads(call.arguments)['city']}: sunny"}
        for call in calls
    ]
    second = client.responses.create(
        model="sandbox/tools", input=results, tools=[WEATHER], previous_response_id=first.id
    )
    assert second.output_text.count("sunny") == 2
    assert second.previous_response_id == first.id


@BOTH
def test_openai_dialogue_of_three_steps(make):
    client, request, steps = make(), {"input": "Plan a day"}, []
    while True:
        response = client.responses.create(model="sandbox/tools-steps", tools=[WEATHER], **request)
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            break
        steps.append(len(calls))
        results = [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"} for call in calls]
        request = {"input": results, "previous_response_id": response.id}
        with pytest.raises(openai.APIStatusError):
            # Not one of the calls is answered.
            client.responses.create(model="sandbox/tools-steps", input="And?", previous_response_id=response.id)
    assert steps == [2, 1]
    assert response.output_text.count("sunny") == 3


@BOTH
def test_openai_unknown_previous_response(make):
    with pytest.raises(openai.BadRequestError) as raised:
        make().responses.create(model="sandbox/short", input="x", previous_response_id="resp_none")
    assert raised.value.code == "previous_response_not_found"


@BOTH
def test_openai_parses_structured_text(make):
    class Thing(pydantic.BaseModel):
        name: str
        size: int

    answer = make().responses.parse(model="sandbox/json", input="A thing", text_format=Thing)
    assert isinstance(answer.output_parsed, Thing)


@BOTH
def test_openai_limits_and_states(make):
    client = make()
    cut = client.responses.create(model="sandbox/steady", input="x", max_output_tokens=16)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    failed = client.responses.create(model="sandbox/failed", input="x")
    assert (failed.status, failed.error.code) == ("failed", "server_error")
    assert client.responses.create(model="sandbox/cancelled", input="x").status == "cancelled"


def test_openai_background_response_is_retrieved():
    client = openai_on_its_own_routes()
    queued = client.responses.create(model="sandbox/echo", input="Later", background=True)
    assert queued.status == "queued" and queued.output == []
    assert client.responses.retrieve(queued.id).output_text == "Later"
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_none")


@BOTH
def test_openai_reads_what_a_proxy_sends(make):
    """Data lines only, no numbers, an end mark."""
    with make().responses.create(model="sandbox/fault/data-only", input="x", stream=True) as stream:
        events = list(stream)
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == "".join(
        event.delta for event in events if event.type == "response.output_text.delta"
    )


@BOTH
@pytest.mark.parametrize("scenario", ["crlf", "split-utf8", "one-byte-writes", "no-space", "bom"])
def test_openai_reads_awkward_but_legal_streams(make, scenario):
    client = make()
    with client.responses.create(model=f"sandbox/fault/{scenario}", input="x", stream=True) as stream:
        events = list(stream)
    # The mark belongs to the first line, which this client then does not know; the data line below it is whole.
    assert events[-1].type == "response.completed"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text


@BOTH
def test_openai_meets_what_it_does_not_know(make):
    """Unknown events and items come through as data."""
    events = streamed(make(), model="sandbox/items-unknown", input="x")
    types = {data["type"] for _, data in events}
    assert {"response.weather_map_text.delta", "response.folded"} <= types
    assert events[-1][1]["response"]["output"][0]["type"] == "weather_map"


def test_scale_response_is_typed(scale):
    answer = scale.responses.create(model="sandbox/echo", input="Hello", metadata={"project": "demo"}, truncation="auto")
    assert isinstance(answer, OpenAIResponse)
    assert answer.output[0].content[0].text == "Hello"
    assert answer.status == "completed" and answer.metadata == {"project": "demo"}


def test_scale_stream_comes_as_one_text(scale):
    """Its client has no streams here: it hands over what the socket held."""
    answer = scale.responses.create(model="sandbox/short", input="Hello", stream=True)
    assert isinstance(answer, str)
    assert answer.startswith("event: response.created\n") and "event: response.completed\n" in answer


def test_scale_errors_name_the_field(scale):
    with pytest.raises(scale_gp_beta.UnprocessableEntityError) as raised:
        scale.responses.create(model="sandbox/short", input="x", temperature=3)
    assert raised.value.body["detail"][0]["loc"] == ["body", "temperature"]
    with pytest.raises(scale_gp_beta.RateLimitError):
        scale.responses.create(model="sandbox/fault/status-429", input="x")

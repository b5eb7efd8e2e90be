"""Completions and generic inference with the official clients, and what else Scale's client may ask."""

import pytest
import scale_gp_beta
from scale_gp_beta.types import InferenceResponse

from clients import BOTH


@BOTH
def test_openai_completes_prompts(make):
    answer = make().completions.create(model="sandbox/echo", prompt=["one", "two ÿ"], n=2, echo=True, logprobs=2)
    assert [choice.text for choice in answer.choices] == ["oneone", "oneone", "two ÿtwo ÿ", "two ÿtwo ÿ"]
    assert answer.object == "text_completion" and answer.usage.total_tokens > 0
    columns = answer.choices[2].logprobs
    assert "".join(columns.tokens) == answer.choices[2].text
    assert len(columns.token_logprobs) == len(columns.text_offset) == len(columns.top_logprobs)


@BOTH
def test_openai_completion_streams_the_same_text(make):
    client = make()
    whole = client.completions.create(model="sandbox/complete", prompt="Once upon a time", seed=1).choices[0].text
    chunks = list(
        client.completions.create(
            model="sandbox/complete",
            prompt="Once upon a time",
            seed=1,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == whole
    assert chunks[-1].usage.completion_tokens > 0


def test_scale_completes_prompts(scale):
    answer = scale.completions.create(model="sandbox/complete", prompt="Once", max_tokens=5)
    assert answer.choices[0].finish_reason == "length" and answer.usage.completion_tokens == 5
    chunks = list(scale.completions.create(model="sandbox/complete", prompt="Once", max_tokens=5, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == answer.choices[0].text
    assert chunks[-1].choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("kind", "expected"),
    # The client has no whole numbers: a bare 7 is read as 7.0.
    [("object", dict), ("array", list), ("string", str), ("integer", float), ("number", float), ("boolean", bool)],
)
def test_scale_infers_values_of_every_type(scale, kind, expected):
    answer = scale.inference.create(model=f"sandbox/value-{kind}", args={})
    assert isinstance(answer, InferenceResponse) and answer.object == "generic_inference"
    assert type(answer.response) is expected


def test_scale_infers_null_and_its_own_args(scale):
    assert scale.inference.create(model="sandbox/value-null").response is None
    args = {"z": [1, None, {"ä": "“x”\\"}], "a": 0.1}
    assert scale.inference.create(model="sandbox/echo", args=args).response == args


def test_scale_inference_streams_as_one_text(scale):
    """Its client has no streams here either."""
    answer = scale.inference.create(model="sandbox/value-array", args={"stream": True})
    assert isinstance(answer, str) and "[DONE]" not in answer
    assert answer.count('"object":"generic_inference.chunk"') == 9


def test_scale_inference_errors(scale):
    with pytest.raises(scale_gp_beta.UnprocessableEntityError) as raised:
        scale.inference.create(model="sandbox/echo", inference_configuration="fast")
    assert raised.value.body["detail"][0]["loc"] == ["body", "inference_configuration"]
    with pytest.raises(scale_gp_beta.BadRequestError):
        scale.inference.create(model="sandbox/none")
    with pytest.raises(scale_gp_beta.InternalServerError):
        scale.inference.create(model="sandbox/fault/error-in-stream")


def test_scale_tells_for_what_a_model_was_made(scale):
    rows = {row.model_name: row.model_type for row in scale.chat.completions.models(limit=1000).items}
    assert rows["value-object"] == "generic" and rows["complete"] == "completion" and rows["steady"] == "chat_completion"
    records = {record.name: record.model_type for record in scale.models.list(limit=1000)}
    assert records == rows

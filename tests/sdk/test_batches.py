"""Batches and their files with the official client, unmodified."""

import io
import json
import time

import openai
import pytest

from clients import openai_on_its_own_routes

ROWS = 12


@pytest.fixture
def client():
    with openai_on_its_own_routes() as made:
        yield made


def row(at, **body):
    body = {"model": "sandbox/echo", "messages": [{"role": "user", "content": f"“Row” {at} \\ 東京"}], **body}
    return {"custom_id": f"row-{at}-ä", "method": "POST", "url": "/v1/chat/completions", "body": body}


def upload(client, rows):
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return client.files.create(file=("rows.jsonl", lines.encode()), purpose="batch"), lines


def submit(client, rows, **metadata):
    file, _ = upload(client, rows)
    return client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata=metadata
    )


def ended(client, batch):
    while batch.status not in {"completed", "failed", "expired", "cancelled"}:
        time.sleep(0.05)
        batch = client.batches.retrieve(batch.id)
        counts = batch.request_counts
        assert counts.completed + counts.failed <= counts.total
    return batch


def lines(client, file):
    return [json.loads(line) for line in client.files.content(file).text.splitlines()] if file else []


def test_a_batch_from_the_file_to_its_answers(client):
    file, text = upload(client, [row(at) for at in range(ROWS)])
    assert file.purpose == "batch" and file.bytes == len(text.encode()) and file.filename == "rows.jsonl"
    assert client.files.retrieve(file.id) == file
    assert client.files.content(file.id).read() == text.encode()
    batch = client.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"project": "“demo”"},
    )
    assert batch.status == "validating" and batch.metadata == {"project": "“demo”"}
    batch = ended(client, batch)
    assert batch.status == "completed" and batch.errors is None and batch.error_file_id is None
    assert batch.request_counts.completed == batch.request_counts.total == ROWS
    assert batch.created_at <= batch.in_progress_at <= batch.finalizing_at <= batch.completed_at < batch.expires_at
    answers = {line["custom_id"]: line["response"]["body"] for line in lines(client, batch.output_file_id)}
    assert len(answers) == ROWS
    for at in range(ROWS):
        answer = openai.types.chat.ChatCompletion.model_validate(answers[f"row-{at}-ä"])
        assert answer.choices[0].message.content == f"“Row” {at} \\ 東京"
    assert client.files.retrieve(batch.output_file_id).purpose == "batch_output"
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.content(file.id)


def test_pages_join_to_the_whole_list(client):
    made = [ended(client, submit(client, [row(0)], number=str(number))).id for number in range(5)]
    listed = [batch.id for batch in client.batches.list(limit=2)]
    assert listed[:5] == made[::-1] and len(set(listed)) == len(listed)
    files = [upload(client, [row(at)])[0].id for at in range(5)]
    assert [file.id for file in client.files.list(limit=2, purpose="batch")][:5] == files[::-1]
    for file in files:
        client.files.delete(file)


def test_cancelling_keeps_what_was_done(client):
    batch = submit(client, [row(at) for at in range(300)], sandbox="rate-30")
    while batch.request_counts.completed < 3:
        time.sleep(0.05)
        batch = client.batches.retrieve(batch.id)
    cancelling = client.batches.cancel(batch.id)
    assert cancelling.status == "cancelling" and cancelling.cancelling_at
    batch = ended(client, cancelling)
    assert batch.status == "cancelled" and 3 <= batch.request_counts.completed < 300
    assert len(lines(client, batch.output_file_id)) == batch.request_counts.completed
    with pytest.raises(openai.ConflictError):
        client.batches.cancel(batch.id)


def test_rows_fail_and_the_window_ends(client):
    failed = ended(client, submit(client, [row(0), row(1, temperature=9), row(2)], sandbox="partial"))
    assert (failed.status, failed.request_counts.completed, failed.request_counts.failed) == ("completed", 1, 2)
    errors = {line["custom_id"]: line["response"] for line in lines(client, failed.error_file_id)}
    assert {name: response["status_code"] for name, response in errors.items()} == {"row-1-ä": 400, "row-2-ä": 429}
    assert errors["row-1-ä"]["body"]["error"]["param"] == "temperature"
    expired = ended(client, submit(client, [row(at) for at in range(6)], sandbox="expired"))
    assert expired.status == "expired" and expired.expired_at
    late = [line["error"]["code"] for line in lines(client, expired.error_file_id)]
    assert late == ["batch_expired"] * 3 and len(lines(client, expired.output_file_id)) == 3


def test_a_file_with_faults_is_refused_with_their_lines(client):
    batch = ended(client, submit(client, [row(0), row(0), row(1, stream=True), row(2, model="sandbox/short")]))
    assert batch.status == "failed" and batch.failed_at and batch.output_file_id is None
    told = [(problem.line, problem.code) for problem in batch.errors.data]
    assert told == [(2, "duplicate_custom_id"), (3, "invalid_value"), (4, "model_mismatch")]


def test_an_answer_that_is_lost_leaves_a_batch(client):
    with pytest.raises(openai.APIConnectionError):
        submit(client, [row(0)], sandbox="lost-answer", mark="lost")
    assert [batch.metadata["mark"] for batch in client.batches.list() if "mark" in batch.metadata] == ["lost"]


def test_errors_are_typed(client):
    file, _ = upload(client, [row(0)])
    good = {"input_file_id": file.id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    for change, param in [
        ({"input_file_id": "file-none"}, "input_file_id"),
        ({"endpoint": "/v1/nothing"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": {"sandbox": "nonsense"}}, "metadata"),
    ]:
        with pytest.raises(openai.BadRequestError) as raised:
            client.batches.create(**{**good, **change})
        assert raised.value.body["param"] == param
    with pytest.raises(openai.BadRequestError) as raised:
        client.files.create(file=io.BytesIO(b"{}"), purpose="batch")
    assert raised.value.body["param"] == "file"
    for ask in [client.batches.retrieve, client.batches.cancel, client.files.retrieve, client.files.delete]:
        with pytest.raises(openai.NotFoundError):
            ask("none")
    with client.with_options(max_retries=1) as patient:
        batch = submit(patient, [row(0)], sandbox="429")
        assert ended(patient, batch).status == "completed", "the client waits as long as it is told to, and asks again"

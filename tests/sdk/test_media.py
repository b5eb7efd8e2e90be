"""Vectors, pictures and sounds with the official client, unmodified."""

import base64
import io
import struct
import urllib.request
import wave

import openai
import pytest

from clients import openai_on_its_own_routes

TEXT = "Good morning, “harbour”. The tide turns at 7:45! Is that clear?"


@pytest.fixture
def client():
    with openai_on_its_own_routes() as made:
        yield made


def cosine(one, other):
    def dot(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True))

    return dot(one, other) / (dot(one, one) * dot(other, other)) ** 0.5


def test_embeddings_are_near_for_texts_that_are_alike(client):
    texts = ["The cat sleeps in the kitchen.", "A cat is sleeping in a kitchen", "Stocks fell on Friday"]
    # The client asks for base64 by itself and reads it.
    answer = client.embeddings.create(model="sandbox/embed", input=texts)
    cat, other_cat, stocks = [row.embedding for row in answer.data]
    assert len(cat) == 1536 and answer.usage.total_tokens > 0
    assert cosine(cat, other_cat) > cosine(cat, stocks) + 0.3


def test_embeddings_are_the_same_in_both_spellings_and_shorter_when_asked(client):
    def ask(**more):
        return client.embeddings.create(model="sandbox/embed", input="ÿ “x” \\", dimensions=64, **more).data[0].embedding

    floats, coded = ask(encoding_format="float"), ask(encoding_format="base64")
    assert struct.pack("<64f", *floats) == base64.b64decode(coded) == struct.pack("<64f", *ask())
    tokens = client.embeddings.create(model="sandbox/embed-small", input=[[1, 2, 3], [4]])
    assert [len(row.embedding) for row in tokens.data] == [384, 384] and tokens.usage.prompt_tokens == 4


def test_embedding_errors(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.embeddings.create(model="sandbox/embed", input=["a"] * 2049)
    assert raised.value.body["param"] == "input"
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="sandbox/steady", input="a")
    with pytest.raises(openai.RateLimitError):
        client.embeddings.create(model="sandbox/fault/status-429", input="a")


def test_images_as_base64_and_by_address(client):
    answer = client.images.generate(
        model="sandbox/draw", prompt="A red boat", n=2, size="256x256", response_format="b64_json", quality="hd"
    )
    pictures = [base64.b64decode(row.b64_json) for row in answer.data]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures) and pictures[0] != pictures[1]
    assert struct.unpack(">II", pictures[0][16:24]) == (256, 256)
    assert answer.data[0].revised_prompt.startswith("A red boat") and answer.usage.total_tokens > 0
    for model in ["sandbox/draw-literal", "sandbox/draw-elsewhere"]:
        url = client.images.generate(model=model, prompt="A red boat", size="256x256").data[0].url
        with urllib.request.urlopen(url) as fetched:
            assert fetched.headers["content-type"] == "image/png" and fetched.read(4) == b"\x89PNG"


def test_image_errors(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.images.generate(model="sandbox/draw-refused", prompt="x")
    assert raised.value.code == "moderation_blocked"
    with pytest.raises(openai.BadRequestError) as raised:
        client.images.generate(model="sandbox/draw", prompt="x", n=11)
    assert raised.value.body["param"] == "n"


@pytest.mark.parametrize("kind", ["mp3", "opus", "aac", "flac", "wav"])
def test_speech_is_transcribed_again(client, kind):
    spoken = client.audio.speech.create(
        model="sandbox/speak", voice="coral", input=TEXT, response_format=kind, speed=1.5
    ).read()
    heard = client.audio.transcriptions.create(model="sandbox/transcribe", file=(f"ä.{kind}", spoken))
    assert heard.text == TEXT and heard.usage.type == "duration"


def test_speech_streams_and_speed_is_speed(client):
    def seconds(speed):
        wanted = {"model": "sandbox/speak", "voice": "onyx", "input": TEXT, "response_format": "wav", "speed": speed}
        with client.audio.speech.with_streaming_response.create(**wanted) as streamed:
            assert "content-length" not in streamed.headers
            sound = b"".join(streamed.iter_bytes())
        with wave.open(io.BytesIO(sound)) as opened:
            assert opened.getframerate() == 24000 and opened.getsampwidth() == 2
            return opened.getnframes() / 24000

    assert 1.4 < seconds(1.0) / seconds(2.0) < 2.1


def test_transcripts_have_times_and_five_forms(client):
    spoken = client.audio.speech.create(model="sandbox/speak", voice="alloy", input=TEXT, response_format="wav").read()

    def ask(form, **more):
        return client.audio.transcriptions.create(
            model="sandbox/transcribe", file=("a.wav", spoken), response_format=form, **more
        )

    verbose = ask("verbose_json", timestamp_granularities=["word", "segment"], language="en", temperature=0.2)
    assert verbose.text == TEXT and [segment.id for segment in verbose.segments] == [0, 1, 2]
    assert [word.word for word in verbose.words] == TEXT.split()
    ends = [0.0] + [word.end for word in verbose.words]
    assert all(end <= word.start < word.end <= verbose.duration for end, word in zip(ends, verbose.words))
    assert ask("text").strip() == TEXT
    assert ask("srt").startswith("1\n00:00:00,150 --> ") and ask("vtt").startswith("WEBVTT\n\n")


def test_transcription_errors_and_retries(client):
    silence = b"RIFF\x24\x00\x01\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00"
    silence += b"data\x00\x00\x01\x00" + bytes(65536)
    heard = client.audio.transcriptions.create(model="sandbox/transcribe", file=("a.wav", silence))
    assert "2.05 seconds, 1 channel at 16000 Hz, silent" in heard.text
    with pytest.raises(openai.BadRequestError) as raised:
        client.audio.transcriptions.create(model="sandbox/transcribe", file=("a.wav", b"no sound at all"))
    assert raised.value.body["param"] == "file"
    with pytest.raises(openai.APIStatusError) as raised:
        client.audio.transcriptions.create(model="sandbox/transcribe", file=("a.wav", bytes(25 * 1024 * 1024 + 1)))
    assert raised.value.status_code == 413
    with pytest.raises(openai.InternalServerError):
        client.audio.transcriptions.create(model="sandbox/fault/status-503", file=("a.wav", silence))


def test_listed_models_can_be_called_for_what_they_are(client):
    names = {model.id for model in client.models.list()}
    assert {"sandbox/embed", "sandbox/draw", "sandbox/speak", "sandbox/transcribe"} <= names

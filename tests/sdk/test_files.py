"""Scale's files with the official client, unmodified."""

import hashlib

import pytest
import scale_gp_beta
from scale_gp_beta.types import SGPFile


def test_a_file_is_kept_listed_tagged_and_deleted(scale):
    content = "a,b\n“ä”,\\\n".encode() + bytes(range(256))
    made = scale.files.create(file=("rows “ä”.csv", content, "text/csv"))
    assert isinstance(made, SGPFile) and made.size == len(content) and made.mime_type == "text/csv"
    assert made.md5_checksum == hashlib.md5(content).hexdigest() and made.filename == "rows “ä”.csv"
    assert scale.files.retrieve(made.id) == made
    assert scale.files.content.with_raw_response.retrieve(made.id).read() == content
    tagged = scale.files.update(made.id, tags={"project": "demo"})
    assert tagged.tags == {"project": "demo"} and scale.files.retrieve(made.id) == tagged
    gone = scale.files.delete(made.id)
    assert gone.deleted and gone.id == made.id
    assert made.id not in {file.id for file in scale.files.list()}


def test_pages_join_to_the_whole_list(scale):
    made = [scale.files.create(file=(f"page-{number}.txt", b"x" * number)).id for number in range(5)]
    listed = [file.id for file in scale.files.list(filename="PAGE-", limit=2)]
    assert listed == made[::-1]
    assert [file.id for file in scale.files.list(filename="page-", limit=2, sort_order="asc")] == made
    for file in made:
        scale.files.delete(file)


def test_errors_are_typed(scale):
    for ask in [
        lambda: scale.files.retrieve("file_none"),
        lambda: scale.files.delete("file_none"),
        lambda: scale.files.update("file_none", tags={}),
        lambda: scale.files.content.retrieve("file_none"),
    ]:
        with pytest.raises(scale_gp_beta.NotFoundError) as raised:
            ask()
        assert raised.value.body == {"detail": "File with id 'file_none' not found."}
    with pytest.raises(scale_gp_beta.UnprocessableEntityError):
        scale.post("/v5/files", body={"file": "no form"}, cast_to=object)
    with pytest.raises(scale_gp_beta.UnprocessableEntityError) as raised:
        scale.files.list(limit=0)
    assert raised.value.body["detail"][0]["loc"][-1] == "limit"

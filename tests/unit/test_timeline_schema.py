"""timeline.json is read and written exactly, and what does not fit is refused in words."""

import json

import jsonschema
import pytest

from syncview.errors import DocumentError
from syncview.timeline.schema import TimelineDocument, dumps, json_schema, load_document, parse_document

EMPTY = {
    "schema": "syncview.timeline",
    "version": 1,
    "tool": {"name": "syncview", "version": "0.1.0"},
    "settings": {"strike_threshold": 0.5},
    "case": {"title": None, "time_zone": None},
    "recordings": [],
    "ignored": [],
    "groups": [],
    "unplaced": [],
    "duplicates": [],
    "pairs": [],
    "events": [],
    "candidates": [],
    "findings": [],
    "analysis": {
        "strikes": [],
        "strike_count": {"at_least": 0, "single_camera": 0, "possible_echo": 0, "replay": 0},
        "distances": [],
        "cluster": None,
        "coverage": [],
        "aircraft_sound": [],
        "leave_one_out": [],
    },
}
PAIR = {
    "a_id": "rec-1",
    "b_id": "rec-2",
    "hypotheses": [{"lag_s": -1.0, "lag_spread_s": 0.0, "probability": 0.75, "supports": 3, "class": "acoustic"}],
    "lag_s": -1.0,
    "lag_spread_s": 0.0,
    "probability": 0.75,
    "accepted": True,
    "overlap_s": 4.0,
    "reasons": [],
}


def _read(changes):
    return parse_document(json.dumps(EMPTY | changes), name="t.json")


def test_keys_come_out_in_the_order_of_the_contract():
    first = [*EMPTY][: [*EMPTY].index("findings")]
    assert list(json.loads(dumps(_read({})))) == [*first, "tracks", "people", "findings", "analysis"]


def test_keywords_are_spelled_as_in_the_contract():
    text = json.loads(dumps(_read({"pairs": [PAIR]})))
    assert text["pairs"][0] == PAIR


def test_floats_are_rounded_to_the_microsecond_without_negative_zero():
    loop = PAIR | {"lag_s": 1 / 3, "lag_spread_s": -1e-9, "overlap_s": 1e-7}
    text = dumps(_read({"pairs": [loop]}))
    assert '"lag_s": 0.333333' in text
    assert '"lag_spread_s": 0.0,' in text
    assert '"overlap_s": 0.0,' in text


def test_text_is_stable_utf8_with_one_newline_at_the_end():
    text = dumps(_read({"case": {"title": "سوق", "time_zone": "Asia/Damascus"}}))
    assert "سوق" in text
    assert text.endswith("}\n")
    assert "\r" not in text
    assert dumps(parse_document(text, name="t.json")) == text


def test_not_a_number_cannot_enter():
    with pytest.raises(DocumentError, match=r"not a valid|finite"):
        parse_document(json.dumps(EMPTY | {"pairs": [PAIR | {"lag_s": float("nan")}]}), name="t.json")


def test_schema_is_valid_and_agrees_with_the_models():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(EMPTY | {"pairs": [PAIR]})
    assert [error.validator for error in validator.iter_errors(EMPTY | {"more": 1})] == ["additionalProperties"]
    assert schema["$id"].startswith("urn:")


def _undescribed(schema):
    for name, definition in schema["$defs"].items():
        for key, field in definition.get("properties", {}).items():
            if "description" not in field:
                yield f"{name}.{key}"


def test_every_field_of_the_schema_is_described():
    schema = json_schema()
    assert list(_undescribed(schema)) == []
    assert [key for key, field in schema["properties"].items() if "description" not in field] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": "other"}, "is not a syncview.timeline document"),
        ({"version": 2}, r"version 2 .* reads up to 1 .*upgrade syncview"),
        ({"version": 0}, "version: Input should be 1"),
        ({"groups": 3}, "groups: Input should be a valid"),
        ({"events": [{}]}, r"events.0.id: Field required.*and \d+ more"),
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({"pairs": [PAIR | {"lag_s": "1.5"}]}, "pairs.0.lag_s: Input should be a valid number"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_field(changes, words):
    with pytest.raises(DocumentError, match=words):
        _read(changes)


def test_files_that_are_no_documents_are_refused(tmp_path):
    with pytest.raises(DocumentError, match="cannot be read"):
        load_document(tmp_path / "absent.json")
    (tmp_path / "half.json").write_text('{"schema": ')
    with pytest.raises(DocumentError, match="is not JSON"):
        load_document(tmp_path / "half.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(DocumentError, match="not UTF-8"):
        load_document(tmp_path / "bytes.json")


def test_a_file_gives_the_document_back(tmp_path):
    path = tmp_path / "timeline.json"
    path.write_text(dumps(_read({"pairs": [PAIR]})), encoding="utf-8")
    document = load_document(path)
    assert isinstance(document, TimelineDocument)
    assert document.pairs[0].hypotheses[0].sound_class == "acoustic"

"""The score that comes with the package: its file, its words, and what it says of plain cases."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from syncview.detect.measures import MEASURES
from syncview.detect.score import (
    KINDS,
    blast_model,
    kind_probabilities,
    label_in_words,
    local_share,
    model_inputs,
    model_terms,
)


def test_the_file_is_readable_and_complete():
    text = resources.files("syncview.detect").joinpath("blast_score.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert set(document["kinds"]) == set(KINDS)
    assert sum(document["shares_assumed"].values()) == pytest.approx(1.0)
    assert "simulated" in document["fitted_on"]
    names = [row["name"] for row in document["measures"]]
    assert set(names) <= set(MEASURES)
    terms = model_terms(names)
    assert list(document["weights"]) == [term for term in terms if term in document["weights"]]
    assert set(terms[: 1 + len(names)]) <= set(document["weights"])
    assert len(terms) > len(document["weights"])
    unsaid = terms.index(next(term for term in terms if term not in document["weights"]))
    assert all(row[unsaid] == 0.0 for row in blast_model().weights)
    assert max(len(line) for line in text.splitlines()) < 250


def test_probabilities_add_up():
    chances = kind_probabilities({"rise_low_db": 30.0, "attack_s": 0.005}, blast_model())
    assert tuple(chances) == KINDS
    assert sum(chances.values()) == pytest.approx(1.0)


def test_a_missing_measure_is_as_good_as_its_mean():
    model = blast_model()
    given = {"rise_low_db": 30.0}
    filled = given | {"tail_low_db": model.mean[model.measures.index("tail_low_db")]}
    assert kind_probabilities(given, model) == pytest.approx(kind_probabilities(filled, model))


def test_measures_beyond_what_the_fit_has_seen_are_held():
    model = blast_model()
    high = model.high[model.measures.index("rise_low_db")]
    at_edge = kind_probabilities({"rise_low_db": high}, model)
    assert kind_probabilities({"rise_low_db": high + 100.0}, model) == pytest.approx(at_edge)


def test_terms_and_inputs_match():
    model = replace(
        blast_model(), measures=("a", "b"), low=(-9, -9), high=(9, 9), mean=(1.0, 0.0), scale=(2.0, 1.0), weights=()
    )
    assert model_terms(("a", "b")) == ("1", "a", "b", "a * a", "a * b", "b * b")
    values = model_inputs([{"a": 5.0, "b": 3.0}, {"b": -20.0}], model)
    assert np.allclose(values, [[1, 2, 3, 4, 6, 9], [1, 0, -9, 0, 0, 81]])


@pytest.mark.parametrize(
    ("chances", "words"),
    [
        ({"explosion": 0.96, "gunshot": 0.04}, "explosion"),
        ({"explosion": 0.9, "gunshot": 0.1}, "explosion, cannot be told from heavy gunshot"),
        ({"explosion": 0.85, "door": 0.15}, "explosion"),
        ({"thunder": 0.7, "explosion": 0.1, "wind": 0.2}, "thunder, cannot be told from explosion"),
        ({"explosion": 0.5, "gunshot": 0.4, "handling": 0.1}, "explosion, cannot be told from heavy gunshot"),
        ({"gunshot": 0.6, "handling": 0.4}, "gunshot, cannot be told from bump or handling of this camera"),
        (
            {"thunder": 0.34, "explosion": 0.33, "wind": 0.33},
            "thunder, cannot be told from explosion or wind gust",
        ),
        ({"door": 0.3, "drop": 0.3, "wind": 0.3, "music": 0.1}, "noise at this camera (door, bump, fall or wind)"),
        ({"firework": 0.5, "gunshot": 0.4, "music": 0.1}, "firework, cannot be told from gunshot"),
    ],
)
def test_words_name_what_cannot_be_told_apart(chances: dict[str, float], words: str):
    assert label_in_words(chances) == words


def test_a_cameras_own_noise_adds_up():
    assert local_share({"door": 0.1, "handling": 0.2, "drop": 0.1, "wind": 0.2, "gunshot": 0.4}) == pytest.approx(0.6)

import numpy as np
import pytest

from syncview.detect.movement_score import MovementModel, movement_models, movement_probability

MODEL = MovementModel(
    measures=("a", "b"),
    low=(0.0, 0.0),
    high=(2.0, 1.0),
    mean=(1.0, 0.5),
    scale=(0.5, 0.1),
    weights=(0.2, 1.0, -2.0),
    fitted_on="a test",
)


def test_a_probability_is_the_logistic_of_the_weighed_measures():
    wanted = 1 / (1 + np.exp(-(0.2 + 1.0 * 1.0 - 2.0 * 1.0)))
    assert movement_probability({"a": 1.5, "b": 0.6}, MODEL) == pytest.approx(wanted)


def test_measures_are_held_within_what_the_fit_has_seen_and_a_missing_one_says_nothing():
    assert movement_probability({"a": 99.0, "b": 0.5}, MODEL) == movement_probability({"a": 2.0, "b": 0.5}, MODEL)
    assert movement_probability({}, MODEL) == pytest.approx(1 / (1 + np.exp(-0.2)))


def test_every_family_has_a_fitted_model():
    models = movement_models()
    assert set(models) == {"border", "amid", "stops", "fast", "sudden", "crowd"}
    for model in models.values():
        assert len(model.weights) == len(model.measures) + 1
        assert all(low <= high for low, high in zip(model.low, model.high, strict=True))
        assert model.fitted_on.startswith("simulated incidents")

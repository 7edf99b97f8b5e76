import io
import itertools
import logging
import os
import pickle
import random
import sys
import threading
import zipfile
from contextlib import nullcontext
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsampling.errors import GeneratorError
from upsampling.generator import TabularARGN
from upsampling.generator import argn as module
from upsampling.generator.argn import TARGET, Encoder, isolated

# where the engine keeps the seed it was given
SEED_VARIABLE = "MOSTLYAI_ENGINE_SEED"
needs_sdk = pytest.mark.skipif(not find_spec("mostlyai.sdk"), reason="needs the extra 'sdk': make extras")


@st.composite
def frames(draw):
    """Frames with every kind of column, names that repeat or collide with the engine's, and gaps."""
    n_rows = draw(st.integers(1, 12))

    def column(values):
        return draw(st.lists(values, min_size=n_rows, max_size=n_rows))

    words = st.sampled_from(["", "_RARE_", "a b", "<i>", "nan"])
    frame = pd.DataFrame(
        {
            "whole": pd.Series(column(st.integers(-(2**40), 2**40)), dtype="int64"),
            "small": pd.Series(column(st.integers(0, 255)), dtype="uint8"),
            "number": pd.Series(column(st.none() | st.floats(-1e9, 1e9)), dtype="float64"),
            "gaps": pd.Series(column(st.none() | st.integers(-99, 99)), dtype="Int64"),
            "flag": pd.Series(column(st.booleans()), dtype="bool"),
            "text": pd.Series(column(st.none() | words), dtype="str"),
            "kind": pd.Categorical(column(st.none() | words), categories=["nan", "<i>", "a b", "", "_RARE_", "unseen"]),
            "code": pd.Categorical(column(st.integers(0, 3)), categories=[3, 2, 1, 0], ordered=True),
        }
    )
    names = [TARGET, "f0", "f0", 'quote"[', "tgt:/", "", "🙂", "__primary_key"]
    return frame.set_axis(draw(st.permutations(names)), axis=1)


@given(frames())
def test_rows_come_back_as_they_were(frame):
    encoder = Encoder(frame, [0, 1])
    pd.testing.assert_frame_equal(encoder.decode(encoder.encode(frame)), frame)


@given(frames())
def test_the_engine_sees_positions_and_codes_only(frame):
    encoded = Encoder(frame, [0, 1]).encode(frame)
    assert list(encoded) == [f"f{position}" for position in range(8)]
    for name in encoded:
        assert encoded[name].dtype == "string" or pd.api.types.is_numeric_dtype(encoded[name])
        if encoded[name].dtype == "string":
            assert encoded[name].dropna().str.fullmatch(r"\d+").all()


@pytest.mark.parametrize("classes", [[0, 1], ["no", "yes"], [False, True], [1.5, 2.5]])
def test_labels_become_codes_in_sorted_order(classes):
    encoder = Encoder(pd.DataFrame(index=range(3)), classes)
    assert list(encoder.encode_target([classes[1], classes[0], classes[1]])) == ["1", "0", "1"]


def test_unseen_category_counts_as_missing():
    encoder = Encoder(pd.DataFrame({"text": ["a", "b"]}), [0, 1])
    assert encoder.encode(pd.DataFrame({"text": ["c", "b"]}))["f0"].isna().tolist() == [True, False]


def test_marker_of_rare_categories_is_refused_with_the_remedy():
    encoder = Encoder(pd.DataFrame({"city": ["a", "b"]}), [0, 1])
    with pytest.raises(
        GeneratorError, match=r"column 'city' came back with the value _RARE_.*rare_category_replacement"
    ):
        encoder.decode(pd.DataFrame({"f0": ["0", "_RARE_"]}, dtype="string"))


def test_missing_value_in_a_column_of_integers_is_refused():
    encoder = Encoder(pd.DataFrame({"age": [1, 2]}), [0, 1])
    with pytest.raises(
        GeneratorError, match="column 'age' came back with missing values, but its dtype int64 has none"
    ):
        encoder.decode(pd.DataFrame({"f0": [1.0, None]}))


def test_drawn_number_is_rounded_not_cut_in_a_column_of_integers():
    encoder = Encoder(pd.DataFrame({"age": [1, 2], "gaps": pd.array([1, None], dtype="Int64")}), [0, 1])
    rows = encoder.decode(pd.DataFrame({"f0": [1.6, -1.6], "f1": [None, 2.7]}))
    assert rows["age"].tolist() == [2, -2]
    assert rows["gaps"].tolist() == [pd.NA, 3]


@pytest.mark.parametrize(
    ("name", "value"),
    [("rare_category_replacement", "constant"), ("device", "cuda"), ("fast", True), ("early_stopping", False)],
)
def test_sdk_backend_refuses_settings_that_it_does_not_know(name, value):
    TabularARGN(backend="engine", **{name: value})
    with pytest.raises(GeneratorError, match=f"takes {name}=.* only, got {value!r}; use backend='engine'"):
        TabularARGN(backend="sdk", **{name: value})


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_a_device_that_is_not_there_is_refused_by_name_before_training(few_rows, monkeypatch, device):
    monkeypatch.setattr(module.EngineBackend, "fit", lambda *_: pytest.fail("trained"))
    with pytest.raises(GeneratorError, match=f"cannot use the device '{device}' here: .+ Use device='cpu'"):
        TabularARGN(device=device).fit(*few_rows, seed=0)


def states() -> dict:
    """Everything global that a fit might change; the engine is imported first, which sets variables for good."""
    import mostlyai.engine  # noqa: F401
    import torch

    return {
        "python": random.getstate(),
        "numpy": np.random.get_state()[1].tolist(),
        "torch": torch.random.get_rng_state().tolist(),
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "environment": dict(os.environ),
        "keeps the smallest floats": sys.float_info.min / 2 > 0,
        "folder": os.getcwd(),
        "log": (logging.getLogger().handlers[:], logging.getLogger().level),
    }


@pytest.mark.parametrize("known", [True, False], ids=["variables set before", "variables not set"])
def test_isolation_ends_with_an_error_too(monkeypatch, tmp_path, known):
    from upsampling.generator.patches import RAM_VARIABLE

    for name in (RAM_VARIABLE, SEED_VARIABLE):
        monkeypatch.setenv(name, "7") if known else monkeypatch.delenv(name, raising=False)

    def fail():
        with isolated(3, 1, tmp_path):
            assert random.random() != np.random.random()
            assert os.environ["OMP_NUM_THREADS"] == "1", "what the SDK starts keeps to the threads as well"
            os.environ["INVENTED_MEANWHILE"] = "3"
            logging.getLogger().addHandler(logging.StreamHandler())
            logging.getLogger().setLevel(logging.DEBUG)
            raise RuntimeError("in the middle")

    before = states()
    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert states() == before


def test_isolated_threads_take_turns(tmp_path):
    entered = threading.Event()

    def enter():
        with isolated(0, 1, tmp_path):
            entered.set()

    other = threading.Thread(target=enter)
    with isolated(0, 1, tmp_path):
        other.start()
        assert not entered.wait(0.3)
    assert entered.wait(10)
    other.join()


@pytest.mark.slow
def test_training_and_drawing_leave_no_trace(few_rows):
    before = states()
    generator = TabularARGN(max_epochs=1, n_jobs=1).fit(*few_rows, seed=1)
    assert states() == before
    generator.sample({1: 3}, seed=2)
    generator.predict_proba(few_rows[0][:3])
    assert states() == before


@pytest.mark.slow
def test_drawn_rows_have_the_counts_dtypes_and_categories_asked_for(generator, few_rows):
    X, y = generator.sample({1: 7, 0: 5}, seed=2)
    assert list(y) == [1] * 7 + [0] * 5
    assert X.dtypes.to_dict() == few_rows[0].dtypes.to_dict()
    assert list(X) == list(few_rows[0])
    assert len(X) == 12


@pytest.mark.slow
def test_seed_decides_the_rows_drawn(generator):
    first, again, other = (generator.sample({1: 50}, seed=seed)[0] for seed in (2, 2, 3))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first.equals(other)


@pytest.mark.slow
def test_columns_are_drawn_in_the_order_of_the_table_unless_told_another(generator, few_rows, monkeypatch):
    from mostlyai.engine._tabular.argn import FlatModel

    forward, orders = FlatModel.forward, []

    def spied(self, x, mode, *, column_order, **settings):
        orders.append([int(name.split("/c")[1]) for name in column_order])
        return forward(self, x, mode, column_order=column_order, **settings)

    monkeypatch.setattr(FlatModel, "forward", spied)
    columns = list(few_rows[0])
    usual, _ = generator.sample({1: 50}, seed=2)
    backwards, labels = generator.sample({1: 50}, seed=2, order=columns[::-1])
    pd.testing.assert_frame_equal(generator.sample({1: 50}, seed=2, order=columns)[0], usual)
    assert list(backwards) == columns
    assert list(labels) == [1] * 50
    assert not backwards.equals(usual)
    # the engine numbers columns as it was told of them: categories, the class as the last of them, before numbers
    numeric = (few_rows[0].dtypes != "category").to_numpy()
    n_categories = int((~numeric).sum())
    in_table = np.where(numeric, n_categories + 1 + numeric.cumsum() - 1, (~numeric).cumsum() - 1)
    first, second, third = orders
    assert first == third == [n_categories, *in_table]
    assert second == [n_categories, *in_table[::-1]]


@pytest.mark.slow
def test_a_pickled_generator_draws_the_same_rows(generator):
    copy = pickle.loads(pickle.dumps(generator))
    pd.testing.assert_frame_equal(copy.sample({1: 20}, seed=2)[0], generator.sample({1: 20}, seed=2)[0])


@pytest.mark.slow
def test_probabilities_are_those_of_the_sorted_classes(generator, few_rows, monkeypatch):
    X, y = few_rows
    probabilities = generator.predict_proba(X)
    assert probabilities.shape == (400, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities[:, 1].mean() == pytest.approx(y.mean(), abs=0.1)
    monkeypatch.setattr(module, "SCORING_ROWS", 150)
    np.testing.assert_allclose(generator.predict_proba(X), probabilities, atol=1e-6)


@pytest.mark.slow
def test_probabilities_take_categories_that_training_never_saw(generator, few_rows):
    X = few_rows[0][:4].copy()
    X["occupation"] = X["occupation"].cat.add_categories("new").where([False] * 4, "new")
    assert np.isfinite(generator.predict_proba(X)).all()


def weights(generator: TabularARGN) -> dict:
    import torch

    with zipfile.ZipFile(io.BytesIO(generator.state_)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("model-weights.pt")]
        return torch.load(io.BytesIO(archive.read(name)), weights_only=True)


@pytest.mark.slow
def test_learning_without_waste_gives_the_engine_s_own_weights(few_rows, generator, monkeypatch):
    import torch

    from upsampling.generator import patches

    monkeypatch.setattr(patches, "without_waste", nullcontext)
    expected = weights(TabularARGN(max_epochs=1).fit(*few_rows, seed=1))
    found = weights(generator)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.slow
def test_cheaper_steps_give_other_weights_of_the_same_model_and_the_same_with_the_same_seed(few_rows, generator):
    import torch

    first, second = (weights(TabularARGN(max_epochs=1, fast=True).fit(*few_rows, seed=1)) for _ in range(2))
    expected = weights(generator)
    assert {name: tensor.shape for name, tensor in first.items()} == {n: tensor.shape for n, tensor in expected.items()}
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], expected[name]) for name in first)


def validation_losses(rows: tuple, **settings) -> list[float]:
    """Return the validation loss after every pass over the rows."""
    losses = []

    class Watched(TabularARGN):
        def _progress(self, message=None, **counts):
            if message and message.get("val_loss") is not None:
                losses.append(message["val_loss"])

    Watched(max_epochs=6, **settings).fit(*rows, seed=1)
    return losses


@pytest.mark.slow
@pytest.mark.parametrize("model", ["MOSTLY_AI/Medium", "MOSTLY_AI/Large"])
def test_cheaper_steps_learn_as_fast_as_the_engine_s(few_rows, model):
    # in one order of the columns, for the loss of a few rows varies by their order
    settings = {"model": model, "enable_flexible_generation": False}
    expected, found = (validation_losses(few_rows, fast=fast, **settings) for fast in (False, True))
    assert expected[0] - expected[-1] > 0.25, "the generator learns"
    # the same first weights and validation rows; batches and values left out differ
    assert found == pytest.approx(expected, abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize("fast", [False, True])
def test_without_early_stopping_the_weights_are_those_after_the_last_of_all_passes(few_rows, fast, monkeypatch):
    import torch

    from upsampling.generator import patches

    parts, rising = patches._losses_in_batches, itertools.count()
    loss = (patches.training, "_calculate_val_loss", lambda **settings: float(next(rising)))
    monkeypatch.setattr(patches, "_losses_in_batches", lambda losses: (*parts(losses), loss))
    trained = {
        (stops, passes): weights(
            TabularARGN(model="MOSTLY_AI/Small", max_epochs=passes, early_stopping=stops, fast=fast).fit(
                *few_rows, seed=1
            )
        )
        for stops, passes in ((True, 1), (True, 8), (False, 1), (False, 8))
    }

    def equal(one, other):
        return all(torch.equal(trained[one][name], trained[other][name]) for name in trained[one])

    # the first pass is the best where the loss only rises
    assert equal((True, 8), (True, 1))
    assert equal((False, 1), (True, 1))
    assert not equal((False, 8), (True, 1))


@pytest.mark.slow
def test_label_hidden_by_value_protection_is_an_error_that_names_it(few_rows):
    X, y = (part[57:] for part in few_rows)
    assert y.sum() == 3
    with pytest.raises(GeneratorError, match=r"does not know the class 1.*use value_protection=False"):
        TabularARGN(max_epochs=1).fit(X, y, seed=1)


@pytest.mark.slow
def test_without_value_protection_three_minority_rows_are_enough(few_rows):
    X, y = (part[57:] for part in few_rows)
    rows, labels = TabularARGN(max_epochs=1, value_protection=False).fit(X, y, seed=1).sample({1: 20}, seed=2)
    assert len(rows) == 20
    assert list(labels) == [1] * 20


def test_without_the_sdk_its_backend_says_how_to_get_it_before_any_work(few_rows, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    monkeypatch.setattr(module, "isolated", None)
    with pytest.raises(GeneratorError, match=r"pip install 'upsampling\[sdk\]', or use backend='engine'"):
        TabularARGN(backend="sdk").fit(*few_rows, seed=1)


@pytest.mark.slow
@needs_sdk
def test_sdk_backend_draws_the_rows_asked_for(few_rows):
    before = states()
    running = threading.active_count()
    generator = TabularARGN(backend="sdk", max_epochs=1).fit(*few_rows, seed=1)
    assert threading.active_count() == running, "the SDK's server is stopped"
    X, y = generator.sample({1: 30}, seed=2)
    assert list(y) == [1] * 30
    assert X.dtypes.to_dict() == few_rows[0].dtypes.to_dict()
    assert states() == before
    with pytest.raises(GeneratorError, match="use backend='engine'"):
        generator.predict_proba(X)

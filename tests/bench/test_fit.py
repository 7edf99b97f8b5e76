"""What is measured of fits, on a stand-in for the generator."""

import io
import zipfile

import pytest
from helpers import StubGenerator

from tools.bench import fit
from upsampling.book import benchmarks


class Learner(StubGenerator):
    """A generator that reports three passes, and whose network has an embedding and two layers."""

    asked: list

    def __init__(self, **settings):
        super().__init__()
        self.asked.append(settings)

    def fit(self, X, y, seed):
        import torch

        super().fit(X, y, seed)
        for epoch in (0.1, 1, 2, 3):
            self._progress({"epoch": epoch, "val_loss": None if epoch < 1 else 1.0})
        weights, archive = io.BytesIO(), io.BytesIO()
        names = {
            "embedders.x.weight": (5, 2),
            "regressors.x.weight": (8, 4),
            "regressors.x.bias": (8,),
            "predictors.x.weight": (3, 8),
        }
        torch.save({name: torch.zeros(shape) for name, shape in names.items()}, weights)
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("model-data/model-weights.pt", weights.getvalue())
        self.state_ = archive.getvalue()
        return self

    def _progress(self, message=None, **counts):
        pass


@pytest.fixture
def asked(monkeypatch):
    monkeypatch.setattr(Learner, "asked", [], raising=False)
    return Learner.asked


def test_kinds_of_steps_take_turns_and_every_part_is_there(asked):
    table = fit.measure(["demo"], 0.01, Learner, turns=2, whole_seeds=[0, 1])
    passes = [{"max_epochs": fit.PASSES, "fast": fast} for fast in (False, True)]
    assert asked == [*passes * 2, *[{"backend": "sdk"}, {"fast": True}] * 2]
    parts = {name.removeprefix("fit/demo/") for name in table["name"]}
    assert parts == {*benchmarks.FIT_PARTS.values(), "whole, SDK", "whole, packed", "whole, SDK over packed"}
    assert (table["value"] > 0).all()


def test_a_pass_is_the_time_between_two_of_its_ends_and_the_rest_is_done_once(asked, demo_parts, monkeypatch):
    ticks = iter([100.0, 130.0, 150.0])
    monkeypatch.setattr(fit.time, "process_time", lambda: next(ticks))

    class Usage:
        cpu_seconds = 200.0

    class Measured:
        __enter__ = lambda self: Usage  # noqa: E731
        __exit__ = lambda self, *error: None  # noqa: E731

    monkeypatch.setattr(fit, "measured", Measured)
    a_pass, once, fitted = fit.clocked_passes(demo_parts.train, True, Learner)
    assert (a_pass, once) == (25.0, 125.0)
    assert fit.linear_layers(fitted) == [(8, 4), (3, 8)]


def test_products_grow_with_rows_and_layers(monkeypatch):
    monkeypatch.setattr(fit.time, "process_time", iter([0.0, 2.0] * 9).__next__)
    one = fit.seconds_of_products([(8, 4)], 1000, repeats=10)
    # 10 products of a batch took 2 s; a pass has 1000 rows, and each weight is multiplied forward once and backward twice
    assert one == pytest.approx(3 * 2.0 * 1000 / (10 * fit.BATCH))
    assert fit.seconds_of_products([(8, 4)], 3000, repeats=10) == pytest.approx(3 * one)
    assert fit.seconds_of_products([(8, 4), (4, 8)], 1000, repeats=10) == pytest.approx(2 * one)

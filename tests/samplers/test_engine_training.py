"""What stands in for parts of the engine while it learns; that the weights are the same is in `test_generator`."""

import pandas as pd
import pytest

torch = pytest.importorskip("torch")

from mostlyai.engine import _common, analysis  # noqa: E402
from mostlyai.engine._tabular import encoding, generation, training  # noqa: E402

from upsampling.generator.patches import drawing_in_order, fast_steps, without_waste  # noqa: E402

REPLACED = (
    "load_dataset",
    "BatchCollator",
    "_calculate_sample_losses",
    "_calculate_val_loss",
    "_calculate_average_trn_loss",
)


def parts() -> tuple:
    return (
        training.FlatModel,
        torch.optim.AdamW,
        *(getattr(training, name) for name in REPLACED),
        *(module.is_sequential for module in (_common, analysis, encoding)),
    )


def test_the_engine_is_as_before_afterwards_even_after_an_error():
    before = parts()

    def fail():
        with without_waste(), fast_steps():
            assert not set(parts()) & set(before)
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert parts() == before


@pytest.mark.parametrize(
    ("values", "found"),
    [([1.5, None], False), (["a", "b"], False), ([[1], [2, 3]], True), ([None, (1, 2)], True), ([], False)],
)
def test_lists_are_found_as_the_engine_finds_them(values, found):
    kinds = [None, object, *(["category", "string"] if not found else [])]
    for dtype in kinds:
        series = pd.Series(values, dtype=dtype)
        assert bool(_common.is_sequential(series)) == found
        with without_waste():
            assert bool(_common.is_sequential(series)) == found


def test_losses_of_batches_have_the_mean_that_the_engine_s_have(monkeypatch):
    batches = [torch.rand(5), torch.rand(3)]
    monkeypatch.setattr(training, "_calculate_sample_losses", lambda model, data: data)
    model = torch.nn.Linear(1, 1)

    def means() -> list:
        kept = []
        for batch in batches:
            kept.extend(training._calculate_sample_losses(model, batch).detach())
        of_training = [training._calculate_average_trn_loss(kept, n) for n in (None, 4)]
        return [*of_training, training._calculate_average_trn_loss([]), training._calculate_val_loss(model, batches)]

    expected = means()
    with without_waste():
        assert means() == expected
    assert model.training


def test_the_order_of_drawing_is_the_one_asked_for_after_what_is_given_and_only_meanwhile():
    names = ["kind", "target", "number", "empty"]
    stats = {
        name: {"argn_processor": "tgt", "argn_table": f"t{n}", "argn_column": f"c{n}"} for n, name in enumerate(names)
    }
    # a column without values has no codes, and is not drawn
    cardinalities = {f"tgt:t{n}/c{n}__cat": 2 for n in range(3)}
    before = generation._resolve_gen_column_order
    given = pd.DataFrame({"target": ["1"]})
    with drawing_in_order(["number", "empty", "kind"]):
        order = generation._resolve_gen_column_order(
            column_stats=stats, cardinalities=cardinalities, seed_data=given, fairness=None
        )
    assert order == ["tgt:t1/c1", "tgt:t2/c2", "tgt:t0/c0"]
    assert generation._resolve_gen_column_order is before

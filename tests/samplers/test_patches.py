"""What we use of the engine beside its public functions, and what stands in for parts of it; that the weights are the same is in `test_generator`."""

import ast
import inspect
import re
import sys
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

torch = pytest.importorskip("torch")

from mostlyai.engine._tabular.argn import ModelSize  # noqa: E402

from upsampling import paths  # noqa: E402
from upsampling.generator import patches  # noqa: E402
from upsampling.generator.patches import (  # noqa: E402
    FlatModel,
    _Batches,
    _common,
    _PackedRows,
    _training_utils,
    analysis,
    drawing_in_order,
    encoding,
    every_pass,
    fast_steps,
    generation,
    numeric,
    training,
    without_waste,
)

# Every private name of the engine, by the module that is asked for it; of its functions also the parameters, which a stand-in repeats.
NAMES = {
    _common: ["is_sequential(series)"],
    _training_utils: ["gc"],
    analysis: ["is_sequential(series)"],
    encoding: ["is_sequential(series)"],
    numeric: ["np", "split_sub_columns_digit(values, max_decimal, min_decimal)"],
    training: [
        "BatchCollator",
        "DataLoader",
        "EarlyStopper(val_loss_patience)",
        "FlatModel",
        "TabularModelCheckpoint",
        "_calculate_average_trn_loss(trn_sample_losses, n)",
        "_calculate_sample_losses(model, data)",
        "_calculate_val_loss(model, val_dataloader)",
        "load_dataset",
    ],
    generation: [
        "_resolve_gen_column_order(column_stats, cardinalities, rebalancing, imputation, seed_data, fairness)",
        "get_argn_column_names(column_stats, columns)",
        "get_columns_from_cardinalities(cardinalities)",
    ],
}
# What `FastModel` reads of the engine's network.
OF_THE_NETWORK = (
    "column_embedders.column_embedders",
    "column_embedders.dims",
    "column_order",
    "ctx_cardinalities",
    "device",
    "embedders.embedders",
    "predictors.predictors",
    "regressors.dropout.p",
    "regressors.get",
    "tgt_columns",
    "tgt_sub_columns",
    "tgt_sub_columns_lookup",
)


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module, names in NAMES.items() for name in names],
    ids=lambda part: getattr(part, "__name__", part),
)
def test_the_engine_has_the_name(module, name):
    name, _, parameters = name.partition("(")
    part = getattr(module, name)
    if parameters:
        assert ", ".join(inspect.signature(part).parameters) == parameters.removesuffix(")")


def test_the_list_of_names_is_complete():
    modules = {name: part for name, part in vars(patches).items() if isinstance(part, ModuleType) and part in NAMES}
    used = {module: set() for module in NAMES}
    for node in ast.walk(ast.parse(inspect.getsource(patches))):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
                used[modules[module]].add(name)
            case ast.Tuple(elts=[ast.Name(id=module), ast.Constant(value=name), *_]) if module in modules:
                used[modules[module]].add(name)
    assert used == {module: {name.partition("(")[0] for name in names} for module, names in NAMES.items()}


@pytest.mark.parametrize("name", OF_THE_NETWORK)
def test_the_engine_s_network_has_the_attribute(name):
    cardinalities = {"tgt:t0/c0__cat": 5, "tgt:t0/c1__cat": 3}
    network = FlatModel(cardinalities, {}, {}, ModelSize.M, None, torch.device("cpu"))
    attrgetter(name)(network)
    assert all(hasattr(lookup, "col_idx") for lookup in network.tgt_sub_columns_lookup.values())


def test_no_other_file_imports_the_engine_or_its_sdk():
    imports = re.compile(r"^\s*(import|from) mostlyai", re.MULTILINE)
    assert [path for path in (paths.ROOT / "src").rglob("*.py") if imports.search(path.read_text())] == [
        Path(patches.__file__)
    ]


@pytest.mark.parametrize(
    ("source", "is_there"),
    [
        ("raise RuntimeError('operator torchvision::nms does not exist')", False),
        ("raise OSError('could not load this library')", False),
        ("", True),
    ],
    ids=["of another build", "without its library", "sound"],
)
def test_a_module_that_cannot_be_loaded_counts_as_absent(tmp_path, monkeypatch, source, is_there):
    (tmp_path / "vision_of_a_test.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "vision_of_a_test", None)
    del sys.modules["vision_of_a_test"]
    patches.hide_if_broken("vision_of_a_test")
    assert bool(find_spec("vision_of_a_test")) == is_there


def test_a_module_that_is_not_installed_is_left_alone():
    patches.hide_if_broken("invented_vision")
    assert "invented_vision" not in sys.modules


def parts() -> tuple:
    return (
        torch.optim.AdamW,
        _training_utils.gc,
        numeric.np,
        numeric.split_sub_columns_digit,
        *(getattr(training, name.partition("(")[0]) for name in NAMES[training]),
        *(module.is_sequential for module in (_common, analysis, encoding)),
    )


def test_the_engine_is_as_before_afterwards_even_after_an_error():
    before = parts()

    def fail():
        with without_waste(), fast_steps(), every_pass():
            assert all(found is not earlier for found, earlier in zip(parts(), before, strict=True))
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


@pytest.mark.parametrize(
    "window", [{}, {"min_decimal": -12}, {"max_decimal": 3, "min_decimal": -2}, {"max_decimal": 2, "min_decimal": 1}]
)
@pytest.mark.parametrize(
    "values",
    [
        pd.Series([123456, -70, 0, 5]),
        pd.Series([1, None, 70, 99], dtype="Int64", index=[5, 2, 9, 0]),
        pd.Series([1.0, None, -3.0, 2.0**52 + 1, -0.0]),
        pd.Series([1.0, 10.0**17, -(2.0**60)]),
        pd.Series([0.1, 2.675, None, -1e-9, 5.25, 5.25, 1e20], index=[5, 2, 9, 0, 1, 7, 3]),
        pd.Series([0.1, 0.2, None], dtype="Float64"),
        pd.Series([None, None], dtype="Float64"),
        pd.Series([], dtype="float64"),
    ],
    ids=str,
)
def test_digits_are_those_that_the_engine_finds(values, window):
    expected = numeric.split_sub_columns_digit(values, **window)
    with without_waste():
        pd.testing.assert_frame_equal(numeric.split_sub_columns_digit(values, **window), expected)


def test_numbers_are_analysed_as_by_the_engine():
    keys = pd.Series(range(5), name="key")
    columns = [[0.5, 0.125, 0.5, None, 3], [1, 2, 2, 5, -7], [1e-12, 1e20, 0.0, -0.0, 1]]
    expected = [numeric.analyze_numeric(pd.Series(values, name="values"), keys) for values in columns]
    with without_waste():
        assert [numeric.analyze_numeric(pd.Series(values, name="values"), keys) for values in columns] == expected


def test_batches_hold_every_row_once_a_pass_in_another_order_if_asked_for(tmp_path):
    frame = pd.DataFrame({"b": range(10), "a": range(10, 20)})
    frame.to_parquet(tmp_path / "rows.parquet")
    rows = _PackedRows([str(tmp_path / "rows.parquet")], ["a", "b"])
    assert rows.codes.tolist() == [[*range(10, 20)], [*range(10)]]
    torch.manual_seed(0)
    passes = []
    for shuffle in (True, True, False):
        batches = _Batches(rows, shuffle=shuffle, batch_size=4, collate_fn=lambda codes: codes)
        passes.extend([list(batches)] if not shuffle else [list(batches), list(batches)])
    for batches in passes:
        assert [batch.shape for batch in batches] == [(2, 4), (2, 4), (2, 2)]
        codes = torch.cat(batches, dim=1)
        assert torch.equal(codes[0], codes[1] + 10)
        assert sorted(codes[1].tolist()) == [*range(10)]
    orders = [torch.cat(batches, dim=1)[1].tolist() for batches in passes]
    assert len({tuple(order) for order in orders}) == 5
    assert orders[-1] == [*range(10)]


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

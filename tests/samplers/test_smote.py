"""Interpolated rows keep the columns of every kind of table; what the study needs of them is in `test_arms`."""

import numpy as np
import pandas as pd
import pytest

from upsampling.smote import interpolate

Y = pd.Series(np.repeat([0, 1], [60, 20]))
COLUMNS = {
    "text": pd.Series(["p", "q", "q", "r"] * 20, dtype="str"),
    "text with gaps": pd.Series(["p", None, "q", "r"] * 20, dtype="string"),
    "objects": pd.Series([1, "a", None, 2.5] * 20, dtype=object),
    "Int64": pd.Series([1, 20, None, 7] * 20, dtype="Int64"),
    "Float64": pd.Series([1.5, 20, None, 7] * 20, dtype="Float64"),
    "arrow": pd.Series([1, 20, None, 7] * 20, dtype="int64[pyarrow]"),
    "boolean": pd.Series([True, None, False, True] * 20, dtype="boolean"),
    "bool": pd.Series([True, False, False, True] * 20),
    "no values": pd.Series([None] * 80, dtype="Int64"),
}
BESIDE = {
    "a number": pd.Series(np.random.RandomState(0).normal(size=80)),
    "a category": pd.Series(pd.Categorical(["x", None, "y", "y", "z"] * 16)),
}


@pytest.mark.parametrize("beside", [(), ("a number",), ("a category",), tuple(BESIDE)], ids=" and ".join)
@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_any_kind_keeps_its_dtype_and_gets_its_own_values(kind, beside):
    X = pd.DataFrame({kind: COLUMNS[kind]} | {name: BESIDE[name] for name in beside})
    new_X, new_y = interpolate(X, Y, 0)
    pd.testing.assert_frame_equal(new_X[:80], X)
    assert new_y.value_counts().to_dict() == {0: 60, 1: 60}
    assert new_X.dtypes.to_dict() == X.dtypes.to_dict()
    made, minority = new_X[kind][80:], X[kind][Y == 1]
    if pd.api.types.is_numeric_dtype(X[kind]) and "bool" not in kind:
        assert made.notna().all()
        assert kind == "no values" or made.between(minority.min(), minority.max()).all()
    else:
        assert set(made.dropna()) <= set(minority.dropna())


def test_nullable_columns_give_the_rows_of_plain_ones():
    rng = np.random.RandomState(1)
    X = pd.DataFrame({"whole": rng.randint(0, 50, 80), "part": rng.normal(size=80), "kind": rng.choice(["a", "b"], 80)})
    plain = interpolate(X.astype({"kind": "category"}), Y, 0)[0]
    nullable = interpolate(X.astype({"whole": "Int64", "part": "Float64", "kind": "string"}), Y, 0)[0]
    pd.testing.assert_frame_equal(nullable.astype(plain.dtypes.to_dict()), plain)


def test_names_may_repeat_and_need_not_be_text():
    X = pd.DataFrame({0: np.arange(80.0), "a": COLUMNS["text"], "b": COLUMNS["Int64"]}).set_axis([0, "a", "a"], axis=1)
    new_X, _ = interpolate(X, Y, 0)
    assert list(new_X) == [0, "a", "a"]
    pd.testing.assert_frame_equal(new_X[:80], X)

"""The published tables are what their schemas say, and are described by them."""

import pandas as pd
import pytest

from upsampling import paths
from upsampling.study import curves, ledger, schemas

RESULTS = paths.ROOT / "results"


def test_the_readme_of_the_results_is_up_to_date():
    assert (RESULTS / "README.md").read_text() == schemas.readme(), (
        "run: python -m upsampling.study.schemas > results/README.md"
    )


def test_every_published_table_has_a_schema():
    assert {path.stem for path in RESULTS.glob("*.csv")} | {"curves"} == set(schemas.SCHEMAS)


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_a_published_table_is_what_its_schema_says_and_every_column_is_described(name):
    table = curves.read(RESULTS) if name == "curves" else ledger.read(RESULTS, name)
    assert not table.empty
    assert set(table) <= set(schemas.columns(name))
    assert all(column.description for column in schemas.SCHEMAS[name].columns.values())


def test_texts_stay_texts_whatever_they_look_like(tmp_path):
    row = dict.fromkeys(schemas.columns("errata"), "1e5") | {"kind": "open", "after": ""}
    pd.DataFrame([row]).to_csv(tmp_path / "errata.csv", index=False)
    assert ledger.read(tmp_path, "errata").to_dict("records") == [row]

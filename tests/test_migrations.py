import shutil

import pandas as pd
import pytest
from helpers import made_result

from upsampling.errors import StoreError
from upsampling.study import migrations
from upsampling.study.protocol import Cell
from upsampling.study.store import Store


def test_renamed_rows_keep_every_value_and_are_renamed_once(tmp_path):
    store = Store(tmp_path)
    for arm in ("tabularargn", "none"):
        store.write(made_result(Cell("adult", 0.001, None, 0, arm)))
    store.collect()
    with pytest.raises(StoreError, match="not published"):
        migrations.rename_arms(tmp_path)
    shutil.rmtree(tmp_path / "cells")
    before = {name: store.published(name) for name in ("metrics", "runs", "diagnostics")}
    scores = store.published_frame(Cell("adult", 0.001, None, 0, "tabularargn"), "scores")
    migrations.rename_arms(tmp_path)
    for name, rows in before.items():
        expected = rows.assign(arm=rows["arm"].replace({"tabularargn": "tabularargn_categories_first"}))
        key = [column for column in expected if column in ("arm", "classifier", "feature", "measure")]
        found = store.published(name).sort_values(key, ignore_index=True)
        pd.testing.assert_frame_equal(found, expected.sort_values(key, ignore_index=True))
    renamed = store.published_frame(Cell("adult", 0.001, None, 0, "tabularargn_categories_first"), "scores")
    pd.testing.assert_frame_equal(renamed, scores)
    assert store.published_frame(Cell("adult", 0.001, None, 0, "tabularargn"), "scores") is None
    with pytest.raises(StoreError, match="was done"):
        migrations.rename_arms(tmp_path)

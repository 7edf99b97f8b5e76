"""The comparison of the numbers that two checkouts publish."""

import json

import golden
import nbformat
import pandas as pd
import pytest

from upsampling.book import publish


def checkout(folder, monkeypatch, **values):
    """Write the executed page `page` of a checkout, with a table for each value."""
    shown = []
    monkeypatch.setattr(publish, "display", lambda bundle, raw: shown.append(bundle))
    for name, value in values.items():
        publish.table(pd.DataFrame({"x": [value]}), name=name, caption="A caption may change.")
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in shown]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("code", outputs=outputs)])
    pages = folder / "_build" / "executed"
    pages.mkdir(parents=True)
    nbformat.write(notebook, pages / "page.ipynb")
    return str(folder)


def test_it_names_what_differs(tmp_path, monkeypatch, capsys):
    parent = checkout(tmp_path / "parent", monkeypatch, kept=1.0, changed=1.0, cut=1.0)
    child = checkout(tmp_path / "child", monkeypatch, kept=1.0, changed=1.5, added=1.0)
    assert golden.main([parent, child]) == 1
    *lines, _ = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["new", "page/added"],
        ["different", "page/changed"],
        ["gone", "page/cut"],
    ]


def test_the_same_numbers_are_no_difference(tmp_path, monkeypatch, capsys):
    both = [checkout(tmp_path / name, monkeypatch, kept=1.0) for name in ("parent", "child")]
    assert golden.main(both) == 0
    capsys.readouterr()
    assert golden.main(both[:1]) == 0
    assert list(json.loads(capsys.readouterr().out)) == ["page/kept"]


def test_a_checkout_without_a_book_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="make book"):
        golden.main([str(tmp_path)])

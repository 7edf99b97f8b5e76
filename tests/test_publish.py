"""What notebooks publish becomes a page of the book."""

import io
import re

import nbformat
import pandas as pd
import pytest
from helpers import made_result
from matplotlib.figure import Figure

from upsampling import words
from upsampling.book import publish
from upsampling.errors import SpecError
from upsampling.study.protocol import Grid
from upsampling.study.store import Store


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr(publish, "display", lambda bundle, raw: shown.append(bundle))
    return shown


def executed(*bundles):
    """Return a notebook whose one code cell displayed `bundles`."""
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in bundles]
    outputs.append(nbformat.v4.new_output("stream", name="stderr", text="[1/2] progress"))
    parameters = nbformat.v4.new_code_cell("dataset = 'demo'", metadata={"tags": ["injected-parameters"]})
    return nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell("1 + 1", outputs=outputs)])


def picture():
    figure = Figure(figsize=(1, 1))
    figure.subplots().plot([0, 1])
    return figure


def test_a_figure_becomes_a_numbered_figure_with_alt_text_and_data(displayed, tmp_path):
    data = pd.DataFrame({"x": [1.5, 2.0]})
    publish.figure(picture(), data, name="curve", caption="What to see.", alt="A line.")
    page = publish.stitch(executed(displayed[0]), "demo", tmp_path)
    source = page.cells[-1].source
    assert source.startswith("```{figure} _files/demo/curve.svg\n:name: fig-demo-curve\n:alt: A line.\n")
    assert "{download}`Data (CSV) <_files/demo/curve.csv>`" in source
    assert (tmp_path / "_files/demo/curve.svg").read_text().startswith("<?xml")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "_files/demo/curve.csv"), data)


def test_figures_of_the_same_numbers_share_a_file(displayed, tmp_path):
    for name, value in (("curve", 1), ("closer", 1), ("other", 2)):
        publish.figure(picture(), pd.DataFrame({"x": [value]}), name=name, caption="", alt="")
    cells = publish.stitch(executed(*displayed), "demo", tmp_path).cells
    shown = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert [name for source in shown for name in re.findall(r"_files/demo/(\w+).csv", source)] == [
        "curve",
        "curve",
        "other",
    ]
    assert sorted(path.name for path in tmp_path.glob("_files/demo/*.csv")) == ["curve.csv", "other.csv"]


def test_a_vector_graphic_says_a_style_once(displayed):
    drawn = Figure(figsize=(2, 1))
    drawn.subplots().plot([0, 1], color="#123456")
    publish.figure(drawn, pd.DataFrame(), name="curve", caption="", alt="")
    svg = displayed[0][publish.MIME]["svg"]
    styles = re.findall(r' style="([^"]*)"', svg)
    assert len(styles) == len(set(styles)) > 0
    assert set(re.findall(r' class="(\w+)"', svg)) == set(re.findall(r" \.(\w+){", svg)), "each class has its rule"
    assert "stroke: #123456" in svg


def test_the_same_figure_is_the_same_file(displayed):
    for _ in range(2):
        publish.figure(picture(), pd.DataFrame(), name="curve", caption="", alt="")
    assert displayed[0][publish.MIME]["svg"] == displayed[1][publish.MIME]["svg"]


def test_a_table_becomes_a_sortable_table_with_its_data(displayed, tmp_path):
    shown, data = pd.DataFrame({"Arm": ["none"], "AUC": ["0.5"]}), pd.DataFrame({"auc": [0.512345]})
    publish.table(shown, name="results", caption="Means.", data=data)
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert ":name: tab-demo-results\n:class: datatable" in source
    assert "| --- | ---: |" in source, "numbers are aligned to the right"
    assert pd.read_csv(tmp_path / "_files/demo/results.csv")["auc"].tolist() == [0.512345]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "{{ jinja }}",
        "a | b",
        "`code`",
        "$x$",
        "{figure} x.png",
    ],
)
def test_cell_values_are_never_markup(displayed, tmp_path, text):
    publish.table(pd.DataFrame({text: [text]}), name="t", caption="")
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert text not in source
    from markdown_it import MarkdownIt

    rows = source.split("\n\n", 1)[1].split("\n~~~")[0]
    tokens = MarkdownIt("commonmark").enable("table").parse(rows)
    cells = [token.content for token in tokens if token.type == "inline"]
    children = [child.type for token in tokens if token.type == "inline" for child in token.children]
    assert len(cells) == 2
    assert set(children) <= {"text", "text_special"}


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["+5.1 [+1.3, +10.4]", "-11.6", "\u22120.5"], [5.1, -11.6, -0.5]),
        (["0.05 %", "20 %", "1,250"], [0.05, 20, 1250]),
        (["1.2e-07", "1e+02", "< 0.001"], [1.2e-7, 100, 0.001]),
        (["40 s", "2 min", "1.5 h"], [40, 120, 5400]),
        (["3 of 6", "12 of 30", "-"], [3, 12, None]),
        (["10", "9", "not measured"], [10, 9, None]),
        (["", "", ""], None),
        (["Adult", "5 tables", "all"], None),
        (["2024-01-03", "1.0.4", "5f3a"], None),
    ],
)
def test_a_table_is_sorted_by_the_numbers_of_its_cells(displayed, cells, wanted):
    publish.table(pd.DataFrame({"Shown": cells}), name="t", caption="")
    item = displayed[0][publish.MIME]
    assert item["sorts"] == [wanted]
    assert item["numeric"] == [wanted is not None]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("+5.1 [+1.3, +10.4]", "+5.1 [+1.3,~+10.4]"), ("0.1 %", "0.1~%"), ("3 of 6", "3 of 6"), ("[a](b c)", "[a](b c)")],
)
def test_an_interval_is_not_broken(displayed, tmp_path, cell, shown):
    publish.table(pd.DataFrame({"x": [cell]}), name="t", caption="")
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert f"| {shown} |".replace("~", "\N{NO-BREAK SPACE}") in source.replace("\\", "")


def test_a_table_is_sorted_by_the_numbers_before_they_were_rounded(displayed, tmp_path):
    shown = pd.DataFrame({"Arm": ["a", "b", "c"], "Gain": ["+0.1", "+0.1", "-"], "Share": ["12 %", "13 %", "14 %"]})
    data = pd.DataFrame({"gain": [0.0014, 0.0007, None], "share": [0.1234, 0.1296, 0.5]})
    publish.table(shown, name="by_arm", caption="", data=data)
    assert displayed[0][publish.MIME]["sorts"] == [None, [0.14, 0.07, None], [12, 13, 14]], "0.5 is not 14 %"
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert (
        '<script type="application/json" data-sorts="tab-demo-by-arm">[null,[0.14,0.07,null],[12.0,13.0,14.0]]'
        in source
    )


def test_published_text_reaches_the_table_of_contents_and_a_title_comes_first(displayed, tmp_path):
    publish.text("# The title")
    publish.text("## A section")
    publish.text("")
    assert len(displayed) == 2
    page = publish.stitch(executed(*displayed), "demo", tmp_path)
    assert page.cells[0].source == "# The title"
    assert page.cells[-1].source == "## A section"


def test_code_is_folded_and_parameters_and_output_are_left_out(displayed, tmp_path):
    page = publish.stitch(executed(), "demo", tmp_path)
    parameters, code = page.cells
    assert "remove-cell" in parameters.metadata.tags
    assert code.metadata.tags == ["hide-input"]
    assert code.outputs == []


def test_a_figure_to_steer_stands_in_a_frame_with_its_numbers_and_cannot_end_its_script(displayed, tmp_path):
    publish.explorer({"text": "</script>"}, pd.DataFrame({"x": [1]}), name="all", caption="Numbers.")
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert source.startswith(":::{container} steered\n")
    assert source.count("</script>") == 1
    assert "\n\nNumbers.\n:::" in source


def test_without_a_script_a_table_stands_for_what_readers_steer(displayed, tmp_path):
    advice = pd.DataFrame({"Rows": ["up to 50"], "Advice": ["a | b"]})
    publish.adviser({}, pd.DataFrame({"x": [1]}), name="all", caption="What to do.", fallback=advice)
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert '<div class="adviser" id="adviser-demo-all">' in source
    assert ":::{container} unsteered\n| Rows | Advice |\n| --- | --- |\n| up to 50 | a \\| b |\n:::" in source
    with pytest.raises(SpecError, match="widget"):
        publish.widget("game", {}, advice, name="n", caption="")


def test_csv_keeps_six_digits():
    frame = pd.DataFrame({"x": [0.1234567801234, 1e-12]})
    again = pd.read_csv(io.StringIO(publish.csv(frame)))
    assert again["x"].tolist() == [0.123457, 1e-12]


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "=cmd|'/c calc'!A0", "-", "--1"])
def test_text_in_a_csv_never_becomes_a_formula(text):
    frame = pd.DataFrame({text: pd.Series([text, "plain"], dtype="category"), "n": [-1.5, 2]})
    again = pd.read_csv(io.StringIO(publish.csv(frame)))
    shown = "'" + text.replace("\r", " ")
    assert again.columns.tolist() == [shown, "n"]
    assert again.iloc[:, 0].tolist() == [shown, "plain"]
    assert again["n"].tolist() == [-1.5, 2]


@pytest.mark.parametrize("text", ["-1", "-0.5", "+3", "-1e-05", "-.5", "", "a=b", "1-2"])
def test_numbers_written_as_text_and_harmless_text_stay_as_they_are(text):
    assert publish.csv(pd.DataFrame({"x": [text, "y"]})) == pd.DataFrame({"x": [text, "y"]}).to_csv(index=False)


@pytest.fixture
def runs():
    store = Store()
    for cell in Grid(("adult",), (0.001,), (0, 1), ("naive", "none")):
        store.write(made_result(cell, commit="c" * 40, dirty=cell.arm == "naive"))
    return store.load("runs")


def test_each_item_says_how_its_cells_are_computed_again(displayed, tmp_path, runs, monkeypatch):
    data = pd.DataFrame({"dataset": "adult", "size": "f0.001", "seeds": "0 1", "arm": ["naive", "none"], "mean": 0.5})
    publish.table(data, name="t", caption="", runs=runs)
    publish.figure(picture(), data.head(1), name="f", caption="", alt="", runs=runs)
    publish.explorer({}, data.tail(1), name="e", caption="", runs=runs)
    monkeypatch.setattr(publish.lineage, "repository", lambda: "https://example.org/x")
    table, figure, explorer = (cell.source for cell in publish.stitch(executed(*displayed), "demo", tmp_path).cells[2:])
    for source in (table, figure, explorer):
        assert source.count("{dropdown}") == 1, "one icon for data and recipe"
        assert "Data (CSV)" in source.split("{dropdown}")[1]
        assert "```sh\n.venv/bin/upsampling audit --dataset adult" in source
        assert len(source.split("{dropdown}")[1]) < 2000, "a page has many of these"
    assert "audit --dataset adult\n" in table
    assert "audit --dataset adult --arm naive\n" in figure
    link = f"[`{'c' * 12}`](https://example.org/x/tree/{'c' * 40})"
    assert f"{link} with changes (2 cells), {link} (2 cells)" in table
    run = runs.iloc[0]
    versions = [words.escape(package) for package in (*run["versions"].split(), f"Python=={run['python']}")]
    for said in (
        *("2 cells", "seeds 0, 1; arms naive", "about 2 s on 2 cores", "one thread per cell"),
        *(f"adult sha256 {run['data_sha256'][:16]}", run["cpu_model"], run["platform"]),
    ):
        assert words.escape(said) in figure or said in figure, said
    assert all(version in figure for version in versions)


def test_what_stands_on_no_cell_says_so(displayed, tmp_path, runs):
    publish.table(pd.DataFrame({"a": [1]}), name="t", caption="")
    nothing = pd.DataFrame({"dataset": "adult", "size": "f0.001", "seeds": [""], "arm": "none"})
    publish.table(nothing, name="u", caption="", runs=runs)
    declared, empty = (cell.source for cell in publish.stitch(executed(*displayed), "demo", tmp_path).cells[2:])
    assert "`make book` makes it again" in declared
    assert "No cell stands behind this yet" in empty


def test_what_stands_on_no_cell_names_its_command(displayed, tmp_path):
    publish.table(pd.DataFrame({"a": [1]}), name="t", caption="", command="make bench")
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert "`make bench` makes it again" in source


def test_two_items_of_one_name_are_refused(displayed, tmp_path):
    publish.figure(picture(), pd.DataFrame({"a": [1]}), name="same", caption="", alt="")
    publish.table(pd.DataFrame({"a": [2]}), name="same", caption="")
    with pytest.raises(SpecError, match="'demo' publishes more than one 'same'"):
        publish.stitch(executed(*displayed), "demo", tmp_path)


def test_only_named_columns_are_markup(displayed, tmp_path):
    frame = pd.DataFrame({"Item": ["{numref}`tab-a`"], "Name": ["{numref}`tab-b`"]})
    publish.table(frame, name="t", caption="", markup=["Item"])
    source = publish.stitch(executed(displayed[0]), "demo", tmp_path).cells[-1].source
    assert "| {numref}`tab-a` |" in source
    assert "{numref}`tab-b`" not in source

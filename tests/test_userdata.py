"""A user's table comes under the study's types, or is refused before anything is computed."""

import numpy as np
import pandas as pd
import pytest

from upsampling.errors import DataError, SpecError
from upsampling.own import userdata
from upsampling.own.userdata import Settings
from upsampling.study import datasets, experiment
from upsampling.study.protocol import Cell

HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{eval-rst}`x`",
    "```{raw} html",
    "`code`",
    "a\nb",
    "quote\"'",
    "[brackets] {braces} <angle>",
    "price $ and $",
    "=cmd|'/c calc'!A0",
    "😀 émoji",
    "percent %s %(x)s",
]


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Forget the tables that a test registers."""
    monkeypatch.setattr(datasets, "DATASETS", dict(datasets.DATASETS))
    yield
    datasets.load.cache_clear()


def people(n=200, n_positive=30):
    rng = np.random.RandomState(0)
    return pd.DataFrame(
        {
            "customer_id": rng.choice(10**6, n, replace=False),
            "age": rng.randint(18, 90, n),
            "income": np.where(rng.uniform(size=n) < 0.1, np.nan, rng.normal(size=n).round(3)),
            "job": rng.choice(["clerk", "cook", "smith"], n),
            "since": pd.date_range("2020-01-01", periods=n).strftime("%Y-%m-%d"),
            "churn": np.repeat(["no", "yes"], [n - n_positive, n_positive]),
        }
    )


@pytest.fixture
def write(tmp_path):
    def write(frame, name="my table.csv", **settings):
        frame.to_csv(tmp_path / name, index=False, **settings)
        return str(tmp_path / name)

    return write


def test_a_table_is_understood_and_says_how(write):
    found = userdata.read(write(people()), Settings("churn"))
    about = found.dataset
    assert (about.name, about.title) == ("my_table", "my table.csv")
    assert (about.target, about.minority, about.n_rows, about.n_minority) == ("churn", "yes", 200, 30)
    assert (about.numeric, about.categorical) == (("age", "income"), ("job",))
    assert about.dropped == ("customer_id", "since")
    assert found.table.X.columns.tolist() == ["age", "income", "job"]
    assert found.table.X["income"].isna().any()
    assert found.table.y.sum() == 30
    assert set(found.columns["role"]) == {"numeric", "categorical", "left out"}


def test_the_same_table_has_the_same_identity_in_every_form(write, tmp_path):
    frame = people()
    frame.to_parquet(tmp_path / "my.parquet")
    sources = [write(frame), write(frame, "b.csv.gz"), write(frame, "c.csv", sep=";"), str(tmp_path / "my.parquet")]
    checksums = {userdata.read(source, Settings("churn")).table.checksum for source in sources}
    assert len(checksums) == 1
    other = [
        userdata.read(sources[0], Settings("churn"), generator_rows=50),
        userdata.read(sources[0], Settings("churn", categorical=("age",))),
        userdata.read(write(frame.assign(age=1 + frame["age"])), Settings("churn")),
    ]
    assert len(checksums | {found.table.checksum for found in other}) == 4


def test_roles_are_overridden_by_options_and_by_a_file(write, tmp_path):
    source = write(people())
    found = userdata.read(source, Settings("churn", numeric=("customer_id",), categorical=("age",), drop=("job",)))
    assert (found.dataset.numeric, found.dataset.categorical) == (("customer_id", "income"), ("age",))
    (tmp_path / "roles.yml").write_text("target: churn\npositive: yes\nnumeric: [age]\ndrop: ['*']\n")
    settings = Settings.from_file(tmp_path / "roles.yml")
    assert settings.positive == "yes"
    found = userdata.read(source, settings)
    assert (found.dataset.numeric, found.dataset.categorical) == (("age",), ())
    assert Settings(drop=("age",)).over(settings) == Settings("churn", "yes", drop=("age", "*"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("targt: churn", r"unknown setting in .*roles.yml 'targt'. Did you mean 'target'\?"),
        ("drop: age", "'drop' must be a list of column names"),
        ("target: [churn]", "'target' must be one text"),
        ("just text", "must hold names and values"),
        ("a: [", "cannot be read as YAML"),
        ("decimal: x", "the decimal sign is . or , got 'x'"),
        ("drop: [age]\nnumeric: [age]", "column 'age' is given two roles"),
    ],
)
def test_a_wrong_file_of_roles_is_refused(tmp_path, text, message):
    (tmp_path / "roles.yml").write_text(text)
    with pytest.raises(SpecError, match=message):
        Settings.from_file(tmp_path / "roles.yml")


@pytest.mark.parametrize(
    ("target", "positive", "minority"),
    [
        (["no"] * 80 + ["yes"] * 20, None, "yes"),
        (["no"] * 80 + ["yes"] * 20, "YES", "yes"),
        ([0] * 80 + [1] * 20, None, "1"),
        ([0] * 80 + [1] * 20, "1.0", "1"),
        ([0.0] * 80 + [1.0] * 20, "1", "1.0"),
        ([False] * 80 + [True] * 20, "true", "True"),
        ([0.5] * 80 + [1.5] * 20, "1.50", "1.5"),
        (["a"] * 50 + ["b"] * 30 + ["c"] * 20, "c", "c"),
    ],
)
def test_the_class_of_interest_is_given_as_text_or_number(write, target, positive, minority):
    frame = people(100, 20).assign(churn=target)
    found = userdata.read(write(frame), Settings("churn", positive))
    assert found.dataset.minority == minority
    assert found.table.y.sum() == 20
    assert any("taken together" in note for note in found.notes) == (len(set(target)) == 3)


@pytest.mark.parametrize(
    ("change", "settings", "message"),
    [
        ({}, Settings(), r"say which column is the target: --target NAME, of customer_id, age"),
        ({}, Settings("chrun"), r"unknown column 'chrun'. Did you mean 'churn'\?"),
        ({}, Settings("churn", drop=("jab",)), r"unknown column 'jab'. Did you mean 'job'\?"),
        ({}, Settings("churn", drop=("churn",)), "'churn' is the target and cannot have another role"),
        ({}, Settings("churn", "maybe"), "unknown label of target 'churn' 'maybe'.*Known: no, yes"),
        ({}, Settings("churn", "no"), r"'no' is not a minority: 170 of 200 rows.*--positive"),
        ({"churn": "no"}, Settings("churn"), "one class only, 'no'"),
        ({"churn": [None, *["no", "yes"] * 99, "no"]}, Settings("churn"), "is missing in 1 of 200 rows: fill it in"),
        ({"churn": [" ", *["no", "yes"] * 99, "no"]}, Settings("churn"), "is missing in 1 of 200 rows: fill it in"),
        ({"churn": ["no", "yes"] * 100}, Settings("churn"), "is balanced: half of its rows are 'yes'"),
        ({"churn": np.arange(200) / 7}, Settings("churn"), "looks continuous: 200 different values"),
        ({"churn": [f"c{n % 25}" for n in range(200)]}, Settings("churn"), "has too many classes: 25 different"),
        ({"churn": ["a", "b", "c", "a"] * 50}, Settings("churn"), "has 3 classes, .*--positive"),
        *(
            ({"churn": ["yes"] * n + ["no"] * (200 - n)}, Settings("churn"), f"only {n} rows of 'churn' are 'yes'")
            for n in range(1, 6)
        ),
        ({"age": ["1", "2", "3", "old"] * 50}, Settings("churn"), "column 'age' mixes 150 numbers with 50 texts"),
        ({"age": [1.0, np.inf] * 100}, Settings("churn"), "column 'age' holds 100 infinite values"),
        ({"age": ["1,5", "2,5"] * 100}, Settings("churn"), "column 'age' holds numbers with commas"),
        ({}, Settings("churn", drop=("*",)), "none of the 5 columns beside the target can be used"),
        (
            {f"x{n}": [1, 2, 3, 4] * 50 for n in range(494)},
            Settings("churn"),
            "497 usable columns are more than .*100.*--drop",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_the_value_and_a_remedy(write, change, settings, message):
    with pytest.raises((DataError, SpecError), match=message):
        userdata.read(
            write(
                pd.concat(
                    [people().drop(columns=[*change], errors="ignore"), pd.DataFrame(change, index=range(200))], axis=1
                )
            ),
            settings,
        )


@pytest.mark.parametrize("n_rows", [0, 1])
def test_a_table_without_rows_is_refused(write, n_rows):
    with pytest.raises(DataError, match=f"has {n_rows} rows below its header"):
        userdata.read(write(people().head(n_rows)), Settings("churn"))


def test_five_hundred_columns_are_fine_if_those_that_matter_are_named(write):
    wide = pd.concat([people(), pd.DataFrame({f"x{n}": [1, 2, 3, 4] * 50 for n in range(494)})], axis=1)
    found = userdata.read(write(wide), Settings("churn", numeric=("age", "x7"), categorical=("job",), drop=("*",)))
    assert found.dataset.features == ("age", "x7", "job")


def test_openml_s_target_is_the_default(monkeypatch):
    monkeypatch.setattr(userdata, "read_openml", lambda identity: (people(), "churn", f"set {identity}"))
    found = userdata.read("openml:31")
    assert (found.dataset.name, found.dataset.title, found.dataset.target) == ("openml_31", "set 31", "churn")


def test_a_name_of_the_study_is_not_taken_by_a_file(write):
    assert userdata.read(write(people(), "demo.csv"), Settings("churn")).dataset.name == "own_demo"
    assert userdata.read(write(people(), "😀.csv"), Settings("churn")).dataset.name == "table"


def test_a_table_of_the_study_is_taken_as_it_is(demo):
    found = userdata.read("demo")
    pd.testing.assert_frame_equal(found.table.X, demo.X)
    assert (found.table.checksum, found.table.generator_rows) == (demo.checksum, None)
    assert found.dataset.checksum == datasets.get("demo").checksum
    capped = userdata.read("demo", generator_rows=500)
    assert capped.table.generator_rows == 500
    assert capped.table.checksum != demo.checksum
    assert (capped.dataset.name, capped.dataset.title) == ("own_demo", "Demo"), (
        "the study's results are not of this table"
    )
    with pytest.raises(SpecError, match="'demo' is a table of the study"):
        userdata.read("demo", Settings(target="age"))


def test_a_kept_table_is_found_by_its_name(write, tmp_path):
    found = userdata.read(write(people()), Settings("churn"), generator_rows=50)
    userdata.save(found, tmp_path / "report")
    again = userdata.open_folder(tmp_path / "report")
    assert again.dataset == found.dataset
    assert again.table.generator_rows == 50
    pd.testing.assert_frame_equal(again.columns, found.columns)
    pd.testing.assert_frame_equal(again.rows[0], found.table.X)
    assert datasets.load("my_table") is again.table


def test_other_rows_are_read_as_the_table_was(write, tmp_path):
    commas = people().assign(age=[f"{n},5" for n in range(200)], job=np.resize(["cook", "NA", "smith"], 200))
    described = userdata.read(write(commas, sep=";"), Settings("churn", decimal=","))
    userdata.save(described, tmp_path / "report")
    kept = userdata.open_folder(tmp_path / "report")
    new = kept.read_more(write(commas, "new.csv", sep=";"))
    pd.testing.assert_frame_equal(new, kept.table.X)
    few = commas.head(3).assign(age=["1,5", "?", None], job=["NA", "never seen", None])
    few.drop(columns=["churn", "since"]).to_parquet(tmp_path / "few.parquet")
    few = kept.read_more(tmp_path / "few.parquet")
    assert few["age"].fillna(-1).tolist() == [1.5, -1, -1]
    assert few["job"].dtype == kept.table.X["job"].dtype
    assert few["job"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns=["age", "job"]), r"new.csv lacks columns of the table: age, job\."),
        (lambda frame: frame.assign(age="old"), "column 'age' cannot be numeric: 200 values are text, first 'old'"),
        (lambda frame: frame.assign(age=np.inf), "column 'age' holds 200 infinite values"),
    ],
    ids=["columns", "text", "infinite"],
)
def test_other_rows_that_do_not_fit_are_refused(write, change, message):
    described = userdata.read(write(people()), Settings("churn"))
    with pytest.raises(DataError, match=message):
        described.read_more(write(change(people()), "new.csv"))


@pytest.mark.parametrize("damage", ["gone", "cut off", "other"])
def test_a_damaged_folder_is_refused(write, tmp_path, damage):
    folder = tmp_path / "report"
    userdata.save(userdata.read(write(people()), Settings("churn")), folder)
    if damage == "gone":
        (folder / userdata.DESCRIPTION).unlink()
    elif damage == "cut off":
        (folder / userdata.CONTENT).write_bytes((folder / userdata.CONTENT).read_bytes()[:100])
    else:
        other = userdata.read(write(people().head(190)), Settings("churn"))
        (folder / userdata.CONTENT).write_bytes(other.table.to_bytes())
    with pytest.raises(DataError, match="upsampling report"):
        userdata.open_folder(folder)


def test_hostile_names_and_values_survive_and_are_text(write, tmp_path):
    rng = np.random.RandomState(1)
    frame = people().assign(**{name: rng.choice(HOSTILE, 200) for name in HOSTILE})
    found = userdata.read(write(frame), Settings("churn"))
    assert set(HOSTILE) <= set(found.dataset.categorical)
    userdata.save(found, tmp_path / "report")
    again = userdata.open_folder(tmp_path / "report")
    assert again.dataset == found.dataset
    pd.testing.assert_frame_equal(again.table.X, found.table.X)


@pytest.mark.parametrize("arm", ["none", "class_weight", "naive", "smotenc"])
def test_hostile_names_categories_of_the_holdout_only_and_missing_values_can_be_computed(write, arm):
    rng = np.random.RandomState(1)
    frame = people(300, 40).assign(**{name: rng.choice(HOSTILE, 300) for name in HOSTILE})
    frame["job"] = frame["job"].where(frame.index % 7 > 0)
    frame["rare"] = np.where(np.arange(300) < 6, [f"rare {n}" for n in range(300)], "common")
    table = userdata.read(write(frame), Settings("churn", categorical=("rare",))).table
    result = experiment.run_cell(Cell(table.name, 0.1, None, 0, arm), table)
    assert result.run["status"] == "done", result.run["reason"]

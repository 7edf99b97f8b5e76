"""Results on disk: what is done, what is missing, what is published.

Two layers share one folder. ``cells/`` holds a JSON file per finished cell (and its scores and marginals as Parquet); it
is local, written cell by cell, and ignored by git. The CSV files beside it are published: `collect` merges the cells
into them. A cell is identified by what was asked (its path, the data's checksum, the protocol version), never by a hash
of the code. A cell is done classifier by classifier: one that is asked for later is computed and joins those that are there.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock

from upsampling import paths
from upsampling.errors import StoreError
from upsampling.files import replace_file
from upsampling.study import curves, datasets, ledger, schemas, seeds
from upsampling.study.arms import ARMS, PAPER_ARMS
from upsampling.study.classifiers import CLASSIFIERS, TIMED_IN_RUNS
from upsampling.study.experiment import CellResult
from upsampling.study.names import HYBRID
from upsampling.study.protocol import PROTOCOL_VERSION, Cell, plain

KEY = ["dataset", "size", "minority_fraction", "n_minority", "seed", "arm"]
CELL = ["dataset", "size", "seed", "arm"]
# In the order of publishing: a row of `runs` vouches for those of the others, so it comes last.
SORT = {"metrics": [*KEY, "classifier"], "diagnostics": [*KEY, "feature", "measure"], "runs": KEY}
# What a cell has rows of in a table that is not `runs`.
DETAIL = {"metrics": "classifier", "diagnostics": "feature"}
# A run has a number here for each classifier that it trained.
TRAINING_SECONDS = [f"{name}_seconds" for name in TIMED_IN_RUNS]
# A Parquet file begins and ends with it.
PARQUET_MARK = b"PAR1"
# Size and arms whose scores and marginals are published for the curve figures, of one seed; those of all would weigh too much.
PUBLISHED_SIZE, PUBLISHED_ARMS = "f0.001", PAPER_ARMS
# Significant digits of a published number. Local ones are read with as many, so that values which tie do so wherever they come from.
DIGITS = 12


class Store:
    """The results folder.

    Parameters
    ----------
    folder : Path, optional
        Default: the folder that `paths.results` names.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = Path(folder) if folder is not None else paths.results()

    def _cell_file(self, cell: Cell, suffix: str = ".json") -> Path:
        return self.folder / "cells" / f"{cell.path}{suffix}"

    def write(self, result: CellResult) -> None:
        """Put one finished cell on disk: all of it, or nothing.

        Raises
        ------
        StoreError
            The folder cannot be written; what was there stays as it was.
        """
        cell = result.cell
        before = self._read(self._cell_file(cell))
        if before and before["run"]["status"] == "done":
            if result.failed:
                return
            result = self._joined(result, before)
        document = {
            "cell": _key(cell, result.run.get("n_minority")),
            "run": result.run,
            "metrics": result.metrics,
            "diagnostics": result.diagnostics,
        }
        try:
            for frame, suffix in ((result.scores, ".scores.parquet"), (result.marginals, ".marginals.parquet")):
                if not frame.empty:
                    replace_file(
                        self._cell_file(cell, suffix),
                        lambda path, frame=frame: frame.to_parquet(path, write_page_checksum=True),
                    )
            text = json.dumps(document, indent=1)
            replace_file(self._cell_file(cell), lambda path: path.write_text(text))
        except OSError as error:
            raise _cannot_write(self._cell_file(cell), error) from error

    def _joined(self, result: CellResult, before: dict) -> CellResult:
        """Return a result with what the same cell has of other classifiers."""
        computed = {row["classifier"] for row in result.metrics}
        metrics = [row for row in before["metrics"] if row["classifier"] not in computed] + result.metrics
        run = before["run"] | result.run | {"classifiers": " ".join(row["classifier"] for row in metrics)}
        pins = f"{before['run']['versions']} {result.run['versions']}".split()
        run["versions"] = " ".join({pin.partition("==")[0]: pin for pin in pins}.values())
        if not computed & {row["classifier"] for row in before["metrics"]}:
            spent = before["run"].keys() & result.run.keys() & {"seconds", "cpu_seconds"}
            run |= {name: before["run"][name] + result.run[name] for name in spent}
        scores = _read_frame(self._cell_file(result.cell, ".scores.parquet"))
        scores = pd.concat([scores.drop(columns=list(result.scores), errors="ignore"), result.scores], axis=1)
        return replace(
            result, run=run, metrics=metrics, diagnostics=result.diagnostics or before["diagnostics"], scores=scores
        )

    def check_writable(self) -> None:
        """Raise StoreError if no cell could be written, so that no work is done in vain."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def _read(self, cell_file: Path) -> dict | None:
        try:
            document = json.loads(cell_file.read_text())
            run, known = document["run"], datasets.DATASETS.get(document["cell"]["dataset"])
            current = run["protocol_version"] == PROTOCOL_VERSION and (
                known is None or run["data_sha256"] == known.checksum
            )
            rows = [*document["metrics"], *document["diagnostics"]]
            complete = run["status"] == "failed" or (run["status"] == "done" and _has_frames(cell_file))
            complete = complete and all(isinstance(row, dict) for row in rows)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return document if current and complete else None

    def status(self, cells: Iterable[Cell], classifiers: Sequence[str] = ()) -> dict[Cell, str]:
        """Return ``done``, ``failed`` or ``missing`` for each cell: missing too if it lacks one of the classifiers asked for.

        A cell whose file is damaged, whose scores are gone or cut off, or that belongs to other data or another
        protocol version, counts as missing.
        """
        return {cell: state for cell, (state, _) in self.missing_classifiers(cells, classifiers).items()}

    def missing_classifiers(
        self, cells: Iterable[Cell], classifiers: Sequence[str] = ()
    ) -> dict[Cell, tuple[str, tuple[str, ...]]]:
        """Return the state of each cell, and what of the classifiers asked for it lacks; if none are, a cell that has any is done."""
        runs, metrics = self.published("runs"), self.published("metrics")
        published = {(row.dataset, row.size, row.seed, row.arm): row.status for row in runs.itertuples()}
        stored = metrics.groupby(CELL)["classifier"].agg(set).to_dict()
        states = {}
        for cell in cells:
            identity = (cell.dataset, cell.size, cell.seed, cell.arm)
            state, classifiers_stored = published.get(identity, "missing"), stored.get(identity, set())
            document = self._read(self._cell_file(cell))
            if document is not None:
                state = "done" if state == "done" else document["run"]["status"]
                classifiers_stored = classifiers_stored | {row["classifier"] for row in document["metrics"]}
            missing = tuple(name for name in ARMS[cell.arm].trained(classifiers) if name not in classifiers_stored)
            if state == "done" and missing and classifiers:
                state = "missing"
            states[cell] = (state, missing)
        return states

    def published(self, name: str) -> pd.DataFrame:
        """Return a published table; empty with the right columns if there is none.

        Raises
        ------
        StoreError
            The file cannot be read, was cut off, has twice the same row, lacks rows or columns, contradicts itself, or
            holds rows of other data or another protocol version.
        """
        path = self.folder / f"{name}.csv"
        table = ledger.read(self.folder, name)
        if table.empty:
            return _tidy(table, name)
        twice = table.duplicated([column for column in SORT[name] if column not in ("minority_fraction", "n_minority")])
        if twice.any():
            raise StoreError(f"{path} holds {twice.sum()} rows twice, first {_show(table[twice])}: remove one of each.")
        runs = table if name == "runs" else self.published("runs")
        self._refuse_contradictions(path, table, runs)
        if name == "runs":
            self._refuse_stale(path, table)
        else:
            self._refuse_gaps(path, name, table, runs)
        return table

    @staticmethod
    def _refuse_contradictions(path: Path, table: pd.DataFrame, runs: pd.DataFrame) -> None:
        """Refuse rows whose fraction or number of minority rows is not that of their size and their run."""
        described = _designs(table["size"])
        fraction, count = table["minority_fraction"].to_numpy(float), table["n_minority"].to_numpy(float)
        asked = described["minority_fraction"].to_numpy(float)
        unlike = ~((np.isnan(fraction) & np.isnan(asked)) | (np.abs(fraction - asked) < 1e-12))
        unlike |= described["count"].notna().to_numpy() & (described["count"].to_numpy(float) != count)
        cells = pd.MultiIndex.from_frame(table[CELL])
        n_minority_in_runs = runs.set_index(CELL)["n_minority"].reindex(cells).to_numpy(float)
        other = np.isfinite(n_minority_in_runs) & (n_minority_in_runs != count)
        wrong = other | unlike
        if wrong.any():
            files = dict.fromkeys((path, path.with_name("runs.csv")))
            raise StoreError(
                f"{path} holds {wrong.sum()} rows whose minority_fraction or n_minority is not that of their size or of "
                f"runs.csv, first {_show(table[wrong])}: restore with: git checkout -- {' '.join(map(str, files))}"
            )

    @staticmethod
    def _refuse_gaps(path: Path, name: str, table: pd.DataFrame, runs: pd.DataFrame) -> None:
        """Refuse a table in which a finished cell has fewer rows than its run tells of."""
        done = runs[runs["status"] == "done"]
        if name == "metrics":
            names = done.reindex(columns=["classifiers"])["classifiers"].astype(object).fillna("").str.split()
            expected = done.filter(items=TRAINING_SECONDS).notna().sum(axis=1).clip(lower=1)
            expected = np.maximum(expected, names.str.len())
        else:
            run_columns = done.reindex(columns=["n_features", "diagnostics_seconds"])
            expected = run_columns["n_features"].where(run_columns["diagnostics_seconds"].notna(), 0)
        n_stored = table[table[DETAIL[name]] != ""].groupby(CELL)[DETAIL[name]].nunique()
        n_stored = n_stored.reindex(pd.MultiIndex.from_frame(done[CELL]), fill_value=0)
        gaps = done[n_stored.to_numpy() < expected.to_numpy()]
        if not gaps.empty:
            raise StoreError(
                f"{path} lacks the rows of {len(gaps)} finished cells, first {_show(gaps)}: restore it with: "
                f"git checkout -- {path}"
            )

    @staticmethod
    def _refuse_stale(path: Path, runs: pd.DataFrame) -> None:
        expected = runs["dataset"].map({name: dataset.checksum for name, dataset in datasets.DATASETS.items()})
        stale = (runs["protocol_version"] != PROTOCOL_VERSION) | (expected.notna() & (runs["data_sha256"] != expected))
        if stale.any():
            raise StoreError(
                f"{path} holds {stale.sum()} rows of other data or another protocol than version {PROTOCOL_VERSION}, first "
                f"{_show(runs[stale])}: remove them from every table of {path.parent} and compute them again."
            )

    def load(self, name: str) -> pd.DataFrame:
        """Return all rows of `metrics`, `runs` or `diagnostics`: published ones and those of local cells.

        Raises
        ------
        StoreError
            A published table is refused (see `published`), or holds rows of a cell that `runs.csv` does not know.
        """
        documents = self._local()
        rows = [
            document["cell"] | row
            for document in documents
            for row in ([document["run"]] if name == "runs" else document[name])
        ]
        local, published = as_written(pd.DataFrame(rows)), self.published(name)
        if not published.empty:
            computed = {tuple(document["cell"][column] for column in CELL) for document in documents}
            self._refuse_unknown(name, published[~pd.MultiIndex.from_frame(published[CELL]).isin(computed)])
        if local.empty:
            return published.reset_index(drop=True)
        if published.empty:
            return _tidy(local, name)
        if name == "runs":
            return _tidy(_later(published, local), name)
        key = [*CELL, "classifier"] if name == "metrics" else CELL
        published = published[~pd.MultiIndex.from_frame(published[key]).isin(pd.MultiIndex.from_frame(local[key]))]
        return _tidy(pd.concat([published, local], ignore_index=True), name)

    def _refuse_unknown(self, name: str, table: pd.DataFrame) -> None:
        if name == "runs":
            return
        known = pd.MultiIndex.from_frame(self.published("runs")[CELL])
        unknown = table[~pd.MultiIndex.from_frame(table[CELL]).isin(known)]
        if not unknown.empty:
            raise StoreError(
                f"{self.folder / name}.csv holds rows of {len(unknown.drop_duplicates(CELL))} cells that runs.csv lacks, first "
                f"{_show(unknown)}: restore it with: git checkout -- {self.folder / 'runs.csv'}, or compute them again."
            )

    def _local(self) -> list[dict]:
        documents = (self._read(path) for path in sorted((self.folder / "cells").glob("*/*/*/*.json")))
        return [document for document in documents if document is not None]

    def scores(self, cell: Cell) -> pd.DataFrame | None:
        """Return column `y` and a column of scores per classifier, or None if they are not at hand."""
        return self._frame(cell, "scores")

    def marginals(self, cell: Cell) -> pd.DataFrame | None:
        """Return the distribution of every feature among minority rows, or None if it is not at hand."""
        return self._frame(cell, "marginals")

    def _frame(self, cell: Cell, kind: str) -> pd.DataFrame | None:
        local, document = self._cell_file(cell, f".{kind}.parquet"), self._read(self._cell_file(cell))
        if document is not None:
            return _read_frame(local) if document["run"]["status"] == "done" and local.is_file() else None
        return self.published_frame(cell, kind)

    def published_frame(self, cell: Cell, kind: str) -> pd.DataFrame | None:
        """Return the published `scores` or `marginals` of a cell, or None if it has none.

        Raises
        ------
        StoreError
            The file is damaged, or belongs to other data or another protocol version.
        """
        published = self.folder / kind / f"{cell.dataset}-{cell.size}-s{cell.seed}.parquet"
        if not published.is_file():
            return None
        table = _read_published_frame(published, cell.dataset)
        if kind == "marginals":
            chosen = table[table["arm"] == cell.arm].drop(columns="arm").reset_index(drop=True)
            return None if chosen.empty else chosen
        columns = {name: name.split("|")[1] for name in table if name.startswith(f"{cell.arm}|")}
        return table[["y", *columns]].rename(columns=columns) if columns else None

    def collect(self) -> dict[str, int]:
        """Merge the local cells into the published files; return the rows of each.

        Raises
        ------
        StoreError
            A file cannot be read or written; what was there stays as it was.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / ".lock", timeout=120):
                loaded = {name: self.load(name) for name in SORT}
                tables = {name: table[table["dataset"].isin(_published_names())] for name, table in loaded.items()}
                for name, table in tables.items():
                    schemas.check(table, name, self.folder / f"{name}.csv", "Nothing was published.")
                self._publish_frames(tables["metrics"])
                curves.publish(self.folder, curves.of_cells(self._local_scores()))
                for name, table in tables.items():
                    table = table.assign(minority_fraction=table["minority_fraction"].map(plain, na_action="ignore"))
                    replace_file(
                        self.folder / f"{name}.csv",
                        lambda path, table=table: table.to_csv(path, index=False, float_format=f"%.{DIGITS}g"),
                    )
        except OSError as error:
            raise StoreError(f"cannot publish to {self.folder}: {error}. Nothing that was there is lost.") from error
        return {name: len(table) for name, table in tables.items()}

    def _local_scores(self) -> Iterator[tuple[Cell, pd.DataFrame]]:
        for document in self._local():
            identity = document["cell"]
            if document["run"]["status"] == "done" and identity["dataset"] in _published_names():
                cell = Cell.of(*(identity[column] for column in CELL))
                yield cell, _read_frame(self._cell_file(cell, ".scores.parquet"))

    def _publish_frames(self, metrics: pd.DataFrame) -> None:
        """Publish scores and marginals of the seed that the figures show, which has the median average precision.

        If that is no longer the published seed, its frames take the place of the other's as soon as every arm has some.
        """
        for dataset, seed in _detailed_seeds(metrics).items():
            name = f"{dataset}-{PUBLISHED_SIZE}-s{seed}.parquet"
            arms = {}
            for arm in sorted(PUBLISHED_ARMS):
                path = self._cell_file(Cell.of(dataset, PUBLISHED_SIZE, seed, arm))
                document = self._read(path)
                if document and document["run"]["status"] == "done":
                    arms[arm] = path
            other_seeds = [
                path
                for kind in ("scores", "marginals")
                for path in (self.folder / kind).glob(f"{dataset}-{PUBLISHED_SIZE}-s*.parquet")
                if path.name != name
            ]
            if not arms or (other_seeds and len(arms) < len(PUBLISHED_ARMS)):
                continue
            scores = [_read_frame(path.with_name(f"{arm}.scores.parquet")) for arm, path in arms.items()]
            own = [frame[[name for name in CLASSIFIERS if name in frame]] for frame in scores]
            wide = [frame.add_prefix(f"{arm}|") for arm, frame in zip(arms, own, strict=True)]
            self._merge(
                dataset, self.folder / "scores" / name, pd.concat([scores[0][["y"]], *wide], axis=1), by_column=True
            )
            long = [
                _read_frame(file).assign(arm=arm)
                for arm, path in arms.items()
                if (file := path.with_name(f"{arm}.marginals.parquet")).is_file()
            ]
            if long:
                self._merge(
                    dataset, self.folder / "marginals" / name, pd.concat(long, ignore_index=True), by_column=False
                )
            for path in other_seeds:
                path.unlink()

    @staticmethod
    def _merge(dataset: str, path: Path, table: pd.DataFrame, *, by_column: bool) -> None:
        if path.is_file():
            before = _read_published_frame(path, dataset)
            if by_column:
                table = pd.concat([before.drop(columns=[c for c in before if c in table]), table], axis=1)
                table = table[["y", *sorted(column for column in table if column != "y")]]
            else:
                table = pd.concat([before[~before["arm"].isin(table["arm"])], table], ignore_index=True)
                table = table.sort_values("arm", kind="stable", ignore_index=True)
        table.attrs = _origin(dataset)
        replace_file(path, lambda target: table.to_parquet(target, index=False, compression="zstd"))


def as_written(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the digits that are published."""
    numbers = table.select_dtypes("float")
    return table.assign(**{name: [float(f"{x:.{DIGITS}g}") for x in values] for name, values in numbers.items()})


def _detailed_seeds(metrics: pd.DataFrame) -> dict[str, int]:
    """Return, by data set, the median of the first seeds under which the paper's method was computed, else any of the published arms."""
    rows = metrics[
        (metrics["size"] == PUBLISHED_SIZE)
        & metrics["arm"].isin(PUBLISHED_ARMS)
        & metrics["classifier"].isin(CLASSIFIERS)
    ]
    medians = {}
    for dataset, part in rows.groupby("dataset"):
        of_hybrid = part[part["arm"] == HYBRID]
        ranked = part if of_hybrid.empty else of_hybrid
        first = sorted(ranked["seed"].unique())[: seeds.FEWEST]
        medians[dataset], _ = seeds.median_seed(ranked[ranked["seed"].isin(first)])
    return medians


def _published_names() -> list[str]:
    return [name for name, dataset in datasets.DATASETS.items() if dataset.published]


def _designs(sizes: pd.Series) -> pd.DataFrame:
    """Return what sizes say: `design`, `split`, `minority_fraction` of the paper's design, and `count`."""
    cells = {size: Cell.of("any", size, 0, "any") for size in sizes.unique()}
    rows = [
        (cell.design, cell.split, cell.fraction if cell.design == "paper" else None, cell.count)
        for cell in map(cells.get, sizes)
    ]
    return pd.DataFrame(rows, index=sizes.index, columns=["design", "split", "minority_fraction", "count"])


def _later(published: pd.DataFrame, local: pd.DataFrame) -> pd.DataFrame:
    """Return runs, of a cell that both tables have one row: the local one, with what only the published one tells."""
    both = pd.concat([published, local], ignore_index=True).replace("", None)
    joined = both.groupby(CELL, sort=False, as_index=False).last()
    names = both["classifiers"].astype(object).fillna("").groupby([both[name] for name in CELL], sort=False)
    joined["classifiers"] = names.agg(lambda parts: " ".join(dict.fromkeys(" ".join(parts).split()))).to_numpy()
    return joined


def _origin(dataset: str) -> dict:
    """Return what a published Parquet file says of its rows; pandas keeps it in the file as the frame's `attrs`."""
    return {"data_sha256": datasets.get(dataset).checksum, "protocol_version": PROTOCOL_VERSION}


def _read_frame(path: Path) -> pd.DataFrame:
    """Read a Parquet file of a local cell."""
    cell_file = path.with_name(re.sub(r"\.(scores|marginals)\.parquet$", ".json", path.name))
    return _read_parquet(path, f"Remove {cell_file} and compute the cell again.")


def _read_parquet(path: Path, remedy: str) -> pd.DataFrame:
    try:
        return pd.read_parquet(path, page_checksum_verification=True)
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} is damaged: {error}. {remedy}") from error


def _read_published_frame(path: Path, dataset: str) -> pd.DataFrame:
    table = _read_parquet(path, f"Restore it with: git checkout -- {path}")
    if table.attrs != _origin(dataset):
        raise StoreError(
            f"{path} is of other data or another protocol than version {PROTOCOL_VERSION}: it says {table.attrs or 'nothing'}, "
            f"expected {_origin(dataset)}. Restore it with: git checkout -- {path}; or remove it, compute its cells again and "
            f"run: upsampling collect"
        )
    return table


def _cannot_write(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"cannot write {path}: {error.strerror or error}. Free some space or make the folder writable, or name another "
        f"one with {paths.RESULTS_VARIABLE}; finished cells are kept."
    )


def _has_frames(cell_file: Path) -> bool:
    """Return whether the scores of a cell are there, and no Parquet file of it is cut off."""
    scores, marginals = (cell_file.with_suffix(f".{kind}.parquet") for kind in ("scores", "marginals"))
    return _is_whole(scores) and (_is_whole(marginals) or not marginals.exists())


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            start = stream.read(len(PARQUET_MARK))
            stream.seek(-len(PARQUET_MARK), os.SEEK_END)
            return start == stream.read() == PARQUET_MARK
    except OSError:
        return False


def _key(cell: Cell, n_minority: int | None) -> dict:
    fraction = float(plain(cell.fraction)) if cell.design == "paper" else None
    return {
        "dataset": cell.dataset,
        "size": cell.size,
        "minority_fraction": fraction,
        "n_minority": n_minority,
        "seed": int(cell.seed),
        "arm": cell.arm,
    }


def _tidy(table: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = schemas.columns(name) if name == "runs" else list(dict.fromkeys([*SORT[name], *table]))
    texts = dict.fromkeys((column for column in schemas.texts(name) if column in columns), "")
    table = table.reindex(columns=columns).astype(dict.fromkeys(texts, "str")).fillna(texts)
    if name != "diagnostics":
        table = table.assign(**_designs(table["size"])[["design", "split"]])
        columns += [column for column in ("design", "split") if column not in columns]
    return table[columns].sort_values(SORT[name], ignore_index=True)


def _show(rows: pd.DataFrame) -> str:
    row = rows.iloc[0]
    return f"{row['dataset']}/{row['size']}/s{row['seed']}/{row['arm']}"

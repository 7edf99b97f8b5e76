"""The vendor's tutorial on rebalancing, repeated as it was published, over many seeds.

The tutorial [1]_ works on Adult with 0.1 % minority rows, trains LightGBM on four sets, and publishes one AUC-ROC for each.
It fixes one random state for everything but the generator, which has none. It differs from our protocol: the split is not
stratified, the synthetic set holds no real row, and training stops early on rows cut from the set that was already
upsampled, so repeated or interpolated rows stand on both sides. That is kept here on purpose, and used nowhere else.

References
----------
.. [1] MOSTLY AI, "Explore the Benefits of Rebalancing," notebook in the repository mostly-ai/mostlyai,
   docs/tutorials/rebalancing/rebalancing.ipynb.
"""

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTENC, RandomOverSampler
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from upsampling.generator.argn import isolated
from upsampling.study import datasets, ledger
from upsampling.study.arms import title
from upsampling.study.experiment import measured, provenance
from upsampling.words import named

DATASET = "adult"
# The tutorial's settings.
HOLDOUT_SHARE, FRACTION, VALIDATION_SHARE, PATIENCE, MAX_MINUTES = 0.2, 0.001, 0.2, 5, 5
PUBLISHED_SEED = 1
ARMS = ("none", "naive", "smotenc", "tabularargn_synthetic")
TARGET, MINORITY, MAJORITY = "income", ">50K", "<=50K"
# AUC-ROC on the holdout that three runs of the tutorial published.
PUBLISHED = pd.DataFrame(
    [
        ("2023-03", 0.618, 0.707, 0.794, 0.815),
        ("2023-09", 0.446, 0.724, 0.798, 0.859),
        ("2024-03", 0.600, 0.721, 0.771, 0.832),
    ],
    columns=["run", *ARMS],
)
KEY = ["split_seed", "generator_seed", "arm"]
# Stands in the column `generator_seed` of an arm that needs none.
NO_GENERATOR = -1


def missing(known: pd.DataFrame, n_seeds: int) -> list[tuple[int, int]]:
    """Return the pairs of split seed and generator seed that are still to be run.

    They are `n_seeds` generators on the published split, and one generator on each of `n_seeds` splits, by turns, so that a run that
    is stopped has some of both.

    Parameters
    ----------
    known : DataFrame
        Rows of ``tutorial.csv``.
    n_seeds : int
        How many of each.
    """
    pairs = [pair for seed in range(n_seeds) for pair in ((PUBLISHED_SEED, seed), (seed, 0))]
    done = set(zip(known["split_seed"], known["generator_seed"], strict=True))
    return [pair for pair in dict.fromkeys(pairs) if pair not in done]


def run(pairs: Iterable[tuple[int, int]], workers: int) -> Iterator[pd.DataFrame]:
    """Run the tutorial under some pairs of seeds, and yield the rows of each as it ends.

    Parameters
    ----------
    pairs : iterable of tuple
        Split seed and generator seed.
    workers : int
        Processes.

    Yields
    ------
    DataFrame
        A row per arm: `split_seed`, `generator_seed` (-1 without a generator), `arm`, `roc_auc` on the holdout,
        `validation_auc`, `n_trees`, `n_minority`, `seconds`, and the provenance of any result.
    """
    return Parallel(n_jobs=workers, return_as="generator_unordered")(delayed(once)(*pair) for pair in pairs)


def once(split_seed: int, generator_seed: int) -> pd.DataFrame:
    """Run the tutorial once; the columns of the result are those of `run`."""
    table = datasets.load(DATASET)
    labels = np.where(table.y == 1, MINORITY, MAJORITY)
    texts = {name: table.X[name].astype(object) for name in table.X.select_dtypes("category")}
    rows = table.X.assign(**texts, **{TARGET: labels})
    rows, holdout = train_test_split(rows, test_size=HOLDOUT_SHARE, random_state=split_seed)
    rows = unbalance(rows, split_seed)
    found = []
    for arm in ARMS:
        with measured() as usage:
            X, y = _training_set(arm, rows, split_seed, generator_seed)
        booster, validation_auc = _train(X, y, split_seed)
        truth, scores = holdout[TARGET] == MINORITY, booster.predict(_features(holdout))
        found.append(
            {
                "split_seed": split_seed,
                "generator_seed": generator_seed if arm == "tabularargn_synthetic" else NO_GENERATOR,
                "arm": arm,
                "roc_auc": roc_auc_score(truth, scores),
                "validation_auc": validation_auc,
                "n_trees": booster.best_iteration,
                "n_minority": int((rows[TARGET] == MINORITY).sum()),
                "seconds": usage.seconds,
            }
            | provenance(table)
        )
    return pd.DataFrame(found)


def unbalance(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return all majority rows and so many minority rows that they are 0.1 % of the result, in random order."""
    is_minority = rows[TARGET] == MINORITY
    n_kept = int((~is_minority).sum() / (1 - FRACTION) * FRACTION)
    kept = rows[is_minority].sample(n=n_kept, random_state=seed)
    return pd.concat([kept, rows[~is_minority]]).sample(frac=1, random_state=seed)


def _training_set(arm: str, rows: pd.DataFrame, seed: int, generator_seed: int) -> tuple[pd.DataFrame, pd.Series]:
    if arm == "tabularargn_synthetic":
        rows = synthesise(rows, generator_seed)
    X, y = _features(rows), (rows[TARGET] == MINORITY).astype(int)
    if arm == "naive":
        return RandomOverSampler(random_state=seed).fit_resample(X, y)
    if arm == "smotenc":
        return SMOTENC(categorical_features="auto", random_state=seed).fit_resample(X, y)
    return X, y


def synthesise(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return as many synthetic rows, half of them of the minority class, from a generator that saw `rows`."""
    from upsampling.generator.patches import local_sdk

    table = {
        "name": "data",
        "data": rows.reset_index(drop=True),
        "tabular_model_configuration": {"max_training_time": MAX_MINUTES, "enable_model_report": False},
    }
    drawn = {
        "rebalancing": {"column": TARGET, "probabilities": {MINORITY: 0.5}},
        "enable_data_report": False,
    }
    with tempfile.TemporaryDirectory(prefix="upsampling-") as scratch:
        folder = Path(scratch)
        with (
            isolated(seed, 1, folder / "datasets"),
            local_sdk(folder) as client,
            redirect_stdout(io.StringIO()),
        ):
            client.train(config={"random_state": seed, "tables": [table]}, start=True, wait=True, progress_bar=False)
            (generator,) = client.generators.list()
            config = {"random_state": seed, "tables": [{"name": "data", "configuration": drawn}]}
            made = client.generate(generator, config=config, start=True, wait=True, progress_bar=False)
            return made.data(return_type="dict")["data"]


def _features(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the features as LightGBM takes them, categories first."""
    X = rows.drop(columns=TARGET)
    numeric = X.select_dtypes("number").astype(float)
    categories = X.drop(columns=list(numeric)).astype(object).astype("category")
    return pd.concat([categories, numeric], axis=1)


def _train(X: pd.DataFrame, y: pd.Series, seed: int) -> tuple[lightgbm.Booster, float]:
    X, X_validation, y, y_validation = train_test_split(X, y, test_size=VALIDATION_SHARE, random_state=seed)
    booster = lightgbm.train(
        {"verbose": -1, "metric": "auc", "objective": "binary", "num_threads": 1},
        lightgbm.Dataset(X, y),
        valid_sets=[lightgbm.Dataset(X_validation, y_validation)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    return booster, booster.best_score["valid_0"]["auc"]


def load(folder: Path) -> pd.DataFrame:
    """Return the rows of ``tutorial.csv`` in a results folder; empty if there is none.

    Raises
    ------
    StoreError
        The file cannot be read or is not what its schema says.
    """
    return ledger.read(folder, "tutorial")


def record(rows: pd.DataFrame, folder: Path) -> Path:
    """Add rows to ``tutorial.csv`` in a results folder, in place of older ones of the same seeds and arm."""

    def added() -> pd.DataFrame:
        table = pd.concat([part for part in (load(folder), rows) if not part.empty], ignore_index=True)
        return table.drop_duplicates(KEY, keep="last").sort_values(KEY)

    return ledger.update(folder, "tutorial", added)


def published() -> pd.DataFrame:
    """Return the published runs as rows of `run`, `arm` and `roc_auc`."""
    return PUBLISHED.melt("run", var_name="arm", value_name="roc_auc")


def by_what_varies(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the runs twice where they belong to both: ``split`` over splits, ``generator`` over fits on the published split.

    Returns
    -------
    DataFrame
        The rows with a column `varied`.
    """
    fits = rows[(rows["arm"] == "tabularargn_synthetic") & (rows["split_seed"] == PUBLISHED_SEED)]
    splits = rows[rows["generator_seed"].isin([0, NO_GENERATOR])]
    return pd.concat([splits.assign(varied="split"), fits.assign(varied="generator")], ignore_index=True)


def spread(runs: pd.DataFrame) -> pd.DataFrame:
    """Return how our runs spread, by arm, and where the published ones lie.

    Parameters
    ----------
    runs : DataFrame
        What `by_what_varies` returns.

    Returns
    -------
    DataFrame
        A row per arm: `n_splits`, `mean`, `sd`, `low` and `high` over splits, `here` (on the published split; the mean over
        generators), `here_low` and `here_high`, `n_generators`, `published` (three values, with spaces between), and
        `inside`: how many of them lie between our lowest and highest, over splits and generators.
    """
    found = []
    for arm in ARMS:
        part, theirs = runs[runs["arm"] == arm], PUBLISHED[arm]
        splits = part.loc[part["varied"] == "split", "roc_auc"]
        fits = part.loc[part["split_seed"] == PUBLISHED_SEED].drop_duplicates(KEY)["roc_auc"]
        found.append(
            {
                "arm": arm,
                "n_splits": len(splits),
                "mean": splits.mean(),
                "sd": splits.std(),
                "low": splits.min(),
                "high": splits.max(),
                "here": fits.mean(),
                "here_low": fits.min(),
                "here_high": fits.max(),
                "n_generators": len(fits) if arm == "tabularargn_synthetic" else 0,
                "published": " ".join(f"{value:g}" for value in theirs),
                "inside": int(theirs.between(part["roc_auc"].min(), part["roc_auc"].max()).sum()),
            }
        )
    return pd.DataFrame(found)


def findings(table: pd.DataFrame) -> str:
    """Return what the repetition shows, in words.

    Parameters
    ----------
    table : DataFrame
        What `spread` returns.
    """
    if not table["n_splits"].sum():
        return "No run is stored yet: `upsampling tutorial` computes them."
    synthetic = table.set_index("arm").loc["tabularargn_synthetic"]
    last = PUBLISHED.iloc[-1]
    without = [row for row in table.itertuples() if not row.n_generators]
    same = [row.arm for row in without if abs(row.here - last[row.arm]) < 0.0005]
    low, high = min(synthetic.low, synthetic.here_low), max(synthetic.high, synthetic.here_high)
    best = table.loc[table["mean"].idxmax()]
    spreads = named(
        [
            f"{title(row.arm)} {100 * row.mean:.1f} (from {100 * row.low:.1f} to {100 * row.high:.1f})"
            for row in table.itertuples()
        ]
    )
    return (
        f"The sets without a generator follow from the random state alone: {len(same)} of {len(without)} come out as in the run of "
        f"{last['run']}, to the digit that was published. With the generator, {synthetic.inside} of {len(PUBLISHED)} published runs "
        f"lie within the spread of ours, {100 * low:.1f} to {100 * high:.1f} %. Over {synthetic.n_splits} splits, the mean is highest for "
        f"{title(best.arm)}; means in %, and what single splits would have shown: {spreads}."
    )


def counts_text(runs: pd.DataFrame) -> str:
    """Return how many runs a figure shows."""
    synthetic = runs[runs["arm"] == "tabularargn_synthetic"]["varied"].value_counts()
    return f"our runs on {synthetic['split']} splits (dots) and with {synthetic['generator']} generators on the published split (circles)"

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # With a tuned classifier
#
# Elsewhere in this book, as we read the paper, a classifier has its library's defaults. LightGBM's ask for twenty rows in a leaf: of thirty
# minority rows a tree can hardly single out any, unless they are repeated, or others are made. So part of what upsampling gains
# may be no more than better settings would. Here they are chosen on the real training rows, for each way of upsampling and for none, with
# the same budget for all.

# %% tags=["remove-cell"]
from upsampling.book import publish
from upsampling.book.studies import tuned
from upsampling.study import tuning
from upsampling.study.protocol import FOLDS
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card"]  # in the order of the figures
fractions: list = [0.001, 0.01]  # minority shares at which all arms are tuned

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
every_share = tuned.load(metrics[metrics["dataset"].isin(datasets)])
rows = every_share[every_share["minority_fraction"].isin(fractions)]
compared = tuned.compare(every_share)
differences = compared[compared["minority_fraction"].isin(fractions)]
findings = "\n".join(tuned.finding(differences, name) for name in datasets)
publish.text(
    f"{tuned.headline(differences)}\n\nPoints of average precision that each adds to the unbalanced set with the library's defaults, the last to "
    f"the tuned unbalanced set:\n\n{findings}"
)

# %%
if not rows.empty:
    levels = tuned.levels(rows)
    publish.figure(
        tuned.draw(levels),
        levels,
        runs=runs,
        name="levels",
        caption="Average precision of LightGBM with the library's defaults (hollow) and tuned (filled), mean with a 95 % interval over the seeds that "
        "all ways in a panel have.",
        alt="Pairs of dots with intervals, hollow for library defaults and filled for tuned: average precision of LightGBM by arm; a row of "
        "panels per data set, a column per minority share.",
    )
    publish.table(
        tuned.shown(differences),
        name="differences",
        caption="Differences in average precision in points, paired over seeds, with a 95 % interval: what tuning adds to an arm, and what the arm "
        "gains over the unbalanced set with neither or both of them tuned. The download also has the tuned unbalanced set minus each arm with "
        "defaults, and Wilcoxon's test.",
        data=differences,
        runs=runs,
    )

# %% [markdown]
# ## At every share
#
# The simplest way, no upsampling and a tuned classifier, needs no generator and can be computed at every share. Here it stands beside two ways of using the generator
# with LightGBM's defaults: the paper's, and [the mean of ranks](ranks.ipynb), which most of these seeds had served to choose.

# %% tags=["remove-cell"]
publish.text("\n\n".join(tuned.shares_text(compared, rival) for rival in tuned.RIVALS))

# %%
if not every_share.empty:
    drawn = [tuned.REFERENCE, tuned.tuned(tuned.REFERENCE), *tuned.RIVALS]
    shares = tuned.levels(every_share[every_share["arm"].isin(drawn)])
    publish.figure(
        tuned.draw_shares(shares),
        shares,
        runs=runs,
        name="shares",
        caption="Average precision of LightGBM against the minority share: on the unbalanced set with library defaults and tuned, on the paper's hybrid and by the mean of "
        "four ranks with library defaults; mean with a 95 % interval over seeds.",
        alt="Lines of average precision against the minority share, a panel per data set: unbalanced, unbalanced and tuned, the hybrid, and a mean of four ranks.",
    )

# %% tags=["remove-cell"]
publish.text(
    f"## How it is tuned\n\nOf {tuning.TRIALS} settings, the library's defaults and {tuning.TRIALS - 1} drawn at random, the one is taken with the highest average "
    f"precision in a {FOLDS}-fold cross-validation on the real training rows: trees, learning rate, leaves, rows in a leaf, columns of a tree and "
    "the penalty on leaves. Under one seed all arms try the same settings on the same folds. Upsampling is done within the folds: a generator is "
    "fitted anew on the rows of each, and no made row is ever judged by the row it was made from. Such a row of `results/runs.csv` has the "
    "settings that were chosen, in the column `tuned_settings`. Of a few dozen minority rows a fold holds ten, so the choice is noisy; that is what "
    "somebody with such a table would face."
)

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
# # Calibration
#
# Can a predicted probability be taken at its word? A classifier learns the share of minority rows that it is shown: 0.1 %, or
# 50 % after upsampling. The holdout has another share, so its probabilities are off by construction. A known formula moves them from one share to
# the other (*correction*, see the [glossary](glossary.md)); what is still off after that is the classifier's own.

# %% tags=["remove-cell"]
from upsampling import words
from upsampling.book import publish
from upsampling.book.studies import calibration
from upsampling.study import datasets as registry
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures
fraction: float = 0.001  # minority share of the training set
seed: int = 0  # of the reliability curves

# %% tags=["remove-cell"]
store = Store()
runs = store.load("runs")
metrics = store.load("metrics")
metrics = metrics[metrics["dataset"].isin(datasets)]
findings = [calibration.finding(metrics, name, fraction) for name in datasets]
table = calibration.summary(metrics, fraction)
base = calibration.base_rate(runs[runs["status"] == "done"])
constant = calibration.useless_text(table, base, fraction)
publish.text("\n\n".join([f"{calibration.headline(metrics)} {constant}", "\n".join(findings)]))

# %% [markdown]
# ## Reliability
#
# Holdout rows are sorted into bins by their predicted probability. On the grey line, of the rows that are given 30 %, 30 % are minority
# rows; below it, probabilities are too high.

# %%
for name in datasets:
    curves = calibration.curves(store, runs, name, fraction, seed)
    title = registry.get(name).title
    if curves.empty:
        publish.text(f"{title}: the scores at {words.percent(fraction)}, seed {seed}, are not at hand.")
        continue
    publish.figure(
        calibration.draw_curves(curves),
        curves,
        runs=runs,
        name=f"reliability-{name}",
        caption=f"{title}, {words.percent(fraction)}, seed {seed}: share of minority rows against the mean probability, in bins of "
        f"equal width with at least {calibration.MIN_BIN_ROWS} holdout rows; above as the scores come, below after correction. Only the paper's four arms, whose scores are kept.",
        alt=f"Reliability curves of {title}, a line per arm beside the diagonal, a column per classifier, before and after correction.",
    )

# %% [markdown]
# ## Scores of probabilities
#
# The Brier score is the mean squared error of the probabilities: the smaller, the better. It counts both how well they sort the rows and how far they can be
# taken at their word. The grey line is what one gets by giving every row the holdout's minority share.

# %%
publish.figure(
    calibration.draw_brier(table, base),
    table[table["metric"].str.startswith("brier")],
    runs=runs,
    name="brier",
    caption=f"Brier score at {words.percent(fraction)}, mean over seeds, by arm (a marker per classifier); left as the scores come, right after "
    f"correction. {calibration.caption(table, base)}",
    alt="Dots of the Brier score by arm and classifier, before and after correction, a row of panels per data set.",
)

# %%
publish.table(
    calibration.shown(table),
    name="scores",
    caption=f"Brier score, log loss and expected calibration error (ECE) at {words.percent(fraction)}, as the scores come and after "
    "correction: mean over seeds with a 95 % interval. Means of ranks are no probabilities and have none of these.",
    data=table,
    runs=runs,
)

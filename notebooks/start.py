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
# # Does synthetic upsampling help on highly unbalanced tables?
#
# A table has very few rows of the class that matters. Train on it as it is, repeat these rows, interpolate between them, or
# let a generator make new ones? {cite}`krchova2025` say that the generator, TabularARGN, gives the best models, most of all
# when there are very few minority rows. This book is their paper as software: computed again from three public tables,
# with intervals, controls and the code behind every number.

# %% tags=["remove-cell"]
from upsampling import claims, comparison, figures, publish, tables
from upsampling.protocol import FRACTIONS
from upsampling.samplers import PAPER_ARMS
from upsampling.store import Store
from upsampling.studies import ranks, tuned

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # the tables that the answer stands on

# %% tags=["remove-cell"]
store = Store()
runs = store.load("runs")
metrics = store.load("metrics")
verdicts = claims.judge(metrics, runs, store.load("diagnostics"))
paper = comparison.load(store, datasets, FRACTIONS, PAPER_ARMS)
publish.text(f"## The answer so far\n\n{comparison.answer(paper)}")

# %% tags=["remove-cell"]
gains = comparison.gains(paper, "average_precision", "tabularargn", ["naive", "smotenc"])
publish.figure(
    figures.gain_heatmap(gains),
    gains,
    runs=runs,
    name="gain",
    caption=comparison.gains_caption(gains, "average_precision")
    + " The gain is against the better of naive oversampling and SMOTE-NC.",
    alt="Heat maps of the gain in average precision, a panel per data set, classifiers against minority shares.",
)

# %% [markdown]
# ## The paper's claims, judged
#
# A verdict needs five seeds. *Undecided* says that the evidence does not suffice yet, not that a claim is wrong. Numbers,
# intervals and thresholds stand in {numref}`tab-claims-evidence`.

# %% tags=["remove-cell"]
publish.table(
    tables.verdicts(verdicts),
    name="verdicts",
    caption="Verdict per claim and data set; over all of them the least favourable one decides, and for a gain of up to something "
    "the most favourable one, or an undecided one that may still be better.",
    data=verdicts,
    runs=runs,
)

# %% [markdown]
# ## Beyond the paper
#
# The same fit of the generator can be used in other ways, and [a mean of their ranks](ranks.ipynb) is judged on seeds of its own. As a
# [classifier](classifier.md) it can be imported.

# %% tags=["remove-cell"]
publish.text(ranks.verdict(ranks.judge(metrics[metrics["dataset"].isin(datasets)])))

# %% [markdown]
# All of this is with classifiers as their libraries come, as in the paper. Does it hold when the [classifier is tuned](tuning.ipynb)?

# %% tags=["remove-cell"]
with_tuned = tuned.compare(tuned.load(metrics[metrics["dataset"].isin(datasets)]))
publish.text(f"{tuned.headline(with_tuned)} {tuned.beside_ranks(with_tuned)}")

# %% [markdown]
# ## Three doors
#
# ::::{grid} 1 1 3 3
# :gutter: 2
#
# :::{grid-item-card} Read
# :link: setup
# :link-type: doc
#
# The set-up, the data, a chapter per table, the comparison, and all of it to explore.
# :::
#
# :::{grid-item-card} Rerun
# :link: rerun
# :link-type: doc
#
# One command makes a page for settings that nobody has run before, or for your own table.
# :::
#
# :::{grid-item-card} Audit
# :link: paper
# :link-type: doc
#
# From each statement of the paper to its evidence, every choice that is ours, and where each number comes from.
# :::
# ::::
#
# In a hurry, with a table of your own? [What should I do with my unbalanced table?](guide.ipynb) answers from these results.
#
# ## How to read the figures
#
# One colour per way of treating the imbalance and one marker per classifier, on every page. Bars are 95 % intervals, made by
# resampling seeds: of three seeds that is just their range, and of fewer there is no bar. n counts seeds. Every figure and table has a link to
# its data as CSV; click the heading of a table to sort it. Code is folded: open it to see what made a number. Terms are
# explained in the [glossary](glossary.md); what had to be chosen, because the paper's full text was not at hand, is listed under
# [assumptions](assumptions.md).

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
from upsampling.book import comparison, figures, publish, tables
from upsampling.book.studies import ranks, tuned
from upsampling.study import claims
from upsampling.study.arms import PAPER_ARMS
from upsampling.study.protocol import FRACTIONS
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # the tables that the answer stands on

# %% tags=["remove-cell"]
store = Store()
runs = store.load("runs")
metrics = store.load("metrics")
of_study = metrics[metrics["dataset"].isin(datasets)]
verdicts = claims.judge(metrics, runs, store.load("diagnostics"))
paper = comparison.load(store, datasets, FRACTIONS, PAPER_ARMS)
with_tuned = tuned.compare(tuned.load(of_study))
publish.text(
    f"## The answer so far\n\n{comparison.answer(paper)}\n\n{tuned.headline(with_tuned)}\n\n"
    "What to do, then? [What should I do with my unbalanced table?](guide.ipynb) answers from these results."
)

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
# A verdict needs five seeds. *Undecided* says that the evidence does not suffice yet, not that a claim is wrong. Each claim with its
# numbers, intervals and thresholds, and what follows from it, stands on [a page of its own](claims.ipynb).

# %% tags=["remove-cell"]
publish.table(
    tables.verdicts(verdicts),
    name="verdicts",
    caption="Verdict per claim and data set. Over all tables the least favourable one decides; for a gain of up to something the most favourable, since one "
    "table suffices, or an undecided one that may still turn out so.",
    data=verdicts,
    runs=runs,
)

# %% [markdown]
# ## Beyond the paper
#
# The same fit of the generator can be used in other ways, and [a mean of their ranks](ranks.ipynb) is judged on seeds of its own. As a
# [classifier](classifier.md) it can be imported.

# %% tags=["remove-cell"]
publish.text(
    f"{ranks.verdict(ranks.judge(of_study))}\n\n{ranks.beside_linear(of_study)}\n\n{tuned.beside_ranks(with_tuned)}"
)

# %% [markdown]
# All of this is judged, as we read the paper, on holdouts in which 12 to 24 % of the rows are of the minority. If the rows that you score are as unbalanced as the rows
# you train on, [part of it changes](prevalence.ipynb).

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
# ## How to read the figures
#
# The paper's ways of treating the imbalance have one colour and each classifier one marker, on every page. Bars are 95 % intervals, made by
# resampling seeds: of three seeds that is just their range, and of fewer there is no bar. What is acted on stands on a *wide* interval, which allows for overlapping splits
# ([glossary](glossary.md)). n counts seeds. Every figure and table has a link to
# its data as CSV; click the heading of a table to sort it. Code is folded: open it to see what made a number. Terms are
# explained in the [glossary](glossary.md); what had to be chosen, because the paper's full text was not at hand, is listed under
# [assumptions](assumptions.md).

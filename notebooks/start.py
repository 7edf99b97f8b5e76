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
# [Krchova, Platzer and Tiwald (arXiv 2507.16419)](https://arxiv.org/abs/2507.16419) say yes: classifiers trained on tables
# whose rare class was filled up by a generator, TabularARGN, beat those trained after naive oversampling or SMOTE-NC, most of
# all when there are very few minority rows. This book is that paper as software. It recomputes the paper's experiments
# from three public tables, adds intervals over seeds and controls, and says plainly where the evidence agrees and where it does
# not. The full text of the paper was not at hand: what had to be chosen is listed under
# [assumptions](assumptions.md).

# %% tags=["remove-cell"]
from upsampling import claims, comparison, figures, publish, tables
from upsampling.protocol import FRACTIONS
from upsampling.samplers import PAPER_ARMS
from upsampling.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # the tables that the answer stands on

# %%
store = Store()
runs = store.load("runs")
verdicts = claims.judge(store.load("metrics"), runs, store.load("diagnostics"))
paper = comparison.load(store, datasets, FRACTIONS, PAPER_ARMS)
publish.text(f"## The answer so far\n\n{comparison.answer(paper)}")

# %%
gains = comparison.gains(paper, "average_precision", "tabularargn", ["naive", "smotenc"])
publish.figure(
    figures.gain_heatmap(gains),
    gains,
    runs=runs,
    name="gain",
    caption=comparison.gains_caption(gains, "average_precision")
    + " The gain is against the better of naive oversampling and "
    "SMOTE-NC.",
    alt="Heat maps of the gain in average precision, a panel per data set, classifiers against minority shares.",
)

# %% [markdown]
# ## The paper's claims, judged
#
# A verdict needs five seeds. *Undecided* says that the evidence does not suffice yet, not that a claim is wrong; the number
# beside it is what the seeds so far give. The page on [the claims](claims.ipynb) has definitions, thresholds and evidence.

# %%
publish.table(
    tables.verdicts(verdicts),
    name="verdicts",
    caption="Verdict per claim and data set, with the deciding number and its 95 % interval over seeds where there are three or "
    "more. The file has thresholds, numbers of seeds, and the cells that each verdict stands on.",
    data=verdicts,
    runs=runs,
)

# %% [markdown]
# ## Three ways on
#
# - **Read**: the [set-up](setup.ipynb), the [data](data.ipynb), a chapter per table ([Adult](adult.ipynb),
#   [Credit Card](credit_card.ipynb), [Insurance](insurance.ipynb)), the [comparison](comparison.ipynb), and
#   all of it [to explore](explore.ipynb).
# - **Rerun**: [one command](rerun.md) makes a page for settings that nobody has run before; the [demo](demo.ipynb) was computed
#   on the machine that built this book.
# - **Audit**: [every choice](assumptions.md) that is ours and why, and [where each number comes from](provenance.ipynb).
#
# ## How to read the figures
#
# One colour per way of treating the imbalance and one marker per classifier, on every page. Bars are 95 % intervals, made by
# resampling seeds: of three seeds that is just their range, and of fewer there is no bar. n counts seeds. Every figure and table has a link to
# its data as CSV; click the heading of a table to sort it. Code is folded: open it to see what made a number.

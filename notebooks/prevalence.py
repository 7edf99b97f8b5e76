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
# # If the rows you score are as unbalanced
#
# The book judges as, by our reading, the paper does: minority rows are taken from the training set alone, and the holdout keeps the table's own share of them, 12 to 24 %.
# Whoever has a training set with one minority row in a thousand will mostly score rows of which one in a thousand is of that class. AUC-ROC does not depend on that
# share. Average precision does: at a small share it counts little but the very top of the ranking, for a few false alarms there outweigh all hits. Here the same scores are judged
# again as if the holdout had the minority share of the training set, each of its rows weighted accordingly. Nothing is trained anew.

# %% tags=["remove-cell"]
from upsampling.book import publish
from upsampling.book.studies import prevalence
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = metrics[metrics["dataset"].isin(datasets) & metrics["minority_fraction"].notna()]
table = prevalence.compare(metrics)
publish.text(prevalence.headline(table))

# %% [markdown]
# ## How much is left
#
# At a small share average precision is small, whatever one does. The lift says how many times that of random scores it is.

# %%
lifts = prevalence.lift(metrics, runs)
publish.figure(
    prevalence.draw(lifts),
    lifts,
    runs=runs,
    name="lift",
    caption=f"{prevalence.caption(lifts)} Mean over the paper's classifiers with a 95 % interval over seeds.",
    alt="Lines of the lift of average precision over random scores against the minority share, a line per arm of the paper, a panel per data set; above for rows as unbalanced as the training set, below for the holdout.",
)

# %% [markdown]
# ## Does the order hold

# %%
publish.table(
    prevalence.shown(table),
    name="both",
    caption="Other arm minus the hybrid: in average precision at the minority share of the holdout, and in lift at that of the training set. Mean over minority shares and the "
    "paper's classifiers, with a 95 % interval over seeds. The order turns where both intervals exclude zero on different sides.",
    data=table,
    runs=runs,
)

# %% [markdown]
# ## What to make of it
#
# Ask which of the two is yours. If positives are rare among the rows that will be scored, and the top of the list is what gets worked on, the second column is nearer to
# your case; if the training rows are rare by the way they were gathered, the first. The verdicts of this book are on the paper's claims and so on the paper's
# measure. With few minority rows in the holdout's top the second measure is the noisier one: its intervals, not its means, are what can be acted on. What the
# [guide](guide.ipynb) advises is worked out for both.

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
# # Signs of failure
#
# The [digest](glossary.md) of the paper names four signs that synthetic upsampling has failed. Each is computed here for every training set, arm that makes new rows
# (but variants of one arm, which would count it several times; the hybrid and the fully synthetic set both take part, though their minority rows are of one generator) and classifier by a rule with a threshold, and held against the outcome: a cell is *bad* if its average precision is below that of the same classifier on
# the unbalanced rows of the same training set. A sign is worth heeding if performance is bad more often where it is raised than elsewhere.

# %% tags=["remove-cell"]
from upsampling.book import publish
from upsampling.book.studies import signatures, signatures_figures
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
cells = signatures.observe(metrics[metrics["dataset"].isin(datasets)], store.load("diagnostics"))
table = signatures.contingency(cells)
publish.text(signatures.finding(table))

# %% tags=["remove-cell"]
publish.text(f"## The rules\n\n{signatures.rules()}")

# %% [markdown]
# The digest gives no thresholds: these are ours, and were set when a part of the results was known. Naive upsampling makes no new rows and takes no part. The first and
# the third sign can be seen before a classifier is trained; the fourth needs the labels of a holdout.

# %% [markdown]
# ## How often, and how right

# %%
if not table.empty:
    publish.figure(
        signatures_figures.draw(table),
        table,
        runs=runs,
        name="precision",
        caption="Share of bad cells where a sign was raised (dot) and among all cells (bar); at the right, in how many cells it was raised. A dot to the right of its bar: "
        "the sign says something.",
        alt="Dots per sign of failure: share of bad cells where it was raised beside the share of all cells, a panel per data set.",
    )

# %%
if not table.empty:
    publish.table(
        signatures.shown(table),
        name="contingency",
        caption="Cells by sign and outcome. Precision: bad cells among those raised. Recall: raised among the bad ones. The difference between precision and the share of "
        "bad cells has a 95 % interval over seeds. All data sets together: the seeds that each of them has. Not every arm and share was computed "
        "under every seed, so seeds have unlike numbers of cells.",
        data=table,
        runs=runs,
    )

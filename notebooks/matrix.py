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
# # Reproduction matrix
#
# Every figure and table of this book, and the command that computes its cells again from the data and compares every number. The
# same command stands folded under each figure and table, with commits, versions and hardware.
#
# Times are those that the cells took, on two cores; a generator fit counts once. The network is needed for data files alone, once, and
# not if `UPSAMPLING_DATA` names a folder that has them. What has no cells is made by the code alone. An audit may be of some of the cells:
# `make audit` draws them at random and adds to `results/audit.csv`.

# %% tags=["remove-cell"]
from upsampling.book import build as book
from upsampling.book import publish, tables
from upsampling.study import audit
from upsampling.study.store import Store

# %%
store = Store()
audits = audit.load(store.folder)
matrix = tables.matrix(book.published_items(), store.load("runs"), audits)
publish.table(
    tables.shown_matrix(matrix),
    data=matrix,
    markup=["Item", "Command"],
    name="matrix",
    caption="How each figure and table is made again, about how long that takes on two cores, and when cells behind it were last "
    "audited.",
)

# %% [markdown]
# ## Audits so far

# %%
publish.table(
    tables.audits(audits),
    data=audits,
    name="audits",
    caption="Every audited cell: how many numbers were compared, the one furthest off measured by its tolerance, and the verdict. "
    "*same*: to 1e-9; *within*: a generator or logistic regression on another machine or with other versions, no further off than another "
    "seed might be; *mismatch*: neither. `results/README.md` says how a tolerance comes about.",
)

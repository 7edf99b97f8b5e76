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
#   page:
#     under: method
#     place: 4
#     reads: [study, errata]
# ---

# %% [markdown]
# # Errata
#
# Numbers that stood in the published results and were corrected or taken back later, or are known to be wrong, with the reason and
# the commit that mended them or the code. A test goes through the history of `results/` and fails if a published number changed and
# is not listed here; [audits](method.ipynb) find numbers that the code does not yield.

# %% tags=["remove-cell"]
from upsampling import paths
from upsampling.book import publish, tables
from upsampling.study import ledger

# %%
listed = ledger.read(paths.results(), "errata")
publish.text(tables.errata_text(listed))

# %%
publish.table(
    tables.errata(listed),
    data=listed,
    name="errata",
    caption="Corrections, withdrawals and open cases, the oldest first.",
)

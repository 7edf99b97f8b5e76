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
#     place: 8
#     reads: [study]
# ---

# %% [markdown]
# # Explore the results
#
# Choose a table, a metric and a classifier; click a method in the legend to hide or show it.

# %% tags=["remove-cell"]
from upsampling.book import explorer, publish
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # what can be chosen, in this order
fractions: list = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05]  # minority shares of the training set

# %%
store = Store()
summary = explorer.summary(store, datasets, fractions)
publish.explorer(
    explorer.content(summary),
    summary.drop(columns="minority_fraction"),
    runs=store.load("runs"),
    name="results",
    caption="The numbers behind this figure, all of them.",
)

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
# # How many synthetic rows
#
# The paper fills the minority up until both classes are of one size. Nothing says that this is the best amount. One fit of the generator
# gives as many rows as one likes, so here the same fits give a quarter, a half, once, one and a half times and twice the rows that
# balance needs. With twice as many the minority is the majority.

# %% tags=["remove-cell"]
from upsampling.book import comparison, publish, tables
from upsampling.book.studies import amount
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
differences = amount.against_balance(metrics[metrics["dataset"].isin(datasets) & metrics["minority_fraction"].notna()])
findings = "\n".join(amount.finding(differences, name) for name in datasets)
publish.text(f"{amount.headline(differences)}\n\nPoints of average precision, beside balance:\n\n{findings}")

# %%
if not differences.empty:
    publish.figure(
        amount.draw(differences),
        differences,
        runs=runs,
        name="amounts",
        caption=f"{amount.headline(differences).strip('*')} Average precision minus that of the balanced hybrid, mean over the minority shares that a panel names and the paper's classifiers, with a "
        "95 % interval over seeds. No synthetic rows at all is the unbalanced set.",
        alt="Lines with intervals: difference in average precision to the balanced hybrid against the amount of synthetic rows, from none to "
        "twice what balance needs; a panel per data set.",
    )
    publish.table(
        tables.mean_differences(differences, comparison.SPANS),
        name="differences",
        caption="The numbers of the figure; share of settings and seeds in which the amount is better than balance; Wilcoxon's test on the seeds' "
        "means after Holm's correction within a data set and span, with the rank-biserial effect size.",
        data=differences,
        runs=runs,
    )

# %% [markdown]
# Average precision asks for an order of rows only. The probabilities move with the amount, for they follow the class share of the training
# set; [calibration](calibration.ipynb) says how to move them back.

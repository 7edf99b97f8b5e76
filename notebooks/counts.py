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
# # How few minority rows
#
# The paper speaks of shares: 0.05 %, 0.1 %, and so on. A classifier, and a generator, learn from rows. One row in a thousand is thirty rows of Adult and
# nine times as many of Insurance. Here the same results stand against the number of minority rows, beside those of training sets that were made for a number
# rather than a share.

# %% tags=["remove-cell"]
from upsampling.book import publish
from upsampling.book.studies import counts
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures
arms: list = ["naive", "smotenc", "tabularargn", "class_weight", "tabularargn_posterior"]  # beside the unbalanced set

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = metrics[metrics["dataset"].isin(datasets)]
gains = counts.gains(metrics, runs, arms)
publish.text("\n".join(counts.finding(gains, name) for name in datasets))

# %%
if not gains.empty:
    publish.figure(
        counts.draw(gains),
        gains,
        runs=runs,
        name="gains",
        caption="Gain in average precision over the unbalanced set against the number of minority rows, mean over the paper's classifiers with a 95 % interval over "
        "seeds. Lines join training sets that were made for a share, hollow points are those made for a number; within each kind the seeds of an arm are the same. "
        f"The generator's posterior trains no classifier and stands beside each of them. {counts.leading(gains)}{counts.alone(metrics)}",
        alt="Lines with intervals: gain in average precision over the unbalanced set against the number of minority rows on a logarithmic axis, a line per arm, "
        "a panel per data set.",
    )

# %% [markdown]
# ## Where each arm gains
#
# The smallest and the largest number of minority rows at which the whole 95 % interval lies above zero, with the share that this number is in the table.
# A number is not a share: where tables agree in one, they differ in the other.

# %%
if not gains.empty:
    thresholds = counts.thresholds(gains)
    publish.table(
        counts.shown(thresholds),
        name="thresholds",
        caption="Numbers of minority rows (and their shares) between which each arm is better than the unbalanced set beyond the interval, how many sizes between these two lack that, and at how many of "
        "the sizes with three seeds or more it is so. n counts the seeds, at the size with the fewest.",
        data=thresholds,
        runs=runs,
    )

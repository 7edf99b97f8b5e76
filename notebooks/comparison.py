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
# # Comparison across data sets
#
# Where does each way of upsampling lead, and by how much does the generator beat the better of the two traditional ways?
# Every comparison is paired: the arms share split, training rows and seed.

# %% tags=["remove-cell"]
from upsampling.book import comparison, figures, publish, tables
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures
fractions: list = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05]  # minority shares of the training set
arms: list = ["none", "naive", "smotenc", "tabularargn"]  # who can lead
traditional: list = ["naive", "smotenc"]  # whom the gain is measured against

# %%
store = Store()
runs = store.load("runs")
metrics = comparison.load(store, datasets, fractions, arms)
publish.text(comparison.coverage_text(metrics, datasets, fractions))

# %% [markdown]
# ## Who leads

# %%
for metric in ("average_precision", "roc_auc"):
    table = comparison.leaders(metrics, metric)
    publish.figure(
        figures.leaders(table),
        table,
        runs=runs,
        name=f"leaders-{metric}",
        caption=comparison.leaders_caption(table, metric),
        alt=f"Grids of fractions and classifiers, a panel per data set, coloured by the arm with the highest {metric}.",
    )

# %% [markdown]
# ## The gain of the generator
#
# Mean difference between the hybrid and the better of naive oversampling and SMOTE-NC (the one with the higher mean in that
# cell), in percentage points. A negative number says that a traditional way was better.

# %%
for metric in ("average_precision", "roc_auc"):
    gains = comparison.gains(metrics, metric, "tabularargn", traditional)
    publish.figure(
        figures.gain_heatmap(gains),
        gains,
        runs=runs,
        name=f"gain-{metric}",
        caption=comparison.gains_caption(gains, metric),
        alt=f"Heat maps of the gain in {metric}, a panel per data set, classifiers against fractions.",
    )

# %% [markdown]
# ## Every difference, with its interval

# %%
for metric in ("average_precision", "roc_auc"):
    differences = comparison.differences(metrics, metric, "tabularargn", [arm for arm in arms if arm != "tabularargn"])
    publish.table(
        tables.differences(differences),
        name=f"differences-{metric}",
        caption=f"{figures.METRICS[metric]}: hybrid minus another arm, mean over paired seeds with a 95 % interval (bootstrap "
        "over seeds), Wilcoxon's p after Holm's correction within a data set, and the rank-biserial effect size. With fewer "
        f"than three seeds there is neither interval nor test. {comparison.attainable_text(differences)}",
        data=differences,
        runs=runs,
    )

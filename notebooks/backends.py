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
# # Engine and SDK
#
# The paper's users reach the generator through the Synthetic Data SDK. This study calls the engine below it, in process: that is
# quicker and repeats to the bit. Both train the same model, yet they are seeded in other places, so their rows differ. Here the same cells
# are computed both ways. How far two fits of the same engine lie apart, [the luck of one fit](luck.ipynb) says.

# %% tags=["remove-cell"]
from upsampling import comparison, figures, publish, tables
from upsampling import datasets as registry
from upsampling.store import Store

# %% tags=["parameters"]
dataset: str = "adult"  # data set
fraction: float = 0.001  # minority share
engine: str = "tabularargn"  # the arm through the engine
sdk: str = "tabularargn_sdk"  # the same arm through the SDK

# %% tags=["remove-cell"]
store = Store()
runs = store.load("runs")
cells = runs[(runs["dataset"] == dataset) & (runs["minority_fraction"] == fraction)]
computed = {engine, sdk} <= set(cells.loc[cells["status"] == "done", "arm"])

# %%
if computed:
    differences = comparison.backends(comparison.load(store, [dataset], [fraction], [engine, sdk]), sdk, engine)
    publish.text(comparison.backends_text(differences))
    publish.table(
        tables.backends(differences),
        name="differences",
        caption=f"{figures.title(sdk)} minus the same arm through the engine, {figures.percent(fraction)} of {registry.get(dataset).title}, in "
        "points: mean over paired seeds with a 95 % interval over seeds, Wilcoxon's p after Holm's correction within a metric (a dash where none "
        "below 0.05 could come out), and the rank-biserial effect size.",
        data=differences,
        runs=runs,
    )
else:
    publish.text("These cells are not computed yet.")

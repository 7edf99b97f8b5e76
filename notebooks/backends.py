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
# are computed both ways. Two fits of the same engine differ through their seeds alone, by how much [the luck of one fit](luck.ipynb) says.

# %% tags=["remove-cell"]
from upsampling import comparison, figures, publish, tables
from upsampling import datasets as registry
from upsampling.store import Store

# %% tags=["parameters"]
dataset: str = "adult"  # data set
fraction: float = 0.001  # minority share
engine: str = "tabularargn"  # the arm through the engine
sdk: str = "tabularargn_sdk"  # the same arm through the SDK
in_order: str = "tabularargn_table_order"  # the same fit, its columns drawn in the order of the table

# %% tags=["remove-cell"]
store = Store()
runs = store.load("runs")
cells = runs[(runs["dataset"] == dataset) & (runs["minority_fraction"] == fraction) & (runs["status"] == "done")]
share = f"{figures.percent(fraction)} of {registry.get(dataset).title}"
columns = (
    "in points: mean over paired seeds with a 95 % interval over seeds, Wilcoxon's p after Holm's correction within a metric (a dash where none below 0.05 could come out), "
    "and the rank-biserial effect size."
)


def compare(arm: str):
    return comparison.backends(comparison.load(store, [dataset], [fraction], [engine, arm]), arm, engine)


# %%
if {engine, sdk} <= set(cells["arm"]):
    differences = compare(sdk)
    publish.text(comparison.backends_text(differences, "through the SDK", "through the engine"))
    publish.table(
        tables.backends(differences),
        name="differences",
        caption=f"{figures.title(sdk)} minus the same arm through the engine, {share}, {columns}",
        data=differences,
        runs=runs,
    )
else:
    publish.text("These cells are not computed yet.")

# %% [markdown]
# ## The order of the columns
#
# One thing does differ by construction. Rows are drawn column by column, the class first. The SDK goes on in the order of the table, which has its numbers first in this study. The engine goes on
# in the order in which it is told of the types of the columns, and this study tells it of the categories first. The generator is trained for any order, so both are right, but none is exact. Here one
# and the same fit draws in either order.

# %%
if {engine, in_order} <= set(cells["arm"]):
    differences = compare(in_order)
    publish.text(comparison.backends_text(differences, "in the order of the table", "with categories first"))
    publish.table(
        tables.backends(differences),
        name="order",
        caption=f"{figures.title(in_order)} minus the same fit with categories drawn before numbers, {share}, {columns}",
        data=differences,
        runs=runs,
    )
else:
    publish.text("These cells are not computed yet.")

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
from upsampling import words
from upsampling.book import comparison, publish, tables
from upsampling.study import datasets as registry
from upsampling.study.arms import title
from upsampling.study.store import Store

# %% tags=["parameters"]
dataset: str = "adult"  # data set on which the SDK and the engine are compared
drawn: list = ["adult", "credit_card", "insurance"]  # data sets on which the orders of the columns are compared
fraction: float = 0.001  # minority share
engine: str = "tabularargn"  # the arm through the engine
sdk: str = "tabularargn_sdk"  # the same arm through the SDK
in_order: str = "tabularargn_table_order"  # the same fit, its columns drawn with numbers first
rivals: list = ["naive", "smotenc"]  # what the gain is over

# %% tags=["remove-cell"]
store = Store()
runs = store.load("runs")
cells = runs[(runs["minority_fraction"] == fraction) & (runs["status"] == "done")]
share = words.percent(fraction)
columns = (
    "in points: mean over paired seeds with a 95 % interval over seeds, Wilcoxon's p after Holm's correction within a metric (a dash where none below 0.05 could come out), "
    "and the rank-biserial effect size."
)


def compare(tables_of: list, arm: str, **settings):
    both = [name for name in tables_of if {engine, arm} <= set(cells.loc[cells["dataset"] == name, "arm"])]
    if not both:
        return None
    return comparison.backends(comparison.load(store, both, [fraction], [engine, arm]), arm, engine, **settings)


# %%
differences = compare([dataset], sdk)
if differences is not None:
    publish.text(comparison.backends_text(differences, "through the SDK", "through the engine"))
    publish.table(
        tables.backends(differences),
        name="differences",
        caption=f"{title(sdk)} minus the same arm through the engine at {share}, {columns}",
        data=differences,
        runs=runs,
    )
else:
    publish.text("These cells are not computed yet.")

# %% [markdown]
# ## The order of the columns
#
# One thing does differ by construction. Rows are drawn column by column, the class first. The SDK goes on in the order of the table it is given; this study's tables have their numbers first. The engine
# goes on in the order in which it is told of the types of the columns, and this study tells it of the categories first. The generator is trained for any order, so both are right, but none is exact.
# Here one fit draws in either order. The original files mix numbers and categories: their order, which the paper's authors are likely to have had, is a third one and was not computed.

# %%
differences = compare(drawn, in_order, names=["average_precision"])
if differences is not None:
    lines = [
        f"- **{registry.get(name).title}**: {comparison.backends_text(part, 'with numbers first', 'with categories first')}"
        for name, part in differences.groupby("dataset", sort=False)
    ]
    publish.text("\n".join(lines))
    publish.table(
        tables.backends(differences),
        name="order",
        caption=f"{title(in_order)} minus the same fit with categories drawn before numbers at {share}, {columns}",
        data=differences,
        runs=runs,
    )
else:
    publish.text("These cells are not computed yet.")

# %% [markdown]
# ## What is left of the gain
#
# The paper went through the SDK. So what the hybrid gains at this share over the arms that need no generator is looked at in every way that was computed.

# %%
gained = comparison.gains_by_way(store, drawn, fraction, rivals)
publish.text(comparison.gains_by_way_text(gained[gained["dataset"] == dataset]))
if not gained.empty:
    publish.table(
        tables.gains_by_way(gained),
        name="gains",
        caption=f"Average precision of the paper's arm at {share}, by how its rows were made and drawn, minus that of what needs no generator: mean over the paper's classifiers, with a 95 % interval "
        "over the seeds that all arms of a data set share.",
        data=gained,
        runs=runs,
    )

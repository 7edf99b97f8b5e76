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
# # Speed
#
# What the computing costs: cells per hour, what the runner adds to them, time and memory against rows and columns, and what an arm gains for
# the time that it takes. `make bench` measures on a machine on which nothing else runs and writes `results/benchmarks.csv`; this
# page shows that file and measures nothing. The costs of arms come from the cells of the study.

# %% tags=["remove-cell"]
from upsampling import words
from upsampling.book import benchmarks, figures, publish, tables
from upsampling.study.store import Store

# %% tags=["parameters"]
few: float = 0.005  # costs and gains of arms are averaged over minority shares up to this one

# %%
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
runs, metrics = (table[table["dataset"] != "demo"] for table in (runs, metrics))
measured = benchmarks.load(store.folder)
command = "upsampling bench"
publish.text(benchmarks.measured_text(measured))

# %% [markdown]
# ## What was measured

# %%
if not measured.empty:
    publish.table(
        tables.measured(measured),
        data=measured,
        name="measured",
        markup=["What it is"],
        caption="What `make bench` measured, what it is, and its goal where there is one. The ratio is the value over what it is compared "
        f"with. {benchmarks.goals_text(measured)}",
        command=command,
    )
else:
    publish.text("Not measured yet.")

# %% [markdown]
# ## More workers
#
# Cells do not wait for each other, but for the fit that they share. So workers share them until there are no more cells than
# workers; then the longest fit bounds the speed. The projection lets each worker take the first cell that can begin, with the CPU
# seconds of every cell of the study and the runner's own time per cell.

# %%
projected = benchmarks.projection(runs, benchmarks.overhead_of(measured))
publish.figure(
    figures.speed_up(
        projected, tuple(benchmarks.value_of(measured, "grid/speed-up", c) for c in ("baseline", "value"))
    ),
    projected,
    runs=runs,
    name="workers",
    caption=benchmarks.projection_caption(projected, measured),
    alt="A line of the projected speed-up over one worker against the number of workers, beside the line of a speed-up in proportion.",
)

# %% [markdown]
# ## Time and memory against rows and columns

# %%
for size in ("rows", "columns"):
    by_size = benchmarks.by_size(measured, size)
    if by_size.empty:
        publish.text(f"Not measured yet against {size}.")
        continue
    publish.figure(
        figures.cost_by_size(by_size, size),
        by_size,
        name=size,
        caption=benchmarks.size_caption(by_size, size),
        alt=f"Two panels with logarithmic axes: seconds and peak memory of making a training set against its {size}, a line per arm.",
        command=command,
    )

# %% [markdown]
# ## What an arm costs, and what it gains

# %%
costs = benchmarks.arm_costs(runs, metrics, few)
publish.text(benchmarks.costs_text(costs))

# %%
publish.table(
    tables.arm_costs(costs),
    data=costs,
    runs=runs,
    name="arms",
    caption=f"Means over cells with a minority share of {words.percent(few)} or less: seconds and CPU seconds of the whole cell with the "
    "generator's fit and every classifier; CPU seconds beyond those of the unbalanced set; the largest memory of a worker, which "
    "includes what earlier cells left behind; the gain in average precision over the unbalanced set under the paper's classifiers, with a "
    "95 % interval over seeds; the gain per minute of extra CPU time, where an arm takes more than a second, both for arms that were computed at all of these shares; and how many minority shares the cells have, "
    "for some arms were computed at one alone. An arm that combines others costs what they cost. The balanced forest is one classifier instead of four and is compared with the random forest. CPU seconds tell "
    "more than seconds, which depend on what else ran.",
)

# %% [markdown]
# ## Pages of this book

# %%
if measured["name"].str.startswith("page/").any():
    publish.table(
        tables.site_pages(measured),
        data=measured[measured["name"].str.startswith("page/")],
        name="pages",
        caption="What a page and its pictures weigh, beside what all pages share; how many files it asks for; and the time until "
        "something is seen, opened from the file system. The goals are 1.5 MB and 2 seconds.",
        command="upsampling bench --only site",
    )
else:
    publish.text("Not measured yet.")

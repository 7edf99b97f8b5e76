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
#     place: 5
#     reads: [benchmarks]
# ---

# %% [markdown]
# # Speed
#
# What the computing costs: cells per hour, what the runner adds to them, and time and memory against rows and columns. `make bench` measures on a
# machine on which nothing else runs and writes `results/benchmarks.csv`; this page shows that file and measures nothing.

# %% tags=["remove-cell"]
from upsampling import paths
from upsampling.book import benchmarks, figures, publish

# %%
measured = benchmarks.load(paths.results())
command = "make bench"
publish.text(benchmarks.measured_text(measured))

# %% [markdown]
# ## What was measured

# %%
if not measured.empty:
    publish.table(
        benchmarks.shown(measured),
        data=measured,
        name="measured",
        markup=["What it is"],
        caption="What `make bench` measured, what it is, and its goal where there is one. The ratio is the value over what it is compared "
        f"with. {benchmarks.goals_text(measured)}",
        command=command,
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

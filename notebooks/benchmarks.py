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
#     reads: [study, natural, benchmarks]
# ---

# %% [markdown]
# # Speed
#
# How long a fit of the generator takes, beside the time of the multiplications in it; what the whole study takes on more cores; what a newcomer waits for; and how the cost grows with the table.
# `make bench` measures while nothing else runs and writes `results/benchmarks.csv`; this page shows that file and measures nothing.

# %% tags=["remove-cell"]
from upsampling import paths
from upsampling.book import benchmarks, figures, publish
from upsampling.book.prose import holds
from upsampling.book.show import show
from upsampling.study import spending
from upsampling.study.store import Store

# %% tags=["parameters"]
cores: list = [2, 16, 128]  # machines of the schedule

# %%
measured = benchmarks.load(paths.results())
command = "make bench"
publish.text(benchmarks.measured_text(measured))

# %% tags=["remove-cell"]
fits = benchmarks.fits(measured)
holds(
    "Packed steps follow the same law of training",
    (fits["times"] > 1).all() and (fits["of_products"] > 1).all(),
    times_least=f"{fits['times'].min():.1f}",
    times_most=f"{fits['times'].max():.1f}",
    of_products_least=f"{fits['of_products'].min():.1f}",
    of_products_most=f"{fits['of_products'].max():.1f}",
)

# %% [markdown]
# ## A fit
#
# The engine trains in many small steps, most of whose time is not arithmetic. Packed steps follow the same law of training with the weights in one tensor and without what is multiplied by zero: a pass over the rows is {{ times_least }} to {{ times_most }} times as fast,
# and takes {{ of_products_least }} to {{ of_products_most }} times as long as its products alone would. What a fit does once is to analyse and encode the rows and to keep the weights.

# %%
publish.table(
    show(
        fits,
        "dataset",
        ("A pass, engine's steps (s)", "{:.2f}".format, "engine_pass"),
        ("Packed (s)", "{:.2f}".format, "packed_pass"),
        ("Times as fast", "{:.1f}".format, "times"),
        ("Products alone (s)", "{:.2f}".format, "products"),
        ("Packed over products", "{:.1f}".format, "of_products"),
        ("Once, engine's steps (s)", "{:.1f}".format, "engine_once"),
        ("Once, packed (s)", "{:.1f}".format, "packed_once"),
    ),
    data=fits,
    name="fits",
    caption="CPU seconds of one thread at a minority share of 0.1 %, medians over seven turns. Products: all multiplications of a pass, forward once and backward twice, at the rate at which the core multiplies the network's largest layer.",
    command=command,
)

# %% [markdown]
# ## What was measured

# %%
if not measured.empty:
    publish.table(
        benchmarks.shown(measured),
        data=measured,
        name="measured",
        markup=["What it is"],
        caption=f"What `make bench` measured, and its goal where there is one. {benchmarks.goals_text(measured)}",
        command=command,
    )

# %% tags=["remove-cell"]
runs = Store().load("runs")
runs = runs[runs["dataset"] != "demo"]
hours = {n: spending.hours_on(runs, n) for n in cores}
holds(
    "takes {{ hours }}",
    [*hours.values()] == sorted(hours.values(), reverse=True),
    n_cells=f"{int((runs['status'] == 'done').sum()):,}",
    hours=", ".join(f"{spent:.1f} h on {n} cores" for n, spent in hours.items()),
)

# %% [markdown]
# ## The whole study
#
# A schedule of all {{ n_cells }} computed cells by the seconds that each took, the longest task first and a cell as soon as its fit is there, takes {{ hours }}. Starting workers and moving rows is not counted.
# `TabularARGNSampler(device="cuda")` passes the device on to the engine; on a graphics card packed steps were not measured.

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

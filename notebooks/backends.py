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
#     place: 9
#     reads: [study]
# ---

# %% [markdown]
# # Engine, SDK, and the order of columns
#
# The paper reached the generator through the Synthetic Data SDK; this study calls the engine below it, which is quicker and repeats to the bit. Both train the same model. Rows are drawn
# column by column, and the order may differ.

# %% tags=["remove-cell"]
from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds
from upsampling.book.show import show, sides
from upsampling.study import datasets
from upsampling.study.arms import title
from upsampling.study.classifiers import PAPER_CLASSIFIERS
from upsampling.study.contrasts import contrasts
from upsampling.study.names import EARLIER_POSTERIOR, HYBRID, POSTERIOR
from upsampling.study.store import Store
from upsampling.words import named, percent, points, pp

# %% tags=["parameters"]
fraction: float = 0.001  # minority share
orders: list = ["categories_first", "numbers_first", "sdk", "sdk_file"]  # other ways to the same rows

# %% tags=["remove-cell"]
store = Store()
runs = store.load("runs")
rows = evidence.by_share(store.load("metrics"))
at = rows[(rows["minority_fraction"] == fraction) & rows["classifier"].isin(PAPER_CLASSIFIERS)]
over = contrasts(at, [(f"{HYBRID}_{order}", HYBRID) for order in orders])
through_sdk = over[over["arm"] == f"{HYBRID}_sdk_file"]
holds(
    "Through the SDK the paper's method does as well as on these pages",
    through_sdk["mean"].abs().max() < 0.03 and sides(over).better == sides(over).worse == 0,
    sdk_each=named(
        [f"{100 * row['mean']:+.1f} on {datasets.get(row['dataset']).title}" for _, row in through_sdk.iterrows()]
    ),
    sdk_seeds=int(through_sdk["n_seeds"].min()),
    way_most=pp(over["mean"].abs().max()),
    fraction=percent(fraction),
)

# %% [markdown]
# ## Through the SDK the paper's method does as well as on these pages
#
# At {{ fraction }}, fitted and drawn by the SDK in the order of the file, its average precision differs, in points, by {{ sdk_each }} ({{ sdk_seeds }} seeds). That is less than two fits on the same rows [differ by chance](counts.ipynb), and the
# intervals are wide. Other orders differ by up to {{ way_most }}, no interval without zero. Each is also another fit, in the engine's own training steps, so order, steps and luck are in one difference.

# %%
over = over.assign(label=over["arm"].map(title))
publish.figure(
    figures.forest(
        over,
        "label",
        "dataset",
        xlabel=f"minus {title(HYBRID)}, points of average precision",
    ),
    over,
    runs=runs,
    name="ways",
    caption=f"The paper's method by how its rows were drawn, each from fits in the engine's own steps, minus the way that this book shows ({title(HYBRID)}), mean over the paper's classifiers.",
    alt="Dots with intervals of other ways of drawing the rows minus the one shown, a panel per table.",
)

# %% tags=["remove-cell"]
steps = contrasts(rows, [(POSTERIOR, EARLIER_POSTERIOR)])
holds(
    "Fits in packed steps rank rows like those in the engine's own",
    (steps["mean"].abs() < 0.01).all(),
    steps_each=named([f"{100 * row.mean:+.1f} on {datasets.get(row.dataset).title}" for row in steps.itertuples()]),
    n_pairs=int((steps["n_seeds"] * steps["n_cells"]).sum()),
)

# %% [markdown]
# ## Fits in packed steps rank rows like those in the engine's own
#
# The paper's method as this book shows it stands on fits whose training steps were [packed into few tensors](benchmarks.ipynb): the same model, the same law of training, other random numbers. The generator's own probability depends on the fit alone and not on
# the order of columns, so it compares the two. On {{ n_pairs }} training sets, each with a fit of either kind, the mean difference in average precision, in points, is {{ steps_each }}.

# %%
publish.table(
    show(
        steps,
        "dataset",
        ("Packed minus own steps (points)", points, "mean", "low", "high"),
        ("Seeds", str, "n_seeds"),
    ),
    data=steps,
    runs=runs,
    name="steps",
    caption="The generator's own probability from a fit in packed steps minus that from a fit in the engine's own, mean over shares.",
)

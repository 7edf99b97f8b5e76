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
#     part: The evidence
#     place: 5
#     reads: [study, natural]
#     next: '[decisions](decisions.ipynb): thresholds, costs and probabilities'
# ---

# %% [markdown]
# # How few, how many, how lucky
#
# Four numbers move every result on these pages: how many positives there are, how many rows in all, which seed the generator had, and how rare the class is among the rows that are scored. How many rows are made hardly does.
# Where numbers and amounts were varied, the generator drew [categories first](backends.ipynb).

# %% tags=["remove-cell"]
import pandas as pd

from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds
from upsampling.book.show import show
from upsampling.study import beyond, plan
from upsampling.study.classifiers import CLASSIFIERS, PAPER_CLASSIFIERS, TITLES
from upsampling.study.contrasts import contrasts
from upsampling.study.names import EARLIER_HYBRID, HYBRID
from upsampling.study.stats import nested_spread
from upsampling.study.store import Store
from upsampling.words import joined, named, pp, seeds_text, with_range

# %% tags=["parameters"]
fraction: float = 0.001  # minority share at which amounts were varied
amounts: list = [0.25, 0.5, 1.5, 2]  # times the rows that balance needs

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
counted = metrics[metrics["size"].str.fullmatch(r"n\d+") & metrics["dataset"].isin(evidence.PAPER_TABLES)]
rows = evidence.by_share(metrics)
by_count = contrasts(counted, [(EARLIER_HYBRID, "none")], ("dataset", "n_minority", "classifier"), cells=("size",))
trees = (
    by_count[by_count["classifier"].isin(PAPER_CLASSIFIERS)].groupby(["dataset", "n_minority"])["mean"].mean().unstack()
)
holds(
    "The more positives, the smaller the gain on Adult and Credit Card",
    (trees.loc["adult", 10] > trees.loc["adult", 500])
    and trees.loc["credit_card", 500] < 0 < trees.loc["credit_card", 10],
    between=(EARLIER_HYBRID, "none"),
    adult_ten=f"{100 * trees.loc['adult', 10]:+.1f}",
    adult_many=f"{100 * trees.loc['adult', 500]:+.1f}",
    card_ten=f"{100 * trees.loc['credit_card', 10]:+.1f}",
    card_many=f"{100 * trees.loc['credit_card', 500]:+.1f}",
)
of_insurance = trees.loc["insurance"].dropna()
holds(
    "on Insurance, with {{ insurance_seeds }} seeds, it does not shrink",
    of_insurance.iloc[-1] > 0.8 * of_insurance.iloc[0],
    between=(EARLIER_HYBRID, "none"),
    insurance_seeds=int(by_count.loc[by_count["dataset"] == "insurance", "n_seeds"].max()),
    insurance_each=named([f"{100 * value:+.1f} with {int(n)}" for n, value in of_insurance.items()]),
)

# %% [markdown]
# ## The more positives, the smaller the gain on Adult and Credit Card
#
# A classifier learns from rows. With ten positives the paper's trees gain {{ adult_ten }} points from synthetic rows on Adult and {{ card_ten }} on Credit Card; with five hundred {{ adult_many }} and {{ card_many }}; on Insurance, with {{ insurance_seeds }} seeds, it does not shrink ({{ insurance_each }} positives). Every majority row is kept here, so the share grows with the number.

# %%
publish.figure(
    figures.heatmap(by_count, {name: TITLES[name] for name in CLASSIFIERS}),
    by_count,
    runs=runs,
    name="counts",
    caption="Hybrid minus raw rows in points, on training sets with a given number of positives. Bold: clear.",
    alt="Heat maps of the difference between hybrid and raw rows, a panel per table, classifiers against numbers of positives.",
)

# %% tags=["remove-cell"]
apart = evidence.judging_few_rows(metrics, runs)
by_rows = contrasts(
    apart[apart["classifier"].isin(PAPER_CLASSIFIERS)],
    [(HYBRID, "none")],
    ("dataset", "n_minority", "n_rows"),
    cells=("size", "classifier"),
)
little = evidence.on_few_rows(metrics, runs)
holds(
    "With few rows in all, synthetic rows lose on the paper's own tables",
    (little["mean"] < 0).all() and (little["high"] < 0).mean() > 0.5,
    between=(HYBRID, "none"),
    little_rows=f"{evidence.FEW_ROWS:,}",
    n_little=len(little),
    n_little_clear=int((little["high"] < 0).sum()),
    little_least=f"{-100 * little['mean'].max():.1f}",
    little_most=pp(little["mean"].min()),
)

found_rows = evidence.training_sizes(beyond.as_found(runs)).sum(axis=1)
holds(
    "{{ n_small }} of the {{ n_natural }} tables that are rare by nature are no larger",
    (found_rows <= evidence.FEW_ROWS).mean() > 0.5,
    n_small=int((found_rows <= evidence.FEW_ROWS).sum()),
    n_natural=len(found_rows),
)

# %% [markdown]
# ## With few rows in all, synthetic rows lose on the paper's own tables
#
# Here negatives were taken away too, so that few positives are a larger share of fewer rows. On training sets of {{ little_rows }} rows or fewer, with 20 to 150 positives, synthetic rows cost {{ little_least }} to {{ little_most }}, depending on table and classifier; {{ n_little_clear }} of the {{ n_little }} differences are clear.
# Five seeds suggested this; these are five others, computed afterwards. {{ n_small }} of the {{ n_natural }} tables that are rare by nature are no larger.

# %%
shades = dict(zip(sorted(by_rows["n_minority"].unique()), ("#56B4E9", "#0072B2", "#003B5C"), strict=True))
publish.figure(
    figures.against_rows(
        by_rows.assign(line=by_rows["n_minority"]),
        {n: {"label": f"{n} positives", "color": color} for n, color in shades.items()},
        "n_rows",
        xlabel="training rows",
    ),
    by_rows,
    runs=runs,
    name="rows",
    caption="Hybrid minus raw rows, mean over the paper's classifiers, by the number of training rows; a line for each number of positives.",
    alt="The difference between hybrid and raw rows against the number of training rows, a panel per table, a line for each number of positives.",
)

# %%
publish.figure(
    figures.forest(
        little.assign(label=little["classifier"].map(TITLES)),
        "label",
        "dataset",
        xlabel="hybrid minus raw rows, points of average precision",
    ),
    little,
    runs=runs,
    name="little",
    caption=f"Hybrid minus raw rows under each classifier, mean over training sets of {evidence.FEW_ROWS:,} rows or fewer.",
    alt="Dots with intervals of the hybrid minus raw rows on small training sets, a row per classifier, a panel per table.",
)

# %% tags=["remove-cell"]
at = rows[(rows["minority_fraction"] == fraction) & rows["classifier"].isin(PAPER_CLASSIFIERS)]
varied = contrasts(at, [(evidence.amount(amount), EARLIER_HYBRID) for amount in amounts])
varied = varied.assign(
    amount=[f"{amount:g} times" for amount in varied["arm"].str.extract(r"amount([\d.]+)$", expand=False).astype(float)]
)
holds(
    "The amount hardly matters",
    varied["mean"].abs().max() < 0.02,
    amount_most=pp(varied["mean"].abs().max()),
    amount_seeds=seeds_text(varied["n_seeds"]),
)

# %% [markdown]
# ## The amount hardly matters
#
# The paper fills the rare class up to balance. At 0.1 % of Adult and Credit Card ({{ amount_seeds }}), from a quarter of these rows to twice as many, the mean moves by at most {{ amount_most }}.

# %%
publish.figure(
    figures.forest(
        varied,
        "amount",
        "dataset",
        xlabel="minus balance, points of average precision",
    ),
    varied,
    runs=runs,
    name="amount",
    caption="Other amounts of synthetic rows minus the amount that makes balance, at 0.1 %, mean over the paper's classifiers. No bar: fewer than five seeds.",
    alt="Dots with intervals of the difference to balance for four amounts of synthetic rows, a panel per table.",
)

# %% tags=["remove-cell"]
crossed = metrics[(metrics["design"] == "crossed") & metrics["classifier"].isin(plan.MAIN)]
drawn = crossed["size"].str.extract(r"-u(?P<rows>\d+)-g(?P<fit>\d+)$").astype(int)
crossed = crossed.assign(split=crossed["seed"], **drawn).set_index(["classifier", "split", "rows", "fit"])
score = "average_precision"
raw_score = crossed.loc[crossed["arm"] == "none", score].droplevel("fit")
gains = (crossed.loc[crossed["arm"] == HYBRID, score] - raw_score).dropna()
luck = pd.DataFrame({name: nested_spread(part.droplevel(0)) for name, part in gains.groupby(level=0, sort=False)}).T
luck = luck.rename_axis("classifier").assign(gain=gains.groupby(level=0).mean()).reset_index()
of_paper = luck[luck["classifier"].isin(PAPER_CLASSIFIERS)].mean(numeric_only=True)
holds(
    "One fit is a lottery ticket",
    of_paper["fit"] > of_paper[["split", "rows"]].max() + 0.01,
    luck_split=pp(of_paper["split"]),
    luck_rows=pp(of_paper["rows"]),
    luck_fit=pp(of_paper["fit"]),
    n_splits=gains.index.unique("split").size,
    n_draws=gains.index.unique("rows").size,
    n_fits=gains.index.unique("fit").size,
)

# %% [markdown]
# ## One fit is a lottery ticket
#
# On Adult at 0.1 %, {{ n_splits }} splits, {{ n_draws }} draws of the positives on each and {{ n_fits }} fits on each draw were crossed. Under the paper's classifiers the difference between hybrid and raw rows varies by {{ luck_fit }} from fit to fit on the same rows, by {{ luck_rows }} more
# from draw to draw and by {{ luck_split }} from split to split (standard deviations). So a comparison on one fit says little. The intervals of this book draw all three anew with each seed, and so hold this luck.

# %%
publish.table(
    show(
        luck,
        "classifier",
        ("Hybrid minus raw rows (points)", lambda value: f"{100 * value:+.1f}", "gain"),
        *(
            (f"Spread by {what}", lambda value: f"{100 * value:.1f}" if value else "about 0", name)
            for name, what in (("split", "split"), ("rows", "positives kept"), ("fit", "fit"))
        ),
    ),
    data=luck.assign(
        datasets="adult",
        sizes=joined(crossed["size"]),
        seeds=joined(crossed["seed"]),
        arms=f"none {HYBRID}",
    ),
    runs=runs,
    name="luck",
    caption="The difference between hybrid and raw rows on Adult at 0.1 %, and the standard deviation that each source of luck adds to it, in points (about 0: too small to estimate).",
)

# %% tags=["remove-cell"]
lines = evidence.lines(rows)
rare = contrasts(
    lines,
    [
        (line, evidence.PAPER)
        for line in (evidence.LINEAR_RAW, evidence.REGULARISED_RAW, evidence.GENERATOR_PROBABILITY)
    ],
    metric="average_precision_reweighted",
    across="line",
    cells=("size",),
)
found = rare.set_index(["arm", "dataset"])
linear = found.loc[(evidence.LINEAR_RAW, "adult")]
each = contrasts(
    lines,
    [(evidence.REGULARISED_RAW, evidence.PAPER)],
    ("dataset", "n_minority"),
    metric="average_precision_reweighted",
    across="line",
    cells=("size",),
)
holds(
    "Where the rows to score are as rare, the linear model falls behind on Adult",
    linear["high"] < 0,
    rare_linear=with_range(*linear[["mean", "low", "high"]]),
)
holds(
    "regularised LightGBM on the raw rows stays ahead in {{ rare_ahead }} of {{ rare_cases }} cases",
    (each["mean"] > 0).mean() > 0.8,
    between=("none", HYBRID),
    rare_ahead=int((each["mean"] > 0).sum()),
    rare_cases=len(each),
    rare_worst=pp(each["mean"].min()),
)

# %% [markdown]
# ## Where the rows to score are as rare, the linear model falls behind on Adult
#
# The holdouts of the paper's tables keep the table's own share, 12 to 24 % positives. Weighted to the training set's share, the very top of the ranking counts, and on Adult the linear model on raw rows then differs from the
# paper's method by {{ rare_linear }}; regularised LightGBM on the raw rows stays ahead in {{ rare_ahead }} of {{ rare_cases }} cases, and is behind by {{ rare_worst }} at worst. Scoring a class that is as rare, prefer the booster.

# %%
publish.figure(
    figures.forest(
        rare,
        "arm",
        "dataset",
        xlabel="minus the paper's method, points of average precision at the training share",
    ),
    rare,
    runs=runs,
    name="rare",
    caption="Each choice minus the paper's method with its best classifier, with average precision at the training set's own share, mean over all shares.",
    alt="Dots with intervals of the difference to the paper's method where scored rows are as rare as training rows, a panel per table.",
)

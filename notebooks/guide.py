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
#     part: The answer
#     place: 1
#     reads: [study, natural]
#     next: '[what beats what](comparison.ipynb), with every comparison paired'
# ---

# %% [markdown]
# # What should I do with my table?
#
# Count the rows of the class that matters, your *positives*. The number decides more than the share: 0.1 % of one table are 20 rows, of another 270.

# %% tags=["remove-cell"]
import pandas as pd

from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds
from upsampling.study import datasets
from upsampling.study.contrasts import contrasts
from upsampling.study.names import HYBRID
from upsampling.study.store import Store
from upsampling.words import points

# %% tags=["parameters"]
edges: list = [50, 200, 1000]  # upper ends of the ranges of positives

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
rows = evidence.by_share(metrics)
lightgbm = rows[(rows["arm"] == "none") & (rows["classifier"] == "lightgbm")].assign(
    line="LightGBM's defaults, raw rows"
)
found = pd.concat([evidence.lines(rows), lightgbm])
names = [
    f"up to {edges[0]}",
    f"{edges[0] + 1} to {edges[1]}",
    f"{edges[1] + 1} to {edges[2]:,}",
    f"more than {edges[2]:,}",
]
found["range"] = pd.cut(found["n_minority"], [0, *edges, float("inf")], labels=names).astype(str)
linear, tuned, own, paper = evidence.LINEAR_RAW, evidence.TUNED_RAW, evidence.OWN, evidence.PAPER
default = "LightGBM's defaults, raw rows"
pairs = [(line, paper) for line in (linear, tuned, default, own)]
over = contrasts(found, pairs, ("dataset", "range"), across="line", cells=("size",))
mean = over.set_index(["range", "arm", "dataset"])["mean"]


def expected(positives: str, line: str) -> str:
    told = mean[positives][line]
    return ", ".join(f"{datasets.get(name).title} {100 * value:+.1f}" for name, value in told.items())


# %% tags=["remove-cell"]
few, some, many, plenty = names
holds(
    "Logistic regression on the rows as they are",
    (mean[few][linear] > 0.03).all(),
    between=("none", HYBRID),
    few=few,
    few_expected=expected(few, linear),
)
holds(
    "LightGBM with tuned settings on the rows as they are, and logistic regression beside it",
    (mean[some][tuned] > 0).all() and (mean[some][linear] > -0.02).all(),
    between=("tuned_none", HYBRID),
    some=some,
    some_expected=expected(some, tuned),
)
holds(
    "LightGBM with tuned settings on the rows as they are |",
    (mean[many][tuned] > 0).all(),
    between=("tuned_none", HYBRID),
    many=many,
    many_expected=expected(many, tuned),
)
holds(
    "LightGBM, even with its defaults",
    (mean[plenty][default].abs() < 0.02).all(),
    plenty=plenty,
    plenty_expected=expected(plenty, default),
)

# %% [markdown]
# | Positives | Do this | Over the paper's method (points of average precision) |
# |---|---|---|
# | {{ few }} | Logistic regression on the rows as they are | {{ few_expected }} |
# | {{ some }} | LightGBM with tuned settings on the rows as they are, and logistic regression beside it | {{ some_expected }} |
# | {{ many }} | LightGBM with tuned settings on the rows as they are | {{ many_expected }} |
# | {{ plenty }} | LightGBM, even with its defaults | {{ plenty_expected }} |
#
# Then compare on your own table: [one command](your_data.ipynb) does it. Judge by rows that nobody has upsampled.

# %%
# The adviser of `publish.adviser` stands here; the table above is what remains without JavaScript.

# %% tags=["remove-cell"]
gain = mean.xs(own, level="arm")
holds(
    "on Insurance it is ahead at every size",
    (gain.xs("insurance", level="dataset") > 0).all(),
    insurance_own=", ".join(points(value, float("nan"), 0) for value in gain.xs("insurance", level="dataset")),
)

# %% [markdown]
# ## If minutes of computing are no matter, ask the generator itself
#
# The generator knows how probable each class is for a given row, and that probability ranks rows better than a classifier trained on its synthetic rows:
# on Insurance it is ahead at every size ({{ insurance_own }} points, from few to many positives). It takes one fit and no classifier.

# %%
figure = over.assign(label=over["arm"])
for positives, part in figure.groupby("range", sort=False):
    figure.loc[part.index, "label"] = part["arm"] + ", " + positives
order = [f"{line}, {positives}" for positives in names for line, _ in pairs]
figure = figure.sort_values("label", key=lambda column: column.map(order.index), kind="stable")
publish.figure(
    figures.forest(
        figure,
        "label",
        "dataset",
        xlabel="average precision over the paper's method (points)",
        titles={name: datasets.get(name).title for name in evidence.PAPER_TABLES},
    ),
    figure.drop(columns="label"),
    runs=runs,
    name="ranges",
    caption="Each choice minus the paper's method with the best of its three classifiers, by number of positives. Bars are 95 % intervals, [wide on "
    "purpose](method.ipynb); a full dot is a clear difference. A dot without a bar has fewer than five seeds.",
    alt="Dots with intervals of the difference in average precision to the paper's method, a panel per table, a row per choice and range of positives.",
)

# %% [markdown]
# ## Code to copy
#
# `X` is a frame with features, `y` is 1 for a positive. Logistic regression on the rows as they are:
#
# ```python
# from sklearn.compose import make_column_selector, make_column_transformer
# from sklearn.linear_model import LogisticRegression
# from sklearn.pipeline import make_pipeline
# from sklearn.preprocessing import OneHotEncoder, StandardScaler
#
# numbers, texts = make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude="number")
# columns = make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), texts))
# model = make_pipeline(columns, LogisticRegression(max_iter=1000)).fit(X, y)
# scores = model.predict_proba(X_new)[:, 1]
# ```
#
# LightGBM with tuned settings, as in this study:
#
# ```python
# from lightgbm import LGBMClassifier
# from scipy.stats import loguniform, randint, uniform
# from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
#
# settings = {
#     "n_estimators": randint(50, 401),
#     "learning_rate": loguniform(0.01, 0.3),
#     "num_leaves": randint(4, 64),
#     "min_child_samples": randint(5, 101),
#     "colsample_bytree": uniform(0.5, 0.5),
#     "reg_lambda": loguniform(1e-3, 30),
# }
# folds = StratifiedKFold(3, shuffle=True, random_state=0)
# search = RandomizedSearchCV(
#     LGBMClassifier(verbose=-1), settings, n_iter=16, scoring="average_precision", cv=folds, random_state=0
# )
# model = search.fit(X, y).best_estimator_
# scores = model.predict_proba(X_new)[:, 1]
# ```
#
# The generator's own probability:
#
# ```python
# from upsampling import TabularARGNSampler
#
# sampler = TabularARGNSampler(random_state=0)
# sampler.fit_resample(X, y)
# scores = sampler.generator_.predict_proba(X_new)[:, 1]
# ```
#
# Where an alarm and a miss have a price, [choose the threshold by it](decisions.ipynb). If the rows that you score are as rare as those you train on, prefer the tuned booster to
# the linear model: on Adult [the linear model falls behind](counts.ipynb) there.
#
# **Three tables are not all tables.** These were thinned at random; of [tables that are rare by nature](rare.ipynb) we know less.

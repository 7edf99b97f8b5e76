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
# Count the rows of the class that matters, your *positives*: 0.1 % of one table are 20 rows, of another 270.

# %% tags=["remove-cell"]
import pandas as pd

from upsampling.book import adviser, evidence, figures, publish
from upsampling.book.prose import holds, say
from upsampling.study import beyond, datasets
from upsampling.study.classifiers import LINEAR, REGULARISED
from upsampling.study.contrasts import contrasts
from upsampling.study.names import HYBRID, POSTERIOR
from upsampling.study.store import Store
from upsampling.words import points, pp

# %% tags=["parameters"]
edges: list = [50, 200, 1000]  # upper ends of the ranges of positives

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
rows = evidence.by_share(metrics)
line_rows = evidence.lines(rows)
names = [
    f"up to {edges[0]}",
    f"{edges[0] + 1} to {edges[1]}",
    f"{edges[1] + 1} to {edges[2]:,}",
    f"more than {edges[2]:,}",
]
line_rows["range"] = pd.cut(line_rows["n_minority"], [0, *edges, float("inf")], labels=names).astype(str)
linear, regularised, paper = evidence.LINEAR_RAW, evidence.REGULARISED_RAW, evidence.PAPER
own = evidence.GENERATOR_PROBABILITY
pairs = [(line, paper) for line in (regularised, linear, own)]
over = contrasts(line_rows, pairs, ("dataset", "range"), across="line", cells=("size",))
by_range = over.set_index(["range", "arm", "dataset"]).sort_index()
mean = by_range["mean"]


def expected(positives: str, line: str) -> str:
    gains = by_range.loc[(positives, line)]
    clear = (gains["low"] > 0) | (gains["high"] < 0)
    texts = [f"{datasets.get(name).title} {100 * value:+.1f}" for name, value in gains["mean"].items()]
    return ", ".join(f"**{text}**" if bold else text for text, bold in zip(texts, clear, strict=True))


# %% tags=["remove-cell"]
few, some, many, plenty = names
ahead = mean.xs(regularised, level="arm")
holds(
    "| {{ few }} | {{ few_regularised }}",
    (ahead[few] > 0).all(),
    few=few,
    few_regularised=expected(few, regularised),
    few_linear=expected(few, linear),
)
holds(
    "| {{ some }} | {{ some_regularised }}",
    (ahead[some] > 0).all(),
    some=some,
    some_regularised=expected(some, regularised),
    some_linear=expected(some, linear),
)
holds(
    "| {{ many }} | {{ many_regularised }}",
    (ahead[many] > 0).all(),
    between=("none", HYBRID),
    many=many,
    many_regularised=expected(many, regularised),
    many_linear=expected(many, linear),
)
holds(
    "| {{ plenty }} | {{ plenty_regularised }}",
    (ahead[plenty] > -0.01).all(),
    plenty=plenty,
    plenty_regularised=expected(plenty, regularised),
    plenty_linear=expected(plenty, linear),
)
ours = beyond.one_per_table(beyond.judge(metrics))
choice = ours[ours["claim"] == beyond.CHOICE]
holds(
    "That choice is ahead of the paper's method with the best of its classifiers on {{ n_choice }} of {{ n_choice_tables }} tables",
    (choice["estimate"] > 0).mean() > 0.7,
    between=("none", HYBRID),
    n_choice=int((choice["estimate"] > 0).sum()),
    n_choice_tables=len(choice),
    choice_mean=points(*beyond.over_tables(choice)),
)
natural = evidence.raw_as_found(metrics)
better = natural[REGULARISED] > natural["lightgbm"]
catboost = (natural["catboost"] - natural["lightgbm_chosen"]).mean()
holds(
    "CatBoost with its defaults does as well on the tables that are rare by nature",
    abs(catboost) < 0.015,
    catboost_gap=f"{100 * catboost:+.1f}",
)
holds(
    "but on {{ n_default }} of {{ n_natural }} tables that are rare by nature LightGBM's defaults did better still",
    (~better).sum() > better.sum(),
    n_default=int((~better).sum()),
    n_natural=len(natural),
)
holds(
    "With {{ few_rows }} training rows or fewer, leave synthetic rows alone",
    (evidence.on_few_rows(metrics, runs)["mean"] < 0).all(),
    between=(HYBRID, "none"),
    few_rows=f"{evidence.FEW_ROWS:,}",
)

# %% [markdown]
# **Leave the rows as they are, and train LightGBM with small steps, few leaves and a penalty** ([code](#code-to-copy)). In the table below it is ahead of the paper's method, or within a point of it,
# but on {{ n_default }} of {{ n_natural }} tables that are rare by nature LightGBM's defaults did better still. So fit both and let cross-validation choose. That choice is ahead of the paper's method with the best of its classifiers on {{ n_choice }} of {{ n_choice_tables }} tables,
# by {{ choice_mean }} points on average. CatBoost with its defaults does as well on the tables that are rare by nature ({{ catboost_gap }} points on average).
#
# | Positives | Regularised LightGBM over the paper's method (points) | Logistic regression over the paper's method |
# |---|---|---|
# | {{ few }} | {{ few_regularised }} | {{ few_linear }} |
# | {{ some }} | {{ some_regularised }} | {{ some_linear }} |
# | {{ many }} | {{ many_regularised }} | {{ many_linear }} |
# | {{ plenty }} | {{ plenty_regularised }} | {{ plenty_linear }} |
#
# Bold: a clear difference. A table is left out where it has no training set of that size. If the rows that you score are as rare as those you train on, prefer a booster to the linear model: on Adult [the linear model falls behind](counts.ipynb) there. With {{ few_rows }} training rows or fewer, leave synthetic rows alone: they lost on the paper's tables [whatever the classifier](counts.ipynb). Then compare on your own table: [one command](your_data.ipynb) does it. Judge by rows that nobody has upsampled.

# %% tags=["remove-cell"]
experiments = adviser.experiments(metrics, runs)
say(n_experiments=f"{len(experiments):,}", n_tables=experiments["dataset"].nunique())

# %% [markdown]
# ## Advice for the numbers of your table
#
# Fill in what you know. The adviser has {{ n_experiments }} comparisons on {{ n_tables }} tables, those on thinned tables judged at two shares. Those count most that are like yours in the number of positives, in their share of the training rows and
# of the rows to score, and in how many columns are numbers. It advises the simplest choice within one point of the best, and says so when nothing here is like your table.
# Where it differs from the table above, which is based on holdouts with 12 to 24 % positives, follow the one whose positives are as rare as among the rows you score.

# %%
publish.adviser(
    adviser.content(experiments),
    experiments,
    runs=runs,
    name="advice",
    caption="Gains are in average precision, over LightGBM's defaults on the rows as they are. In brackets: where 95 % of such experiments lie, the spread between tables included. "
    "A threshold follows from the two costs and from how rare the class will be.",
)

# %% tags=["remove-cell"]
gain = mean.xs(own, level="arm").unstack("dataset")
of_natural = evidence.probability_as_found(metrics)
holds(
    "On Insurance and Credit Card that probability is ahead of the paper's method with the best of its three classifiers at every size",
    (gain[["insurance", "credit_card"]].min() > 0).all() and (gain["adult"].abs() < 0.015).all(),
    own_insurance=f"{100 * gain['insurance'].min():+.1f} to {100 * gain['insurance'].max():+.1f}",
    own_card=f"{100 * gain['credit_card'].min():+.1f} to {100 * gain['credit_card'].max():+.1f} points",
)
on_rows = rows[(rows["dataset"] == "credit_card") & (rows["arm"] == HYBRID) & (rows["classifier"] == LINEAR)]
of_own = rows[(rows["dataset"] == "credit_card") & (rows["arm"] == POSTERIOR)]
led = contrasts(pd.concat([on_rows, of_own]), [(HYBRID, POSTERIOR)], cells=("size",))["mean"].item()
holds(
    "With a logistic regression on its rows the method is ahead of it by {{ linear_lead }} on Credit Card",
    led > 0,
    between=(HYBRID, POSTERIOR),
    linear_lead=pp(led),
)
holds(
    "On {{ n_behind }} of {{ n_natural }} tables that are rare by nature it is behind",
    (of_natural < 0).mean() > 0.6,
    n_behind=int((of_natural < 0).sum()),
    natural_mean=pp(of_natural.mean()),
)

# %% [markdown]
# ## The generator's own probability leads the paper's classifiers, on the paper's tables alone
#
# The generator knows how probable each class is for a given row; that takes one fit and no classifier. On Insurance and Credit Card that probability is ahead of the paper's method with the best of its three classifiers at every size ({{ own_insurance }} and {{ own_card }});
# on Adult it is level. With a logistic regression on its rows the method is ahead of it by {{ linear_lead }} on Credit Card. On {{ n_behind }} of {{ n_natural }} tables that are rare by nature it is behind, by {{ natural_mean }} on average over all of them.

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
    ),
    figure.drop(columns="label"),
    runs=runs,
    name="ranges",
    caption="Each choice minus the paper's method with the best of its three classifiers, by number of positives. Bars allow "
    "for [all comparisons](method.ipynb) of the figure; a full dot is a clear difference. A dot without a bar has fewer than five seeds.",
    alt="Dots with intervals of the difference in average precision to the paper's method, a panel per table, a row per choice and range of positives.",
)

# %% [markdown]
# ## Code to copy
#
# `X` is a frame with features, text columns as `category`; `y` is 1 for a positive. LightGBM with settings for rare classes and with its defaults; cross-validation chooses:
#
# ```python
# from lightgbm import LGBMClassifier
# from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
#
# regularised = {
#     "n_estimators": [200],
#     "learning_rate": [0.02],
#     "num_leaves": [8],
#     "reg_lambda": [1.0],
#     "colsample_bytree": [0.5],
# }
# defaults = {}
# model = GridSearchCV(
#     LGBMClassifier(verbose=-1),
#     [regularised, defaults],
#     scoring="average_precision",
#     cv=RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0),
# ).fit(X, y)
# scores = model.predict_proba(X_new)[:, 1]
# ```
#
# Seconds to minutes. It fails where a class is so small that a fold holds none of it.
#
# Logistic regression, a second opinion in a second; it fails where columns act together:
#
# ```python
# from sklearn.compose import make_column_selector, make_column_transformer
# from sklearn.impute import SimpleImputer
# from sklearn.linear_model import LogisticRegression
# from sklearn.pipeline import make_pipeline
# from sklearn.preprocessing import OneHotEncoder, StandardScaler
#
# numbers, texts = make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude="number")
# columns = make_column_transformer(
#     (make_pipeline(SimpleImputer(), StandardScaler()), numbers), (OneHotEncoder(handle_unknown="ignore"), texts)
# )
# model = make_pipeline(columns, LogisticRegression(max_iter=1000)).fit(X, y)
# scores = model.predict_proba(X_new)[:, 1]
# ```
#
# The generator's own probability, to be compared with these; it fails where values are many and rows are few:
#
# ```python
# from upsampling import TabularARGNClassifier, TabularARGNSampler
#
# model = TabularARGNClassifier(sampler=TabularARGNSampler(random_state=0)).fit(X, y)
# scores = model.predict_proba(X_new)[:, 1]
# ```
#
# Where an alarm and a miss have a price, [choose the threshold by it](decisions.ipynb).

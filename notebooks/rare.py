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
#     place: 4
#     reads: [study, natural]
#     next: '[how few, how many, how lucky](counts.ipynb)'
# ---

# %% [markdown]
# # Rare by nature, and thinned
#
# The paper makes rarity: it takes a common class and throws rows away. What a method does then depends on two numbers at once, how many positives are left and how small their share is.
# The map below asks where the sign of the gain turns, for each classifier.

# %% tags=["remove-cell"]
import pandas as pd
from scipy.stats import wilcoxon

from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds, leave_out, say
from upsampling.book.show import show
from upsampling.study import classifiers, datasets, seeds
from upsampling.study.classifiers import LINEAR
from upsampling.study.contrasts import contrasts
from upsampling.study.names import HYBRID, PAPER_HYBRID
from upsampling.study.store import Store
from upsampling.words import pp

# %% tags=["parameters"]
drawn: list = ["random_forest", "lightgbm", "lightgbm_regularised", "logistic_regression"]  # panels
enough: int = 50  # positives in training from which the finding on natural tables speaks

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
by = ("dataset", "size", "classifier")
rows = seeds.of_study(metrics[metrics["classifier"].isin(drawn) & (metrics["dataset"] != "demo")])
found = rows["size"].isin(["found", "found-grouped"])
over = pd.concat(
    [
        contrasts(rows[~found], [(HYBRID, "none")], by, cells=()),
        *(
            contrasts(rows[found & (rows["classifier"] == name)], [(PAPER_HYBRID, "none")], by, cells=())
            for name in drawn
        ),
    ]
)
counts = (
    runs[runs["status"] == "done"].groupby(["dataset", "size"])[["n_minority", "n_majority"]].median().reset_index()
)
over = over.merge(counts, on=["dataset", "size"])
over["share"] = over["n_minority"] / (over["n_minority"] + over["n_majority"])
present = [name for name in drawn if name in set(over["classifier"])]
titles = {name: classifiers.TITLES.get(name, name) for name in present}

# %% tags=["remove-cell"]
thinned = over[over["dataset"].isin(evidence.PAPER_TABLES)]
boosted = thinned[thinned["classifier"] == "lightgbm"]
scarce, ample = boosted[boosted["n_minority"] <= enough], boosted[boosted["n_minority"] > 10 * enough]
linear = thinned[thinned["classifier"] == LINEAR]
holds(
    "On thinned tables synthetic rows help default boosting where positives are few",
    scarce["mean"].mean() > 0.03 and scarce["mean"].mean() > ample["mean"].mean() + 0.03,
    between=(HYBRID, "none"),
    scarce_gain=pp(scarce["mean"].mean()),
    scarce_limit=enough,
)
holds(
    "above {{ ample_limit }} positives they cost {{ ample_loss }}",
    ample["mean"].mean() < 0,
    between=(HYBRID, "none"),
    ample_limit=10 * enough,
    ample_loss=pp(ample["mean"].mean()),
)
holds(
    "Under a logistic regression there is no such gain: the mean over all sizes is {{ linear_mean }}",
    linear["mean"].mean() < 0,
    between=(HYBRID, "none"),
    linear_mean=f"{100 * linear['mean'].mean():+.1f} points",
)

# %% [markdown]
# ## On thinned tables synthetic rows help default boosting where positives are few
#
# With LightGBM's defaults and up to {{ scarce_limit }} positives the paper's hybrid gains {{ scarce_gain }} on average over raw rows; above {{ ample_limit }} positives they cost {{ ample_loss }}.
# Under a logistic regression there is no such gain: the mean over all sizes is {{ linear_mean }}. So the gain marks where a classifier breaks down, not where rows are missing.

# %%
publish.figure(
    figures.gain_map(over, titles),
    over,
    runs=runs,
    name="map",
    caption="The map of the gain: hybrid minus raw rows under the same classifier, by number and share of positives in training. A larger dot is a larger difference; a black ring is a clear one.",
    alt="Dots over number of positives and minority share, a panel per classifier, coloured by whether the hybrid gains or loses against raw rows.",
)

# %% tags=["remove-cell"]
natural = over[over["size"].isin(["found", "found-grouped"])]
# of a table with equal rows the split that keeps them on one side counts
natural = natural.sort_values("size").drop_duplicates(["dataset", "classifier"], keep="last").sort_values("n_minority")
if natural.empty:
    leave_out("natural")
else:
    judged = natural[natural["n_minority"] >= enough]
    per_classifier = judged.groupby("classifier")["mean"].mean()
    holds(
        "On tables that are rare by nature synthetic rows made every classifier worse",
        (per_classifier < 0).all(),
        between=(PAPER_HYBRID, "none"),
        n_natural=natural["dataset"].nunique(),
        n_judged=judged["dataset"].nunique(),
        natural_least=pp(per_classifier.max()),
        natural_most=pp(per_classifier.min()),
    )
    say(enough=enough)

# %% [markdown] tags=["natural"]
# ## On tables that are rare by nature synthetic rows made every classifier worse
#
# {{ n_natural }} public tables have a rare class without anybody's help. On the {{ n_judged }} of them with {{ enough }} positives or more, the hybrid costs {{ natural_least }} to {{ natural_most }} on average, depending on the classifier.
# Where a table holds equal rows, they are kept on one side of the split, because memory would pass for skill otherwise.

# %%
if not natural.empty:
    shown = natural.assign(
        label=[f"{datasets.get(row.dataset).title} ({row.n_minority:,.0f})" for row in natural.itertuples()]
    )
    publish.figure(
        figures.forest(
            shown, "label", "classifier", xlabel="hybrid minus raw rows, points of average precision", titles=titles
        ),
        natural,
        runs=runs,
        name="forest",
        caption="Hybrid minus raw rows on tables as found, ordered by the number of positives in training (in brackets).",
        alt="Dots with intervals of the hybrid minus raw rows, a row per natural table in the order of its positives, a panel per classifier.",
    )
    across = natural.groupby("classifier").agg(
        tables=("mean", "size"),
        median=("mean", "median"),
        ahead=("mean", lambda gain: int((gain > 0.01).sum())),
        behind=("mean", lambda gain: int((gain < -0.01).sum())),
        p=("mean", lambda gain: wilcoxon(gain).pvalue),
    )
    across = across.reset_index().assign(
        datasets=" ".join(natural["dataset"]), sizes="found found-grouped", arms=f"none {PAPER_HYBRID}"
    )
    across["seeds"] = " ".join(sorted({seed for listed in natural["seeds"] for seed in listed.split()}, key=int))
    publish.table(
        show(
            across,
            "classifier",
            ("Tables", str, "tables"),
            ("Median difference (points)", lambda value: f"{100 * value:+.1f}", "median"),
            ("Hybrid ahead by a point", str, "ahead"),
            ("Behind by a point", str, "behind"),
            ("p (signed ranks)", "{:.3f}".format, "p"),
        ),
        data=across,
        runs=runs,
        name="across",
        caption="Over tables: median difference, tables on which one side leads by more than a point, and Wilcoxon's signed-rank test of the table means.",
    )

# %% [markdown]
# ## What thinning at random cannot tell
#
# Rows that are deleted at random leave a small but fair sample of the class. A class that is rare for a reason may be rare in its own way, and its rows need not be a fair sample of those to come. No thinned table
# answers for that; a natural one does in part.

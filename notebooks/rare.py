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
# The paper makes rarity: it takes a common class and throws rows away. What a method does then depends on how many positives are left, how small their share is, and [how many rows there are in all](counts.ipynb).
# The map below asks where the sign of the gain turns, for each classifier.

# %% tags=["remove-cell"]
import pandas as pd
from scipy.stats import spearmanr, wilcoxon
from statsmodels.stats.multitest import multipletests

from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds
from upsampling.book.show import show
from upsampling.study import beyond, classifiers, datasets, plan, seeds
from upsampling.study.classifiers import LINEAR
from upsampling.study.contrasts import contrasts
from upsampling.study.names import GENERATOR, HYBRID, POSTERIOR
from upsampling.study.store import Store
from upsampling.words import joined, points, pp, whole_percent

# %% tags=["parameters"]
drawn: list = ["random_forest", "lightgbm", "lightgbm_regularised", "logistic_regression"]  # panels
further: list = [  # judged as well
    "random_forest_leaves",
    "xgboost",
    "xgboost_regularised",
    "catboost",
    "logistic_regression_cv",
]
enough: int = 50  # positives in training from which the finding on natural tables speaks
thinned_to: int = 20  # positives that natural tables are thinned to

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
by = ("dataset", "size", "classifier")
others = metrics[~metrics["dataset"].isin([*plan.NATURAL, "demo"])]
rows = pd.concat([others, evidence.natural(metrics)])
rows = seeds.of_study(rows[rows["classifier"].isin([*drawn, *further])])
found = rows["design"] == "found"
over = pd.concat(
    [
        contrasts(rows[~found & rows["classifier"].isin(drawn)], [(HYBRID, "none")], by, cells=()),
        *(
            contrasts(rows[found & (rows["classifier"] == name)], [(HYBRID, "none")], by, cells=())
            for name in [*drawn, *further]
        ),
    ]
)
counts = evidence.training_sizes(runs).reset_index()
over = over.merge(counts, on=["dataset", "size"])
over["share"] = over["n_minority"] / (over["n_minority"] + over["n_majority"])
titles = {name: classifiers.TITLES[name] for name in drawn}


def labels(table: pd.DataFrame) -> list[str]:
    """Return the title of each row's table, with its positives in training."""
    return [f"{datasets.get(row.dataset).title} ({row.n_minority:,.0f})" for row in table.itertuples()]


# %% tags=["remove-cell"]
thinned = over[over["dataset"].isin(evidence.PAPER_TABLES) & over["size"].str.fullmatch(r"f[\d.]+")]
boosted = thinned[thinned["classifier"] == "lightgbm"]
linear = thinned[(thinned["classifier"] == LINEAR) & (thinned["n_minority"] <= enough)]
scarce, ample = boosted[boosted["n_minority"] <= enough], boosted[boosted["n_minority"] > 10 * enough]
holds(
    "On thinned tables synthetic rows help default boosting where positives are few",
    scarce["mean"].mean() > 0.03 and scarce["mean"].mean() > ample["mean"].mean() + 0.03,
    between=(HYBRID, "none"),
    scarce_gain=pp(scarce["mean"].mean()),
    scarce_limit=enough,
)
holds(
    "above {{ ample_limit }} positives nothing of it is left",
    ample["mean"].mean() < 0.005,
    between=(HYBRID, "none"),
    ample_limit=10 * enough,
    ample_gain=f"{100 * ample['mean'].mean():+.1f}",
)
holds(
    "A logistic regression loses {{ linear_loss }} there",
    linear["mean"].mean() < 0,
    between=(HYBRID, "none"),
    linear_loss=pp(linear["mean"].mean()),
)

# %% [markdown]
# ## On thinned tables synthetic rows help default boosting where positives are few
#
# With LightGBM's defaults and up to {{ scarce_limit }} positives (Adult and Credit Card) the paper's hybrid gains {{ scarce_gain }} on average over raw rows; above {{ ample_limit }} positives nothing of it is left ({{ ample_gain }}).
# A logistic regression loses {{ linear_loss }} there. So the gain marks where a classifier breaks down, not where rows are missing.

# %%
mapped = over[over["classifier"].isin(drawn)]
publish.figure(
    figures.gain_map(mapped, titles),
    mapped,
    runs=runs,
    name="map",
    caption="The map of the gain: hybrid minus raw rows under the same classifier, by number and share of positives in training. A larger dot is a larger difference; a black ring is a clear one.",
    alt="Dots over number of positives and minority share, a panel per classifier, coloured by whether the hybrid gains or loses against raw rows.",
)

# %% tags=["remove-cell"]
natural = over[over["size"].isin(["found", "found-grouped"])].sort_values("n_minority")
judged = natural[natural["n_minority"] >= enough]
per_classifier, medians = (judged.groupby("classifier")["mean"].agg(how) for how in ("mean", "median"))
holds(
    "On tables that are rare by nature synthetic rows made every classifier worse, on average",
    (per_classifier < 0).all() and (medians < 0).all(),
    between=(HYBRID, "none"),
    n_natural=natural["dataset"].nunique(),
    n_judged=judged["dataset"].nunique(),
    natural_least=f"{-100 * per_classifier.max():.1f}",
    natural_most=pp(per_classifier.min()),
    median_least=f"{-100 * medians.max():.1f}",
    median_most=f"{-100 * medians.min():.1f}",
    enough=enough,
    n_classifiers=len(per_classifier),
)

# %% [markdown]
# ## On tables that are rare by nature synthetic rows made every classifier worse, on average
#
# {{ n_natural }} public tables have a rare class without anybody's help. On the {{ n_judged }} of them with {{ enough }} positives or more, the hybrid costs {{ natural_least }} to {{ natural_most }} on average, and {{ median_least }} to {{ median_most }} on the median table, depending on which of {{ n_classifiers }} classifiers is trained: a few tables lose much more than the others.

# %%
shown = natural[natural["classifier"].isin(drawn)]
shown = shown.assign(label=labels(shown))
publish.figure(
    figures.forest(
        shown, "label", "classifier", xlabel="hybrid minus raw rows, points of average precision", titles=titles
    ),
    shown.drop(columns="label"),
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
    datasets=" ".join(natural["dataset"]), sizes="found found-grouped", arms=f"none {HYBRID}"
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
        ("p (signed ranks)", lambda p: "< 0.001" if p < 0.001 else f"{p:.3f}", "p"),
    ),
    data=across,
    runs=runs,
    name="across",
    caption="Over tables: median difference, tables on which one side leads by more than a point, and Wilcoxon's signed-rank test of the table means.",
)

# %% tags=["remove-cell"]
by_nature = evidence.natural(metrics)
by_nature = evidence.as_one(by_nature[by_nature["classifier"].isin(plan.MAIN)])
by_nature = by_nature.assign(is_thinned=by_nature["size"].str.startswith(f"n{thinned_to}"))
by_nature = by_nature[by_nature["is_thinned"] | (by_nature["design"] == "found")]
fewer = contrasts(by_nature, [(HYBRID, "none")], ("dataset", "is_thinned", "classifier"), cells=("table",))
as_found, with_fewer = (fewer[fewer["is_thinned"] == thinned].set_index("classifier") for thinned in (False, True))
holds(
    "With {{ thinned_to }} positives, natural tables lose more, not less",
    (with_fewer["mean"] < as_found["mean"]).all() and (with_fewer["mean"] < 0).all(),
    between=(HYBRID, "none"),
    thinned_to=thinned_to,
    fewer_least=f"{-100 * with_fewer['mean'].max():.1f}",
    fewer_most=pp(with_fewer["mean"].min()),
    as_found_least=f"{-100 * as_found['mean'].max():.1f}",
    as_found_most=pp(as_found["mean"].min()),
)

# %% [markdown]
# ## With {{ thinned_to }} positives, natural tables lose more, not less
#
# If few positives made synthetic rows useful, natural tables would show it once they are thinned as the paper's were. With {{ thinned_to }} positives and all negatives kept, the hybrid costs {{ fewer_least }} to {{ fewer_most }} against raw rows, depending on the classifier, and {{ as_found_least }} to {{ as_found_most }} with all positives.
# So few positives are not enough for a gain: the paper's tables have [many rows in all](counts.ipynb) as well.

# %%
publish.table(
    show(
        as_found.merge(with_fewer, on="classifier", suffixes=("", "_fewer")).reset_index(),
        "classifier",
        ("As found (points)", points, "mean", "low", "high"),
        (f"With {thinned_to} positives (points)", points, "mean_fewer", "low_fewer", "high_fewer"),
    ),
    data=fewer.assign(datasets=joined(by_nature["table"]), sizes=joined(by_nature["size"])),
    runs=runs,
    name="fewer",
    caption="Hybrid minus raw rows, mean over the natural tables, as found and with positives taken away. Intervals allow for all comparisons of the table.",
)

# %% tags=["remove-cell"]
ours = beyond.one_per_table(beyond.judge(metrics))
ours = ours.merge(counts, on=["dataset", "size"]).sort_values("n_minority", kind="stable")
both, ensemble = (
    beyond.over_tables(ours[ours["claim"] == name]) for name in (beyond.PRIMARY, "generator_adds_to_ensemble")
)
ours = ours.rename(columns={"estimate": "mean"})
primary = ours[ours["claim"] == beyond.PRIMARY]
holds(
    "Nor does the generator add to an ensemble",
    abs(ensemble[0]) < 0.01,
    ensemble_mean=points(*ensemble),
)
holds(
    "With the best classifier on either side, synthetic rows are behind on {{ n_lost }} of {{ n_both }} tables",
    (primary["mean"] < 0).mean() > 0.8 and both[2] < 0,
    between=(HYBRID, "none"),
    n_lost=int((primary["mean"] < 0).sum()),
    n_both=len(primary),
    both_mean=points(*both),
    n_clear=int((primary["high"] < 0).sum()),
    n_won=int((primary["mean"] > 0.01).sum()) or "none",
)
regularised, choice = (ours[ours["claim"] == name] for name in ("regularised_raw_as_good", beyond.CHOICE))
holds(
    "One regularised LightGBM on the raw rows is ahead of the paper's method with the best of its classifiers on {{ n_ahead }} of them, the one that cross-validation chooses",
    (regularised["mean"] > 0).mean() > 0.7 and (choice["mean"] > 0).mean() > 0.7,
    between=("none", HYBRID),
    n_ahead=int((regularised["mean"] > 0).sum()),
    n_choice=int((choice["mean"] > 0).sum()),
    choice_mean=points(*beyond.over_tables(choice.rename(columns={"mean": "estimate"}))),
)

# %% [markdown]
# ## With the best classifier on either side, synthetic rows are behind on {{ n_lost }} of {{ n_both }} tables
#
# Six classifiers are tried with and without the generator's rows, and on either side the best one counts, chosen on other seeds. The random-effects mean over tables is {{ both_mean }} points (Hartung and Knapp's interval); {{ n_clear }} tables show a clear loss, and on {{ n_won }} the hybrid leads
# by more than a point. One regularised LightGBM on the raw rows is ahead of the paper's method with the best of its classifiers on {{ n_ahead }} of them, the one that cross-validation chooses
# between regularised and default settings on {{ n_choice }} ({{ choice_mean }} points on average).
# Nor does the generator add to an ensemble: the best mean of ranks with it differs from the best one without by {{ ensemble_mean }} points.

# %%
panels_shown = {
    beyond.PRIMARY: "best classifiers:\nhybrid minus raw",
    "hybrid_adds_little_to_regularised": "regularised LightGBM:\nhybrid minus raw",
    beyond.CHOICE: "chosen LightGBM on raw\nminus best hybrid",
    "generator_adds_to_ensemble": "mean of ranks: with\nminus without generator",
}
shown = ours[ours["claim"].isin(panels_shown)].sort_values(
    "claim", key=lambda claim: claim.map([*panels_shown].index), kind="stable"
)
shown = shown.assign(label=labels(shown), sizes=shown["size"])
publish.figure(
    figures.forest(shown, "label", "claim", xlabel="points of average precision", titles=panels_shown),
    shown.drop(columns="label"),
    runs=runs,
    name="sixteen",
    caption="Four comparisons on all tables, by positives in training (in brackets). The paper's tables at 0.1 %, judged on splits on which nothing was chosen (seeds from 30 on).",
    alt="Dots with intervals of four differences in average precision, a row per table in the order of its positives, a panel per comparison.",
)

# %% tags=["remove-cell"]
scores = metrics[metrics["arm"].isin(["none", POSTERIOR])].merge(primary[["dataset", "size"]])
mean = scores.groupby(["dataset", "arm", "classifier"])["average_precision"].mean().unstack([1, 2])
raw = mean["none"][list(plan.MAIN)]
about = primary.set_index("dataset")[["mean", "n_minority", "n_majority"]].rename(columns={"mean": "gain"})
about = about.assign(
    positives=about["n_minority"],
    rows=about["n_minority"] + about["n_majority"],
    share=about["n_minority"] / (about["n_minority"] + about["n_majority"]),
    categorical=[len(datasets.get(name).categorical) / len(datasets.get(name).features) for name in about.index],
    linear=raw[LINEAR] - raw["lightgbm"],
    posterior=mean[POSTERIOR][GENERATOR] - raw.max(axis=1),
)
PROPERTIES = {
    "positives": "number of positives",
    "rows": "number of rows",
    "share": "share of positives",
    "categorical": "share of categorical columns",
    "linear": "lead of logistic regression over LightGBM, raw rows",
    "posterior": "lead of the generator's own probability over the best classifier, raw rows",
}
predicts = pd.DataFrame(
    [(called, *spearmanr(about[name], about["gain"])) for name, called in PROPERTIES.items()],
    columns=["property", "rho", "p"],
)
predicts["p_holm"] = multipletests(predicts["p"], method="holm")[1]
by_property = predicts.set_index("property")
linear_lead = by_property.loc[PROPERTIES["linear"]]
holds(
    "Synthetic rows do least harm where a linear model leads",
    linear_lead["rho"] > 0 and linear_lead["p_holm"] < 0.05,
    linear_rho=f"{linear_lead['rho']:+.2f}",
    n_properties=len(predicts),
)
holds(
    "none of the others shows a clear correlation",
    (by_property.drop(PROPERTIES["linear"])["p_holm"] > 0.05).all(),
    own_rho=f"{by_property.loc[PROPERTIES['posterior'], 'rho']:+.2f}",
)

# %% [markdown]
# ## Synthetic rows do least harm where a linear model leads
#
# Of {{ n_properties }} properties of a table, one goes with the difference between the best classifiers: the lead of logistic regression over LightGBM on the raw rows (rank correlation {{ linear_rho }}). One reading: made rows carry what the generator has learnt, simple trends first, and blur the rest.
# With all of them allowed for, none of the others shows a clear correlation; the lead of the generator's own probability over the best classifier comes next ({{ own_rho }}). It was found on the rows that it describes, so it is a lead and no rule.

# %%
cells_behind = {
    "datasets": " ".join(primary["dataset"]),
    "sizes": " ".join(primary["size"].unique()),
    "seeds": joined(seed for listed in primary["seeds"] for seed in listed.split()),
    "arms": f"none {HYBRID} {POSTERIOR}",
}
publish.table(
    show(
        predicts,
        ("Property of a table", str, "property"),
        ("Rank correlation with the gain", "{:+.2f}".format, "rho"),
        ("p", "{:.2f}".format, "p"),
        ("p, all allowed for (Holm)", "{:.2f}".format, "p_holm"),
    ),
    data=predicts.assign(**cells_behind),
    runs=runs,
    name="properties",
    caption=f"Spearman's rank correlation over {len(primary)} tables, of properties with the difference between hybrid and raw rows under the best classifiers.",
)

# %% tags=["remove-cell"]
with_twins = [name for name in plan.NATURAL if datasets.get(name).twins]
both_splits = metrics[
    metrics["dataset"].isin(with_twins)
    & (metrics["design"] == "found")
    & metrics["classifier"].isin(plan.MAIN)
    & metrics["arm"].isin(["none", HYBRID])
]
twins = contrasts(both_splits, [(HYBRID, "none")], ("dataset", "size"), cells=("classifier",))
twins = twins.merge(
    both_splits[both_splits["arm"] == "none"].groupby(["dataset", "size"], as_index=False)["average_precision"].mean()
)
tables = map(datasets.load, with_twins)
equal = {table.name: table.X[table.y == 1].duplicated(keep=False).mean() for table in tables}
twins["equal"] = twins["dataset"].map(equal)
by_split = twins.set_index(["dataset", "size"])[["average_precision", "mean"]].unstack()
wine = by_split.loc["white_wine"]
changes = (by_split["mean", "found"] - by_split["mean", "found-grouped"]).drop("white_wine").abs()
holds(
    "Equal rows on both sides of a split pass for skill",
    wine["average_precision", "found"] > 2 * wine["average_precision", "found-grouped"],
    wine_equal=whole_percent(equal["white_wine"]),
    wine_random=whole_percent(wine["average_precision", "found"]),
    wine_grouped=whole_percent(wine["average_precision", "found-grouped"]),
)
holds(
    "the hybrid then seems to lose {{ wine_loss_random }} to raw rows instead of {{ wine_loss }}",
    wine["mean", "found"] < 2 * wine["mean", "found-grouped"] < 0,
    between=(HYBRID, "none"),
    wine_loss_random=pp(wine["mean", "found"]),
    wine_loss=f"{-100 * wine['mean', 'found-grouped']:.1f}",
)
holds(
    "On the other three tables that difference changes by at most {{ rest_change }}",
    changes.max() < 0.03,
    rest_change=pp(changes.max()),
)

# %% [markdown]
# ## Equal rows on both sides of a split pass for skill
#
# Of White wine's positives {{ wine_equal }} are equal to another one. A random split puts many of these on both sides: on raw rows the six classifiers have a mean average precision of {{ wine_random }}, and of {{ wine_grouped }} if equal rows are kept on one side.
# As copies are remembered and synthetic rows blur them, the hybrid then seems to lose {{ wine_loss_random }} to raw rows instead of {{ wine_loss }}. On the other three tables that difference changes by at most {{ rest_change }}. This book keeps equal rows on one side.

# %%
publish.table(
    show(
        twins.sort_values(["equal", "size"], ascending=[False, True]),
        "dataset",
        ("Positives with an equal one", whole_percent, "equal"),
        ("Split", {"found": "at random", "found-grouped": "equal rows on one side"}.get, "size"),
        ("Raw rows (%)", lambda value: f"{100 * value:.1f}", "average_precision"),
        ("Hybrid minus raw rows (points)", points, "mean", "low", "high"),
        ("Seeds", str, "n_seeds"),
    ),
    data=twins,
    runs=runs,
    name="twins",
    caption="Natural tables with equal rows, split in two ways: average precision of raw rows and the hybrid's difference to them, mean over six classifiers.",
)

# %% [markdown]
# ## What thinning at random cannot tell
#
# Rows that are deleted at random leave a small but fair sample of the class. A class that is rare for a reason may be rare in its own way, and its rows need not be a fair sample of those to come. No thinned table
# answers for that; a natural one does in part.

# ---
# jupyter:
#   html_theme.sidebar_secondary.remove: true
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   pages:
#     index:
#       reads: [study, natural]
#       next: '[what to do with your table](guide.ipynb)'
# ---

# %% [markdown]
# # Synthetic rows for a rare class? Usually not
#
# **Leave the rows as they are; let cross-validation choose the model.** {cite}`krchova2025`, computed again:

# %% tags=["remove-cell"]
from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds
from upsampling.study import beyond, claims, seeds
from upsampling.study.classifiers import REGULARISED
from upsampling.study.contrasts import contrasts
from upsampling.study.names import HYBRID, POSTERIOR
from upsampling.study.store import Store
from upsampling.words import duration, pp, seeds_text

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
rows = evidence.by_share(metrics)
found = evidence.lines(rows)

# %% tags=["remove-cell"]
ours = beyond.judge(metrics)
primary = ours[(ours["claim"] == beyond.PRIMARY) & ours["size"].isin(["f0.001", "found", "found-grouped"])]
estimate, low, high = beyond.over_tables(primary)
lowered = ours[ours["claim"] == beyond.LOWERS]
holds(
    "On {{ n_lost }} of {{ n_both }} tables synthetic rows lose.",
    (primary["estimate"] < 0).mean() > 0.8 and high < 0,
    between=(HYBRID, "none"),
    n_lost=int((primary["estimate"] < 0).sum()),
    n_both=len(primary),
    both_mean=f"{pp(estimate)} [{-100 * high:.1f} to {-100 * low:.1f}]",
)
holds(
    "On tables that are rare by nature, with {{ enough }} positives or more, each of the paper's classifiers loses {{ natural_least }} to {{ natural_most }}",
    (lowered["verdict"] == "supported").all(),
    between=(HYBRID, "none"),
    enough=beyond.ENOUGH,
    natural_least=f"{-100 * lowered['estimate'].max():.0f}",
    natural_most=f"{-100 * lowered['estimate'].min():.0f} points",
)

# %% tags=["remove-cell"]
each = contrasts(
    found, [(evidence.REGULARISED_RAW, evidence.PAPER)], ("dataset", "size", "n_minority"), across="line", cells=()
)
holds(
    "A regularised booster beats the generator.",
    (each["mean"] > 0).mean() > 0.9 and each["mean"].min() > -0.01,
    between=("none", HYBRID),
    n_cases=len(each),
    n_ahead=int((each["mean"] > 0).sum()),
    ahead_most=pp(each["mean"].max()),
)
seconds = metrics.loc[
    (metrics["arm"] == "none") & (metrics["classifier"] == REGULARISED) & (metrics["dataset"] == "adult"),
    "training_seconds",
]
holds(
    "and trains in {{ booster_seconds }}",
    seconds.median() < 5,
    booster_seconds=duration(seconds.median()).replace(" ", "\u00a0"),
)

# %% tags=["remove-cell"]
boosted = metrics[
    (metrics["size"] == "f0.001")
    & (metrics["dataset"] == "adult")
    & metrics["classifier"].isin(["lightgbm", REGULARISED])
]
boosted = seeds.of_study(boosted)
gains = contrasts(boosted, [(HYBRID, "none")], ("dataset", "classifier"), cells=()).set_index("classifier")["mean"]
holds(
    "The gain is the defaults' weakness.",
    gains["lightgbm"] > 0.1 and gains[REGULARISED] < 0.01,
    between=(HYBRID, "none"),
    default_gain=f"{100 * gains['lightgbm']:+.0f} points",
    regularised_gain=f"{100 * gains[REGULARISED]:+.1f}",
    adult_rows=int(boosted["n_minority"].iloc[0]),
)

# %% tags=["remove-cell"]
direct = contrasts(found, [(evidence.GENERATOR_PROBABILITY, evidence.PAPER)], across="line", cells=("size",))
direct = direct.set_index("dataset")["mean"]
elsewhere = direct.drop("adult")
holds(
    "Its own probability of the class is level with the best classifier trained on its rows on Adult",
    abs(direct["adult"]) < 0.01 and (elsewhere > 0.01).all(),
    between=(POSTERIOR, HYBRID),
    direct_least=f"{100 * elsewhere.min():.1f}",
    direct_most=pp(elsewhere.max()),
)
natural = evidence.raw_as_found(metrics)
holds(
    "on {{ n_default }} of {{ n_natural }} tables that are rare by nature they are better still",
    (natural["lightgbm"] > natural[REGULARISED]).mean() > 0.5,
    n_default=int((natural["lightgbm"] > natural[REGULARISED]).sum()),
    n_natural=len(natural),
)

# %% [markdown]
# 1. **On {{ n_lost }} of {{ n_both }} tables synthetic rows lose.** With the best classifier for raw rows and the best one for synthetic rows, they cost [{{ both_mean }}](rare.ipynb) of average precision.
#    On tables that are rare by nature, with {{ enough }} positives or more, each of the paper's classifiers loses {{ natural_least }} to {{ natural_most }}.
# 2. **A regularised booster beats the generator.** LightGBM with [small steps, few leaves and a penalty](guide.ipynb), on the raw rows, is ahead of the paper's method with its best classifier in
#    {{ n_ahead }} of {{ n_cases }} cases on the paper's tables, and trains in {{ booster_seconds }}. Try LightGBM's defaults too: on {{ n_default }} of {{ n_natural }} tables that are rare by nature they are better still.
# 3. **The gain is the defaults' weakness.** On Adult with {{ adult_rows }} positives, synthetic rows change average precision by {{ default_gain }} under LightGBM's defaults, and by {{ regularised_gain }} under [the regularised one](comparison.ipynb).
# 4. **If you have the generator, ask it directly.** Its own probability of the class is level with the best classifier trained on its rows on Adult, and {{ direct_least }} to {{ direct_most }} ahead on Credit Card and Insurance.

# %% tags=["remove-cell"]
means = evidence.line_means(found[found["line"].isin(evidence.LOOKS)])
publish.figure(
    figures.against_count(means, evidence.LOOKS),
    means.rename(columns={"arms": "arm"}).assign(arms=means["arms"], sizes=means["size"], datasets=means["dataset"]),
    runs=runs,
    name="answer",
    caption="Blue: the rows as they are. Orange: the paper's method with its best classifier. Dotted: a ceiling. Holdouts have 12 to 24 % positives. "
    f"Means over {seeds_text(means['n_seeds'])}.",
    alt="Average precision against the number of positives in training, a panel per table: a linear model and a regularised LightGBM on raw rows, the paper's "
    "method, the generator's own probability, and every positive kept.",
)

# %% [markdown]
# ::::{grid} 1 3 3 3
# :gutter: 2
# :margin: 0
#
# :::{grid-item-card} I have a table
# :link: guide
# :link-type: doc
# :::
#
# :::{grid-item-card} I know the paper
# :link: claims
# :link-type: doc
# :::
#
# :::{grid-item-card} I want to check a number
# :link: method
# :link-type: doc
# :::
# ::::

# %% tags=["remove-cell"]
judged = claims.judge(metrics, runs, store.load("diagnostics"))
judged = judged[judged["dataset"] != "all"]
verdicts = judged.groupby("claim")["verdict"].agg(set)
holds(
    "none holds on all three tables",
    not any(found == {"supported"} for found in verdicts),
    n_claims=len(verdicts),
    nowhere=int(sum("supported" not in found and "undecided" not in found for found in verdicts)),
)

# %% [markdown]
# ## What stands behind this
#
# Of the {{ n_claims }} claims that we could test, none holds on all three tables, and {{ nowhere }} hold on no table; for the others the tables differ, or the evidence does not decide.
# [Each has a card](claims.ipynb) with our number and the verdict.
#
# The paper's tables are judged on holdouts with 12 to 24 % positives. Where the rows to score are as rare as in training, [the boosters hold and the linear model falls behind on Adult](counts.ipynb).
#
# The paper says that rows from a generator give the best models where positives are few. A *seed* is one random split of a table into training and holdout rows, with one draw of the positives that are kept and one fit of every model. The *paper's method*, called
# hybrid on these pages, fills the rare class up to balance with rows of the generator TabularARGN. *Average precision* is the mean precision over all positives of the
# holdout, sorted by score; differences are in points of it. Other terms stand in the [glossary](glossary.md), the method on [its page](method.ipynb).

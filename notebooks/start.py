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
from upsampling.words import pp, seeds_text

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
rows = evidence.by_share(metrics)
line_rows = evidence.lines(rows)

# %% tags=["remove-cell"]
ours = beyond.judge(metrics)
each = beyond.one_per_table(ours)
primary = each[each["claim"] == beyond.PRIMARY]
estimate, low, high = beyond.over_tables(primary)
lowered = ours[ours["claim"] == beyond.LOWERS]
holds(
    "Synthetic rows are behind on {{ n_lost }} of {{ n_both }} tables",
    (primary["estimate"] < 0).mean() > 0.8 and high < 0,
    between=(HYBRID, "none"),
    n_lost=int((primary["estimate"] < 0).sum()),
    n_both=len(primary),
    n_clear=int((primary["high"] < 0).sum()),
    both_mean=f"{pp(estimate)} [{-100 * high:.1f} to {-100 * low:.1f}]",
)
holds(
    "On tables rare by nature with {{ enough }} positives or more, each of the paper's classifiers loses {{ natural_least }} points or more on average.",
    (lowered["verdict"] == "supported").all(),
    between=(HYBRID, "none"),
    enough=beyond.ENOUGH,
    natural_least=f"{-100 * lowered['estimate'].max():.0f}",
)

# %% tags=["remove-cell"]
boosted = metrics[
    (metrics["size"] == "f0.001")
    & (metrics["dataset"] == "adult")
    & metrics["classifier"].isin(["lightgbm", "catboost", REGULARISED])
]
boosted = seeds.of_study(boosted)
gains = contrasts(boosted, [(HYBRID, "none")], ("dataset", "classifier"), cells=()).set_index("classifier")["mean"]
holds(
    "The gain is the defaults' weakness.",
    gains["lightgbm"] > 0.1 and gains[["catboost", REGULARISED]].max() < 0.02,
    between=(HYBRID, "none"),
    default_gain=f"{100 * gains['lightgbm']:+.0f} points",
    catboost_gain=f"{100 * gains['catboost']:+.1f}",
    regularised_gain=f"{100 * gains[REGULARISED]:+.1f}",
    adult_rows=int(boosted["n_minority"].iloc[0]),
)
holds(
    "they lose on all three of the paper's tables, whatever the classifier",
    (evidence.on_few_rows(metrics, runs)["mean"] < 0).all(),
    between=(HYBRID, "none"),
    few_rows=f"{evidence.FEW_ROWS:,}",
)

# %% tags=["remove-cell"]
direct = contrasts(line_rows, [(evidence.GENERATOR_PROBABILITY, evidence.PAPER)], across="line", cells=("size",))
direct = direct.set_index("dataset")["mean"]
of_natural = evidence.probability_as_found(metrics)
holds(
    "Its own probability is level with the paper's method on Adult",
    abs(direct["adult"]) < 0.01 and (direct.drop("adult") > 0.01).all(),
    between=(POSTERIOR, HYBRID),
    direct_card=pp(direct["credit_card"]),
    direct_insurance=f"{100 * direct['insurance']:.1f}",
)
holds(
    "but behind on {{ n_behind }} of {{ n_natural }} tables rare by nature",
    (of_natural < 0).mean() > 0.6,
    between=(POSTERIOR, HYBRID),
    n_behind=int((of_natural < 0).sum()),
    n_natural=len(of_natural),
)
choice = each[each["claim"] == beyond.CHOICE]
choice_lead, choice_low, choice_high = beyond.over_tables(choice)
holds(
    "Two LightGBMs on the raw rows beat the generator.",
    (choice["estimate"] > 0).mean() > 0.7 and len(choice) == len(primary) and choice_low > 0,
    between=("none", HYBRID),
    n_choice=int((choice["estimate"] > 0).sum()),
    choice_mean=f"{pp(choice_lead)} [{100 * choice_low:.1f} to {100 * choice_high:.1f}]",
)

# %% [markdown]
# 1. **Synthetic rows are behind on {{ n_lost }} of {{ n_both }} tables**, clearly on {{ n_clear }}. With the best classifier on either side they cost [{{ both_mean }}](rare.ipynb) of average precision on average.
#    On tables rare by nature with {{ enough }} positives or more, each of the paper's classifiers loses {{ natural_least }} points or more on average.
# 2. **Two LightGBMs on the raw rows beat the generator.** Of one with [small steps, few leaves and a penalty](guide.ipynb) and one with its defaults, cross-validation chooses. That one is ahead of the paper's method with the best of its classifiers
#    on {{ n_choice }} of {{ n_both }} tables, by [{{ choice_mean }}](rare.ipynb) on average.
# 3. **The gain is the defaults' weakness.** On Adult with {{ adult_rows }} positives, synthetic rows change average precision by {{ default_gain }} under LightGBM's defaults, by {{ catboost_gain }} under CatBoost's and by {{ regularised_gain }} under [the regularised LightGBM](comparison.ipynb).
#    On training sets [of {{ few_rows }} rows or fewer](counts.ipynb) they lose on all three of the paper's tables, whatever the classifier.
# 4. **Asking the generator itself is no way out.** Its own probability is level with the paper's method on Adult, ahead by {{ direct_card }} on Credit Card and {{ direct_insurance }} on Insurance, but behind on {{ n_behind }} of {{ n_natural }} tables rare by nature.

# %% tags=["remove-cell"]
means = evidence.line_means(line_rows[line_rows["line"].isin(evidence.LOOKS)])
publish.figure(
    figures.against_rows(means, evidence.LOOKS),
    means.rename(columns={"arms": "arm"}).assign(arms=means["arms"], sizes=means["size"], datasets=means["dataset"]),
    runs=runs,
    name="answer",
    caption="Blue: the rows as they are, under regularised LightGBM and a linear model. Orange: the paper's method with its best classifier. Purple: the generator's "
    f"own probability. Dotted: every positive kept. Holdouts: 12 to 24 % positives; {seeds_text(means['n_seeds'])}.",
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
# what would beat the raw rows is no claim of the paper's
judged = judged[(judged["dataset"] != "all") & (judged["claim"] != "better_than_nothing")]
verdicts = judged["verdict"].replace("at most partly", "partly").value_counts()
holds(
    "none is *supported*",
    "supported" not in verdicts,
    n_claims=judged["claim"].nunique(),
    n_tables=judged["dataset"].nunique(),
    n_verdicts=len(judged),
    n_undecided=verdicts["undecided"],
    n_partly=verdicts["partly"],
    n_against=verdicts["not supported"],
)

# %% [markdown]
# ## What stands behind this
#
# Of {{ n_verdicts }} verdicts on the paper's claims ({{ n_claims }} tests on {{ n_tables }} tables), none is *supported*: {{ n_against }} are *not supported*, {{ n_partly }} *partly* or *at most partly*, {{ n_undecided }} *undecided*.
# [Each claim has a card](claims.ipynb) with our number, and the rule that judges it.
#
# The paper's tables are judged on holdouts with 12 to 24 % positives. Where the rows to score are as rare as in training, [regularised LightGBM stays ahead and the linear model falls behind on Adult](counts.ipynb).
#
# The paper says that rows from a generator give the best models where positives are few. A *seed* is one random split of a table into training and holdout rows, with one draw of the positives that are kept and one fit of every model. The *paper's method*, called
# hybrid on these pages, fills the rare class up to balance with rows of the generator TabularARGN. *Average precision* is the mean precision over all positives of the
# holdout, sorted by score; differences are in points of it. Other terms stand in the [glossary](glossary.md), the method on [its page](method.ipynb).

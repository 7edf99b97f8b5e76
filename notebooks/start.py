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
# **Train a good model on the rows you have; then see.** {cite}`krchova2025`, computed again with baselines it lacks:
#
# ```{raw} html
# <style>@media (min-width: 75rem) { .bd-main .bd-content .bd-article-container { max-width: 64rem; padding-block: 0; } h1 { font-size: 2rem; margin-top: 0; } }</style>
# ```

# %% tags=["remove-cell"]
from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds, say
from upsampling.study import beyond, claims
from upsampling.study.contrasts import contrasts
from upsampling.study.names import GENERATOR, HYBRID, PAPER_HYBRID, POSTERIOR
from upsampling.study.store import Store
from upsampling.words import pp, seeds_text

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
rows = evidence.by_share(metrics)
found = evidence.lines(rows)
paper, linear, own = evidence.PAPER, evidence.LINEAR_RAW, evidence.OWN

# %% tags=["remove-cell"]
each = contrasts(found, [(linear, paper)], ("dataset", "size", "n_minority"), across="line", cells=())
gain = {name: part.set_index("n_minority")["mean"].sort_index() for name, part in each.groupby("dataset")}
card, adult, insurance = gain["credit_card"], gain["adult"], gain["insurance"]
holds(
    "a linear model on the raw rows beats the paper's method at every size on Credit Card, by {{ card_least }} to {{ card_most }}",
    (card > 0).all(),
    between=("none", HYBRID),
    card_least=f"{100 * card.min():.1f}",
    card_most=pp(card.max()),
)
few = adult[adult > 0].index.max()
holds(
    "up to {{ adult_few }} positives on Adult",
    (adult[adult.index <= few] > 0).all() and few < adult.index.max() and adult.iloc[0] > 0.05,
    between=("none", HYBRID),
    adult_few=few,
)
holds(
    "on Insurance the two are within {{ insurance_apart }}",
    insurance.abs().max() < 0.02,
    insurance_apart=pp(insurance.abs().max()),
)

# %% tags=["remove-cell"]
boosted = rows[
    (rows["size"] == "f0.001") & rows["classifier"].isin(["lightgbm", "lightgbm_tuned"]) & (rows["dataset"] == "adult")
]
boosted = boosted.assign(classifier="lightgbm")
untuned, tuned = contrasts(boosted, [(HYBRID, "none"), (evidence.TUNED_HYBRID, "tuned_none")], cells=()).itertuples()
holds(
    "Tune the booster first, and the gain is gone.",
    untuned.mean > 0.1 and abs(tuned.mean) < 0.01,
    untuned_gain=f"{100 * untuned.mean:+.0f} points",
    tuned_gain=f"{100 * tuned.mean:+.1f}",
    tuned_rows=boosted["n_minority"].iloc[0],
)
holds("synthetic rows add {{ untuned_gain }} to LightGBM's defaults", untuned.mean > 0, between=("none", HYBRID))

# %% tags=["remove-cell"]
natural = beyond.judge(metrics)
natural = natural[natural["claim"] == beyond.LOWERS]
holds(
    "Where the class is rare by nature, synthetic rows do harm.",
    (natural["verdict"] == "supported").all(),
    between=(PAPER_HYBRID, "none"),
    natural_tables=natural["n_seeds"].min(),
    enough=beyond.ENOUGH,
    natural_least=f"{-100 * natural['estimate'].max():.0f}",
    natural_most=f"{-100 * natural['estimate'].min():.0f} points",
)

# %% tags=["remove-cell"]
trees = rows[rows["classifier"].isin([*claims.CLASSIFIERS, GENERATOR])]
direct = contrasts(trees, [(POSTERIOR, HYBRID)]).set_index("dataset")["mean"]
holds(
    "The generator's own probability is the better product.",
    (direct > 0).all(),
    between=(POSTERIOR, HYBRID),
    direct_least=f"{100 * direct.min():.1f}",
    direct_most=pp(direct.max()),
)

# %% [markdown]
# 1. **Where the class is rare by nature, synthetic rows do harm.** On {{ natural_tables }} public tables with {{ enough }} positives or more, they cost each of the paper's classifiers
#    {{ natural_least }} to {{ natural_most }} of average precision [on average](rare.ipynb).
# 2. **Doing nothing is hard to beat**: where the paper thins its tables, a linear model on the raw rows beats the paper's method at every size on Credit Card, by {{ card_least }} to {{ card_most }},
#    and up to {{ adult_few }} positives on Adult; on Insurance the two are within {{ insurance_apart }}.
# 3. **Tune the booster first, and the gain is gone.** On Adult with {{ tuned_rows }} positives, synthetic rows add {{ untuned_gain }} to LightGBM's defaults; once it is tuned,
#    nothing measurable ({{ tuned_gain }}).
# 4. **The generator's own probability is the better product.** Read off directly, it is {{ direct_least }} to {{ direct_most }} above the average tree model trained on the generator's rows.

# %% tags=["remove-cell"]
means = evidence.line_means(found)
publish.figure(
    figures.against_count(means, evidence.LOOKS),
    means.rename(columns={"arms": "arm"}).assign(arms=means["arms"], sizes=means["size"], datasets=means["dataset"]),
    runs=runs,
    name="answer",
    caption=f"Doing nothing (blue), the paper's method with its best classifier (orange). Means over {seeds_text(means['n_seeds'])}.",
    alt="Average precision against the number of positives in training, a panel per table: a linear model on raw rows, tuned LightGBM on raw rows, the paper's "
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
say(
    n_claims=len(verdicts),
    everywhere=int(sum(found == {"supported"} for found in verdicts)),
    nowhere=int(sum("supported" not in found and "undecided" not in found for found in verdicts)),
)

# %% [markdown]
# ## What stands behind this
#
# Of the {{ n_claims }} claims that we could test, {{ everywhere }} hold on all three tables and {{ nowhere }} on none; the others hold on some tables, or the evidence does not decide.
# [Each has a card](claims.ipynb) with our number and the verdict.
#
# All of it is judged on holdouts with 12 to 24 % positives. Where the rows to score are as rare as in training, [the tuned booster holds and the linear model falls behind on Adult](counts.ipynb).
#
# The paper says that rows from a generator give the best models where positives are few. A *seed* is one random split of a table into training and holdout rows, with one draw of the positives that are kept and one fit of every model. The *paper's method*, called
# hybrid on these pages, fills the rare class up to balance with rows of the generator TabularARGN. *Average precision* is the mean precision over all positives of the
# holdout, sorted by score; differences are in points of it. Other terms stand in the [glossary](glossary.md), the method on [its page](method.ipynb).

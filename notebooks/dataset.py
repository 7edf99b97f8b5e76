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
#   pages:
#     adult:
#       part: The evidence
#       place: 1
#       title: "The paper's figures: Adult"
#       reads: [adult, curves]
#       parameters: {dataset: adult, curve_fraction: 0.001, compute: false}
#       next: '[Credit Card](credit_card.ipynb), where most features are numbers'
#     credit_card:
#       part: The evidence
#       place: 2
#       title: "The paper's figures: Credit Card"
#       reads: [credit_card, curves]
#       parameters: {dataset: credit_card, curve_fraction: 0.001, compute: false}
#       next: '[Insurance](insurance.ipynb), the largest table'
#     insurance:
#       part: The evidence
#       place: 3
#       title: "The paper's figures: Insurance"
#       reads: [insurance, curves]
#       parameters: {dataset: insurance, curve_fraction: 0.001, compute: false}
#       next: '[tables that are rare by nature](rare.ipynb), and the map of the gain'
#     demo:
#       under: method
#       place: 11
#       reads: [demo]
#       parameters: {dataset: demo, fractions: [0.02], seeds: [0, 1, 2], curve_fraction: 0.02}
# ---

# %% tags=["remove-cell"]
from upsampling import words
from upsampling.book import chapter, drawing, explorer, figures, publish, tables
from upsampling.study import datasets
from upsampling.study.arms import title
from upsampling.study.store import Store

# %% tags=["parameters"]
dataset: str = "adult"  # adult, credit_card, insurance or demo
fractions: list = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05]  # minority shares of the training set
seeds: list = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]  # each is another split, training set and fit
arms: list = ["none", "naive", "smotenc", "tabularargn"]  # see the registry in study/arms.py
curve_fraction: float = None  # the fraction whose curves, scores, entropies and marginals are drawn; None: the first
curve_seed: int = None  # the seed whose scores and marginals are drawn; None: of those at hand the one with the median average precision
compute: bool = True  # whether cells that are missing are computed; False shows what there is

# %%
study = chapter.prepare(
    Store(),
    dataset=dataset,
    fractions=fractions,
    seeds=seeds,
    arms=arms,
    compute=compute,
    curve_fraction=curve_fraction,
    curve_seed=curve_seed,
)
about, runs = datasets.get(dataset), study.store.load("runs")
chapters = {"adult": "Adult", "credit_card": "Credit Card", "insurance": "Insurance"}
tabs = [f"**{called}**" if name == dataset else f"[{called}]({name}.ipynb)" for name, called in chapters.items()]
# a page for settings of one's own stands alone
publish.text(f"{' | '.join(tabs)}\n\n" if dataset in chapters and not compute else "")
publish.text(f"# {words.escape(about.title)}\n\n{study.introduction()}")

# %% [markdown]
# ## How well the holdout is ranked
#
# Each point is a mean over seeds, a bar its 95 % interval (bootstrap over seeds, without the corrections of other pages). The axis gives the minority share in training and, below it, the number of positives.

# %%
for metric in ("average_precision", "roc_auc"):
    summary = study.summary(metric)
    publish.figure(
        figures.metric_curves(summary, study.counts, metric),
        summary,
        runs=runs,
        name=metric,
        caption=study.ranking_caption(metric),
        alt=study.ranking_alt(metric),
    )

# %%
publish.text(f"## Curves at {words.percent(study.curve_fraction)}\n\n{study.curve_text()}")

# %%
scores = study.scores()
lines, median = study.curves()
if not lines.empty:
    picture, data_of_curves = figures.curves(lines, median)
    drawn = drawing.in_order(lines["arm"])
    n_others = lines["seed"].nunique() - 1
    publish.figure(
        picture,
        study.with_identity(data_of_curves[data_of_curves["seed"] == median]),
        runs=runs,
        name="curves",
        caption=f"ROC (top) and precision-recall curves (bottom) on the holdout, {study.curve_setting(median)}"
        f"{f'; thin lines are the other {n_others} seeds, whose points `results/curves.parquet` holds' if n_others else ''}. A line that rises "
        f"in few long steps ranks many rows alike; grey lines are what chance gives.",
        alt=f"ROC and precision-recall curves of {words.named([title(arm) for arm in drawn])} for each classifier.",
    )

# %% [markdown]
# ## How scores are spread
#
# A classifier that cannot tell rows apart gives them one and the same probability. The label in each panel is the largest share of the holdout with one identical score.

# %%
if scores:
    picture, data = figures.score_distributions(scores)
    publish.figure(
        picture,
        study.with_identity(data),
        runs=runs,
        name="scores",
        caption=f"Predicted probability of the minority class for holdout rows of the majority (grey) and the minority "
        f"(coloured line), {study.curve_setting()}. Share of each class's rows on a scale that also shows rare ones.",
        alt="Histograms of predicted probabilities, a row per training set and a column per classifier.",
    )
    publish.explorer(
        explorer.curves_content(data_of_curves[data_of_curves["seed"] == median], data),
        study.with_identity(data),
        runs=runs,
        name="closer",
        caption="The same curves and scores to look at one by one, and to read off.",
    )
ties = study.ties()
if not ties.empty:
    publish.table(
        tables.ties(ties),
        name="ties",
        caption=f"Largest share of holdout rows with one identical score / distinct scores per holdout row, in percent, at "
        f"{words.percent(study.curve_fraction)}: mean over {words.seeds_text(ties['n_seeds'])}.",
        data=ties,
        runs=runs,
    )

# %% [markdown]
# ## How diverse the minority rows are
#
# Shannon entropy of each categorical feature among the positives in training; the black bar is that of the holdout. Left of it rows are less diverse than reality.

# %%
entropy = study.entropies()
if not entropy.empty:
    publish.figure(
        figures.entropies(entropy),
        entropy,
        runs=runs,
        name="entropy",
        caption=study.entropy_caption(),
        alt="Dots of entropy in bits per categorical feature: one per training set, with a bar for the holdout.",
    )
made = study.diagnostics()
if not made.empty:
    publish.table(
        tables.diagnostics(made),
        name="diagnostics",
        caption="The rows that were made: share that copies a real training row exactly, and how well a classifier tells them from "
        "real minority rows that were taken away (0.5: not at all, 1: without error; rows that repeat are recognised by that). "
        "Coverage is the share of the rows taken away to which a made row lies nearer than every real minority row of the training set. "
        f"Mean over {words.seeds_text(made['n_seeds'])}.",
        data=made,
        runs=runs,
    )

# %% [markdown]
# ## Marginal distributions of the minority class

# %%
marginals = study.marginals()
if not marginals.empty:
    publish.figure(
        figures.marginals(marginals),
        marginals,
        runs=runs,
        name="marginals",
        caption=f"Every feature among minority rows, {study.curve_setting()}: holdout (grey bars), the real minority rows "
        "that training had (black dashes), and the minority rows of each training set (dots). Of features with many levels "
        "the ten most frequent are drawn; numbers are cut into tenths.",
        alt="Small charts, one per feature, that compare shares of levels between holdout, training rows and arms.",
    )

# %% [markdown]
# ## Full results

# %%
full = study.summary()
publish.table(
    tables.results(full, figures.METRICS),
    name="results",
    caption="Every metric on the holdout: mean over seeds with a 95 % interval; n is the number of seeds. Click a heading to "
    "sort. Brier score, log loss and calibration error are those of the scores as they come; the file also has them after "
    "correction for the changed class shares.",
    data=full,
    runs=runs,
)

# %% [markdown]
# ## Cost

# %%
publish.table(
    tables.cost(study.runs),
    name="cost",
    caption="CPU seconds per cell, mean over all fractions and seeds; n counts cells. The generator is fitted once per training "
    "set and serves all arms that need it. Memory is the largest of a worker process, which may hold what earlier cells left.",
    data=tables.without_origin(study.runs),
    runs=runs,
)

# %%
publish.text(study.failures_text())

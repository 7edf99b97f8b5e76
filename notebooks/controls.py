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
# ---

# %% [markdown]
# # What else one can do
#
# The paper compares its generator with two weak alternatives. This page adds what else a practitioner could do with the same
# rows: nothing but weights, fewer majority rows, a forest that balances itself, a linear model, the generator used in
# other ways, and means of ranks. The *oracle* is trained on the minority rows that were taken away: what the same classifier reaches with all
# real rows. Another model may pass it. Arms that were not computed at every share are on pages of their own. ADASYN and borderline SMOTE are not here: they take numeric
# features only, and each of these tables has categorical ones.

# %% tags=["remove-cell"]
from upsampling import words
from upsampling.book import comparison, figures, publish, tables
from upsampling.study.arms import title
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures
arm: str = "tabularargn"  # the arm that the others are compared with
few: float = 0.005  # shares up to this one are averaged, as the paper's extreme cases, and so are those above

# %%
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = comparison.study_seeds(metrics[metrics["dataset"].isin(datasets) & metrics["minority_fraction"].notna()])

# %% [markdown]
# ## Each way against the paper's
#
# Mean over minority shares and the paper's three classifiers of the difference in average precision, seed by seed: right of
# zero the other way is better. An arm without a classifier of its own is compared with the hybrid under each classifier, the
# balanced forest with the random forest.

# %%
differences = comparison.against(metrics, "average_precision", arm, few)
publish.figure(
    figures.mean_differences(differences, comparison.SPANS),
    differences,
    runs=runs,
    name="against",
    caption=f"Other arm minus {title(arm)}, mean over minority shares (small: {words.percent(few)} and below) and the paper's "
    f"classifiers, with a 95 % interval over seeds. {comparison.against_caption(differences)}",
    alt=f"Dots with intervals: how far the average precision of each arm lies from that of {title(arm)}, a panel per "
    "data set and span of minority shares.",
)

# %%
publish.table(
    tables.mean_differences(differences, comparison.SPANS),
    name="differences",
    caption=f"The numbers of the figure: other arm minus {title(arm)} in average precision; share of cells and seeds in "
    "which the other arm is better; Wilcoxon's test on the seeds' means after Holm's correction within a data set and span, with "
    "the rank-biserial effect size.",
    data=differences,
    runs=runs,
)

# %%
in_roc_auc = comparison.against(metrics, "roc_auc", arm, few)
publish.table(
    tables.mean_differences(in_roc_auc, comparison.SPANS),
    name="roc_auc",
    caption=f"The same in AUC-ROC, which weighs the whole ranking and not its top. {comparison.against_caption(in_roc_auc)}",
    data=in_roc_auc,
    runs=runs,
)

# %% [markdown]
# ## A linear model on the unbalanced rows
#
# The paper's three classifiers are ensembles of trees. With a few dozen minority rows a tree has little to split on; a logistic
# regression shares what it learns over all rows, and needs no upsampling for that.

# %%
publish.text(comparison.linear_text(metrics, arm, few))

# %% [markdown]
# ## The best of everything

# %%
best = comparison.best_pairs(metrics, "average_precision", arm)
publish.table(
    tables.best_pairs(best),
    name="best",
    caption=f"The pair of arm and classifier that lies furthest above the best pair of {title(arm)} and one of the paper's classifiers in average precision, at "
    "each minority share, the oracle left out. Both under the seeds that both have, three at least (n); the paired difference has a 95 % interval over seeds. "
    "Picking the best of many pairs flatters it, and where pairs have unequal seeds the order of close ones is not certain.",
    data=best,
    runs=runs,
)

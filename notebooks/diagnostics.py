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
# # Do diagnostics predict the gain?
#
# Before a classifier is trained one can look at the rows that were made: do their categories vary as much as those of real rows, can
# they be told from real ones, do they come near real rows that nobody has seen, are the single columns right? A digest of the paper
# recommends the first of these to know beforehand whether upsampling will help. Here each of them is held against what it should
# predict: the gain in average precision over the unbalanced set. Variants of one arm are left out, for they would count it several times; the hybrid and the fully synthetic set both take part, though
# their minority rows are of one generator.

# %% tags=["remove-cell"]
from upsampling.book import publish
from upsampling.book.studies import diagnostics, diagnostics_figures
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = metrics[metrics["dataset"].isin(datasets)]
cells = diagnostics.measures(store.load("diagnostics")).merge(diagnostics.gains(metrics), on=diagnostics.CELL)
correlations = diagnostics.correlate(cells)
findings = [diagnostics.finding(correlations, name) for name in [diagnostics.ALL, *datasets]]
publish.text("\n\n".join([diagnostics.headline(correlations), "\n".join(findings)]))

# %% [markdown]
# All four are turned so that more is better: *entropy recovery* is 1 if the categorical features have the holdout's entropies, and less by the mean
# distance from these, over their mean; *undetectability* is 1 minus the AUC-ROC of telling made rows from real minority rows; *coverage* is the
# share of real minority rows taken away to which a made row lies nearer than every real minority row of the training set; *marginal closeness* is 1 minus the mean
# distance of the features' distributions from the holdout's.
#
# *Over all cells* mixes minority shares and arms: what changes with the number of rows, as everything does, is correlated for that reason alone.
# *Between arms* is the practical question: on one training set and with one classifier, does the diagnostic put the arms in the order of their gains?

# %%
publish.figure(
    diagnostics_figures.draw_correlations(correlations),
    correlations,
    runs=runs,
    name="correlations",
    caption="Rank correlation of each diagnostic with the gain in average precision over the unbalanced set, with a 95 % interval over "
    "seeds: over all arms, between the arms of one training set and classifier (mean), and within each arm. Above zero the "
    "diagnostic predicts the gain. What never varies has no correlation.",
    alt="Dots with intervals: rank correlation of each diagnostic with the gain, a row of panels per data set, a column per diagnostic.",
)

# %%
publish.table(
    diagnostics.shown(correlations),
    name="numbers",
    caption="The numbers of the figure; a cell is a training set, an arm and a classifier. All data sets together: the seeds that each of them has. Not every "
    "arm and share was computed under every seed, so seeds have unlike numbers of cells.",
    data=correlations,
    runs=runs,
)

# %% [markdown]
# ## The cells themselves

# %%
means = diagnostics.means(cells)
publish.figure(
    diagnostics_figures.draw_gains(means),
    means,
    runs=runs,
    name="gains",
    caption="Gain in average precision over the unbalanced set against each diagnostic, mean over seeds: a dot per size of the minority, arm and "
    "classifier; arms that only vary another one are not drawn.",
    alt="Scatter plots of the gain against each diagnostic, a row of panels per data set, colours by arm, markers by classifier.",
)

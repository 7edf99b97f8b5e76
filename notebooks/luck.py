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
# # The luck of one fit
#
# Fitted twice on the same rows, the generator gives two models, and the hybrid two results. A study with one fit per data set
# cannot tell that luck from an effect. Here the generator is fitted three times on each of a few training sets, and the variance is
# divided among training sets, fits, and classifiers. *Classifier* is how far the kinds of classifier lie apart, which is no luck; what the seed of a single classifier does
# is in the rest.

# %% tags=["remove-cell"]
from upsampling.book import comparison, publish, tables
from upsampling.book.studies import luck
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card"]  # in the order of the figures
fraction: float = 0.001  # minority share

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = metrics[metrics["dataset"].isin(datasets) & (metrics["minority_fraction"] == fraction)]
fits = luck.by_fit(metrics)
shares = luck.shares(fits)
publish.text("\n".join(luck.finding(fits, shares, name) for name in datasets))

# %%
if not fits.empty:
    publish.figure(
        luck.draw(fits),
        fits,
        runs=runs,
        name="fits",
        caption="Average precision of the hybrid with three fits of the generator on the same training rows (joined), and of SMOTE-NC on these rows.",
        alt="Three joined dots per training set, one per fit, and one of SMOTE-NC; a row of panels per data set, a column per classifier.",
    )

# %%
if not shares.empty:
    publish.table(
        luck.shown(shares),
        name="shares",
        caption="Components of the variance in average precision, with a 95 % interval over training sets; n counts these."
        f"{luck.intervals_text(shares)}",
        data=shares,
        runs=runs,
    )

# %% [markdown]
# ## What the intervals of this book include
#
# On all other pages a seed draws everything anew: the holdout, the minority rows that are kept, the generator's seed and the classifiers'.
# So an interval over seeds holds training set and fit together, and nothing needs to be added for the fit. It does not hold what
# another table would change.
#
# ## Does the mean of three fits help?
#
# One can fit three times and average the ranks of the three classifiers. That costs three fits.

# %%
if not fits.empty:
    pairs = metrics.merge(fits[["dataset", "size", "seed"]].drop_duplicates())
    differences = comparison.differences(pairs, "average_precision", luck.MEAN_OF_FITS, [luck.FITS[0]])
    publish.table(
        tables.differences(differences),
        name="mean",
        caption="Average precision of the mean of three hybrids minus that of one: paired over training sets, with a 95 % interval, "
        "Wilcoxon's p after Holm's correction within a data set, and the rank-biserial effect size.",
        data=differences,
        runs=runs,
    )

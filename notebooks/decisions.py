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
#     place: 6
#     reads: [study, natural, curves]
#     next: '[why it works, and why it fails](why.ipynb)'
# ---

# %% [markdown]
# # Decisions: thresholds, costs and probabilities
#
# A score becomes a decision at a threshold. Where it lies should follow from what an alarm and a miss cost, and for that a probability has to mean what it says.

# %% tags=["remove-cell"]
import numpy as np
import pandas as pd

from upsampling.book import evidence, figures, publish, thresholds
from upsampling.book.prose import holds, say
from upsampling.book.show import show, sides
from upsampling.study import beyond, curves, datasets, seeds
from upsampling.study.classifiers import LINEAR, PAPER_CLASSIFIERS, TITLES
from upsampling.study.contrasts import contrasts
from upsampling.study.names import GENERATOR, HYBRID, POSTERIOR
from upsampling.study.store import Store

# %% tags=["parameters"]
ratios: list = [10, 50, 100]  # what a miss costs, in alarms; costs are stored for these

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
rows = evidence.by_share(metrics)
natural = beyond.as_found(metrics)
natural = natural[natural["classifier"].isin(["lightgbm", "lightgbm_regularised", LINEAR])]
balanced = ["class_weight", "naive", "smotenc"]
dearer = pd.concat(
    contrasts(part, [(arm, "none") for arm in balanced], ("dataset", "classifier"), metric=f"cost_{ratio}").assign(
        ratio=ratio
    )
    for ratio in ratios
    for _, part in natural.groupby("classifier")
)
stored = curves.read(store.folder)
drawn = thresholds.of_median_seed(stored, metrics, runs)
holds(
    "With thresholds set by cost, no treatment is clearly cheaper than none",
    sides(dearer).better == sides(dearer).worse == 0 and sides(dearer).n > 100,
    natural_tables=dearer["dataset"].nunique(),
    n_compared=sides(dearer).n,
)
say(ratios=f"{', '.join(map(str, ratios[:-1]))} or {ratios[-1]}", n_drawn=drawn["dataset"].nunique())

# %% [markdown]
# ## With thresholds set by cost, no treatment is clearly cheaper than none
#
# The usual reason for class weights and copied rows is the threshold of one half, which few scores reach where positives are rare. Move the threshold instead. On {{ natural_tables }} tables that are rare by nature
# it was set where it was cheapest on the training rows, by cross-validation. Class weights, copied rows and SMOTE-NC then cost neither clearly less nor clearly more than the rows as they are: not once in
# {{ n_compared }} comparisons of five seeds, whether a miss costs {{ ratios }} times an alarm. Single tables may differ by more than five seeds can show.
#
# Try costs of your own, on one random split of each of {{ n_drawn }} tables.

# %%
publish.thresholds(
    thresholds.content(drawn),
    drawn.drop(columns="prevalence").round({"tpr": 4, "fpr": 4}),
    runs=runs,
    name="decide",
    caption="What alarms and misses cost, by method. Of the random splits of each table, the one with the median average precision is shown; tables whose holdouts have too few "
    "positives are left out. The cheapest score of a curve is chosen after the fact, so expect a little more.",
    fallback=show(
        dearer.groupby(["arm", "ratio"], sort=False)["mean"].mean().reset_index(),
        "arm",
        ("A miss costs", "{} alarms".format, "ratio"),
        ("Cost per 1,000 rows over doing nothing (alarms), mean", "{:+.1f}".format, "mean"),
    ),
)

# %% tags=["remove-cell"]
top = contrasts(natural, [(HYBRID, "none")], ("dataset", "classifier"), metric="precision_at_1pct")
lower = top.groupby("classifier")["mean"].mean()
holds(
    "Synthetic rows do not sharpen the top alarms",
    (lower < 0).all() and sides(top).better == 0,
    between=(HYBRID, "none"),
    top_least=f"{-100 * lower.max():.0f}",
    top_most=f"{-100 * lower.min():.0f} points",
)

# %% [markdown]
# ## Synthetic rows do not sharpen the top alarms
#
# Somebody has time for one row in a hundred. Among those with the highest scores, the precision after training on the hybrid's rows is {{ top_least }} to {{ top_most }} lower than after training on the rows as they are,
# on average over the same tables. No single table shows a clear difference.

# %%
publish.figure(
    figures.forest(
        top.assign(label=[datasets.get(name).title for name in top["dataset"]]),
        "label",
        "classifier",
        xlabel="precision among the top 1 % of scores, hybrid minus raw rows (points)",
        titles={name: TITLES[name] for name in natural["classifier"].unique()},
    ),
    top,
    runs=runs,
    name="top-natural",
    caption="On tables that are rare by nature: precision among the 1 % with the highest scores, hybrid minus raw rows.",
    alt="Dots with intervals of the difference in precision among the top scores, a row per table that is rare by nature, a panel per classifier.",
)

# %% tags=["remove-cell"]
wanted = ["none", "naive", "smotenc", HYBRID, POSTERIOR]
probable = rows[rows["arm"].isin(wanted) & rows["classifier"].isin([*PAPER_CLASSIFIERS, GENERATOR, LINEAR])]
probable = seeds.complete(probable, ["dataset"], ["size", "arm", "classifier"])
trees = probable[probable["classifier"] != LINEAR]
loss = trees.groupby(["dataset", "arm"])["log_loss_corrected"].mean().unstack()
copied = contrasts(trees, [(HYBRID, "naive"), (HYBRID, "none")], metric="log_loss_corrected").set_index(
    ["dataset", "other"]
)
holds(
    "Trees on raw or copied rows are sure of themselves and wrong",
    (copied["mean"] < 0).all(),
    between=(HYBRID, "none"),
    loss_none=f"{loss.loc['adult', 'none']:.1f}",
    loss_naive=f"{loss.loc['adult', 'naive']:.1f}",
    loss_hybrid=f"{loss.loc['adult', HYBRID]:.2f}",
)
linear_loss = (
    probable[probable["classifier"] == LINEAR].groupby(["dataset", "arm"])["log_loss_corrected"].mean().unstack()
)
holds(
    "A linear model on the raw rows needs no repair",
    (linear_loss["none"] < loss["none"]).all()
    and linear_loss.loc["adult", "none"] < loss.loc["adult", HYBRID] < loss.loc["adult", "none"] / 2,
    between=(HYBRID, "none"),
    loss_linear=f"{linear_loss.loc['adult', 'none']:.2f}",
)
brier = probable[probable["classifier"] == LINEAR].groupby(["dataset", "arm"])["brier_corrected"].mean().unstack()
tree_brier = trees.groupby(["dataset", "arm"])["brier_corrected"].mean().unstack()
holds(
    "by the Brier score it is as good as the best of them on every table",
    (brier["none"] < tree_brier[[HYBRID, "naive", "none"]].min(axis=1) + 0.005).all(),
    between=("none", "naive"),
)

# %% [markdown]
# ## Trees on raw or copied rows are sure of themselves and wrong
#
# A classifier learns the share of positives that it is shown. A known formula moves its probabilities from that share to the one where it is used. After that correction, which everybody should apply,
# the log loss of the paper's trees on Adult is {{ loss_none }} on raw rows, {{ loss_naive }} on copied ones and {{ loss_hybrid }} on the generator's: synthetic rows repair the trees. A linear model on the raw rows needs no repair ({{ loss_linear }}); by the Brier score it is as good as the best of them on every table.

# %%
calibration = (
    probable.assign(model=lambda table: np.where(table["classifier"] == LINEAR, "linear", "trees"))
    .groupby(["dataset", "arm", "model"], sort=False)
    .agg(
        brier=("brier", "mean"),
        corrected=("brier_corrected", "mean"),
        log_loss=("log_loss_corrected", "mean"),
        seeds=("seed", lambda s: " ".join(map(str, sorted(set(s))))),
        sizes=("size", lambda s: " ".join(sorted(set(s)))),
    )
    .reset_index()
)
publish.table(
    show(
        calibration,
        "dataset",
        "arm",
        ("Model", str, "model"),
        ("Brier score", "{:.3f}".format, "brier"),
        ("Corrected", "{:.3f}".format, "corrected"),
        ("Log loss, corrected", "{:.2f}".format, "log_loss"),
    ),
    data=calibration,
    runs=runs,
    name="calibration",
    caption="Squared error of the probabilities as they come and after correction for the class share, and log loss after correction; means over all shares and seeds. Smaller is better.",
)

# %% [markdown]
# ## From costs to a threshold
#
# If a miss costs as much as *k* false alarms, raise an alarm where the probability of a positive is above 1 / (1 + *k*). That needs a probability that is right for the rows you score: correct it for the class share first.
#
# ```python
# import numpy as np
#
#
# def corrected(probability, trained, deployed):
#     """Move a probability from the class share of training to the share where it is used."""
#     positive = probability * deployed / trained
#     return positive / (positive + (1 - probability) * (1 - deployed) / (1 - trained))
#
#
# alarm = corrected(scores, trained=np.mean(y), deployed=0.01) > 1 / (1 + 50)
# ```
#
# Set `trained` to the share of positives that the model was trained on, upsampled rows among them.

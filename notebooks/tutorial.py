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
# # The vendor's tutorial
#
# Before the paper, the generator's vendor published a
# [tutorial](https://github.com/mostly-ai/mostlyai/blob/main/docs/tutorials/rebalancing/rebalancing.ipynb) on the same idea:
# Adult with 0.1 % minority rows, LightGBM, and one AUC-ROC for each of four training sets. It was published three
# times, each time with one random state. Here it is repeated as it stands: on the published split with ten generators, and on
# ten splits.

# %% tags=["remove-cell"]
from upsampling import paths
from upsampling.book import figures, publish, tables
from upsampling.study import tutorial

# %% tags=["remove-cell"]
runs = tutorial.by_what_varies(tutorial.load(paths.results()))
spread = tutorial.spread(runs)

# %%
publish.text(tutorial.findings(spread))

# %%
if not runs.empty:
    publish.figure(
        figures.tutorial(runs, tutorial.published()),
        runs,
        name="runs",
        caption=f"AUC-ROC on the holdout: {tutorial.counts_text(runs)}, and the three published runs (diamonds). Without a "
        "generator nothing but the split can vary.",
        alt="Dots on a line for each training set: our runs over splits and over generators, and diamonds for the three published "
        "runs.",
        command="upsampling tutorial",
    )

# %%
if not runs.empty:
    publish.table(
        tables.tutorial(spread),
        name="spread",
        caption="The published AUC-ROC (in %, the three runs in the order of their dates) beside ours: on the published split, and over "
        "splits. The last column says how many published runs lie between our lowest and our highest.",
        data=spread,
        command="upsampling tutorial",
    )

# %% [markdown]
# ## Early stopping on rows that were already upsampled
#
# The tutorial stops LightGBM when its AUC-ROC on a validation part no longer rises. That part is cut from the set *after*
# upsampling, so it holds repeated or interpolated copies of rows that the model is trained on, and says little about new rows. Our
# study trains without early stopping.

# %%
if not runs.empty:
    publish.table(
        tables.tutorial_validation(runs),
        name="validation",
        caption="Mean AUC-ROC (in %) on that validation part and on the holdout, over splits, and the number of trees at which "
        "training stopped.",
        data=runs,
        command="upsampling tutorial",
    )

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
# # The set-up
#
# The study asks one question: a table has very few rows of the class that matters. Is it better to train on it as it is, to
# repeat these rows, to interpolate between them, or to let a generator make new ones? To know the answer, the scarcity is
# made: tables with plenty of minority rows lose most of them, and the rows that were never touched decide.

# %% tags=["remove-cell"]
import pandas as pd

from upsampling import words
from upsampling.book import figures, publish
from upsampling.study.arms import ARMS
from upsampling.study.protocol import FRACTIONS, HOLDOUT_SHARE

# %%
publish.figure(
    figures.setup_diagram(),
    pd.DataFrame({"arm": list(ARMS), "what": [arm.description for arm in ARMS.values()]}),
    name="pipeline",
    caption="The paper's Figure 1, redrawn. A table is split into a base set and a holdout; the base set loses minority rows; "
    "four training sets are made from what is left; three classifiers are trained on each and judged on the holdout, "
    "which keeps the class share of the original table.",
    alt="Flow from the original table through base set, downsampling, four ways of upsampling and three classifiers to scores "
    "on the holdout.",
)

# %%
publish.text(
    f"The holdout is {words.percent(HOLDOUT_SHARE)} of the table. The minority share of the training set is "
    f"{words.named([words.percent(f) for f in FRACTIONS])}. For one seed, the minority rows of a smaller share are a subset "
    "of those of a larger one, so neighbouring points of a curve differ by rows added, not by another draw."
)

# %% [markdown]
# ## The arms
#
# The first four are the paper's. The others are controls that share its protocol: they show what part of an effect is due to
# the class balance as such, to the generator, or to the rows that were lost. The oracle is what the same classifier reaches with all real rows; another
# model may pass it.

# %%
publish.table(
    pd.DataFrame(
        {
            "Arm": [arm.title for arm in ARMS.values()],
            "Name in code": list(ARMS),
            "What it trains on": [arm.description for arm in ARMS.values()],
        }
    ),
    name="arms",
    caption="Every way of treating the imbalance that the book compares.",
)

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
#     under: method
#     place: 3
# ---

# %% [markdown]
# # The data
#
# Three public tables, each with a class that is common enough to be made rare. The study's rows are never part of the
# repository: they are downloaded and held against a checksum. A fourth table, `demo`, comes with an installed package, so
# that every machine can run the whole pipeline.

# %% tags=["remove-cell"]
import pandas as pd

from upsampling.book import publish
from upsampling.study import datasets
from upsampling.study.protocol import FRACTIONS, HOLDOUT_SHARE, Cell, minority_rows
from upsampling.words import percent

# %%
about = pd.DataFrame(
    [
        {
            "dataset": dataset.name,
            "title": dataset.title,
            "rows": dataset.n_rows,
            "numeric": len(dataset.numeric),
            "categorical": len(dataset.categorical),
            "target": f"{dataset.target} = {dataset.minority}",
            "minority_rows": dataset.n_minority,
            "minority_share": dataset.n_minority / dataset.n_rows,
            "licence": dataset.licence,
            "citation": dataset.citation,
            "source": dataset.source,
            "sha256": dataset.checksum,
        }
        for dataset in datasets.DATASETS.values()
    ]
)
shown = pd.DataFrame(
    {
        "Data set": about["title"],
        "Rows": about["rows"],
        "Numeric": about["numeric"],
        "Categorical": about["categorical"],
        "Minority class": about["target"],
        "Minority rows": about["minority_rows"],
        "Minority share": about["minority_share"].map("{:.2%}".format),
        "Licence": about["licence"],
    }
)
publish.table(
    shown,
    name="datasets",
    caption="The tables: size, features by type, and the class that is made rare. The counts are part of "
    "each declared schema and are checked whenever a file is read. The file also names the sources and checksums.",
    data=about,
)

# %% [markdown]
# ## The same share, very different counts
#
# What a generator or a classifier learns from is rows, not percentages. A share of 0.1 % leaves a few dozen minority rows of
# a small table and hundreds of a large one.

# %%
rows = []
for dataset in datasets.DATASETS.values():
    n_majority_base = round((dataset.n_rows - dataset.n_minority) * (1 - HOLDOUT_SHARE))
    for fraction in FRACTIONS:
        cell = Cell(dataset.name, fraction, None, 0, "none")
        rows.append((dataset.title, percent(fraction), minority_rows(cell, n_majority_base)))
counts = pd.DataFrame(rows, columns=["Data set", "share", "rows"])
publish.table(
    counts.pivot(index="Data set", columns="share", values="rows")[[percent(f) for f in FRACTIONS]]
    .loc[[dataset.title for dataset in datasets.DATASETS.values()]]
    .reset_index(),
    name="counts",
    caption="Minority rows in the training set by minority share; every majority row of the base set is kept beside them.",
)

# %% [markdown]
# ## Columns and their roles
#
# Codes of categories are categories, however they are written: the sex, education and marriage codes of Credit Card, and the
# region, channel, licence and previous-insurance codes of Insurance. A question mark in Adult stays a category of its own.

# %%
roles = pd.DataFrame(
    [
        (dataset.title, column, role)
        for dataset in datasets.DATASETS.values()
        for role, columns in (
            ("numeric", dataset.numeric),
            ("categorical", dataset.categorical),
            ("target", (dataset.target,)),
            ("not used", dataset.dropped),
        )
        for column in columns
    ],
    columns=["Data set", "Column", "Role"],
)
publish.table(roles, name="roles", caption="Every column and what it is taken for.")

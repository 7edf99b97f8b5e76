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
# The paper's three tables have a class that is common enough to be made rare; thirteen more have one that is rare by nature. Ten of these come with this package, the other tables
# are downloaded or put into a folder. Each is held against a checksum. `demo` comes with an installed library, so that every machine can run the whole pipeline.

# %% tags=["remove-cell"]
import pandas as pd

from upsampling.book import publish
from upsampling.book.prose import holds
from upsampling.study import datasets
from upsampling.study.plan import LARGE, NATURAL
from upsampling.study.protocol import FRACTIONS, HOLDOUT_SHARE, Cell, minority_rows
from upsampling.words import percent

# %% tags=["remove-cell"]
holds("thirteen more have one that is rare by nature", len(NATURAL) == 13)
holds("Ten of these come with this package", sum(bool(datasets.get(name).package) for name in NATURAL) == 10)
in_order = sorted(
    datasets.DATASETS.values(), key=lambda table: (table.name not in LARGE, table.name not in NATURAL, table.n_minority)
)

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
        for dataset in in_order
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
# a small table and hundreds of a large one. Tables that are rare by nature are used as they are found, and [thinned to a number](rare.ipynb).

# %%
rows = []
for dataset in map(datasets.get, LARGE):
    n_majority_base = round((dataset.n_rows - dataset.n_minority) * (1 - HOLDOUT_SHARE))
    for fraction in FRACTIONS:
        cell = Cell(dataset.name, fraction, None, 0, "none")
        rows.append((dataset.title, percent(fraction), minority_rows(cell, n_majority_base)))
counts = pd.DataFrame(rows, columns=["Data set", "share", "rows"])
publish.table(
    counts.pivot(index="Data set", columns="share", values="rows")[[percent(f) for f in FRACTIONS]]
    .loc[[datasets.get(name).title for name in LARGE]]
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

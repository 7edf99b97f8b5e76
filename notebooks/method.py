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
#     part: Use and check it
#     place: 2
#     reads: [study, demo, audit, errata, pages]
#     next: '[the map from the paper to this book](paper.md)'
# ---

# %% [markdown]
# # Method and audit
#
# A table is split, its training part loses positives, several training sets are made from what is left, and classifiers trained on each are judged on rows that nobody touched.

# %% tags=["remove-cell"]
import pandas as pd

from upsampling.book import build, evidence, figures, publish, tables
from upsampling.book.prose import holds, say
from upsampling.book.show import show
from upsampling.study import audit, datasets, ledger, seeds, spending
from upsampling.study.arms import ARMS
from upsampling.study.classifiers import ALL
from upsampling.study.names import HYBRID
from upsampling.study.protocol import FRACTIONS, HOLDOUT_SHARE, PROTOCOL_VERSION
from upsampling.study.store import Store
from upsampling.words import duration, named, percent

store = Store()
runs = store.load("runs")
runs = runs[runs["dataset"] != "demo"]
done = runs[runs["status"] == "done"]
say(
    holdout=percent(HOLDOUT_SHARE),
    shares=named([percent(fraction) for fraction in FRACTIONS]),
    fewest=seeds.FEWEST,
    n_cells=f"{len(runs):,}",
    n_failed=f"{len(runs) - len(done):,}",
    protocol=PROTOCOL_VERSION,
)

# %%
publish.figure(
    figures.setup_diagram(),
    pd.DataFrame({"arm": list(ARMS), "what": [arm.description for arm in ARMS.values()]}),
    name="pipeline",
    caption="The paper's Figure 1, redrawn: from the table to scores on the holdout.",
    alt="Flow from the original table through base set, downsampling, four ways of upsampling and three classifiers to scores on the holdout.",
)

# %% [markdown]
# ## One seed is one random split, and everything after it
#
# {{ holdout }} of a table, drawn at random and stratified, are the holdout. The training part keeps all negatives and so many positives that their share is {{ shares }}. A seed decides the split, the positives kept,
# the generator's fit and the classifiers, so its luck is in every interval. For one seed, a smaller training set is part of a larger one.
#
# ## An interval allows for overlapping splits, and for the comparisons made
#
# Splits of one table overlap, so their differences vary less than those of fresh tables would. The intervals of this book are Student's with the variance raised for that (the corrected resampled t of Nadeau and Bengio),
# at 95 %, each at the level of Holm's procedure over the comparisons of one figure or statement: an interval excludes zero exactly where the procedure rejects. They are wide on purpose. Fewer than {{ fewest }} seeds make no interval. Where one excludes zero we say *clear*, else *no clear difference*.
#
# Where a method stands "with its best classifier", that one is chosen for each seed on the other seeds.

# %% tags=["remove-cell"]
spent = spending.fits_once(done)
hours = (spent["cpu_seconds"].sum() + spent["fit_cpu_seconds"].sum()) / 3600
fit = done[(done["arm"] == HYBRID) & done["dataset"].isin(evidence.PAPER_TABLES) & (done["size"] == "f0.001")]
fit = fit.groupby("dataset")["fit_cpu_seconds"].median()
holds(
    "A fit takes half a minute to two minutes",
    20 < fit.min() < 45 and 75 < fit.max() < 150,
    hours=f"{hours:.0f}",
    n_fits=f"{spent['fit_seconds'].notna().sum():,}",
    fit_each=named([f"{duration(seconds)} on {datasets.get(name).title}" for name, seconds in fit.items()]),
    n_commits=runs["commit"].nunique(),
    n_dirty=int(runs["dirty"].sum()) or "none",
    n_machines=len(runs[["cpu_model", "cores", "platform"]].drop_duplicates()),
)
audits = audit.load(store.folder)
wrong = audits[audits["verdict"] == "mismatch"]
mended = ledger.read(store.folder, "errata")
open_cases = [
    cell
    for cell in (audit.cell_of(row).path for row in wrong.itertuples())
    if not mended["cells"].str.contains(cell, regex=False).any()
]
holds(
    "every mismatch led to a correction that the [errata](errata.ipynb) name",
    not open_cases,
    n_audited=len(audits),
    n_same=int((audits["verdict"] != "mismatch").sum()),
    n_wrong=len(wrong),
    open_cases=open_cases,
)

# %% [markdown]
# ## {{ n_cells }} cells, each with its origin
#
# A *cell* is one training set with its classifiers. Each row of `results/*.csv` names the checksum of its data, the commit, the versions and the machine; a cell that could not be computed ({{ n_failed }} of them) is a row with its reason.
# They come from {{ n_commits }} commits ({{ n_dirty }} of the rows from changed files) and {{ n_machines }} kinds of machine, under version {{ protocol }} of the protocol.
#
# {{ n_audited }} cells were drawn and computed again from the data: {{ n_same }} agree in every number, {{ n_wrong }} did not, and every mismatch led to a correction that the [errata](errata.ipynb) name.
# `make audit` draws more. What had to be chosen because the paper is silent stands under [assumptions](assumptions.md), the tables under [data](data.ipynb).

# %%
matrix = tables.matrix(build.published_items(), runs, audits)
per_page = (
    matrix.groupby("page", sort=False)
    .agg(items=("name", "size"), cells=("cells", "max"), minutes=("minutes", "max"), audited=("audited", "max"))
    .reset_index()
)
publish.table(
    show(
        per_page,
        ("Page", str, "page"),
        ("Figures and tables", str, "items"),
        ("Cells, most", "{:,}".format, "cells"),
        ("On two cores", lambda minutes: duration(60 * minutes), "minutes"),
        ("Audited", str, "audited"),
    ),
    data=matrix,
    name="matrix",
    caption="What it takes to compute a page's largest figure or table again. The data list every figure and table with its command, inputs and last audit.",
)

# %% [markdown]
# ## A fit takes half a minute to two minutes, and results {{ hours }} hours of one core
#
# The {{ n_fits }} fits of the generator and all training took {{ hours }} hours of one core. At 0.1 % the median fit for the paper's hybrid takes {{ fit_each }} of CPU time. More on [speed](benchmarks.ipynb).

# %%
publish.table(
    tables.effort(runs),
    data=tables.origin(runs),
    runs=runs,
    name="effort",
    caption="What the results took. The data name the origin of every row.",
)

# %% [markdown]
# ## The methods by name
#
# Figures call them as here; the first four are the paper's. *Oracle* has the positives that were taken away.

# %%
publish.table(
    pd.DataFrame(
        {
            "Method": [arm.title for arm in ARMS.values()],
            "In code": list(ARMS),
            "What it trains on": [arm.description for arm in ARMS.values()],
        }
    ),
    name="arms",
    caption="Every way of treating the imbalance in the results.",
)

# %% [markdown]
# ## The classifiers by name
#
# Every parameter that is not the library's default stands here.

# %%
named_classifiers = [known for known in ALL.values() if not known.explains]
publish.table(
    pd.DataFrame(
        {
            "Classifier": [known.title for known in named_classifiers],
            "In code": [known.name for known in named_classifiers],
            "Made by": [known.code.splitlines()[-1] for known in named_classifiers],
            "Licence": [known.licence for known in named_classifiers],
        }
    ),
    name="classifiers",
    caption="What is trained on each training set, here for seed 0.",
)

# %% [markdown]
# ## Cite
#
# `CITATION.cff` in the repository names the software; [how to cite](cite.md) has both entries, with the paper's. Terms stand in the [glossary](glossary.md), sources under [references](references.md).

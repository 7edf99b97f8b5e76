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
# # Where the numbers come from
#
# Every row of results names the data it was computed from (checksum), the protocol's version, the commit of the code, the
# versions of the packages that matter, the processor, and the time. This page sums that up; the tables behind it are
# `results/runs.csv` and its siblings, described in `results/README.md`.

# %% tags=["remove-cell"]
from upsampling.book import publish, tables
from upsampling.study.store import Store

# %%
runs = Store().load("runs")
runs = runs[runs["dataset"] != "demo"]
origin = tables.origin(runs)
publish.text(tables.mix_text(runs))

# %%
publish.table(
    tables.provenance(runs),
    data=origin,
    runs=runs,
    name="origins",
    caption="Cells by commit of the code, machine and protocol version. Rows marked as changed were computed from files that "
    "differed from the commit.",
)

# %%
publish.table(
    tables.versions(runs),
    data=origin,
    runs=runs,
    name="versions",
    caption="Versions of the packages that decide the results, by number of cells.",
)

# %%
publish.table(
    tables.effort(runs),
    data=tables.effort_by_arm(runs),
    runs=runs,
    name="effort",
    caption="What the committed results cost: cells, generator fits, seeds, and hours of one core.",
)

# %% tags=["remove-cell"]
failed = tables.failures(runs)
publish.text("" if failed.empty else "## Cells that failed")

# %%
if not failed.empty:
    publish.table(
        failed,
        data=runs.loc[runs["status"] == "failed", [*tables.FAILURE, "seed"]],
        runs=runs,
        name="failures",
        caption="Cells that could not be computed, with what the code said. They stay in the results, and no mean counts them.",
    )

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
# # The paper's claims
#
# Each claim has a definition, a number that decides, and thresholds. They were written without sight of the results, while the
# first cells were being computed (the history of `claims.py` shows when). One definition was mended since: cost counts CPU
# seconds instead of the wall clock, because the machine was shared.
#
# One rule serves all claims and looks at the 95 % interval over seeds: *supported* if all of it lies beyond the threshold,
# *partly* if all of it lies beyond the lesser mark, *not supported* if none of it does, else *undecided*. With fewer than five
# seeds, or too few minority shares, a verdict is undecided whatever the interval.

# %% tags=["remove-cell"]
from upsampling import claims, publish, tables
from upsampling.store import Store

# %%
publish.text(f"## Definitions\n\n{tables.definitions()}")

# %% [markdown]
# ## Verdicts and their evidence

# %%
store = Store()
results = [store.load(name) for name in ("metrics", "runs", "diagnostics")]
verdicts = claims.judge(*results)
publish.table(
    tables.evidence(verdicts),
    name="evidence",
    caption="Every verdict, its number with a 95 % interval over seeds, the seeds, and the cells it stands on. Over all data sets "
    "the least favourable one decides; for a gain of up to something, the most favourable one. `results/claims.csv` holds the same "
    "verdicts; `upsampling collect` writes them.",
    data=verdicts,
    runs=results[1],
)

# %% [markdown]
# These are the paper's claims. Whether there is a better use of the same generator, [a mean of ranks](ranks.ipynb) asks, and what to do with an
# unbalanced table, [the guide](guide.ipynb).
#
# ## Other thresholds
#
# Would another threshold have changed the verdict?

# %%
moved = claims.sensitivity(*results)
publish.table(
    tables.evidence(moved).drop(columns="Evidence"),
    name="sensitivity",
    caption="The verdicts at each claim's own threshold and at others.",
    data=moved,
    runs=results[1],
)

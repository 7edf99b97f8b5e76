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
# # What makes it work
#
# The paper and its [digest](glossary.md) explain why synthetic rows should help: they differ from each other, and the generator carries over what it has learnt
# from the majority. Here the hybrid is reached step by step, on the same training sets: repeated rows have weight and no diversity;
# shuffled columns have diversity and no structure; TabularARGN trained on the minority rows alone (in figures *Hybrid, minority only*) is another model,
# and has never seen the majority; the hybrid is the same model, trained on all rows. Whether the majority helps the more, the more structure it shares with the
# minority, is asked of simulated tables, on [the next page](transfer.ipynb).

# %% tags=["remove-cell"]
from upsampling.book import comparison, publish, tables
from upsampling.book.studies import mechanisms
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = metrics[metrics["dataset"].isin(datasets) & metrics["minority_fraction"].notna()]
rows = comparison.complete(metrics, mechanisms.LADDER)
steps, structure = mechanisms.steps(rows), mechanisms.structure(rows)
rivals = mechanisms.rivals(comparison.complete(metrics, {mechanisms.OTHER, *mechanisms.RIVALS}))
headline = mechanisms.headline(steps, structure, rivals)
findings = "\n".join(mechanisms.finding(steps, name) for name in datasets)
publish.text(
    f"{headline}\n\nEach arm minus the one before it, in points of average precision, mean over shares and the paper's classifiers:\n\n{findings}"
)

# %%
if not steps.empty:
    publish.figure(
        mechanisms.draw(steps),
        steps,
        runs=runs,
        name="ladder",
        caption="Gain in average precision over the unbalanced set, mean over the minority shares that a panel names and the paper's classifiers, with a "
        "95 % interval over seeds. From top to bottom each arm changes one thing in the one above; the oracle has the real rows that were taken away.",
        alt="Dots with intervals, joined from top to bottom: gain over the unbalanced set of naive, shuffled columns, a generator of the "
        "minority alone, the hybrid and the oracle; a row of panels per data set.",
    )
    publish.table(
        mechanisms.shown_steps(steps),
        name="steps",
        caption="What each arm adds to the one above it, and how far the arm lies from the unbalanced set; in how many of the settings and seeds the "
        "step is an improvement.",
        data=steps,
        runs=runs,
    )

# %% [markdown]
# ## The hybrid beside shuffled columns
#
# Shuffled columns need no generator, and seconds: each value is drawn from those of the few minority rows, every column by itself. What is
# a generator worth beside them?

# %%
if not structure.empty:
    publish.table(
        tables.mean_differences(structure, comparison.SPANS),
        name="structure",
        caption="Hybrid minus shuffled columns in average precision: mean over minority shares and the paper's classifiers, paired over seeds; "
        f"{mechanisms.ONE_TEST} {mechanisms.spans_text(structure)}",
        data=structure,
        runs=runs,
    )

# %% [markdown]
# ## A generator of another kind
#
# Is it this generator, or would any do? A vine copula is a classical model of how columns depend on each other: it has no network, sees the
# minority rows alone, and is fitted in seconds. Its rows have the structure that a few dozen rows show, smoothed. CTGAN, the nearest relative of our generator, was to
# stand here; its licence and its needs [rule it out](assumptions.md).

# %% tags=["remove-cell"]
publish.text(mechanisms.rivals_text(rivals))

# %%
if not rivals.empty:
    publish.table(
        tables.mean_differences(rivals, comparison.SPANS),
        name="rivals",
        caption="Other arms minus the vine copula in average precision: mean over minority shares and the paper's classifiers, paired over seeds; "
        "Wilcoxon's test on the seeds' means after Holm's correction within a data set and span, with the rank-biserial effect size. "
        f"{mechanisms.spans_text(rivals)}",
        data=rivals,
        runs=runs,
    )

# %% [markdown]
# ## What hiding rare values costs
#
# For the privacy of those who stand behind the rows, the generator leaves out categories that occur in few of them, and the extremes of numbers: *value
# protection*, on by default, and so in the paper's arm of this book. What is rare may be just what marks the minority. Here is the same generator without it.

# %% tags=["remove-cell"]
protection = mechanisms.protection(metrics)
publish.text(mechanisms.protection_text(protection))

# %%
if not protection.empty:
    publish.table(
        tables.mean_differences(protection, comparison.SPANS),
        name="protection",
        caption="Hybrid without value protection minus the hybrid with it in average precision: mean over minority shares and the paper's classifiers, paired "
        f"over seeds; {mechanisms.ONE_TEST} {mechanisms.spans_text(protection)}",
        data=protection,
        runs=runs,
    )

# %% [markdown]
# ## What the rows look like
#
# *Coverage* is the share of real minority rows taken away to which a made row lies nearer than every real minority row of the training set; *entropy
# recovery* and *marginal closeness* are 1 where categories vary, and columns are distributed, as in the holdout. *Distinct scores* is how many different
# scores classifiers give to the holdout's rows, over the number of rows: few of them are clumps.

# %%
if not rows.empty:
    looks = mechanisms.looks(rows, store.load("diagnostics"))
    publish.table(
        mechanisms.shown_looks(looks),
        name="looks",
        caption="Made minority rows and the scores of classifiers trained on them: mean over minority shares and seeds.",
        data=looks,
        runs=runs,
    )

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
# # Can a fit be cheaper
#
# The generator's fit is most of what the hybrid costs. It passes over the rows some thirty times, and its validation loss hardly moves after the
# first few. So it looks as if one could stop early, take larger batches, a smaller model, or fewer rows of the majority. Each candidate is fitted on the
# same training rows as the generator's defaults, which is how we read the paper; it counts as *equal* if the whole 95 % interval of the difference in average precision lies within one point, as *no worse* if all of it lies above minus one
# point, and as *worse* if all of it lies below; else the question is *open*. *No worse* was added when the results were known; neither is corrected for the number of candidates.

# %% tags=["remove-cell"]
from upsampling import words
from upsampling.book import benchmarks, publish, tables
from upsampling.book.fit_profile import FIRST_PASSES, PASSES, ROUNDS
from upsampling.book.studies import cheaper
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # in the order of the figures
fraction: float = 0.001  # minority share

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = metrics[metrics["dataset"].isin(datasets)]
table, by_share = cheaper.judge(metrics, runs, fraction), cheaper.preset_by_share(metrics)
headlines = [f"At {words.percent(fraction)}: {cheaper.headline(table)}", cheaper.preset_headline(by_share)]
publish.text("\n\n".join([*headlines, "\n".join(cheaper.finding(table, name) for name in datasets)]))

# %%
if not table.empty:
    publish.figure(
        cheaper.draw(table),
        table,
        runs=runs,
        name="candidates",
        caption="Average precision of the hybrid minus that with the generator's defaults, mean over the paper's classifiers with a 95 % interval over seeds, "
        "against how many times cheaper the fit is, from one estimate to the other. Equal is what lies in the grey band as a whole.",
        alt="Dots with intervals: difference in average precision to the generator's defaults against the speed-up of the fit, a dot per candidate.",
    )
    publish.table(
        cheaper.shown(table),
        name="table",
        caption="Mean CPU seconds of a fit, how many times cheaper it is than one with the generator's defaults, and paired difference in average precision on the same "
        "training rows, with 95 % intervals over seeds. The fits were made on several days, on which the machine was of different speed. So there are two factors: of the CPU times as measured, and "
        "of these divided by those of all else in their cells, which is about the same work for every candidate. Both are rough, and the truth may lie between."
        f"{cheaper.noise(table)}",
        data=table,
        runs=runs,
    )

# %% [markdown]
# ## Why the loss does not tell
#
# The generator learns to predict every column of a row from others, and its loss is the mean over all rows. With one minority row in a thousand, whether
# it has learnt what is different about the minority hardly shows in that loss. It meets each of the few minority rows once in a pass: a candidate that saves passes
# saves just these meetings. A larger batch takes fewer steps in a pass, and the small model has fewer weights: where these lose, that is a likely reason, and not a
# tested one. The fifth of the rows saves none of them; what it saves is what the majority teaches about the columns, and how much of that is lost
# depends on how many rows a fifth is: a fifth of Insurance is more than all of Adult. For a large table, `TabularARGNSampler(max_rows=...)` does the same.
#
# ## Chance, and how many seeds it asks for

# %%
same = cheaper.same_setting(metrics, fraction)
publish.text(cheaper.chance(same))

# %% [markdown]
# So a setting that trains another model, even an equally good one, can hardly be shown to be equal within a point by a study of this size where chance is that large.
# What can be shipped is what is equal by its construction: the same weights to the bit, or the same law.
#
# ## Where the time goes

# %%
measured = benchmarks.load(store.folder)
steps = benchmarks.fit_steps(measured)
if not steps.empty:
    publish.table(
        tables.fit_steps(steps),
        data=steps,
        name="steps",
        caption="Seconds of one fit with the generator's defaults on Adult at 0.1 %, on one thread under a profiler, which slows what runs in Python.",
        command="upsampling bench --only fit",
    )
else:
    publish.text("Not measured yet.")

# %% [markdown]
# ## The preset

# %%
publish.text(cheaper.preset(table, measured))
presets = benchmarks.presets(measured)
if not presets.empty:
    publish.table(
        tables.presets(presets),
        data=presets,
        name="preset",
        caption=f"Mean CPU seconds of a fit at 0.1 % that is stopped after {PASSES} passes over the rows, on one thread, and of all but the first "
        f"{FIRST_PASSES} of these passes, which is training alone. Each is a mean of {ROUNDS} (n = {ROUNDS}).",
        command="upsampling bench --only fit",
    )

# %% [markdown]
# The same comparison at larger minority shares of Adult, where chance is smaller. That the preset would be judged there, by the same rule, was written before these cells were computed; what it was at 0.1 % was known.

# %%
publish.text(cheaper.share_text(by_share))
if not by_share.empty:
    publish.table(
        cheaper.shown_by_share(by_share),
        name="preset_by_share",
        caption="Average precision of the hybrid with the preset minus that with the generator's defaults on the same training rows, mean over the paper's classifiers, with a 95 % "
        "interval over seeds; and of the mean over shares, on the seeds that have all of these.",
        data=by_share,
        runs=runs,
    )

# %% [markdown]
# ## What else was looked at
#
# - *Rows in memory* instead of decoding every batch from a file, *losses of a batch kept together* and not as a tensor for each row, and *no search for
#   lists* among the values of a column of numbers: the weights are the same to the last bit (a test compares them), and a fit takes less time. All three are in
#   use everywhere.
# - *Freed memory*: Dask tells its workers to give every freed piece of memory back at once, and a fit asks for it anew in each step. The runner takes that
#   setting away; results are the same.
# - *Threads*: two fits side by side on one thread each do more in an hour than one after another with the SDK's default threads: the runner's factor on the page on
#   [speed](benchmarks.ipynb) is that and what changes no result, above, together.
# - *A fit that starts from that of a larger minority share* would let rows that were taken away reach the smaller one. That is a leak, so it was
#   not tried.
# - *A fit that starts from that of a smaller minority share* leaks nothing, but the engine's bins of a number follow the rows, so parts of the network
#   differ in shape and start anew; and the luck of one fit would be handed on to all larger shares, where curves over shares now have independent fits.
#   It is not built. The same holds for a fit that starts from the majority alone, which would serve all shares of a seed and leaks nothing either.
# - *Patience and learning rate* belong to the engine: it stops after a fixed number of passes without a better loss and lowers the rate by a rule of its own, and
#   takes neither as a setting. Neither was tried: both train another model, which by the section on chance a study of this size could hardly show to be equal. Fewer passes,
#   above, is what patience could save.
# - *Compiling* the model is no setting of the engine either. It has to be done anew for every training set, for the layers follow the values of its columns.
#   What it saves could not be measured well: how long compiling takes varies by more than a short fit takes. It was not pursued.
# - *A fixed order of columns* is not open here: the engine draws the rows of a class only if it was trained for any order.

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
# # Your own data
#
# Will upsampling help on a table of yours? One command compares class weights, [tuning the classifier](comparison.ipynb), naive
# oversampling, SMOTE-NC and the generator on it, as this book does on its tables, and writes one HTML file with the answer:
#
# ```sh
# upsampling report customers.csv --target churn --positive yes
# ```
#
# This page walks through it with the `demo` table. What it shows was computed when the book was built.

# %% tags=["remove-cell"]
import shutil

import pandas as pd

from upsampling import paths
from upsampling.book import publish, tables
from upsampling.errors import UpsamplingError
from upsampling.own import advice, report, userdata
from upsampling.study import datasets
from upsampling.study.store import Store

# %% tags=["parameters"]
fraction: float = 0.02  # minority share of the training rows; the command's default is the table's own
seeds: int = 3  # how many; each is another split and fit

# %% [markdown]
# ## What each column is taken for
#
# The command reads CSV, CSV.gz and Parquet files, and tables of OpenML (`openml:31`). It guesses which columns are numbers and which are
# categories, and leaves out what cannot be learnt from. Here the demo table got five more columns, as they often come with
# a table:

# %%
demo = datasets.load("demo")
rows = pd.concat([demo.X, demo.y.map({1: "yes", 0: "no"})], axis=1).assign(
    respondent=range(len(demo.y)),
    answered=pd.date_range("1974-01-01", periods=len(demo.y), freq="h"),
    remark=[f"answer number {n} of the survey" for n in range(len(demo.y))],
    country="US",
    weight=None,
)
scratch = paths.BUILD / "reports"
scratch.mkdir(parents=True, exist_ok=True)
source = scratch / "survey.csv"
rows.to_csv(source, index=False)
survey = userdata.read(str(source), userdata.Settings("affair"))
publish.table(
    tables.columns(survey.columns),
    name="columns",
    caption="How each column of the file was understood, and why.",
    data=survey.columns,
)

# %% [markdown]
# Where a guess is wrong, say so: `--numeric`, `--categorical` and `--drop` take the name of a column, and `--roles` a YAML file:
#
# ```yaml
# target: churn
# positive: yes
# categorical: [region_code]
# drop: [account_number]
# ```
#
# A file with decimal commas needs `--decimal ,`. What cannot work is refused before anything is computed. The message names the value
# and the remedy:

# %%
mistakes = {
    "a target that is not there": (rows, userdata.Settings("afair")),
    "no target": (rows, userdata.Settings()),
    "a continuous target": (rows.assign(affair=range(len(rows))), userdata.Settings("affair")),
    "a class of three rows": (rows.assign(affair=["yes"] * 3 + ["no"] * (len(rows) - 3)), userdata.Settings("affair")),
    "the larger class": (rows, userdata.Settings("affair", "no")),
    "text among numbers": (
        rows.assign(age=rows["age"].astype(str).where(rows["age"] < 40, "old")),
        userdata.Settings("affair"),
    ),
    "decimal commas": (rows.assign(age=rows["age"].astype(str).str.replace(".", ",")), userdata.Settings("affair")),
}
refused = []
for mistake, (frame, settings) in mistakes.items():
    frame.to_csv(source, index=False)
    try:
        userdata.read(str(source), settings)
    except UpsamplingError as error:
        refused.append({"Mistake": mistake, "Message": str(error)})
publish.table(pd.DataFrame(refused), name="refused", caption="Mistakes, and what the command says to each.")

# %% [markdown]
# ## What it takes, before it starts
#
# The time is estimated from the committed runs, scaled by rows and columns. `--budget 10min` keeps within a time: seeds are dropped
# first, then fractions, then arms, and the report says so. For a large table `--max-rows` limits what the generator learns from.
# Stopped with Ctrl-C, the same command goes on where it was. `--estimate` only checks and estimates.
#
# These lines are what the command said for the demo:

# %%
folder = scratch / "demo"
settled = f"cells/demo/f{fraction:g}"
if (Store().folder / settled).is_dir():
    # the demo page has computed these very cells
    shutil.copytree(Store().folder / settled, folder / "results" / settled, dirs_exist_ok=True)
described = userdata.read("demo")
userdata.save(described, folder)
said = []
done = report.make(described, folder, fractions=[fraction], seeds=seeds, say=said.append)
publish.text("```text\n" + "\n".join(line.replace(str(paths.ROOT), ".") for line in said) + "\n```")

# %% [markdown]
# ## What it recommends
#
# The report recommends an arm only if the seeds support it. Its intervals are wider than those of the chapters: they
# allow for seeds that split one and the same table [^nadeau], and for the number of arms. With three seeds only a large and steady
# gain stands out; `--seeds 10` says more, and computes only what is new.
#
# [^nadeau]: Nadeau and Bengio, "Inference for the generalization error," Machine Learning 52, 2003.

# %%
publish.text(done.advice.text())
publish.table(
    tables.advice(done.advice.table),
    name="advice",
    caption=advice.caption(done.advice),
    data=done.advice.table,
)

# %%
lines = done.advice.code("demo-report")
nothing_won = done.advice.chosen == done.advice.reference
trained = "what nothing was shown to beat" if nothing_won else "what is recommended"
publish.text(
    f"These lines train {trained} on all rows. In the report they come after the recommendation:\n\n```python\n{lines}\n```\n\n"
    "The rest of the report is the chapter that each table of this book has: "
    "{download}`the whole report <../_build/reports/demo/report.html>`, one file that needs no network."
)

# %% [markdown]
# ## What stays where
#
# Everything lies in one folder, `NAME-report` or what `--output` says: the results, the executed notebook, a copy of your table
# (`table.feather`), and `report.html`. Nothing leaves your machine, and nothing is added to the results of this book. The HTML file holds no
# rows of your table, but names of columns and categories and their shares; share the file, not the folder.

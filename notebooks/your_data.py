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
#     part: The answer
#     place: 4
#     next: "[the paper's figures](adult.ipynb), first for Adult"
# ---

# %% [markdown]
# # Your own table
#
# Ask before you upsample. One command compares what you could do on your own table, simplest first, and says what to use:
#
# ```sh
# upsampling report customers.csv --target churn --positive yes \
#     --cost-miss 50 --cost-alarm 1
# ```
#
# The first ranked answer comes within a minute and improves while you wait: first logistic regression and LightGBM on the rows as they
# are, class weights, and the mean of two models' ranks; then copied rows, SMOTE-NC and the generator, as long as they can still change the
# advice. `--budget 30min` gives it more time than the usual six minutes, and Ctrl-C ends it with a report of what is there.

# %% tags=["remove-cell"]
from rich.console import Console

from upsampling import paths
from upsampling.book import publish
from upsampling.book.prose import say
from upsampling.own import page, report
from upsampling.own.usertable import Settings
from upsampling.words import duration

# %% tags=["parameters"]
budget: float = 180  # seconds for the report on the demo table
max_rows: int = 2000  # of its rows

# %% [markdown]
# ## The answer for the demo table
#
# `upsampling report demo` tries it without a file. This one had {{ budget }} and {{ rows }} rows when the book was built:

# %%
done = report.make(
    "demo",
    Settings(max_rows=max_rows),
    output=paths.BUILD / "reports" / "demo",
    budget=budget,
    console=Console(quiet=True),
)
say(budget=duration(budget), rows=f"{max_rows:,}")
publish.text("\n>\n".join(f"> {line}" for line in done.advice.text().splitlines()))
publish.figure(
    page.gains(done.advice),
    done.advice.table,
    name="gains",
    caption=page.gains_caption(done.advice),
    alt=page.gains_alt(done.advice),
)

# %% [markdown]
# {download}`The whole report <../_build/reports/demo/report.html>` is one file that needs no network, and
# {download}`model.py <../_build/reports/demo/model.py>` lies beside it.
#
# ## How to read it
#
# - **Doing nothing** is the best of three classifiers on the rows as they are. Whatever changes rows or weights must be clearly better than that
#   to be advised, and of methods that are not clearly worse than the best the simplest is.
# - **An interval that excludes zero** counts as clear. It allows for training rows that folds share, and for all comparisons made at once.
# - **Thresholds, alarms and hits** come from rows that the model had not seen. Without costs of your own, the report shows several. `model.py`
#   chooses its own threshold when it trains, near the one shown, and prints it.
# - **Columns that look like leaks** deserve a look before the rest, so the report begins with those that alone nearly give the target, or are
#   missing together with it. Ids and dates stand further down.
# - **`model.py`** is what was measured, in plain pandas, scikit-learn, LightGBM and imbalanced-learn: `python model.py train customers.csv`, then
#   `python model.py score new.csv`. It needs this package only where the generator won.
#
# Your table is read as it comes: separators, decimal commas, `?` and blanks for missing values, `€ 1.234,56`, dates, yes and no in any
# spelling. The report says what each column was taken for; `--numeric`, `--categorical`, `--drop` and `--decimal` mend a wrong guess. Nothing
# leaves your machine, and the page holds no rows of your table.

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
# # What should I do with my unbalanced table?
#
# Count the rows of the class that matters, and look them up. What counts is the number of rows, not the share alone: 0.1 % of one table are 20 rows, of another 270.

# %% tags=["remove-cell"]
from upsampling import publish
from upsampling.store import Store
from upsampling.studies import guide, tuned

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # the tables that the guide stands on
edges: list = [50, 200, 1000]  # upper ends of the ranges of minority rows

# %% tags=["remove-cell"]
store = Store()
metrics = store.load("metrics")
recommended = guide.recommend(metrics[metrics["dataset"].isin(datasets)], edges)
publish.text(f"{guide.headline(recommended)}\n\n{guide.advice(recommended, edges)}")

# %% tags=["remove-cell"]
differences = tuned.compare(tuned.load(metrics[metrics["dataset"].isin(datasets)]))
publish.text(
    f"{tuned.lesson(differences)} What upsampling adds on top of that: [with a tuned classifier](tuning.ipynb). {tuned.beside_ranks(differences)}"
)

# %% [markdown]
# In any case:
#
# - Judge it by rows that nobody has upsampled, and correct probabilities for the class share before taking them at their word
#   ([calibration](calibration.ipynb)).
# - A mean of four ranks is explained, and judged on seeds of its own, on [its page](ranks.ipynb); in code it is a [classifier](classifier.md).
# - Half the synthetic rows that balance needs, or twice as many: [how many synthetic rows](amount.ipynb). From how few minority rows on each way gains:
#   [how few minority rows](counts.ipynb). What a cheaper fit of the generator costs: [whether a fit can be cheaper](cheaper.ipynb).
# - On your own table one command compares the ways and says what your rows support: [your table](your_data.ipynb).

# %% [markdown]
# ## Where this comes from

# %%
publish.table(
    guide.shown(recommended),
    data=recommended,
    runs=store.load("runs"),
    name="recommendations",
    caption=guide.caption(recommended),
    markup=["Evidence"],
)

# %% [markdown]
# ## If the classifier is settled
#
# With a given classifier the question is another one: is there a way to treat the rows that is better than to leave them, under this classifier?

# %%
settled = guide.recommend_by_classifier(metrics[metrics["dataset"].isin(datasets)], edges)
publish.table(
    guide.shown(settled),
    data=settled,
    runs=store.load("runs"),
    name="settled",
    caption="The same for each classifier by itself: the recommended arm against the unbalanced rows under the same classifier.",
    markup=["Evidence"],
)

# %% [markdown]
# The rule is fixed, the answer is not: it follows the results. Three tables are not all tables; a way that is best on one may be worst on another, as
# the rows above show where they differ. Where nothing is better beyond doubt, a difference may still exist: *not shown* is not *absent*.

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
from upsampling.book import comparison, publish
from upsampling.book.studies import guide, prevalence, tuned
from upsampling.study.store import Store

# %% tags=["parameters"]
datasets: list = ["adult", "credit_card", "insurance"]  # the tables that the guide stands on
edges: list = [50, 200, 1000]  # upper ends of the ranges of minority rows

# %% tags=["remove-cell"]
store = Store()
runs, metrics = store.load("runs"), store.load("metrics")
metrics = comparison.study_seeds(metrics[metrics["dataset"].isin(datasets)])
recommended, settled = guide.recommend(metrics, edges), guide.recommend_by_classifier(metrics, edges)
publish.text(f"{guide.headline(recommended)}\n\n{guide.advice(recommended, settled, edges)}")

# %% tags=["remove-cell"]
differences = tuned.compare(tuned.load(metrics))
publish.text(
    f"{tuned.lesson(differences)} What upsampling adds on top of that: [with a tuned classifier](tuning.ipynb). {tuned.beside_ranks(differences)}"
)

# %% [markdown]
# In any case:
#
# - Judge it by rows that nobody has upsampled, and check on them whether the probabilities can be taken at their word. Correcting them for the class share helps after
#   some ways and harms after others ([calibration](calibration.ipynb)).
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
    runs=runs,
    name="recommendations",
    caption=guide.caption(recommended),
    markup=["Evidence"],
)

# %% [markdown]
# ## If the classifier is settled
#
# With a given classifier the question is another one: is there a way to treat the rows that is better than to leave them, under this classifier?

# %%
publish.table(
    guide.shown(settled),
    data=settled,
    runs=runs,
    name="settled",
    caption="The same for each classifier by itself: the recommended arm against the unbalanced rows under the same classifier. The intervals allow for the arms that were "
    "compared under that classifier, and not for there being several classifiers.",
    markup=["Evidence"],
)

# %% [markdown]
# ## If the rows that you score are as unbalanced
#
# All of the above is judged on a holdout with 12 to 24 % minority rows. Where one row in a thousand is of the class that matters, average
# precision is far lower, for all that comes before the first hits weighs more, and the ways may change places. Here the same rule is applied to how many
# times that of random scores average precision is where the holdout has the minority share of the training set; more on [its page](prevalence.ipynb).

# %%
rare = guide.recommend(prevalence.with_lift(metrics), edges, prevalence.LIFT)
publish.text(guide.headline(rare))
publish.table(
    guide.shown(rare),
    data=rare,
    runs=runs,
    name="rare",
    caption=guide.caption(
        rare, "Average precision at the minority share of the training set, over that of random scores"
    ),
    markup=["Evidence"],
)

# %% [markdown]
# The rule is fixed, the answer is not: it follows the results. Three tables are not all tables; a way that is best on one may be worst on another, as
# the rows above show where they differ. Where nothing is better beyond doubt, a difference may still exist: *not shown* is not *absent*.

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
#     place: 10
#     reads: [simulation]
# ---

# %% [markdown]
# # Simulated tables: what both classes share
#
# The paper says that the generator carries over what it learns from the majority. So tables were drawn in which a knob sets how much of the dependence between features both classes share, from
# unrelated to identical, with fifty positives in training; the generator drew [categories first](backends.ipynb). The code that drew and computed them is part of the repository's history: the recipe of the figure names its commit.

# %% tags=["remove-cell"]
from upsampling.book import evidence, figures, publish
from upsampling.book.prose import holds
from upsampling.study.classifiers import PAPER_CLASSIFIERS
from upsampling.study.contrasts import contrasts
from upsampling.study.names import EARLIER_HYBRID
from upsampling.words import percent, pp

# %% tags=["remove-cell"]
rows = evidence.simulated()
commit = rows.sort_values("computed_at", kind="stable")["commit"].iloc[-1][:12]
rows = rows[rows["classifier"].isin(PAPER_CLASSIFIERS) & rows["average_precision"].notna()]
# a kind of table is a position of the knob
rows = rows.assign(dataset=rows["n_rows"].map("{:,} rows".format), size=rows["shared"].map(percent))
over = contrasts(rows, [(EARLIER_HYBRID, evidence.ALONE), (EARLIER_HYBRID, "none")], ("dataset", "size"))
alone, raw = over[over["other"] == evidence.ALONE], over[over["other"] == "none"]
ends = alone.pivot(index="dataset", columns="size", values="mean")
rise = ends["100 %"] - ends["0 %"]
holds(
    "We could not show that the generator profits from structure that both classes share",
    (rise.abs() < 0.05).all(),
    rise_most=pp(rise.abs().max()),
)
holds(
    "Against the raw rows it loses at every position",
    (raw["mean"] < 0).all(),
    between=(EARLIER_HYBRID, "none"),
    raw_least=pp(raw["mean"].max()),
    raw_most=pp(raw["mean"].min()),
)

# %% [markdown]
# ## We could not show that the generator profits from structure that both classes share
#
# From unrelated to identical structure, the hybrid's difference from the same generator trained on the positives alone moves by at most {{ rise_most }}, mean over the paper's classifiers.
# Against the raw rows it loses at every position, by {{ raw_least }} to {{ raw_most }}. Structure means linear dependence here, of one kind and strength.

# %%
shown = over.assign(
    label=[
        f"{row.size} shared, than {'raw rows' if row.other == 'none' else 'positives alone'}"
        for row in over.itertuples()
    ]
)
publish.figure(
    figures.forest(shown, "label", "dataset", xlabel="the hybrid's difference, points of average precision"),
    over,
    name="knob",
    caption="The hybrid minus a generator of the positives alone, and minus raw rows, by share of common structure; a panel per size of table.",
    alt="Dots with intervals of the hybrid's differences by share of common structure, a panel per size of table.",
    command=f"git checkout {commit}; make setup; .venv/bin/upsampling simulation",
)

"""Special labels, spelled once."""

# Stands in the column `classifier` of an arm that needs none.
GENERATOR = "tabularargn"
# The paper's arm, and other uses of its fit: columns drawn in the order of the published file.
HYBRID = "tabularargn"
SYNTHETIC = "tabularargn_synthetic"
WEIGHTED = "tabularargn_weight0.1"
POSTERIOR = "tabularargn_posterior"
# The same from fits in the engine's own steps, as all were at first; the side experiments of that time stand beside them.
EARLIER_HYBRID = "tabularargn_categories_first"
EARLIER_POSTERIOR = "tabularargn_posterior_engine"
# Stand in the column `classifier`: LightGBM with settings of its own (see `tuning`), and a mean of ranks over several arms and classifiers.
TUNED = "lightgbm_tuned"
RANKS = "ranks"

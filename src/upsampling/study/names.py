"""Special labels, spelled once."""

# Stands in the column `classifier` of an arm that needs none.
GENERATOR = "tabularargn"
# The paper's arm and the others that stand on rows drawn from its fit, as the pages show them.
HYBRID = "tabularargn_categories_first"
SYNTHETIC = "tabularargn_synthetic_categories_first"
WEIGHTED = "tabularargn_weight0.1_categories_first"
# The paper's arm in the order of the published file. Natural tables have no other rows.
PAPER_HYBRID = "tabularargn"
PAPER_POSTERIOR = "tabularargn_posterior"
POSTERIOR = "tabularargn_posterior_engine"
# Stand in the column `classifier`: LightGBM with settings of its own (see `tuning`), and a mean of ranks over several arms and classifiers.
TUNED = "lightgbm_tuned"
RANKS = "ranks"

"""Special labels, spelled once."""

# Stands in the column `classifier` of an arm that needs none.
GENERATOR = "tabularargn"
# The paper's arm and the others that stand on rows drawn from its fit, as the pages show them.
HYBRID = "tabularargn"
SYNTHETIC = "tabularargn_synthetic"
WEIGHTED = "tabularargn_weight0.1"
POSTERIOR = "tabularargn_posterior"

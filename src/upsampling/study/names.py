"""Special labels, spelled once."""

# Stands in the column `classifier` of an arm that needs none.
GENERATOR = "tabularargn"

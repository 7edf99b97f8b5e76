"""Random forests: the library's defaults, larger leaves, and one that balances every tree."""

from imblearn.ensemble import BalancedRandomForestClassifier
from sklearn.ensemble import RandomForestClassifier

from upsampling.study.classifier import Classifier, from_estimator

CLASSIFIERS = (
    Classifier(
        "random_forest", "Random forest", from_estimator(RandomForestClassifier(n_jobs=1)), "BSD-3-Clause", marker="s"
    ),
    Classifier(
        "random_forest_leaves",
        "Random forest, leaves of 5",
        from_estimator(RandomForestClassifier(n_jobs=1, min_samples_leaf=5)),
        "BSD-3-Clause",
    ),
    Classifier(
        "balanced_forest",
        "Balanced forest",
        from_estimator(BalancedRandomForestClassifier(n_jobs=1)),
        "MIT",
        marker="P",
        balances=True,
    ),
)

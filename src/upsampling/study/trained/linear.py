"""Logistic regression on scaled numbers and one-hot categories, with the default penalty or one chosen by cross-validation."""

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from upsampling.frames import to_positions
from upsampling.study.classifier import Classifier

# Inverse strengths of the penalty among which cross-validation chooses.
PENALTIES = (0.01, 0.1, 1.0)


def _on_numbers(classifier) -> Pipeline:
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_exclude="category")),
    )
    return Pipeline([("names", FunctionTransformer(to_positions)), ("columns", columns), ("classifier", classifier)])


def _regression(seed: int) -> LogisticRegression:
    # the default of 100 steps does not suffice on repeated rows
    return LogisticRegression(max_iter=1000, random_state=seed)


def _tuned(seed: int) -> GridSearchCV:
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    return GridSearchCV(_regression(seed), {"C": PENALTIES}, scoring="average_precision", cv=folds)


CLASSIFIERS = (
    Classifier(
        "logistic_regression",
        "Logistic regression",
        lambda seed: _on_numbers(_regression(seed)),
        "BSD-3-Clause",
        marker="v",
    ),
    Classifier(
        "logistic_regression_cv",
        "Logistic regression, tuned penalty",
        lambda seed: _on_numbers(_tuned(seed)),
        "BSD-3-Clause",
    ),
)

"""Tables as users have them, and measurements made by hand."""

import numpy as np
import pandas as pd

from upsampling.own.methods import CHEAP, METHODS, of_group
from upsampling.own.trial import N_FOLDS, Trial

HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "a\nb",
    'quote"\'"""',
    "back\\slash",
    "[brackets] {braces} <angle>",
    "=cmd|'/c calc'!A0",
    "😀 émoji",
    "percent %s %(x)s",
]


def people(n=200, n_positive=30):
    """A table with an id, numbers, a category and a date; age and job tell something about the target."""
    rng = np.random.RandomState(0)
    churn = np.repeat([0, 1], [n - n_positive, n_positive])
    return pd.DataFrame(
        {
            "customer_id": rng.choice(10**6, n, replace=False),
            "age": rng.randint(18, 90, n) + 15 * churn,
            "income": np.where(rng.uniform(size=n) < 0.1, np.nan, rng.normal(size=n).round(3)),
            "job": np.where(rng.uniform(size=n) < 0.3 + 0.4 * churn, "clerk", rng.choice(["cook", "smith"], n)),
            "since": pd.date_range("2020-01-01", periods=n)[rng.permutation(n)].strftime("%Y-%m-%d"),
            "churn": np.where(churn, "yes", "no"),
        }
    )


def measured(means, spread=0.0, folds=50, n_rows=100, n_positive=20):
    """A trial in which methods have these average precisions; cheap ones that are not named have a tenth less than the lowest."""
    y = np.repeat([0, 1], [n_rows - n_positive, n_positive])
    trial = Trial(pd.DataFrame({"x": np.arange(n_rows)}), y, np.ones(n_rows))
    means = dict.fromkeys(of_group(CHEAP), min(means.values()) - 0.1) | means
    rng = np.random.RandomState(0)
    for place, (name, mean) in enumerate(means.items()):
        n = folds[name] if isinstance(folds, dict) and name in folds else 50 if isinstance(folds, dict) else folds
        trial.precision[name] = np.full(len(trial.splits), np.nan)
        trial.precision[name][:n] = mean + spread * rng.permutation(np.resize([-1, 1], n)) * (place > 0)
        trial.scores[name] = np.tile(rng.uniform(size=n_rows) / 2 + y / 4, (len(trial.splits) // N_FOLDS, 1))
        trial.seconds.setdefault(METHODS[name].group, []).append(1.0)
    return trial

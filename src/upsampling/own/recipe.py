"""Reading, training and scoring in plain pandas, scikit-learn, imbalanced-learn and LightGBM.

Whatever the report measures is built here, and `model.py` is cut out of this file: nothing but the generator's methods needs more than
these packages.
"""

import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from imblearn import FunctionSampler
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from imblearn.pipeline import make_pipeline as make_resampled
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

# Reading a table ------------------------------------------------------------------------------------------------------

# Texts that stand for a value that is not known.
MISSING = ("", "?", "na", "n/a", "#n/a", "nan", "<na>", "null")
TRUE, FALSE = ("true", "t", "yes", "y", "1", "1.0", "on", "ja"), ("false", "f", "no", "n", "0", "0.0", "off", "nein")


def read_csv(path, separator):
    """Return a CSV file, gzipped or not, as texts."""
    frame = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, index_col=False, encoding="utf-8-sig")
    return frame.rename(columns=str.strip)


def read_parquet(path):
    """Return a Parquet file as texts; a whole number has no decimal point."""
    frame = pd.read_parquet(path).reset_index(drop=True)
    for name, column in frame.items():
        if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
            frame[name] = column.astype("Int64")
    return frame.astype(object).map(str, na_action="ignore").astype("str")


def texts_of(column):
    """Return a column's texts without spaces around them, and those that stand for a missing value as missing."""
    texts = column.astype("str").str.strip()
    return texts.mask(texts.str.lower().isin(MISSING))


def numbers_of(texts, decimal):
    """Return texts as numbers; signs of currency, percent and thousands do not count, and what is no number is missing."""
    group = {".": ",", ",": r"\."}[decimal]
    bare = texts.str.replace(r"[\s'\u2019%€$£¥]|\b(?:EUR|USD|GBP|CHF)\b", "", regex=True)
    number = rf"[+-]?(?:\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+)?(?:\{decimal}\d*)?(?:[eE][+-]?\d{{1,2}})?"
    bare = bare.where(bare.str.fullmatch(number)).str.replace(group, "", regex=True)
    return pd.to_numeric(bare.str.replace(decimal, ".", regex=False), errors="coerce")


def days_of(texts, day_first):
    """Return dates as days since 1970; what is no date is missing."""
    dates = pd.to_datetime(texts, dayfirst=day_first, format="mixed", errors="coerce", utc=True)
    return (dates - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)


def booleans_of(texts):
    """Return yes and no, in any spelling, as the texts ``yes`` and ``no``."""
    lower = texts.str.lower()
    return lower.map(dict.fromkeys(TRUE, "yes") | dict.fromkeys(FALSE, "no")).astype("str")


def features_of(frame, columns):
    """Return features from a frame of texts.

    Parameters
    ----------
    frame : DataFrame
        Texts.
    columns : dict
        For each feature how it is read: ("number", decimal sign), ("date", day first or not), ("boolean",) or ("category",).
    """
    read = {"number": numbers_of, "date": days_of, "boolean": booleans_of, "category": lambda texts: texts}
    return pd.DataFrame({name: read[kind](texts_of(frame[name]), *how) for name, (kind, *how) in columns.items()})


def unread(frame, X):
    """Return by feature the share of its texts that could not be read, and so count as missing."""
    return {name: column[texts_of(frame[name]).notna()].isna().mean() for name, column in X.items()}


# Classifiers ----------------------------------------------------------------------------------------------------------

# Slow, small trees: LightGBM's defaults cannot split off a few dozen rows.
REGULARISED = {
    "learning_rate": 0.02,
    "num_leaves": 8,
    "reg_lambda": 1.0,
    "colsample_bytree": 0.5,
    "n_estimators": 400,
}


def as_lightgbm_takes_it(X):
    """Return features under plain names, with texts as categories."""
    X = X.set_axis([f"f{position}" for position in range(X.shape[1])], axis=1)
    return X.astype(dict.fromkeys(X.select_dtypes(exclude="number"), "category"))


def lightgbm(**settings):
    """Return LightGBM for features that are numbers and texts."""
    booster = LGBMClassifier(n_jobs=1, random_state=0, deterministic=True, force_row_wise=True, verbose=-1, **settings)
    return make_pipeline(FunctionTransformer(as_lightgbm_takes_it), booster)


def logistic_regression(**settings):
    """Return a logistic regression for features that are numbers and texts."""
    columns = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=1000, **settings))


# Rows -----------------------------------------------------------------------------------------------------------------


def copied(classifier):
    """Return a classifier that is trained with copies of rare rows until there are as many as of the others."""
    return make_resampled(RandomOverSampler(random_state=0), *(step for _, step in classifier.steps))


def interpolated(classifier):
    """Return a classifier that is trained with rows between rare rows, as many as there are of the others."""
    return make_resampled(FunctionSampler(func=smote, validate=False), *(step for _, step in classifier.steps))


def smote(X, y):
    """Return rows, and after them new ones of class 1 from the SMOTE family; for it a missing number is the median."""
    X, y = X.reset_index(drop=True), pd.Series(y).reset_index(drop=True)
    is_text = [not pd.api.types.is_numeric_dtype(dtype) for dtype in X.dtypes]
    filled = X.fillna({name: "missing" if text else X[name].median() for name, text in zip(X, is_text, strict=True)})
    filled = filled.astype({name: float for name, text in zip(X, is_text, strict=True) if not text})
    settings = {"k_neighbors": min(5, int(y.sum()) - 1), "random_state": 0}
    if all(is_text):
        sampler = SMOTEN(**settings)
    else:
        sampler = SMOTENC(is_text, **settings) if any(is_text) else SMOTE(**settings)
    more, labels = sampler.fit_resample(filled, y)
    return pd.concat([X, more.iloc[len(X) :]], ignore_index=True), labels


def synthetic(classifier):
    """Return a classifier that is trained with rows of class 1 drawn from a generator, as many as there are of the others."""
    from upsampling import TabularARGNSampler

    sampler = TabularARGNSampler(fast=True, random_state=0)
    return make_resampled(sampler, *(step for _, step in classifier.steps))


class GeneratorProbability(ClassifierMixin, BaseEstimator):
    """A generator's own probability of a class, given the features."""

    def fit(self, X, y):
        """Train the generator on all rows."""
        from upsampling import TabularARGNSampler

        self.classes_ = np.unique(y)
        self.generator_, _ = TabularARGNSampler(fast=True, random_state=0).fit_generator(X, y)
        return self

    def predict_proba(self, X):
        """Return a probability for each class."""
        return self.generator_.predict_proba(X)


# Probabilities and threshold ------------------------------------------------------------------------------------------


def mean_rank(scores, references):
    """Return the mean place of rows among others, as a share of them.

    Parameters
    ----------
    scores, references : list of array
        For each model the scores of the rows, and the sorted scores of the others.
    """
    places = [
        (np.searchsorted(others, score, "left") + np.searchsorted(others, score, "right")) / 2 / len(others)
        for score, others in zip(scores, references, strict=True)
    ]
    return np.mean(places, axis=0)


def calibrator_of(scores, y, weight=None):
    """Return what turns scores of rows that a model has not seen into probabilities: a logistic regression on their log odds."""
    return LogisticRegression(C=1e6).fit(log_odds(scores), y, sample_weight=weight)


def calibrated(calibrator, scores):
    """Return probabilities for scores."""
    return calibrator.predict_proba(log_odds(scores))[:, 1]


def log_odds(scores):
    """Return the log odds of scores as a column."""
    scores = np.clip(np.asarray(scores, dtype=float), 1e-6, 1 - 1e-6)
    return np.log(scores / (1 - scores))[:, None]


def cheapest_threshold(y, probability, cost_miss, cost_alarm, weight=None):
    """Return the probability from which on alarms cost least: `cost_alarm` for a false one, `cost_miss` for none where one was due.

    Of equally cheap ones it is the nearest to where the cost of a false alarm and that of a miss balance.
    """
    order = np.argsort(-probability, kind="stable")
    y, probability = np.asarray(y)[order], probability[order]
    weight = np.ones(len(y)) if weight is None else weight[order]
    saved = np.cumsum(weight * np.where(y == 1, cost_miss, -cost_alarm))
    saved[:-1][probability[:-1] == probability[1:]] = -np.inf
    if saved.max() <= 0:
        return np.inf
    cheapest = np.flatnonzero(saved == saved.max())
    balance = cost_alarm / (cost_alarm + cost_miss)
    # a threshold alarms the same rows down to the next lower probability
    lowest = np.nextafter(np.append(probability[1:], 0)[cheapest], 1)
    nearest = np.clip(balance, lowest, probability[cheapest])
    return float(nearest[np.abs(nearest - balance).argmin()])


def score_of(model, X):
    """Return the score of rows: of one model its probability, of several the mean of their ranks."""
    scores = [member.predict_proba(X)[:, 1] for member in model["members"]]
    return mean_rank(scores, model["references"]) if len(scores) > 1 else scores[0]


N_FOLDS = 5


def train(X, y, members, cost_miss, cost_alarm):
    """Return the trained members, and what turns their scores into probabilities and alarms: learnt on rows they had not seen."""
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    unseen = [cross_val_predict(member, X, y, cv=folds, method="predict_proba")[:, 1] for member in members]
    references = [np.sort(scores) for scores in unseen]
    scores = mean_rank(unseen, references) if len(members) > 1 else unseen[0]
    calibrator = calibrator_of(scores, y)
    threshold = cheapest_threshold(y, calibrated(calibrator, scores), cost_miss, cost_alarm)
    trained = [clone(member).fit(X, y) for member in members]
    return {"members": trained, "references": references, "calibrator": calibrator, "threshold": threshold}


# Commands -------------------------------------------------------------------------------------------------------------


def table_of(path, read, needed):
    """Return a file as texts; stop if it cannot be read, lacks columns or has no rows."""
    try:
        frame = read(path)
    except (OSError, ValueError) as error:
        sys.exit(f"{path} cannot be read: {error}")
    lacking = [name for name in needed if name not in frame]
    if lacking and frame.shape[1] == 1:
        sys.exit(
            f"{path} has one column, '{frame.columns[0]:.60}': save it with the separator of the file that the model was made for."
        )
    if lacking:
        sys.exit(f"{path} lacks columns that the model needs: {', '.join(lacking)}.")
    if frame.empty:
        sys.exit(f"{path} has no rows below its header.")
    return frame


def main(arguments, *, read, columns, target, positive, members, cost_miss, cost_alarm):
    """Train and save a model, or score a file with one that was saved."""
    match arguments:
        case ["train", path]:
            frame = table_of(path, read, [*columns, target])
            labels = texts_of(frame[target]).str.lower()
            frame, labels = frame[labels.notna()], labels.dropna()
            y = labels.isin(positive).astype(int).to_numpy()
            if min(y.sum(), len(y) - y.sum()) < N_FOLDS:
                sys.exit(
                    f"{path}: {target} is {' or '.join(positive)} in {y.sum()} of {len(y)} rows; {N_FOLDS} such rows and {N_FOLDS} others are needed."
                )
            X = features_of(frame, columns)
            model = train(X, y, members, cost_miss, cost_alarm)
            joblib.dump(model | {"unread": unread(frame, X)}, "model.joblib")
            alarm = f"alarm from {100 * model['threshold']:.2g} % on" if model["threshold"] <= 1 else "no alarm pays"
            print(f"model.joblib: trained on {len(y):,} rows, {y.sum():,} of them positive; {alarm}")
        case ["score", path]:
            if not Path("model.joblib").is_file():
                sys.exit("there is no model.joblib in this folder: make it with python model.py train FILE.")
            frame, model = table_of(path, read, columns), joblib.load("model.joblib")
            X = features_of(frame, columns)
            for name, share in unread(frame, X).items():
                known = model["unread"][name]
                if share > known + 0.05:
                    print(
                        f"{name}: {100 * share:.0f} % of the values are no {columns[name][0]} and count as missing; "
                        f"in training {100 * known:.0f} % were none",
                        file=sys.stderr,
                    )
            probability = calibrated(model["calibrator"], score_of(model, X))
            scored = frame.assign(probability=probability, alarm=(probability >= model["threshold"]).astype(int))
            place = f"{Path(path).name.split('.')[0]}-scored.csv"
            scored.to_csv(place, index=False)
            print(f"{place}: {len(scored):,} rows, {scored['alarm'].sum():,} alarms")
        case _:
            sys.exit("python model.py train FILE, or python model.py score FILE")

"""What a report compares: each method is a line of code that `recipe` runs and `model.py` contains, simplest first."""

from dataclasses import dataclass

from upsampling.own import recipe

CHEAP, NAIVE, SMOTE, GENERATOR = "cheap", "naive", "smotenc", "generator"
GROUP_TITLES = {CHEAP: "the cheap methods", NAIVE: "copied rows", SMOTE: "SMOTE-NC", GENERATOR: "the generator"}
LOGISTIC, REGULARISED = "logistic_regression({})", "lightgbm(**REGULARISED{})"


@dataclass(frozen=True)
class Method:
    """A way to get scores.

    Parameters
    ----------
    name : str
        Its key.
    title : str
        Its name within a sentence.
    group : str
        The methods that are fitted together.
    members : tuple of str
        Code of the estimators, in terms of `recipe`; of several the mean of their ranks is taken.
    raw : bool
        Whether it changes neither rows nor weights: doing nothing.
    """

    name: str
    title: str
    group: str
    members: tuple[str, ...]
    raw: bool = False

    def estimators(self) -> list:
        """Return the estimators, untrained."""
        return [eval(code, vars(recipe)) for code in self.members]


def _pair(
    name: str, title: str, group: str, wrapped: str = "{}", settings: str = "", raw: bool = False
) -> list[Method]:
    """Return a way to treat the rows under both classifiers."""
    logistic = wrapped.format(LOGISTIC.format(settings))
    boosted = wrapped.format(REGULARISED.format(f", {settings}" if settings else ""))
    return [
        Method(f"{name}_logistic", f"logistic regression{title}", group, (logistic,), raw),
        Method(f"{name}_regularised", f"regularised LightGBM{title}", group, (boosted,), raw),
    ]


_LOGISTIC, _REGULARISED = _pair("raw", "", CHEAP, raw=True)
METHODS = {
    method.name: method
    for method in (
        _LOGISTIC,
        Method("raw_lightgbm", "LightGBM with its defaults", CHEAP, ("lightgbm()",), raw=True),
        _REGULARISED,
        *_pair("weighted", " with class weights", CHEAP, settings="class_weight='balanced'"),
        Method(
            "mean_of_ranks",
            "the mean of ranks of logistic regression and regularised LightGBM",
            CHEAP,
            _LOGISTIC.members + _REGULARISED.members,
        ),
        *_pair("naive", " on copied rows", NAIVE, "copied({})"),
        *_pair("smotenc", " on rows from SMOTE-NC", SMOTE, "interpolated({})"),
        *_pair("synthetic", " on synthetic rows", GENERATOR, "synthetic({})"),
        Method("generator", "the generator's own probability", GENERATOR, ("GeneratorProbability()",)),
    )
}
RAW_METHODS = tuple(name for name, method in METHODS.items() if method.raw)


def of_group(group: str) -> tuple[str, ...]:
    """Return the names of the methods that are fitted together."""
    return tuple(name for name, method in METHODS.items() if method.group == group)

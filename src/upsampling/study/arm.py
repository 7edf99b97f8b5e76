"""What an arm declares of itself: one way of treating the imbalance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from imblearn.base import BaseSampler
from sklearn.base import clone

from upsampling.errors import SpecError
from upsampling.study.classifiers import CLASSIFIERS
from upsampling.study.names import GENERATOR, RANKS, TUNED
from upsampling.study.training import Build, TrainingSet


@dataclass(frozen=True)
class Arm:
    """One way of treating the imbalance.

    Parameters
    ----------
    name, title, description : str
        Short name, the name a reader sees, and one sentence.
    build : callable or None
        Makes the training set from the partition, the seed and a fitted generator. None for an arm that trains no
        classifier of its own.
    generator : str or None
        The generator it needs, by its name in `GENERATORS`.
    members : tuple of str
        For an arm that only combines the scores of others: their names.
    classifiers : tuple of str
        What is trained on the training set; empty for the study's classifiers.
    diagnosed : bool
        Whether the rows it made are looked at: not if they are those of another arm.
    tuned : bool
        Whether LightGBM alone is trained, with settings chosen by cross-validation: see `tuning`.
    pairs : tuple of (str, str)
        For an arm that is a mean of ranks over several arms and classifiers: these.
    thresholds : bool
        Whether costs are judged at thresholds chosen on training rows by cross-validation, which no row of a generator may have seen.
    variant : bool
        Whether it only varies another arm for the sake of one question: it has a page, and no place in overviews.
    skip : str
        Why it cannot be computed here; empty if it can.
    """

    name: str
    title: str
    description: str
    build: Build | None = None
    generator: str | None = None
    members: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()
    diagnosed: bool = True
    tuned: bool = False
    variant: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    thresholds: bool = False
    skip: str = ""

    def __post_init__(self):
        if self.thresholds and (self.generator or self.needs):
            raise SpecError(
                f"arm '{self.name}': thresholds are chosen on training rows by cross-validation, and rows of a generator that learnt from "
                f"all of them have seen the rows held out. Leave thresholds=False."
            )

    @property
    def needs(self) -> tuple[str, ...]:
        """The arms whose scores it combines."""
        return self.members or tuple(dict.fromkeys(arm for arm, _ in self.pairs))

    def trained(self, asked: Sequence[str] = ()) -> tuple[str, ...]:
        """Return what stands in the column `classifier` of its rows, if these classifiers are asked for; default: the study's."""
        if self.pairs:
            return (RANKS,)
        if self.build is None and not self.members:
            return (GENERATOR,)
        return (TUNED,) if self.tuned else self.classifiers or tuple(asked or CLASSIFIERS)


def from_sampler(sampler: BaseSampler) -> Build:
    """Return how a sampler of imbalanced-learn makes a training set: rows that it adds come after the real ones.

    Parameters
    ----------
    sampler : BaseSampler
        Untrained; its `random_state` is that of the cell.
    """

    def build(partition, seed: int, generator: None) -> TrainingSet:
        fresh = clone(sampler)
        if "random_state" in fresh.get_params():
            fresh.set_params(random_state=seed)
        X, y = fresh.fit_resample(partition.train.X, partition.train.y)
        return TrainingSet(X, y, min(len(partition.train), len(y)))

    return build


def with_column_order(arm: Arm, order: str, name: str | None = None) -> Arm:
    """Return an arm whose columns are drawn in another order; with a name of its own if there is one in the order of the file too."""
    return replace(
        arm,
        name=name or arm.name,
        title=f"{arm.title}, {order}",
        description=f"{arm.description[:-1]}; columns drawn with {order}.",
        build=arm.build and partial(arm.build, order=order),
        variant=True,
    )

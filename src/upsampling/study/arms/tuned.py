"""Arms under LightGBM with settings chosen by cross-validation: see `tuning`."""

from dataclasses import replace

from upsampling.study.arm import Arm
from upsampling.study.arms import controls, generator, paper

TUNED_ARMS = (
    "none class_weight naive smotenc tabularargn_categories_first tabularargn_synthetic_categories_first".split()
)


def _tuned(arm: Arm) -> Arm:
    return replace(
        arm,
        name=f"tuned_{arm.name}",
        title=f"{arm.title}, tuned",
        description=f"{arm.description[:-1]}; settings of LightGBM chosen by cross-validation on the real rows.",
        generator=arm.generator and f"{arm.generator}_folds",
        diagnosed=False,
        tuned=True,
        variant=True,
    )


_KNOWN = {arm.name: arm for family in (paper, controls, generator) for arm in family.ARMS}
ARMS = tuple(_tuned(_KNOWN[name]) for name in TUNED_ARMS)

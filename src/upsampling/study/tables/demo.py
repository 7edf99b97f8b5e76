import pandas as pd

from upsampling.study.table import DataFile, Dataset


def _fair(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(affair=(frame.pop("affairs") > 0).map({True: "yes", False: "no"}))


DATASET = Dataset(
    name="demo",
    title="Demo",
    files=(DataFile("fair.csv", "fd5f3f094a34fc35ca346a14c359e046ed27843038d6921efcd50a7ab21f6af0"),),
    package="statsmodels.datasets.fair",
    target="affair",
    minority="yes",
    columns="rate_marriage, age, yrs_married, children, religious, educ, occupation*, occupation_husb*",
    n_rows=6_366,
    n_minority=2_053,
    licence="included in statsmodels with permission of the author",
    source="https://www.statsmodels.org/stable/datasets/generated/fair.html",
    citation="Fair (1978), doi:10.1086/260651",
    prepare=_fair,
    published=False,
)

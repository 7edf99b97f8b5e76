from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="solar_flare",
    title="Solar flare",
    files=(DataFile("solar_flare.csv.gz", "0bc264ffaa50eaee6c663bce61ed234f841cbc32fdfaacaff4a799936199e5af"),),
    package="upsampling.study.tables.data",
    target="m_class_flare",
    minority="yes",
    columns="LargestSpotSize*, SpotDistribution*, Activity*, Evolution*, Prev24Hour*, HistComplex*, BecomeHist*, "
    "Area*, Class*",
    n_rows=1066,
    n_minority=36,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/89",
    citation="UCI Machine Learning Repository, data set 89 (Solar Flare)",
    twins=True,
)

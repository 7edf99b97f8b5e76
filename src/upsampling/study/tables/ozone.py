from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="ozone",
    title="Ozone",
    files=(DataFile("ozone.csv.gz", "56efd2c8ca63bd0c1bf1a3521ba656b9f1dc57230d570a46ffc07c64256bbf10"),),
    package="upsampling.study.tables.data",
    target="ozone_day",
    minority="1",
    columns=", ".join(f"f{number}" for number in range(1, 73)),
    n_rows=2534,
    n_minority=160,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/172",
    citation="Zhang, Fan and Yuan, UCI Machine Learning Repository, data set 172 (Ozone Level Detection, eight hours)",
    missing=("", "?"),
)

from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="mammography",
    title="Mammography",
    files=(DataFile("natural/mammography.csv.gz", "1d214947c154f117b9408b13462603659ecfc6cfb5cbdb564c85500166a55151"),),
    target="microcalcification",
    minority="1",
    columns=", ".join(f"f{number}" for number in range(1, 7)),
    n_rows=11183,
    n_minority=260,
    licence="not stated",
    source="https://www.openml.org/d/310",
    citation="Woods et al. (1993), OpenML data set 310",
)

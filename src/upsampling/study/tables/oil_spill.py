from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="oil_spill",
    title="Oil spill",
    files=(DataFile("natural/oil_spill.csv.gz", "f6f2e48d4e90af1a229c1fe78bbc97297f2757a63de06f2d051d76e66273ac44"),),
    target="oil",
    minority="1",
    columns=", ".join(f"f{number}" for number in range(1, 49)),
    n_rows=937,
    n_minority=41,
    licence="not stated",
    source="https://www.openml.org/d/311",
    citation="Kubat, Holte and Matwin (1998), OpenML data set 311",
)

from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="caravan",
    title="Caravan insurance",
    files=(DataFile("caravan.csv.gz", "f3c4fc05fd7a4b4fdaa4788a3c277c70ee465f3ee8b5b305ed82b5a5859c3a7d"),),
    package="upsampling.study.tables.data",
    target="caravan",
    minority="1",
    columns=", ".join(f"a{number}*" if number in (1, 5) else f"a{number}" for number in range(1, 86)),
    n_rows=9822,
    n_minority=586,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/125",
    citation="van der Putten, UCI Machine Learning Repository, data set 125 (Insurance Company Benchmark, CoIL 2000), train and evaluation joined",
    twins=True,
)

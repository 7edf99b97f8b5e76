from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="car",
    title="Car evaluation",
    files=(DataFile("car.csv.gz", "2569f7f56601ae8288dbf63a482476c2f4135a4b4af2170403e04137320b23a3"),),
    package="upsampling.study.tables.data",
    target="Acceptability",
    minority="very good",
    columns="Buying*, Maint*, Doors*, Persons*, Lug_boot*, Safety*",
    n_rows=1728,
    n_minority=65,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/19",
    citation="Bohanec, UCI Machine Learning Repository, data set 19 (Car Evaluation)",
)

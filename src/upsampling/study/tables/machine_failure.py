from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="machine_failure",
    title="Machine failure",
    files=(DataFile("machine_failure.csv.gz", "ba21304925b260c861bd844d32d2cf98b663dfc9207798a04ffeb6eeaf8d9752"),),
    package="upsampling.study.tables.data",
    target="Machine failure",
    minority="1",
    columns="Type*, Air temperature [K], Process temperature [K], Rotational speed [rpm], Torque [Nm], Tool wear [min]",
    n_rows=10000,
    n_minority=339,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/601",
    citation="Matzka, UCI Machine Learning Repository, data set 601 (AI4I 2020 Predictive Maintenance)",
)

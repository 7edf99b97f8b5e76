from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="white_wine",
    title="White wine",
    files=(DataFile("white_wine.csv.gz", "a5fff7af8f9a3f0de84d4bb9f1469e73cb5f6a5ecab3a426060de15762ad652a"),),
    package="upsampling.study.tables.data",
    target="quality",
    minority="8 or 9",
    columns="fixed_acidity, volatile_acidity, citric_acid, residual_sugar, chlorides, free_sulfur_dioxide, "
    "total_sulfur_dioxide, density, pH, sulphates, alcohol",
    n_rows=4898,
    n_minority=180,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/186",
    citation="Cortez et al., UCI Machine Learning Repository, data set 186 (Wine Quality, white)",
    twins=True,
)

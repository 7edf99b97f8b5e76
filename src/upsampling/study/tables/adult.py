from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="adult",
    title="Adult",
    files=(
        DataFile(
            "adult/census.csv.gz",
            "e894df34ea1348ec0b421403bf8f0c7f719da4578222cb733615d091c49dff62",
            (
                "https://github.com/mostly-ai/public-demo-data/raw/64020409bdc85b7a04a2e510be00f9f4cf47fd3d/census/census.csv.gz",
            ),
        ),
    ),
    target="income",
    minority=">50K",
    columns="age, workclass*, fnlwgt, education*, education_num, marital_status*, occupation*, relationship*, race*, "
    "sex*, capital_gain, capital_loss, hours_per_week, native_country*",
    n_rows=48_842,
    n_minority=11_687,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/2/adult",
    citation="Becker and Kohavi (1996), doi:10.24432/C5XW20",
)

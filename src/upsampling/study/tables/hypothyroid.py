from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="hypothyroid",
    title="Hypothyroid",
    files=(DataFile("hypothyroid.csv.gz", "677282f8064bf4859af670e88f20ffcf903836bc268f3b98761c5f8b650a64c1"),),
    package="upsampling.study.tables.data",
    target="diagnosis",
    minority="hypothyroid",
    columns="age, sex*, on_thyroxine*, query_on_thyroxine*, on_antithyroid_medication*, thyroid_surgery*, "
    "query_hypothyroid*, query_hyperthyroid*, pregnant*, sick*, tumor*, lithium*, goitre*, TSH_measured*, "
    "TSH, T3_measured*, T3, TT4_measured*, TT4, T4U_measured*, T4U, FTI_measured*, FTI",
    n_rows=3163,
    n_minority=151,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/102",
    citation="Quinlan, UCI Machine Learning Repository, data set 102 (Thyroid Disease), file hypothyroid.data",
    missing=("", "?"),
    twins=True,
)

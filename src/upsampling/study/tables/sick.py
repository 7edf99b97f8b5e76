from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="sick",
    title="Sick euthyroid",
    files=(DataFile("sick.csv.gz", "9a355a16a2850289b42c2a40d6639a83c233a2e4210b016a1d3b8a8a061feab4"),),
    package="upsampling.study.tables.data",
    target="euthyroid_sick",
    minority="sick",
    columns="age, sex*, on_thyroxine*, query_on_thyroxine*, on_antithyroid_medication*, sick_now*, pregnant*, "
    "thyroid_surgery*, I131_treatment*, query_hypothyroid*, query_hyperthyroid*, lithium*, goitre*, tumor*, "
    "hypopituitary*, psych*, TSH_measured*, TSH, T3_measured*, T3, TT4_measured*, TT4, T4U_measured*, T4U, "
    "FTI_measured*, FTI, referral_source*",
    n_rows=2799,
    n_minority=171,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/102",
    citation="Quinlan, UCI Machine Learning Repository, data set 102 (Thyroid Disease, Garavan Institute), file sick.data",
    missing=("", "?"),
)

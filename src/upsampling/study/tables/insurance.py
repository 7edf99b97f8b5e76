from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="insurance",
    title="Insurance",
    files=(
        DataFile(
            "insurance/train.csv",
            "3b60d1072851756367817fb155e6e755ffa79509daa806720719bc395dfbea7d",
            (
                "https://raw.githubusercontent.com/CrisMW/insurance_cross_sell/"
                "d652292a50304b604eac683e7f1bdff3dc56b4cb/train.csv",
                "https://raw.githubusercontent.com/caner34/Health-Insurance-Cross-Sell-Prediction/"
                "fad00300c6c0cafa970205b5d35f8d5a475a2cbf/data/train.csv",
            ),
        ),
        DataFile("insurance/train.csv.xz", "fff477dbb643ef13e8624ae80f47514cbfb842d6d735144e8c25000779e7e5f2"),
    ),
    target="Response",
    minority="1",
    columns="Gender*, Age, Driving_License*, Region_Code*, Previously_Insured*, Vehicle_Age*, Vehicle_Damage*, "
    "Annual_Premium, Policy_Sales_Channel*, Vintage",
    dropped=("id",),
    n_rows=381_109,
    n_minority=46_710,
    licence="unknown",
    source="https://www.kaggle.com/datasets/anmolkumar/health-insurance-cross-sell-prediction",
    citation="Kaggle, Health Insurance Cross Sell Prediction",
)

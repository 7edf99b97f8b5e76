from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="credit_card",
    title="Credit Card",
    files=(
        DataFile(
            "credit_card/creditcard_default.csv.gz",
            "06bde6e33db1ca1381f7e0e78d4bfbf387b8fa040641dee4c2f3457f68c68142",
            (
                "https://github.com/mostly-ai/public-demo-data/raw/64020409bdc85b7a04a2e510be00f9f4cf47fd3d/creditcard_default/creditcard_default.csv.gz",
            ),
        ),
    ),
    target="has_default",
    minority="1",
    columns="limit_bal, sex*, education*, marriage*, age, pay_0, pay_2, pay_3, pay_4, pay_5, pay_6, bill_amt1, "
    "bill_amt2, bill_amt3, bill_amt4, bill_amt5, bill_amt6, pay_amt1, pay_amt2, pay_amt3, pay_amt4, "
    "pay_amt5, pay_amt6",
    n_rows=30_000,
    n_minority=6_636,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/350/default+of+credit+card+clients",
    citation="Yeh (2009), doi:10.24432/C55S3H",
)

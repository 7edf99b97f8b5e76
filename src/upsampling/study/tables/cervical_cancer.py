from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="cervical_cancer",
    title="Cervical cancer",
    files=(DataFile("cervical_cancer.csv.gz", "00a4d75baf79fcd545192af9e7e308c2d629217a66d23447071b126d6f40bb86"),),
    package="upsampling.study.tables.data",
    target="Biopsy",
    minority="1",
    columns="Age, Number of sexual partners, First sexual intercourse, Num of pregnancies, Smokes*, Smokes (years), "
    "Smokes (packs/year), Hormonal Contraceptives*, Hormonal Contraceptives (years), IUD*, IUD (years), "
    "STDs*, STDs (number), STDs:condylomatosis*, STDs:cervical condylomatosis*, "
    "STDs:vaginal condylomatosis*, STDs:vulvo-perineal condylomatosis*, STDs:syphilis*, "
    "STDs:pelvic inflammatory disease*, STDs:genital herpes*, STDs:molluscum contagiosum*, STDs:AIDS*, "
    "STDs:HIV*, STDs:Hepatitis B*, STDs:HPV*, STDs: Number of diagnosis, STDs: Time since first diagnosis, "
    "STDs: Time since last diagnosis, Dx:Cancer*, Dx:CIN*, Dx:HPV*, Dx*",
    n_rows=858,
    n_minority=55,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/383",
    citation="Fernandes, Cardoso and Fernandes, UCI Machine Learning Repository, data set 383 (Cervical cancer, Risk Factors)",
    missing=("", "?"),
)

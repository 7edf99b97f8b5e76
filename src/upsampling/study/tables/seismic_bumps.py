from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="seismic_bumps",
    title="Seismic bumps",
    files=(DataFile("seismic_bumps.csv.gz", "f9ecdef104d2aebad765ad308819147e420a936a9b03ce7adaff44b49442497b"),),
    package="upsampling.study.tables.data",
    target="class",
    minority="1",
    columns="seismic*, seismoacoustic*, shift*, genergy, gpuls, gdenergy, gdpuls, hazard*, nbumps, nbumps2, nbumps3, "
    "nbumps4, nbumps5, nbumps6, nbumps7, nbumps89, energy, maxenergy",
    n_rows=2584,
    n_minority=170,
    licence="CC BY 4.0",
    source="https://archive.ics.uci.edu/dataset/266",
    citation="Sikora and Wrobel, UCI Machine Learning Repository, data set 266 (seismic-bumps)",
)

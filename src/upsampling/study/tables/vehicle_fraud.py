from upsampling.study.table import DataFile, Dataset

DATASET = Dataset(
    name="vehicle_fraud",
    title="Vehicle fraud",
    files=(
        DataFile("natural/vehicle_fraud.csv.gz", "33082013f1417449357c87200778e8860a4431d60be62359edf13969f88b47ad"),
    ),
    target="FraudFound_P",
    minority="1",
    columns="Month*, WeekOfMonth*, DayOfWeek*, Make*, AccidentArea*, DayOfWeekClaimed*, MonthClaimed*, "
    "WeekOfMonthClaimed*, Sex*, MaritalStatus*, Age, Fault*, PolicyType*, VehicleCategory*, VehiclePrice*, "
    "RepNumber*, Deductible, DriverRating, Days_Policy_Accident*, Days_Policy_Claim*, PastNumberOfClaims*, "
    "AgeOfVehicle*, AgeOfPolicyHolder*, PoliceReportFiled*, WitnessPresent*, AgentType*, "
    "NumberOfSuppliments*, AddressChange_Claim*, NumberOfCars*, Year, BasePolicy*",
    n_rows=15420,
    n_minority=923,
    licence="not stated",
    source="Oracle's data mining documentation",
    citation="Vehicle insurance claims of an undisclosed company, published with the documentation of Oracle Data Mining",
)

"""The generator's settings and their defaults."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a generator learns and draws: the parameters of `TabularARGNSampler`, which describes them and knows what each may be.

    There `fast` may be left to the backend.
    """

    backend: str = "engine"
    model: str = "MOSTLY_AI/Medium"
    max_epochs: float = 100.0
    early_stopping: bool = True
    max_training_time: float = 14400.0
    batch_size: int | None = None
    gradient_accumulation_steps: int | None = None
    enable_flexible_generation: bool = True
    value_protection: bool = True
    rare_category_replacement: str = "sample"
    sampling_temperature: float = 1.0
    sampling_top_p: float = 1.0
    fast: bool = False
    n_jobs: int = 1
    device: str = "cpu"
    verbose: int = 0

"""Print environment.yml: the pins of lock.txt in the form that conda and Binder read."""

import tomllib

from upsampling import paths
from upsampling.book.environment import REQUIREMENTS, read_requirements

# They declare what overrides.txt leaves out, so pip's resolver must not see them.
WITHOUT_DEPENDENCIES = ("mostlyai-engine", "xgboost", "xgrammar")

TEXT = """\
# Made from requirements/lock.txt by `make lock`: do not edit. For conda; Binder takes both steps by itself.
#     conda env create -f environment.yml
#     conda activate upsampling && ./postBuild
# postBuild installs, without their dependencies, this project and: {without_dependencies}
name: upsampling
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.12
  - pip
  - pip:
      # CPU builds of torch: on Linux, PyPI's come with 3 GB of CUDA libraries.
      - --extra-index-url https://download.pytorch.org/whl/cpu
      - {pins}
"""

lock = read_requirements(REQUIREMENTS / "lock.txt")
project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
torch = next(text for text in project["dependencies"] if text.startswith("torch=="))
pins = [torch, *(str(pin) for pin in lock if pin.name not in WITHOUT_DEPENDENCIES)]
print(TEXT.format(without_dependencies=", ".join(WITHOUT_DEPENDENCIES), pins="\n      - ".join(pins)), end="")

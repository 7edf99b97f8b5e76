import pytest

from upsampling import errors
from upsampling.errors import SpecError, UpsamplingError, check_choice


def test_known_name_comes_back():
    assert check_choice("naive", ["none", "naive"], "arm") == "naive"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("naiv", "unknown arm 'naiv'. Did you mean 'naive'? Known: none, naive."),
        ("zzz", "unknown arm 'zzz'. Known: none, naive."),
        (3, "unknown arm '3'. Known: none, naive."),
    ],
)
def test_unknown_name_is_refused_with_what_is_known(value, message):
    with pytest.raises(SpecError) as refusal:
        check_choice(value, ["none", "naive"], "arm")
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "name", ["DataError", "SpecError", "GeneratorError", "StoreError", "RunnerError", "StatsError"]
)
def test_errors_are_of_one_family_and_value_errors(name):
    assert issubclass(getattr(errors, name), UpsamplingError)
    assert issubclass(getattr(errors, name), ValueError)

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


def test_a_near_name_among_many_spares_the_list():
    choices = [f"arm{n}" for n in range(100, 120)]
    with pytest.raises(SpecError, match=r"^unknown arm 'arm10x'\. Did you mean 'arm1\d\d'\?$"):
        check_choice("arm10x", choices, "arm")
    with pytest.raises(SpecError, match=r"^unknown arm 'zzz'\. Known: arm100, .*arm119\.$"):
        check_choice("zzz", choices, "arm")


@pytest.mark.parametrize(
    "name", ["DataError", "SpecError", "GeneratorError", "StoreError", "RunnerError", "StatsError"]
)
def test_errors_are_of_one_family_and_value_errors(name):
    assert issubclass(getattr(errors, name), UpsamplingError)
    assert issubclass(getattr(errors, name), ValueError)

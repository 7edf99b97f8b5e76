"""The command names the extra that is missing."""

import sys

import pytest

from upsampling import __main__ as command
from upsampling import cli
from upsampling.own import command as report

COMMANDS = {registered.name or registered.callback.__name__ for registered in cli.app.registered_commands}


def fails(monkeypatch, name: str) -> None:
    def fail():
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    for home in (cli, report):
        monkeypatch.setattr(home, "main", fail)


def test_every_command_has_its_extra():
    assert set(command.EXTRAS) | set(command.STUDY) == COMMANDS
    assert not set(command.EXTRAS) & set(command.STUDY)


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["report", "demo"], "`upsampling report` needs more than the library: pip install 'upsampling[report]'"),
        (["grid"], "pip install 'upsampling[study]'"),
        (["book", "--force"], "pip install 'upsampling[book]'"),
        (["--help"], "'upsampling[report]' for a report on a table of your own"),
        (["gird"], "'upsampling[study]' to compute the study, 'upsampling[book]' for the book"),
        ([], "'upsampling[report]'"),
    ],
)
def test_a_missing_package_ends_in_a_message_that_names_the_extra(monkeypatch, capsys, arguments, remedy):
    fails(monkeypatch, "typer.core")
    monkeypatch.setattr(sys, "argv", ["upsampling", *arguments])
    with pytest.raises(SystemExit) as stop:
        command.main()
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("error: typer.core is not installed. ")
    assert remedy in err
    assert len(err.splitlines()) == 1


def test_a_missing_part_of_this_package_is_a_defect_and_not_an_extra(monkeypatch):
    fails(monkeypatch, "upsampling.gone")
    with pytest.raises(ModuleNotFoundError, match=r"upsampling\.gone"):
        command.main()

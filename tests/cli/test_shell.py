"""The command line itself: help, suggestions, one line per error, exit codes, and text that cannot harm a terminal."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from syncview import __version__
from syncview.cli.output import result_json, safe_text
from syncview.cli.shell import VERBS, exit_code_of, shell
from syncview.cli.verb import State, Verb
from syncview.errors import (
    CaseFileError,
    CaseFolderError,
    DocumentError,
    IntegrityError,
    MediaError,
    SettingError,
    SyncViewError,
)
from syncview.store import CaseFolder
from syncview.store.lock import exclusive

HEAVY = (
    "numpy",
    "scipy",
    "av",
    "pydantic",
    "rich",
    "librosa",
    "tomlkit",
    "jinja2",
    "cv2",
    "starlette",
    "syncview.case",
)
SYNCVIEW = Path(sys.executable).with_name("syncview")


def invoke(*arguments: str):
    return CliRunner().invoke(shell, arguments, prog_name="syncview")


def test_help_begins_with_examples_and_names_every_verb():
    outcome = invoke("-h")
    assert outcome.exit_code == 0
    assert outcome.stdout.startswith("Examples:\n  syncview ")
    assert outcome.stderr == ""
    for name, summary in VERBS.items():
        assert f"  {name}" in outcome.stdout
        assert summary.split()[0] in outcome.stdout
    assert invoke("--help").stdout == outcome.stdout


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_its_module_examples_and_the_summary_of_the_list(name):
    command = shell.get_command(click.Context(shell), name)
    assert isinstance(command, Verb)
    assert command.name == name
    assert command.get_short_help_str(limit=200) == VERBS[name]
    outcome = invoke(name, "-h")
    assert outcome.exit_code == 0
    assert outcome.stdout.startswith(f"Examples:\n  syncview {name} ")
    assert all(example.startswith(f"syncview {name}") for example in command.examples)
    assert "--debug" in outcome.stdout


def test_version():
    outcome = invoke("--version")
    assert (outcome.exit_code, outcome.stdout) == (0, f"syncview {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["vrify", "CASE"], "syncview: there is no verb 'vrify' (did you mean 'verify'?)"),
        (["xyzzy"], f"syncview: there is no verb 'xyzzy' (known: {', '.join(VERBS)})"),
        (["verify"], "syncview: missing argument 'CASE' (see: syncview verify -h)"),
        (["pin", "a@1", "b@2"], "syncview: missing option '-o' / '--case' (see: syncview pin -h)"),
        (
            ["pin", "a@x", "b@2"],
            "'a@x' is no moment; write NAME@SECONDS, such as cam1.mp4@12.34 (see: syncview pin -h)",
        ),
        (["verify", "--jsn", "CASE"], "did you mean"),
    ],
)
def test_a_usage_mistake_is_one_line_on_stderr(arguments, line):
    outcome = invoke(*arguments)
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert line.lower() in outcome.stderr.lower()
    assert outcome.stderr.startswith("syncview: ")
    assert outcome.stderr.count("\n") == 1


def test_a_bare_call_shows_help():
    outcome = invoke()
    assert outcome.exit_code == 2
    assert "Examples:" in outcome.output


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CaseFileError("case.toml, line 3: wrong", hint="mend it"), 2),
        (CaseFolderError("not writable"), 2),
        (SettingError("out of range"), 2),
        (MediaError("cannot be read"), 4),
        (DocumentError("no timeline"), 4),
        (IntegrityError("changed"), 5),
        (SyncViewError("other"), 4),
    ],
)
def test_each_error_has_its_exit_code_and_one_line(error, code, capsys):
    def run():
        raise error

    assert exit_code_of(run, State()) == code
    assert capsys.readouterr() == ("", f"syncview: {error}\n")


def test_other_ends_have_their_codes(capsys):
    def interrupt():
        raise click.exceptions.Abort

    def full_disk():
        raise OSError(28, "No space left on device", "/disk/a\nb")

    assert exit_code_of(interrupt, State()) == 130
    assert exit_code_of(full_disk, State()) == 4
    assert exit_code_of(lambda: 3, State()) == 3
    assert exit_code_of(lambda: None, State()) == 0
    assert "/disk/a\\nb: No space left on device" in capsys.readouterr().err


def test_a_traceback_only_with_debug(tmp_path):
    quiet = invoke("verify", str(tmp_path / "none"))
    assert quiet.exit_code == 2
    assert "Traceback" not in quiet.stderr
    assert quiet.stderr.count("\n") == 1
    for arguments in (["--debug", "verify"], ["verify", "--debug"]):
        loud = invoke(*arguments, str(tmp_path / "none"))
        assert loud.exit_code == 2
        assert "Traceback" in loud.stderr
        assert loud.stderr.splitlines()[-1] == quiet.stderr.strip()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("cam 1 – شارع.mp4", "cam 1 – شارع.mp4"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("\u202egpj.exe\u2069", "\\u202egpj.exe\\u2069"),
        ("bad\udcff.mp4", "bad\\xff.mp4"),
        ("\ud83d", "\\ud83d"),
        ("\u2028", "\\u2028"),
    ],
)
def test_names_cannot_steer_a_terminal(text, safe):
    assert safe_text(text) == safe


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "cp1256"])
def test_json_is_valid_in_every_encoding(encoding, monkeypatch):
    document = {"name": "شارع 🎥 é", "size": 1.5}
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    result_json(document)
    stream.flush()
    assert json.loads(stream.buffer.getvalue().decode(encoding)) == document


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["vrify"], []])
def test_help_and_mistakes_load_nothing_heavy(arguments):
    code = "import sys\nfrom syncview.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    outcome = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    loaded = outcome.stderr.split()
    assert "syncview.cli.shell" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, syncview; print(*sys.modules)"
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [name for name in (*HEAVY, "click") if name in outcome.stdout.split()] == []


@pytest.mark.slow
@pytest.mark.parametrize("command", [[str(SYNCVIEW)], [sys.executable, "-m", "syncview"]])
def test_the_installed_program_runs_in_a_plain_locale(command, tmp_path):
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    name = os.fsdecode("شارع\n.mp4".encode())
    arguments = [*command, "pin", f"{name}@1.5", "b@2", "-o", str(tmp_path / "case")]
    outcome = subprocess.run(arguments, capture_output=True, env=plain, check=False)
    assert outcome.returncode == 0
    assert outcome.stderr.endswith(b"new case folder; names are not checked until the first run\n")
    assert outcome.stderr.count(b"\n") == 1
    assert outcome.stdout.decode().count("\n") == 2
    outcome = subprocess.run([*command, "verify", name], capture_output=True, env=plain, check=False)
    assert (outcome.returncode, outcome.stdout) == (2, b"")
    assert outcome.stderr.startswith(b"syncview: there is no case folder ")
    assert outcome.stderr.count(b"\n") == 1


def has_open(pid: int, path: Path) -> bool:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if link.readlink() == path:
                return True
    return False


def _heed_interrupts() -> None:
    """A shell lets what it runs in the background ignore interrupts, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs to see when the program waits")
def test_an_interrupt_ends_the_program_with_its_code(tmp_path):
    folder = CaseFolder.create(tmp_path / "case")
    lock = folder.path / ".case-file.lock"
    with exclusive(lock, wait_s=0.0, what="the test"):
        command = [str(SYNCVIEW), "pin", "a@1", "b@2", "-o", str(folder.path)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_interrupts
        ) as program:
            while not has_open(program.pid, lock):
                assert program.poll() is None
                time.sleep(0.05)
            program.send_signal(signal.SIGINT)
            output, errors = program.communicate()
    assert (program.returncode, output) == (130, "")
    assert errors.splitlines()[-1] == "syncview: interrupted (run it again: it continues from what was kept)"
    assert not folder.case_file.exists()


@pytest.mark.parametrize("arguments", [("-h",), ("pin", "a@1", "b@2", "-o", "case")])
def test_a_reader_that_goes_away_ends_it_quietly(tmp_path, arguments):
    command = [str(SYNCVIEW), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as program:
        program.stdout.close()
        errors = program.stderr.read()
    assert program.returncode == 130
    assert "Traceback" not in errors
    assert "Broken pipe" not in errors

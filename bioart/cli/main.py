"""`bioart`: finds the commands in this folder, runs one, and ends every fault in one clear line.

To add a command, write `cli/<name>.py` with a function `command`; its docstring's first line is the help.
Exit 0: done; 1: the work failed; 2: the call, a preset or an input was wrong; 130: interrupted.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
from types import FrameType

import typer

from bioart import __version__
from bioart import cli as folder
from bioart.errors import BioartError

NOT_COMMANDS = ("main", "options")
INTERRUPTED = 130

app = typer.Typer(
    name="bioart",
    help="An instrument for living light: presets become movies, stills and holograms.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _first(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True),
) -> None:
    if version:
        typer.echo(f"bioart {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def commands() -> list[str]:
    """The names of all commands: the modules of this folder."""
    return sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if m.name not in NOT_COMMANDS)


for _name in commands():
    _function = importlib.import_module(f"bioart.cli.{_name}").command
    app.command(_name.removesuffix("_"), help=(_function.__doc__ or "").strip())(_function)


def run() -> None:
    """The program's entry. A fault is one line on stderr; `--debug` shows where it was raised."""
    _prepare()
    try:
        code = app(prog_name="bioart", standalone_mode=False)
        sys.stdout.flush()
        if code == INTERRUPTED:  # the parser turns an interrupt into this
            code = _told("interrupted", INTERRUPTED)
    except (KeyboardInterrupt, typer.Abort):
        code = _told("interrupted", INTERRUPTED)
    except BioartError as fault:
        code = _told(str(fault), fault.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read us has gone: `bioart list | head`
        code = 1
    except Exception as fault:
        # The parser's own faults know how to say themselves; any other is ours, and still one line.
        if hasattr(fault, "format_message"):
            code = _told(_misused(fault), 2)
        else:
            code = _told(f"unforeseen fault: {type(fault).__name__}: {fault} (`--debug` shows where)", 1)
    sys.exit(code or 0)


def _prepare() -> None:
    """A name that is no text may be printed as it came; being asked to end leaves nothing half made."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            whole = (stream.encoding or "").lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if whole and stream is sys.stdout else "replace")

    def ended(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, ended)


def _misused(fault: Exception) -> str:
    """The parser's complaint, with where to see what would be allowed."""
    context = getattr(fault, "ctx", None)
    command = context.command_path if context is not None else "bioart"
    said = fault.format_message().rstrip(".").replace(". Did", "; did")  # type: ignore[attr-defined]
    known = f"what `{command} --help` lists"
    if said.startswith("No such command"):
        known = ", ".join(commands())
    head = command.removeprefix("bioart").strip()
    return f"{head}{': ' if head else ''}{said[:1].lower()}{said[1:]}; allowed: {known}"


def _told(message: str, code: int) -> int:
    if "--debug" in sys.argv:
        import traceback

        traceback.print_exc()
    line = " ".join(message.split())
    print("bioart: " + "".join(c if c.isprintable() else "�" for c in line), file=sys.stderr)
    return code


if __name__ == "__main__":
    run()

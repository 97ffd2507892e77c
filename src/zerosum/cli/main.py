"""Where a command begins and ends: its errors, its signals, its exit code.

Nothing but the smallest modules is imported before the signals are caught: Ctrl-C while Python
still imports the others is no traceback either.
"""

import os
import signal
import sys

from zerosum import WINDOWS
from zerosum.cli.loading import LOADING, tell_of_loading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    """Run a command. Exit codes: 0 done, 1 failed, 2 wrong words, 128 + n stopped by signal n."""
    if sys.platform == "win32":
        print(WINDOWS, file=sys.stderr)
        sys.exit(1)
    from zerosum.signals import SIGNALS

    try:
        for number in SIGNALS:
            # A shell lets its background jobs ignore Ctrl-C, which is meant for others; nohup the
            # end of the terminal.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _stop)
        silence_libraries()
        for stream in (sys.stdout, sys.stderr):
            # A name that is no UTF-8, in JSON as well.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        code = _run()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        code = 128 + signal.SIGINT
    except BrokenPipeError:
        # Whoever read our output has gone, as in `zerosum recipes | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    # All is done: what Python still does before it ends need not be waited for.
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: os._exit(code))
    sys.exit(code)


def silence_libraries() -> None:
    """Show what zerosum itself logs, and nothing of what libraries log or warn of: a user of a
    command can do nothing about it.

    Before they are imported: some ask then whether anybody listens, and else print for themselves.
    Python's own -W and PYTHONWARNINGS show their warnings.
    """
    import logging

    class Printing(logging.Handler):
        """What was found damaged and is made anew, or what will take long; above a live bar."""

        def emit(self, record: logging.LogRecord) -> None:
            print(f"zerosum: {record.getMessage()}", file=sys.stderr, flush=True)

    printing = Printing()
    printing.addFilter(logging.Filter("zerosum"))
    logging.getLogger().addHandler(printing)
    if not sys.warnoptions:
        logging.captureWarnings(True)
    # The parts in C++ print by themselves.
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _run() -> int:
    import click

    from zerosum.cli.commands import commands
    from zerosum.cli.known import lists_for
    from zerosum.cli.terminal import echo
    from zerosum.cli.words import answer_of
    from zerosum.errors import UsageError, ZerosumError
    from zerosum.reading import reason

    if asked := os.environ.get("_ZEROSUM_COMPLETE"):
        from zerosum.cli.completion import complete

        return complete(asked)
    tell_of_loading()
    try:
        # Not `commands()`, which turns a broken pipe into exit code 1.
        with commands.make_context("zerosum", sys.argv[1:]) as context:
            result = commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        sys.stdout.flush()
        return done.exit_code
    except ZerosumError as error:
        _complain(error.what, error.remedy)
        return 2 if isinstance(error, UsageError) else 1
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.UsageError as error:
        _complain(*answer_of(error))
        if isinstance(error, click.MissingParameter) and error.param is not None:
            for line in lists_for(error.param, error.ctx):
                echo(line, err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except OSError as error:
        if error.filename is None:
            raise
        # A file or folder that nobody thought to ask for: what is said of it is enough.
        _complain(
            f"{error.filename}: {reason(error)}", "make it accessible to you, or name another"
        )
        return 1
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return result if isinstance(result, int) else 0


def _complain(what: str, remedy: str) -> None:
    from zerosum.cli.terminal import echo_wrapped
    from zerosum.training.launched import by_torchrun, is_first_here
    from zerosum.visible import visible

    if is_first_here():  # of several processes on a machine one says it
        echo_wrapped(f"zerosum: {visible(what)}")
        echo_wrapped(f"  {visible(remedy)}")
    if by_torchrun():
        from zerosum.training.refusals import say_refused

        say_refused(what, remedy)


def _stop(number: int, frame: "FrameType | None") -> None:
    """Unwind, so that half-written files are taken away again. In an import end at once: there an
    exception may be swallowed, or turned into another one with a traceback."""
    if number == signal.SIGHUP:
        from zerosum.signals import leave_closed_terminal

        leave_closed_terminal()
    if _imports(frame):
        LOADING.clear()
        os.write(2, b"stopped\n")
        os._exit(128 + number)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _imports(frame: "FrameType | None") -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False

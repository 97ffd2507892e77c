"""Which signals ask a command to stop, and what becomes of its words when its terminal is closed.

Not to be imported on Windows, which has no SIGHUP.
"""

import errno
import os
import signal
import termios

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, `kill`, and a terminal that is closed."""


def ignores_hangup() -> bool:
    """Whether this process is to outlive its terminal, as below `nohup`."""
    return signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def leave_closed_terminal() -> None:
    """Send what is still printed nowhere, where the terminal that it was meant for has gone: a
    write there fails, and would end what is being saved."""
    for stream in (1, 2):
        try:
            termios.tcgetattr(stream)
        except termios.error as error:
            if error.args[0] == errno.EIO:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream)
                os.close(nowhere)

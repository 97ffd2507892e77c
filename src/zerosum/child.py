"""`python -m zerosum.child WORDS…`: the command `zerosum WORDS…`, which ends with its parent.

Its standard input is the reading end of a pipe into which nobody writes. When the parent has gone,
however it went, the system closes the other end; the command is then asked to save and end, as by
SIGTERM. Linux could do that alone (PR_SET_PDEATHSIG), other systems and Ray's workers could not.
"""

import os
import signal
import threading
import time

SAVING = 120.0
"""Seconds that a command has for saving before it is killed; its checkpoints stay whole."""


def end_with_parent(saving: float = SAVING) -> None:
    """Watch standard input from now on, in a thread of its own."""
    threading.Thread(target=_watch, args=(saving,), daemon=True).start()


def _watch(saving: float) -> None:
    while _is_open():
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(saving)
    os.kill(os.getpid(), signal.SIGKILL)


def _is_open() -> bool:
    try:
        return bool(os.read(0, 1))
    except OSError:
        return False


if __name__ == "__main__":
    end_with_parent()  # before the imports, which take seconds
    from zerosum.cli.main import main

    main()

"""The command in the process of the tests, which goes on after it."""

import logging
import signal
import sys
from unittest import mock

import pytest

from zerosum.cli.main import main
from zerosum.signals import SIGNALS


def run_command(*words: str) -> int:
    """The exit code of `zerosum WORDS`. What a process that ends need not put back is put back:
    its signals, its log."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    log = logging.getLogger("zerosum")
    handlers = list(log.handlers)
    try:
        arguments = mock.patch.object(sys, "argv", ["zerosum", *words])
        with arguments, pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code
    finally:
        log.handlers = handlers
        for number, handler in before.items():
            signal.signal(number, handler)

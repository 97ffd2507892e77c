"""Decoding with all cores, in order and in constant memory."""

import contextlib
import os
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar

import numpy as np

from zerosum.data.check import Finding
from zerosum.data.fit import Fitting
from zerosum.data.ranges import PRESUMED, Ranges
from zerosum.data.sources.source import File
from zerosum.data.worker import (
    Examined,
    examine_chunk,
    receive_examined,
    send_files,
    settings_text,
)
from zerosum.errors import ZerosumError
from zerosum.options import Threads
from zerosum.processor import cores

CHUNK_FILES = 64
CHUNK_BYTES = 8 * 2**20
FILES_WORTH_A_WORKER = 500  # below that many for each, starting processes takes longer
MOST_WORKERS = 32
PROGRAM = "from zerosum.data.worker import main; main()"


_asked: ContextVar[int | None] = ContextVar("processes that decode", default=None)


@contextlib.contextmanager
def decoding_with(threads: Threads) -> Iterator[None]:
    """Images are decoded by at most so many processes inside; "auto": one for each core. They do
    not wait for each other, so that other programs slow them down by their own share alone."""
    before = _asked.set(None if threads == "auto" else threads)
    try:
        yield
    finally:
        _asked.reset(before)


def examine_all(
    files: Iterable[File], count: int, fitting: Fitting | None, ranges: Ranges = PRESUMED
) -> Iterator[Examined]:
    """Examine `count` files, some at a time, in their order (see `check.examine`)."""
    workers = min(_asked.get() or cores(), MOST_WORKERS, count // FILES_WORTH_A_WORKER)
    if workers < 2:
        return (examine_chunk(chunk, fitting, ranges) for chunk in _chunks(files))
    return _in_processes(files, workers, settings_text(fitting, ranges))


def _in_processes(files: Iterable[File], workers: int, settings: str) -> Iterator[Examined]:
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    everyone = [Worker(settings) for _ in range(workers)]
    for worker in everyone:
        idle.put(worker)

    def examine(chunk: list[File]) -> Examined:
        worker = idle.get()
        try:
            return worker.examine(chunk)
        finally:
            idle.put(worker)

    waiting: deque[Future[Examined]] = deque()
    threads = ThreadPoolExecutor(workers, thread_name_prefix="decoding")
    try:
        for chunk in _chunks(files):
            waiting.append(threads.submit(examine, chunk))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for worker in everyone:
            worker.stop()
        threads.shutdown(cancel_futures=True)


def _chunks(files: Iterable[File]) -> Iterator[list[File]]:
    chunk: list[File] = []
    size = 0
    for file in files:
        chunk.append(file)
        size += len(file.content)
        if len(chunk) == CHUNK_FILES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class Worker:
    """A decoding process, and another one in its place when a file makes it crash."""

    def __init__(self, settings: str) -> None:
        self._settings = settings
        self._stopped = False
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, self._settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the parent to handle
        )

    def examine(self, files: list[File]) -> Examined:
        """`examine_chunk`, elsewhere. A file that makes the process crash is found and told."""
        try:
            return self._exchange(files)
        except OSError:
            if self._stopped:
                raise
            self._restart()
        if len(files) == 1:
            return [Finding(files[0].name, "makes the decoder crash")], self._exchange([])[1]
        parts = [self.examine([file]) for file in files]
        return [part[0][0] for part in parts], np.concatenate([part[1] for part in parts])

    def _exchange(self, files: list[File]) -> Examined:
        assert self._process.stdin and self._process.stdout
        send_files(self._process.stdin, files)
        return receive_examined(self._process.stdout)

    def _restart(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = self._start()
        try:
            self._exchange([])
        except OSError as error:
            raise ZerosumError(
                f"{sys.executable} cannot run zerosum's decoder",
                "install zerosum again: see what `python -c 'import zerosum.data.worker'` says",
            ) from error

    def stop(self) -> None:
        """End the process now."""
        self._stopped = True
        self._process.kill()
        self._process.wait()

"""`zerosum explore`: what it says where there can be no page."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.scored_runs import refusal
from tests.exporting.conftest import Kind
from zerosum.exploring import serving
from zerosum.records.run import RunFolder

RunOf = Callable[[Kind], RunFolder]


def test_without_gradio_it_names_the_extra(run_of: RunOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda _name: None)
    error = refusal("explore", run_of("latents").path)
    assert "gradio" in error.what and "zerosum[explore]" in error.remedy


def test_what_has_no_page_is_told_before_gradio_is_asked_for(
    run_of: RunOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda _name: None)
    assert "gradio" not in refusal("explore", tmp_path).what
    assert "zerosum restore" in refusal("explore", run_of("restored").path).remedy


def test_a_port_that_is_taken_is_told(run_of: RunOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda _name: True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = refusal("explore", run_of("latents").path, "--port", port)
    assert str(port) in error.what and "in use" in error.what and "--port" in error.remedy


def test_a_run_that_restores_has_no_page(run_of: RunOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda _name: True)
    assert "zerosum restore" in refusal("explore", run_of("restored").path).remedy

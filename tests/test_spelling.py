"""One text names a setting; the command line and Python each read it as they write it."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.errors import UsageError, ZerosumError
from zerosum.spelling import Spelling, in_python, on_the_command_line, python_call


@pytest.mark.parametrize(
    ("text", "typed", "called"),
    [
        ("leave --stop-on out", "leave --stop-on out", "leave stop_on= out"),
        ("--device=gpu9 is none", "--device gpu9 is none", 'device="gpu9" is none'),
        ("use --trials 20.", "use --trials 20.", "use trials=20."),
        ("(--out film.gif)", "(--out film.gif)", '(out="film.gif")'),
        ("--out samples.zip or --out folder/", None, 'out="samples.zip" or out="folder/"'),
        ("add --data FOLDER, say", None, "add data=FOLDER, say"),
        ("--resize tf1 or clean", None, 'resize="tf1" or clean'),
        ("--data.range 0-4095, if so", None, 'overrides={"data.range": "0-4095"}, if so'),
        ("a lower --data.limit 0.9", None, 'a lower overrides={"data.limit": 0.9}'),
        ("go back to --checkpoint best,", None, 'go back to checkpoint="best",'),
        ("see `zerosum sample RUN --seed 3`", None, "see `zerosum sample RUN --seed 3`"),
        ("zerosum film RUN --out x; --seed 1", None, "zerosum film RUN --out x; seed=1"),
        ("a well--known thing -- no option", None, "a well--known thing -- no option"),
    ],
)  # fmt: skip
def test_a_setting_is_spelt_as_the_reader_writes_it(
    text: str, typed: str | None, called: str
) -> None:
    error = UsageError("it is wrong", text)
    assert error.remedy == (typed or text)
    assert str(error) == f"it is wrong\n{called}"


def test_a_call_speaks_of_its_own_parameters() -> None:
    @python_call(images="count", precision="devices=Devices(precision={})")
    def measure(count: int, *, cells: bool = True, pdf: bool = False, overrides: object) -> None:
        assert (count, cells, pdf, overrides) == (5, True, False, None)
        raise ZerosumError("--images 5 is few", "--no-cells, --pdf, --batch 64, --precision=bf16")

    with pytest.raises(ZerosumError) as raised:
        measure(5, overrides=None)
    assert str(raised.value) == (
        'count=5 is few\ncells=False, pdf=True, overrides={"batch": 64}, '
        'devices=Devices(precision="bf16")'
    )
    assert raised.value.what == "--images 5 is few"


def test_an_error_of_another_process_keeps_its_words() -> None:
    error = pickle.loads(pickle.dumps(UsageError("--device=gpu9", "leave it out")))
    assert (str(error), error.what) == ('device="gpu9"\nleave it out', "--device gpu9")


@given(st.text())
def test_texts_without_settings_stay_as_they_are(text: str) -> None:
    plain = text.replace("--", "")
    assert in_python(plain) == on_the_command_line(plain) == plain


@given(st.text())
def test_no_text_is_too_odd_to_be_spelt(text: str) -> None:
    spelling = Spelling(frozenset({"overrides"}))
    assert isinstance(in_python(f"--{text}", spelling) + on_the_command_line(f"--{text}"), str)

"""Which instructions count as there."""

import pytest

from zerosum.processor.instructions import has_amx, has_bf16

NAME, EARLIER = "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"


@pytest.mark.parametrize("name", [NAME, EARLIER])
@pytest.mark.parametrize(
    ("held_to", "amx", "bf16"),
    [
        (None, True, True),
        ("ALL", True, True),
        ("DEFAULT", True, True),
        ("AVX512_CORE_AMX", True, True),
        ("AVX512_CORE_AMX_FP16", True, True),
        ("avx512_core_bf16", False, True),
        ("AVX512_CORE_FP16", False, True),
        ("AVX10_1_512", False, True),
        ("AVX10_1_512_AMX", True, True),
        ("AVX512_CORE_VNNI", False, False),
        ("AVX512_CORE", False, False),
        ("AVX2", False, False),
        ("SSE41", False, False),
    ],
)
def test_those_count_that_onednn_may_use(
    name: str, held_to: str | None, amx: bool, bf16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AMX")
    monkeypatch.setattr("torch.cpu._is_amx_tile_supported", lambda: True)
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: True)
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(EARLIER, raising=False)
    if held_to:
        monkeypatch.setenv(name, held_to)
    assert (has_amx.__wrapped__(), has_bf16.__wrapped__()) == (amx, bf16)


def test_the_name_of_today_goes_before_the_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cpu._is_amx_tile_supported", lambda: True)
    monkeypatch.setenv(NAME, "ALL")
    monkeypatch.setenv(EARLIER, "AVX2")
    assert has_amx.__wrapped__()


def test_a_processor_of_which_pytorch_uses_less_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AVX2")
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: True)
    assert not has_bf16.__wrapped__()

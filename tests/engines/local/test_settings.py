"""The settings of a local place."""

import pytest

from penstock.domain.errors import SetupError
from penstock.engines.local import plugin


def test_nothing_need_be_said() -> None:
    settings = plugin.settings({})

    assert (settings.cu_memory, settings.pool_size, settings.main_limit) == (1024**3, 1, 60)


@pytest.mark.parametrize(
    ("given", "size"), [("1g", 1024**3), ("512 MiB", 512 * 1024**2), ("1.5G", 3 * 1024**3 // 2), (2**30, 2**30)]
)
def test_memory_is_bytes_or_words(given: object, size: int) -> None:
    assert plugin.settings({"cu_memory": given}).cu_memory == size


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pool_sise": 2}, "pool_sise is not a setting, did you mean pool_size?"),
        ({"zzz": 2}, "zzz is not a setting"),
        ({"cu_memory": "lots"}, "cu_memory: "),
        ({"cu_memory": "1m"}, "cu_memory: "),
        ({"memory_share": 1.5, "pool_size": -1}, "pool_size: .*; memory_share: "),
    ],
)
def test_every_fault_is_named_in_one_sentence(given: dict[str, object], words: str) -> None:
    with pytest.raises(SetupError, match=words) as error:
        plugin.settings(given)

    assert "\n" not in str(error.value)

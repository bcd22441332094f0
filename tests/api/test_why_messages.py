"""Every reason for which a signature or an upload is refused has its words, and no word is left over."""

import re
from pathlib import Path

from penstock.api import why_messages

_SAID = re.compile(r'(?:refused\(|broken\(|why=)"(\w+)"')


def test_what_the_source_says_and_what_has_words_are_the_same() -> None:
    folder = Path(why_messages.__file__).parent
    said = {key for file in ("signatures", "auth", "incoming", "multipart") for key in _keys(folder / f"{file}.py")}

    assert said == why_messages.WHYS.keys()


def _keys(file: Path) -> list[str]:
    return _SAID.findall(file.read_text())

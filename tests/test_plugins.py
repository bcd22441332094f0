import sys
from collections.abc import Callable
from importlib.metadata import EntryPoints
from pathlib import Path

import pytest

from penstock.domain.errors import SetupError
from penstock.plugins import Kind, find, known

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes a package with one entry point visible, as an installer would."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(entry_point: str, source: str = "") -> None:
        module = entry_point.partition("= ")[2].partition(":")[0]
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[penstock.engines]\n{entry_point}\n")
        (tmp_path / f"{module}.py").write_text(source)

    return install


def test_a_built_in_plugin_is_found_by_its_name() -> None:
    assert find(Kind.OBJECT_STORE, "filesystem").name == "filesystem"


def test_a_plugin_of_somebody_else_is_found_the_same_way(install: Install) -> None:
    source = "from penstock.ports.plugin import Plugin\nplugin = Plugin(name='far', settings=dict, factory=print)"
    install("far = far_engine:plugin", source)

    assert find(Kind.ENGINE, "far").name == "far"
    assert "far" in known(Kind.ENGINE)


def test_knowing_a_plugin_does_not_load_it(install: Install) -> None:
    install("heavy = heavy_engine:plugin", "raise RuntimeError('loaded')")

    assert "heavy" in known(Kind.ENGINE)
    assert "heavy_engine" not in sys.modules


def test_an_unknown_name_is_answered_with_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(SetupError) as raised:
        find(Kind.OBJECT_STORE, "filesytem")

    assert str(raised.value) == (
        "There is no object store 'filesytem'; known are: filesystem, s3. Did you mean 'filesystem'?"
    )


def test_a_name_like_no_other_gets_no_guess() -> None:
    with pytest.raises(SetupError, match=r"known are: filesystem, s3\.\Z"):
        find(Kind.OBJECT_STORE, "tape")


def test_where_nothing_is_installed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.plugins.entry_points", lambda **_: EntryPoints())

    with pytest.raises(SetupError, match="There is no notifier 'log': none is installed"):
        find(Kind.NOTIFIER, "log")


def test_a_missing_library_is_said_with_what_to_do(install: Install) -> None:
    install("cloudy = cloudy_engine:plugin", "import a_library_that_nobody_has")

    with pytest.raises(SetupError, match=r"pip install 'penstock\[cloudy\]'"):
        find(Kind.ENGINE, "cloudy")


def test_what_is_no_plugin_is_refused(install: Install) -> None:
    install("odd = odd_engine:plugin", "plugin = 'odd'")

    with pytest.raises(SetupError, match="is not a plugin"):
        find(Kind.ENGINE, "odd")

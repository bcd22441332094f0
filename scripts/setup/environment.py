"""Makes the locked virtual environment if it is missing or stale, then runs Python in it with the given arguments.

Usage: environment.py run|dev -- ARGUMENTS. Standard library only: nothing is installed when this starts. The
environment is `.venv-locked` in the checkout (a developer's own `.venv` is left alone), or a folder in the user's cache
where the checkout cannot be written. Its stamp says what each stage was made from, so a second call is quick and an
interrupted one goes on. All that is said goes to standard error: standard output belongs to the program that is run.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections import deque
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "locks"
FROM_LOCK = ("--require-hashes", "--no-build-isolation", "--use-pep517")
SETUP_ERROR = 78
INTERRUPTED = 130


def main(wanted: str, arguments: list[str]) -> None:
    home = _home(wanted)
    if _stale(home, wanted):
        with _turn(home):
            for stage in _stale(home, wanted):
                _make(home, stage)
    python = str(home / "bin" / "python")
    os.execv(python, [python, *arguments])


def _home(wanted: str) -> Path:
    beside = ROOT / ".venv-locked"
    if os.access(beside if beside.exists() else ROOT, os.W_OK) or not _stale(beside, wanted):
        return beside
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "penstock" / f"venv-{hashlib.sha256(bytes(ROOT)).hexdigest()[:12]}"


def _stale(home: Path, wanted: str) -> list[str]:
    """The stages that have to be made, in their order: a later one builds on the earlier ones."""
    stages, made = _stages(home, wanted), _stamp(home)
    differing = [index for index, (stage, source) in enumerate(stages.items()) if made.get(stage) != source]
    if differing and differing[0] == 0:
        return list(stages)
    return [stage for stage, source in stages.items() if made.get(stage) != source]


def _stages(home: Path, wanted: str) -> dict[str, str]:
    """What each stage is made from, as a fingerprint."""
    version = ".".join(map(str, sys.version_info[:3]))
    stages = {
        "python": f"{version} of {Path(sys.base_prefix).resolve()} in {home}",
        "build": _digest(LOCKS / "build.lock"),
        "run": _digest(LOCKS / "run.lock"),
        "project": _digest(*_sources()),
    }
    return stages | ({"dev": _digest(LOCKS / "dev.lock")} if wanted == "dev" else {})


def _sources() -> list[Path]:
    """An editable install follows the sources by itself; a copied one is stale as soon as one of them changes."""
    if os.access(ROOT, os.W_OK):
        return [ROOT / "pyproject.toml"]
    return [ROOT / "pyproject.toml", *sorted(path for path in (ROOT / "src").rglob("*") if path.is_file())]


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _stamp(home: Path) -> Mapping[str, str]:
    try:
        return dict(json.loads((home / "penstock-stamp.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


@contextlib.contextmanager
def _turn(home: Path) -> Iterator[None]:
    """Two calls at once take turns: the second finds everything made."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(home: Path, stage: str) -> None:
    started = time.monotonic()
    {"python": _make_python, "project": _make_project}.get(stage, _make_from_lock)(home, stage)
    source = _stages(home, "dev")[stage]
    stamp = {} if stage == "python" else dict(_stamp(home))
    (home / "penstock-stamp.json").write_text(json.dumps(stamp | {stage: source}, indent=1), encoding="utf-8")
    _say(f"  done in {time.monotonic() - started:.0f} s")


def _make_python(home: Path, _stage: str) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    _say(f"Making a virtual environment with Python {version} in {home}")
    if find_spec("ensurepip") is None:
        _give_up(
            f"this Python {version} cannot make virtual environments: its module ensurepip is missing.",
            "install it (on Debian and Ubuntu, as root: apt install python3-venv), then call this again.",
        )
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True, symlinks=True)


def _make_from_lock(home: Path, stage: str) -> None:
    lock = LOCKS / f"{stage}.lock"
    count = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    size = "; Flink and a Java runtime among them, 300 MB to fetch" if stage == "run" else ""
    _say(f"Installing {count} packages of {lock.relative_to(ROOT)}{size}")
    _pip(home, *FROM_LOCK, "--requirement", str(lock))


def _make_project(home: Path, _stage: str) -> None:
    _say("Installing Penstock itself")
    if os.access(ROOT, os.W_OK):
        _pip(home, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        return
    # Setuptools writes beside the sources, which this user may not: it is given a copy.
    copy = home / "source"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, copy / name)
    _pip(home, "--no-deps", "--no-build-isolation", "--force-reinstall", str(copy))


def _pip(home: Path, *arguments: str) -> None:
    """Installs, showing pip's steps as one line each; isolated, so that PYTHONPATH and a user's site stay outside."""
    command = [str(home / "bin" / "python"), "-I", "-m", "pip", "install", "--no-input", *arguments]
    surroundings = os.environ | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_PROGRESS_BAR": "off"}
    last: deque[str] = deque(maxlen=15)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=surroundings
    ) as pip:
        for line in pip.stdout or ():
            last.append(line.rstrip())
            if line.strip().startswith(("Collecting", "Downloading", "Building", "Installing")):
                _show(line.strip())
    _show("")
    if pip.returncode:
        _give_up(
            "pip could not install it. The last it said:\n    " + "\n    ".join(last),
            "see that the network, a proxy (HTTPS_PROXY) or a mirror (PIP_INDEX_URL, PIP_CERT) and the disk let pip "
            "through, then call this again: it goes on where it stopped.",
        )


def _show(step: str) -> None:
    """On a terminal one line that changes; elsewhere a line a step."""
    if not sys.stderr.isatty():
        if step:
            _say(f"  {step[:110]}")
        return
    width = shutil.get_terminal_size().columns
    sys.stderr.write("\r\x1b[K" + (f"  {step}"[: width - 1] if step else ""))
    sys.stderr.flush()


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _give_up(what: str, cure: str) -> None:
    _say(f"Setting up failed: {what}\nWhat to do: {cure}")
    sys.exit(SETUP_ERROR)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[3:])
    except KeyboardInterrupt:
        _say("\nInterrupted. Call it again to go on.")
        sys.exit(INTERRUPTED)
    except OSError as error:
        _give_up(
            f"{error}.", "see that this folder is yours to write and that the disk has 2 GB free, then call again."
        )

"""Machines of a network, for tests: each a network namespace of its own, joined by a switch whose links can be cut.

Needs root and `ip`; `lack` says what is missing. Addresses are 10.199.x.y, and exist in these namespaces alone.
"""

import ctypes
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def lack() -> str:
    """Why there can be none here, or nothing."""
    if shutil.which("ip") is None:
        return "there is no `ip` command"
    name = f"ps{secrets.token_hex(3)}"
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        return f"no network namespaces: {error.stderr.decode().strip()}"
    _ip("netns", "delete", name)
    return ""


class Network:
    """A switch and the machines at it, by name."""

    def __init__(self, names: Sequence[str]) -> None:
        self._prefix = f"ps{secrets.token_hex(3)}"
        self._numbers = {name: number for number, name in enumerate(names, start=1)}
        self._switch = f"{self._prefix}-switch"

    def address(self, name: str) -> str:
        return f"10.199.77.{self._numbers[name]}"

    def inside(self, name: str) -> list[str]:
        """What stands before a command that is to run on that machine."""
        return [shutil.which("ip") or "ip", "netns", "exec", self._namespace(name)]

    def make(self) -> None:
        _ip("netns", "add", self._switch)
        _ip("-n", self._switch, "link", "add", "bridge0", "type", "bridge")
        _ip("-n", self._switch, "link", "set", "bridge0", "up")
        for name in self._numbers:
            self._join(name)

    def remove(self) -> None:
        """Links go with their namespaces, once no process is left in them."""
        for namespace in [*map(self._namespace, self._numbers), self._switch]:
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)

    def cut(self, name: str) -> None:
        """Its cable is pulled at the switch: nothing comes or goes, and nobody is told."""
        _ip("-n", self._switch, "link", "set", self._port(name), "down")

    def heal(self, name: str) -> None:
        _ip("-n", self._switch, "link", "set", self._port(name), "up")

    @contextmanager
    def here(self, name: str) -> Iterator[None]:
        """This thread is on that machine, with whatever it connects to from now on."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self._namespace(name)}", os.O_RDONLY)
        try:
            _enter(there)
            yield
        finally:
            _enter(home)
            os.close(there)
            os.close(home)

    def _join(self, name: str) -> None:
        namespace, port = self._namespace(name), self._port(name)
        _ip("netns", "add", namespace)
        _ip("-n", self._switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        _ip("-n", self._switch, "link", "set", port, "master", "bridge0", "up")
        _ip("-n", namespace, "address", "add", f"{self.address(name)}/24", "dev", "eth0")
        _ip("-n", namespace, "link", "set", "eth0", "up")
        _ip("-n", namespace, "link", "set", "lo", "up")

    def _namespace(self, name: str) -> str:
        return f"{self._prefix}-{self._numbers[name]}"

    def _port(self, name: str) -> str:
        return f"port{self._numbers[name]}"


@contextmanager
def a_network(*names: str) -> Iterator[Network]:
    network = Network(names)
    try:
        network.make()
        yield network
    finally:
        network.remove()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

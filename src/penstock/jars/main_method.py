"""Whether Flink can call a class's `main`: the class and all above it are loaded, then `main` is looked for.

The look-up is that of Java's `Class.getMethod`, and the demands are those of Flink's `PackagedProgram` (1.20): what is
inherited counts, except from interfaces; what a class hides is hidden; the result type does not matter.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from penstock.domain.faults import Fault, FaultCode, Param
from penstock.jars.class_file import PUBLIC, ClassFile, Method
from penstock.jars.class_path import ClassPath, NotLoadable
from penstock.jars.classes import name_of

FIELD = "main_class"
_OBJECT = "java/lang/Object"
_PARAMETERS = "([Ljava/lang/String;)"
# Far more than any class has: a jar of a million interfaces shall not keep us busy.
_MOST_PARENTS = 500

# None: a class of Flink or Java, of which nothing is known.
Loaded = Mapping[str, ClassFile | None]


def load_way(path: ClassPath, main: str) -> tuple[Loaded, list[Fault]]:
    """The class and everything above it, as far as it is the user's; what cannot be loaded is a fault."""
    loaded: dict[str, ClassFile | None] = {}
    faults = []
    waiting = deque([(main, "")])
    while waiting and len(loaded) < _MOST_PARENTS:
        name, needed_by = waiting.popleft()
        if name in loaded:
            continue
        loaded[name] = None
        try:
            loaded[name] = read = path.load(name, needed_by)
        except NotLoadable as error:
            faults.append(error.fault)
            continue
        waiting.extend((parent, name) for parent in _parents(read))
    return loaded, faults or _circles(path, loaded)


def main_faults(loaded: Loaded, main: str) -> Iterator[Fault]:
    """What is wrong with the `main` of a class that can be loaded."""
    read = loaded[main]
    if read is None:
        return
    if not read.modifiers & PUBLIC:
        yield Fault.at(FIELD, FaultCode.MAIN_CLASS_NOT_PUBLIC, main_class=name_of(main))
    way = list(_upwards(loaded, main))
    found = next(((owner, method) for owner in way for method in _mains(owner)), None)
    if found:
        yield from _wrong(*found, main)
    elif _ends_in_object(way[-1]) or read.is_interface:
        yield _missing(loaded, main)


def _wrong(owner: ClassFile, method: Method, main: str) -> Iterator[Fault]:
    params: dict[str, Param] = {"main_class": name_of(main), "owner": name_of(owner.name)}
    if not method.is_static:
        yield Fault.at(FIELD, FaultCode.MAIN_METHOD_WRONG, **params)
    elif not owner.flags & PUBLIC and (owner.name != main or owner.modifiers & PUBLIC):
        # A call obeys the flags of the class file, while InnerClasses says whether the main class is public.
        yield Fault.at(FIELD, FaultCode.MAIN_METHOD_OUT_OF_REACH, **params)


def _missing(loaded: Loaded, main: str) -> Fault:
    """There is none, or only some that do not count; an interface's own static one is not inherited."""
    for name, read in loaded.items():
        if read and any(method.name == "main" for method in read.methods):
            code = FaultCode.MAIN_METHOD_WRONG
            return Fault.at(FIELD, code, main_class=name_of(main), owner=name_of(name))
    return Fault.at(FIELD, FaultCode.MAIN_METHOD_MISSING, main_class=name_of(main))


def _upwards(loaded: Loaded, name: str) -> Iterator[ClassFile]:
    """The class and the classes above it, to the last that is the user's; an interface has none above."""
    read = loaded[name]
    while read:
        yield read
        read = None if read.is_interface or read.super_name is None else loaded.get(read.super_name)


def _mains(read: ClassFile) -> list[Method]:
    """Those that `getMethod` sees in this class; of several that differ in their result, a static one if there is one."""
    found = [method for method in read.methods if method.name == "main" and method.is_public]
    return sorted((one for one in found if one.descriptor.startswith(_PARAMETERS)), key=lambda one: not one.is_static)


def _ends_in_object(last: ClassFile) -> bool:
    return last.super_name == _OBJECT


def _parents(read: ClassFile | None) -> list[str]:
    return [name for name in (read.super_name, *read.interfaces) if name] if read else []


def _circles(path: ClassPath, loaded: Loaded) -> list[Fault]:
    try:
        TopologicalSorter({name: _parents(read) for name, read in loaded.items()}).prepare()
    except CycleError as error:
        name = str(error.args[1][0])
        found = path.find(name)
        package = found[0].name if found else ""
        code, why = FaultCode.CLASS_DAMAGED, "it is above itself"
        return [Fault.at(FIELD, code, class_name=name_of(name), package=package, why=why)]
    return []

"""`penstock package inspect`: what is in a jar, and whether it can be run, before it is uploaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from penstock.api.messages import Language, sentence_of, warning_text_of
from penstock.cli import words
from penstock.cli.examples import examples
from penstock.cli.service import Json
from penstock.cli.tables import say, show_details, show_json
from penstock.cli.trouble import ExitCode, Trouble
from penstock.jars.inspection import JarReport, inspect
from penstock.jars.user_jars import Jar

EXAMPLES = examples(
    "penstock package inspect target/orders.jar",
    "penstock package inspect orders.jar --main-class org.example.Orders \\\n  --dependency connector.jar",
)

_JAVA = 21


def inspect_package(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The jar to look into.", show_default=False)],
    main_class: Annotated[str, typer.Option(help="The class to run. [default: the manifest's]")] = "",
    dependency: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A jar of dependency_jars, in their order; may be repeated."),
    ] = None,
    java: Annotated[int, typer.Option(help="The Java version that will run it.")] = _JAVA,
    as_json: Json = False,
) -> None:
    """Say what is in a jar, and what would keep it from running. Nothing of it is run, and no service is asked."""
    jars = [Jar("entrypoint", file.name, file), *(Jar("dependency_jars", one.name, one) for one in dependency or ())]
    try:
        report = inspect(jars, main_class, java=java)
    except OSError as error:
        raise Trouble(f"{error.filename} cannot be read: {error.strerror}.", "name a file that is there.") from error
    if as_json:
        show_json(_document(file, report))
    else:
        _show(file, report)
    if report.findings.refusals:
        raise typer.Exit(ExitCode.CALLER)


def _show(file: Path, report: JarReport) -> None:
    show_details(
        [
            ("File", file),
            ("Size", f"{words.size(report.size)}, {report.entries} entries"),
            ("Classes", _versions(report.versions)),
            ("Multi-Release", report.is_multi_release),
            ("Main class", report.main_class or "none in the manifest"),
            ("Main classes found", _some(report.main_classes, report.main_classes_count)),
            ("", None if report.is_searched_whole else "(not every class was searched: there are too many)"),
            ("Jars inside", list(report.inner_jars)),
            ("In org.apache.flink", report.flink_classes or None),
            ("Duplicate classes", _some(_duplicates(report.duplicates), report.duplicates_count)),
        ]
    )
    for fault in report.findings.refusals:
        say(f"Refused: {sentence_of(fault, Language.EN)}")
    for warning in report.findings.warnings:
        say(f"Warning: {warning_text_of(warning, Language.EN)}")
    if not report.findings.refusals:
        say("Nothing here would keep it from running.")


def _versions(versions: Mapping[int, int]) -> str:
    return ", ".join(f"{count} of Java {java}" for java, count in versions.items())


def _duplicates(duplicates: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [f"{name} ({', '.join(places)})" for name, places in duplicates.items()]


def _some(named: list[str] | tuple[str, ...], count: int) -> str:
    more = count - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _document(file: Path, report: JarReport) -> dict[str, Any]:
    return {
        "file": str(file),
        "size": report.size,
        "entries": report.entries,
        "main_class": report.main_class or None,
        "multi_release": report.is_multi_release,
        "inner_jars": list(report.inner_jars),
        "classes_by_java": {str(java): count for java, count in report.versions.items()},
        "main_classes": list(report.main_classes),
        "main_classes_count": report.main_classes_count,
        "searched_whole": report.is_searched_whole,
        "flink_classes": report.flink_classes,
        "duplicates": {name: list(places) for name, places in report.duplicates.items()},
        "duplicates_count": report.duplicates_count,
        "refusals": [
            {"code": fault.code, "path": fault.path, "detail": sentence_of(fault, Language.EN)}
            for fault in report.findings.refusals
        ],
        "warnings": [
            {"code": one.code, "path": one.path, "detail": warning_text_of(one, Language.EN)}
            for one in report.findings.warnings
        ],
    }

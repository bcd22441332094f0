"""What user code gets: its arguments, its data files, the classes of its dependency jars."""

from pathlib import Path

import pytest

from e2e.service import ROOT, Service, a_job, wait_for

pytestmark = pytest.mark.flink

EXAMPLE = ROOT / "src" / "penstock" / "cli" / "example"


@pytest.mark.needs("work folder")
def test_data_files_are_resources_and_files_in_main_and_in_operators(service: Service, tmp_path: Path) -> None:
    for name, content in (("prices.csv", b"a,1\nb,2\n"), ("价格 表.csv", "一,1\n".encode())):
        (tmp_path / name).write_bytes(content)
        assert service.upload(tmp_path / name, "myGroup").status_code == 201
    arguments = "prices.csv '价格 表.csv'"
    files = ["myGroup/prices.csv", "myGroup/价格 表.csv"]

    job = service.create(a_job("reads", "ReadsUserData", arguments, dependency_files=files))

    service.until_running(job)  # it refuses to run unless every file is there, twice, with the same bytes


def test_arguments_arrive_as_a_shell_would_split_them_and_no_shell_sees_them(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "arguments"
    text = f"{report} --plain 'two words' \"a \\\"quote\\\"\" $HOME '*' `id` '' 参数 a\\ b ;|&"

    job = service.create(a_job("prints", "PrintsArguments", text))
    found = wait_for(lambda: report.exists() and report.read_bytes(), "main() has written its arguments")

    words = [str(report), "--plain", "two words", 'a "quote"', "$HOME", "*", "`id`", "", "参数", "a b", ";|&"]
    assert found.decode() == "".join(f"{len(word.encode())}:{word}\n" for word in words)
    service.until_running(job)


def test_dependency_jars_are_on_the_class_path(service: Service) -> None:
    """The example's main() uses a class of each, and a file."""
    assert service.upload(EXAMPLE / "javaQueueStream.jar").status_code == 201
    for name in ("test.jar", "test1.jar", "test.csv", "test1.csv"):
        assert service.upload(EXAMPLE / name, "g").status_code == 201
    main = "org.apache.flink.examples.streaming.JavaQueueStream"
    asked = a_job("needs-jars", entrypoint="javaQueueStream.jar") | {"main_class": main}
    files = {"dependency_files": ["g/test.csv", "g/test1.csv"]}

    whole = service.create(asked | files | {"dependency_jars": ["g/test.jar", "g/test1.jar"]})
    without = service.create(asked | files | {"name": "lacks-jars"})

    service.until_running(whole)
    assert "io.penstock.example." in service.until(without, "job_submit_fail")["status_desc"]

"""What people are shown of Flink's stack traces."""

import pytest

from penstock.flink.root_cause import LIMIT, root_cause

MAIN_THREW = """<Exception on server side:
org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.
\tat org.apache.flink.runtime.webmonitor.handlers.JarRunHandler.lambda$handleRequest$2(JarRunHandler.java:113)
Caused by: java.util.concurrent.CompletionException: org.apache.flink.util.FlinkRuntimeException: Could not execute
\tat java.base/java.util.concurrent.CompletableFuture.encodeThrowable(Unknown Source)
\t... 2 more
Caused by: java.lang.IllegalStateException: main refused on purpose
\tat io.penstock.testjobs.MainThrows.main(MainThrows.java:8)
\t... 12 more

End of exception on server side>"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MAIN_THREW, "java.lang.IllegalStateException: main refused on purpose"),
        ("org.example.Oops: alone\n\tat org.example.Main.main(Main.java:1)\n", "org.example.Oops: alone"),
        ("a.B: two\nlines\n\tat a.B.c(B.java:1)", "a.B: two lines"),
        ("java.util.concurrent.ExecutionException: a.B: why\n\tat a.B.c(B.java:1)", "a.B: why"),
        (
            "<Exception on server side:\norg.apache.flink.runtime.rest.handler.RestHandlerException: No jobs.\n\tat a.B.c(B)",
            "No jobs.",
        ),
        ("a.B: outer\n\tat a.B.c(B.java:1)\n\tSuppressed: a.C: aside\n", "a.B: outer"),
        ("a.B: meets at noon\n\tat a.B.c(B.java:1)", "a.B: meets at noon"),
        ("", ""),
    ],
)
def test_the_innermost_cause_is_said_in_one_line(text: str, said: str) -> None:
    assert root_cause(text) == said


def test_a_long_message_is_cut() -> None:
    said = root_cause("a.B: " + "x" * 10 * LIMIT)

    assert len(said) == LIMIT
    assert said.endswith("…")

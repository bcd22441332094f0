"""The sentence out of Flink's exception text: what the innermost exception said, without the stack."""

import re

LIMIT = 1000  # characters; what a caller is shown
_CAUSE = re.compile(r"^\s*Caused by: ", re.MULTILINE)
_FRAME = re.compile(r"^\s*(at [\w.$/<>]+\(|at [\w.$/]+\.\.|\.\.\. \d+ (more|common frames)|Suppressed: |\[CIRCULAR )")
_WRAPPING = re.compile(r"^<?Exception on server side:?|^End of exception on server side>?$")
_NOISE = re.compile(
    r"^(java\.util\.concurrent\.(CompletionException|ExecutionException): (?=[\w.$]+: )"
    r"|org\.apache\.flink\.runtime\.rest\.handler\.RestHandlerException: )"
)


def root_cause(text: str) -> str:
    """The innermost cause's class and message, in one line."""
    innermost = _CAUSE.split(text)[-1]
    said: list[str] = []
    for line in innermost.splitlines():
        plain = line.strip()
        if _WRAPPING.match(plain) or (not plain and not said):
            continue
        if said and _FRAME.match(line):
            break
        said.append(plain)
    sentence = " ".join(part for part in said if part)
    return bounded(_NOISE.sub("", sentence))


def bounded(text: str) -> str:
    return text if len(text) <= LIMIT else text[: LIMIT - 1] + "…"

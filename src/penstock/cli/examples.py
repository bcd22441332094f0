"""The examples that end the help of a command: lines to copy, shown as they are written."""


def examples(*commands: str) -> str:
    """The epilog of a command; a long example goes on in the next line after a backslash, as in a shell."""
    title = "Example:" if len(commands) == 1 else "Examples:"
    lines = [f"  {line}" for command in commands for line in command.splitlines()]
    return "\n".join(("\b", title, *lines))  # \b: without it, help folds the lines into one paragraph

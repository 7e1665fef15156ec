"""The command line: what the DAGs do, by hand."""

import sys

from revisit.errors import RevisitError


def main() -> None:
    """Run a command. A user's error is a sentence and an exit code, never a traceback."""
    from revisit.cli.commands import app
    from revisit.cli.output import complain

    try:
        app()
    except RevisitError as error:
        complain(error)
        sys.exit(error.exit_code)

"""The `pythonmastery` command: each subcommand lives beside what it does."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

#: Subcommand → module that registers it with `add_parser(subparsers)`.
COMMANDS = {
    "lab": "pythonmastery_ext.lab",
    "grade": "pythonmastery_ext.grading.command",
    "regrade": "pythonmastery_ext.regrade_command",
    "grader": "pythonmastery_ext.grading.install",
    "validate": "pythonmastery_ext.authoring.command",
    "worker": "pythonmastery_ext.worker_command",
    "serve": "pythonmastery_ext.serve",
    "db": "pythonmastery_ext.db_command",
    "keys": "pythonmastery_ext.privacy.keys.command",
    "privacy": "pythonmastery_ext.privacy.command",
    "user": "pythonmastery_ext.accounts.user_command",
    "token": "pythonmastery_ext.accounts.token_command",
    "audit": "pythonmastery_ext.audit.command",
    "stats": "pythonmastery_ext.analytics.command",
    "doctor": "pythonmastery_ext.doctor",
}


def parser_for(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows only the named subcommand, or all of them where none is named."""
    parser = argparse.ArgumentParser(
        prog="pythonmastery", description="Learn Python on real problems in JupyterLab."
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    named = next((word for word in arguments if word in COMMANDS), None)
    for name in [named] if named else COMMANDS:
        import_module(COMMANDS[name]).add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = parser_for(words)
    args, rest = parser.parse_known_args(words)
    if args.version:
        from pythonmastery_ext import __version__

        print(__version__)
        return 0
    if args.command is None:
        parser.print_help()
        return 2
    if args.command == "lab":
        args.options = rest
    elif rest:
        parser.error(f"unknown option: {' '.join(rest)}")
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

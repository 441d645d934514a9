"""``python -m driftcli``."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    import signal

    # Ctrl-C ends the process without a traceback before there is anybody to tell of it
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from driftcli.cli import main as run

    run()


if __name__ == "__main__":
    main()

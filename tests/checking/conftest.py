"""The command line in an empty folder, for the tests of `gradcli check`."""

from cli.conftest import gradcli  # noqa: F401

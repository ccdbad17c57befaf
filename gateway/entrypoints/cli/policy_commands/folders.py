"""The folder that a command about policies is asked to read: the one that was named, or the site's."""

from pathlib import Path

import click

from gateway.entrypoints.cli.console.invocation import Invocation

# Not readable itself: a site lets people through to its rules and no further.
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False, readable=False)


def chosen(invocation: Invocation, folder: Path | None) -> Path:
    """Give the folder. Raises SluisError `site-missing` when there is neither."""
    return invocation.required_site() if folder is None else folder

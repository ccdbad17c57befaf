"""Tells a folder that is a site from one that is not, which may be mistyped."""

from gateway.bootstrap.layout import SiteLayout
from gateway.package.errors import Code, SluisError


def require_site(site: SiteLayout) -> None:
    """Raise SluisError `site-missing`, or `read-forbidden` when this user may not even look."""
    try:
        there = site.settings.is_file()
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="site.yaml") from error
    if not there:
        raise SluisError(Code.SITE_MISSING)

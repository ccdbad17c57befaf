"""What a row of the spool looks like from outside, and where a page of rows begins."""

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, parse_package_id
from gateway.package.views import DeliveryView, PackageView
from gateway.spool.port import DeliveryRow, PackageRow


def view_of(row: PackageRow, deliveries: tuple[DeliveryRow, ...]) -> PackageView:
    """Show a package as its row stands."""
    return PackageView(
        id=row.id,
        state=row.state,
        source=row.source,
        submitter=row.person,
        purpose=row.purpose,
        recipients=row.recipients,
        received_at=row.received_at,
        updated_at=row.updated_at,
        code=row.code,
        deliveries=tuple(
            DeliveryView(
                recipient=each.recipient,
                channel=each.channel,
                state=each.state,
                attempts=each.attempt,
                code=each.code,
                due=each.due,
                receipt=each.receipt,
            )
            for each in deliveries
        ),
    )


def before_of(cursor: str) -> PackageId | None:
    """Read a cursor of ours; None for the first page. Raises SluisError `request-invalid`."""
    if not cursor:
        return None
    try:
        return parse_package_id(cursor)
    except SluisError as error:
        raise SluisError(Code.REQUEST_INVALID, where="cursor") from error

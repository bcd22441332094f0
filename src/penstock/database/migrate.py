"""Brings the tables of a database to what this version needs; the first start makes them."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from penstock.database.connection import connect
from penstock.domain.errors import SetupError


def migrate(url: str) -> None:
    """All steps in one transaction. Raises SetupError where that cannot be done."""
    engines = connect(url, readers=1)
    config = Config()
    config.set_main_option("script_location", "penstock.database:migrations")
    try:
        with engines.writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise SetupError(
            f"The database does not fit this version of Penstock (a newer one made it?): {error}"
        ) from error
    except DBAPIError as error:
        raise SetupError(f"The database cannot be opened or changed: {error.orig}") from error
    finally:
        engines.dispose()

"""Which system a command talks to: the running one of PIM_HOME, or what the environment says."""

from pim_pipelines import runtime
from pim_pipelines.database import database_url
from pim_pipelines.database.place import find
from pim_pipelines.errors import ConfigurationError
from pim_pipelines.settings import settings


def running() -> runtime.Runtime:
    """Return the running system of PIM_HOME; raises ConfigurationError when there is none."""
    home = settings().home
    if (found := runtime.read(home)) is None:
        raise ConfigurationError(
            f"No PIM is running in {home}: start it with `pim up`, or set PIM_HOME to the home of the one that runs."
        )
    return found


def catalogue_url() -> str:
    """Return the URL of the catalogue, its server started for the life of this command where none runs.

    Raises ConfigurationError when PIM_HOME has no database, rather than make one in a wrong place.
    """
    home = settings().home
    if settings().database_url is None and runtime.read(home) is None and not (home.exists() and _has_cluster()):
        running()
    return database_url()


def api_url() -> str:
    """Return the API's URL: PIM_API_URL where it is set, else the running system's."""
    if "api_url" not in settings().model_fields_set and (found := runtime.read(settings().home)):
        return found.api_url
    return settings().api_url.rstrip("/")


def _has_cluster() -> bool:
    return find(settings().home).is_initialised

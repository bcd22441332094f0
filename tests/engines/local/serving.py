"""A service in a process of its own, to be killed: serves a place, launches one run, and says when it is RUNNING.

Called as `serving.py FOLDER INSTALLATION JOB`; prints the run's name first, then `running` once it is.
"""

import asyncio
import sys
from pathlib import Path

from engines.local.places import LocalPlace
from penstock.domain.observation import Seen
from penstock.testing.engine_suite import wait_for


async def serve(folder: Path, installation: str, job: str) -> None:
    place = LocalPlace(folder, installation)
    await place.start()
    order = place.order_of(job)
    print(order.run, flush=True)  # noqa: T201 - how it talks to the test
    await place.engine.launch(order)
    await wait_for(place.engine, order.run, Seen.RUNNING)
    print("running", flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))

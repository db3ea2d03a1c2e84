"""The commands of docs/deploying.md that operate a site, while a person works in it."""

import subprocess
from random import Random

from tests.documents.blocks import blocks
from tests.faults.cluster.database_faults import Outcome
from tests.faults.cluster.region import Region
from tests.faults.invariants import when_all_is_done
from tests.faults.served_site import WORK
from tools import debian
from tools.cluster.processes import as_account

SECONDS = 120
PURPOSES = ("backup", "operate")


def commands_followed(region: Region, chance: Random) -> Outcome:
    """Follow the document with the files of this site; a person signs after each block."""
    wrong, slowest = [], 0.0
    for purpose in PURPOSES:
        for block in (one for one in blocks("docs/deploying.md") if one.purpose == purpose):
            order = WORK["signing"](region, chance)
            done = _run(region, block.text)
            if done.returncode != 0:
                wrong.append(f"docs/deploying.md, line {block.line}: {done.stdout[-1000:]}")
            region.broken_now()
            slowest = max(slowest, region.insist(order))
            region.mend()
    _run(region, "patronictl -c /etc/patroni/config.yml edit-config --force --set ttl=10")
    region.mend()
    region.finish()
    return Outcome("docs/deploying.md", wrong + when_all_is_done(region), slowest)


def _run(region: Region, text: str) -> subprocess.CompletedProcess[str]:
    folder = region.primary().folder
    for name, own in (
        ("patroni/config.yml", "patroni.yml"),
        ("pgbackrest.conf", "pgbackrest.conf"),
    ):
        text = text.replace(f"/etc/{name}", str(folder / own))
    return subprocess.run(
        [*as_account(), "bash", "-e", "-c", text],
        env={"PATH": debian.PATH, "HOME": str(folder), "LC_ALL": "C.UTF-8", "EDITOR": "true"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )

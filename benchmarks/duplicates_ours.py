"""GraphCRM's engine on a list, as `graphcrm dedupe FILE` runs it; started by `duplicates.py`."""

import sys
import time
from pathlib import Path

from duplicates_answer import answered, write_answer
from graphcrm.duplicates import dedupe
from graphcrm_loaders.lists import detect, read_list


def main(records: Path, folder: Path) -> None:
    started = time.perf_counter()
    given = read_list(records)
    roles = {name: known.role for name, known in detect(given.texts).items()}
    found = dedupe(given.texts, roles)
    answered(time.perf_counter() - started)

    # `found.pairs` has only the likely ones, not all that were compared.
    matched = found._matched
    assert matched is not None
    write_answer(folder, {"its own": found.cluster_ids}, matched.left, matched.right)


if __name__ == "__main__":
    main(Path(sys.argv[2]), Path(sys.argv[3]))

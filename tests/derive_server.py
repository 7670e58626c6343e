"""A process that writes results of analyses again and again: each line of input is a request."""

import json
import sys
from pathlib import Path

from graphcrm.errors import GraphCRMError
from graphcrm.store.deriving.worker import write

for line in sys.stdin:
    try:
        url, folder = json.loads(line)
        text = write(url, Path(folder), lambda text: None).model_dump_json()
    except GraphCRMError as error:
        text = json.dumps({"error": type(error).__name__, "text": str(error)})
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

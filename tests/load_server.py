"""A process that loads again and again: each line of standard input is a request.

Starting a process for each of many small loads would take longer than the loads.
"""

import json
import sys

from graphcrm.errors import GraphCRMError
from graphcrm_loaders.request import LoadRequest
from graphcrm_loaders.run import run

for line in sys.stdin:
    try:
        answer = {"report": run(LoadRequest.model_validate_json(line), lambda event: None)}
        text = answer["report"].model_dump_json()
    except GraphCRMError as error:
        text = json.dumps({"error": type(error).__name__, "text": str(error)})
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

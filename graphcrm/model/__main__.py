"""`python -m graphcrm.model` prints docs/model.md; with `--json` the JSON Schema."""

import json
import sys

from graphcrm.model.document import json_schema, markdown

if __name__ == "__main__":
    as_json = "--json" in sys.argv[1:]
    sys.stdout.write(json.dumps(json_schema(), ensure_ascii=False) if as_json else markdown())

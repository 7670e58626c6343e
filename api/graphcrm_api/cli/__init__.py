"""The command line `graphcrm`: the loads, the questions and the lists, for a terminal or a script.

Exit codes: 0 done, 1 a problem in the data or the graph, 2 wrong use, 130 interrupted. Answers go
to standard output; progress and errors go to standard error, except with `--json`, where an error
is an object `{"error": …, "type": …}` on standard output: what is read there is always JSON.
"""

from graphcrm_api.cli.running import main

__all__ = ["main"]

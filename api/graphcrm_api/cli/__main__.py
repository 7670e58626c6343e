"""`python -m graphcrm_api.cli`, where the command itself is not on the path."""

import sys

from graphcrm_api.cli.running import main

sys.exit(main())

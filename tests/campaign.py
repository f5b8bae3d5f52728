"""How long campaigns of kills and faults are: `make torture` wants them longer."""

import os

# Times as long as in the tests.
FACTOR = int(os.environ.get("CAMPAIGN", "1"))

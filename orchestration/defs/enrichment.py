"""What Python adds between facts and marts: voice signals and the value model."""

import dagster as dg

defs = dg.Definitions()

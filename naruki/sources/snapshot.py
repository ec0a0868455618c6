"""Full snapshots: a delivery that holds all keys tells which keys are gone; they get a tombstone, never a delete."""

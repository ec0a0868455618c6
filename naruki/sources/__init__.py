"""From the files of a deployment to typed, redacted, append-only parquet: mapping, staging, landing, quarantine, manifest."""

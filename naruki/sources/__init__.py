"""From the files of a deployment to typed, redacted, append-only parquet, with quarantine and manifest."""

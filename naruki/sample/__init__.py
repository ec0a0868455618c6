"""A sample company with a known truth: a bilingual subscription business, made in columns, deterministic by seed."""

from naruki.sample.company import write_sample
from naruki.sample.scale import SCALES, SampleSummary

__all__ = ["SCALES", "SampleSummary", "write_sample"]

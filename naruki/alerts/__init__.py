"""Alerts: what people should hear without looking, told once, and never with personal data."""

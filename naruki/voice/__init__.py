"""What customers say: redaction, language, reasons, churn intent and the other signals, with their evidence."""

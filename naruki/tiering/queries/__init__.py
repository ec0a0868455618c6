"""Questions in SQL to the warehouse and the past decisions; $day is the day of the decision."""

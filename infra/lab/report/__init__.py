"""From stored records to docs/performance.md, plots, CSV, JSON and a report in one file."""

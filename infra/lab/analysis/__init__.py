"""What records say: comparisons, fits, the capacity plan, goals reached and missed."""

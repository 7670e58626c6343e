"""What all endpoints have in common: errors, pages, answers, limits, exports."""

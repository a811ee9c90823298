"""What administrators tell one person: a warning, which the person alone sees, and who has decided it does not show."""

"""What holds for everybody who works here."""

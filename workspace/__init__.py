"""What holds for everybody who works here; `audit` notes the administrative acts."""

"""What bin/setup, run, test and manage do. Standard library only: it runs before anything is installed."""

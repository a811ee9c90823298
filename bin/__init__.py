"""The commands of the checkout. Each is a few lines of bash that call the Python module of the same name in bin/local."""

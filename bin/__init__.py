"""The commands of the checkout: each is a few lines of bash that call the module of the same name in bin/local."""

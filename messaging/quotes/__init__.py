"""Saying again what a message says, with its author and its link: as a quote to write below, or in another group."""

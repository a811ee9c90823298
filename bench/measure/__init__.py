"""How each kind of scenario is measured: one module a kind."""

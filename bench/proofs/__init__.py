"""The long proofs beside chaos that `bin/prove` runs: a soak, and a group with a long log."""

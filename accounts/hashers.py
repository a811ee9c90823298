"""How passwords are hashed: argon2id by Django, on one thread a hash, so that two hashes take two cores at most."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """About 0.1 s of one core and 64 MiB; raised later, each hash is replaced at its owner's next sign-in."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 1

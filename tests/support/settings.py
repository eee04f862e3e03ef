"""The product's settings, with the one thing that only tests may have: passwords that cost little to check."""

from django.contrib.auth.hashers import Argon2PasswordHasher

from yigongti.runtime.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.support.settings.CheapArgon2"]


class CheapArgon2(Argon2PasswordHasher):
    """The same algorithm at a hundredth of its cost: a story signs ten people in."""

    time_cost = 1
    memory_cost = 1024
    parallelism = 1

"""A simulated county's claims and everything done with them, a file a part, in the order in which one builds on the other."""

from yigongti.benefit.fund.sample import audit, books, claims, office, pool, special

SAMPLES = (claims.sample, audit.sample, pool.sample, office.sample, books.sample, special.sample)

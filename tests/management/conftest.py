from tests.support.grounds import admin, database, ground, ground_database

__all__ = ["admin", "database", "ground", "ground_database"]

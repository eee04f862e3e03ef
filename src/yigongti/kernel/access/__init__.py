"""The fence and its one door: who may see and write which rows, decided in the database."""

"""yigongti: one county, one hospital, one working platform."""

__version__ = "0.1.0"

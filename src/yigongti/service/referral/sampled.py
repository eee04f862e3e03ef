"""For the samples of higher modules: a case told step by step, with its timeline, notices and clock, written in bulk."""

from yigongti.service.referral.sample import the_county
from yigongti.service.referral.sample.telling import County, Story

__all__ = ["County", "Story", "the_county"]

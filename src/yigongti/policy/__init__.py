"""Rules as data: every number of a policy as a dated, cited parameter, looked up by place and day."""

"""Every read of the sandbox: what it reckons over, what may be moved, what comes out, what was saved."""

"""服务共同体: what happens to a patient, from the first visit to the closed referral."""

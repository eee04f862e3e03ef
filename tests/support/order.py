"""In which order files of tests are begun: first those that need no database, which is built meanwhile; then the dear ones."""

from __future__ import annotations

FIRST = ("bench/", "benefit/fund/", "data/")
"""Units that keep both workers busy while the migrated template and the county are made."""

DEAR = (
    "browser/test_story_referral.py",
    "runtime/test_serve.py",
    "kernel/test_desk_contract.py",
    "browser/test_story_blueprints.py",
    "race/test_at_once.py",
    "kernel/test_desk_pages.py",
    "contract/test_command_line.py",
    "browser/test_story_import.py",
    "drill/test_kill.py",
    "runtime/test_external.py",
    "drill/test_disk.py",
    "browser/test_story_break_glass.py",
    "browser/test_story_counter.py",
    "browser/test_story_sandbox.py",
    "benefit/test_sandbox.py",
    "shell/test_cockpit.py",
    "browser/test_offline.py",
    "drill/test_backup.py",
    "browser/test_story_signin.py",
    "access/test_crawl.py",
    "browser/test_islands.py",
    "runtime/test_fund_group.py",
    "browser/test_story_registry.py",
    "access/test_log.py",
    "runtime/test_postgres.py",
    "drill/test_upgrade.py",
    "browser/test_story_policy.py",
    "access/test_matrix.py",
    "drill/test_standby.py",
    "service/test_referral_story.py",
    "service/test_booking.py",
    "service/test_care_pages.py",
    "fuzz/test_hostile_input.py",
    "browser/test_story_keyboard.py",
    "browser/test_story_merge.py",
    "browser/test_story_clearing.py",
)
"""Files of more than some ten seconds, the longest first; whatever is not listed follows in random order."""

_LAST = len(DEAR) + 1


def place(file: str) -> int:
    """Where a file stands in the order; the lower the earlier. Files with the same place keep their random order."""
    if file.startswith(FIRST):
        return -1
    return DEAR.index(file) if file in DEAR else _LAST

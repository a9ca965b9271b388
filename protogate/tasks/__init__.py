"""doit tasks for a repository of contracts.

A `dodo.py` needs one line::

    from protogate.tasks import *  # noqa: F403

It then has the tasks below, and plain `doit` generates what is stale. Tasks of your own stand
beside them and name them in `task_dep`; `ci_task("lint", "generate", "my_tests")` makes another
sequence for `doit ci`.

Nothing heavy is imported until a task runs.
"""

from protogate.tasks.contracts import (
    generation_task,
    task_generate,
    task_generate_incremental,
    task_json,
    task_lint,
    task_proto,
    task_proto_changed,
    task_python,
    task_sql,
    task_vendor,
    task_watch,
    task_zod,
)
from protogate.tasks.crosscheck import task_contracts, task_cross_check
from protogate.tasks.gateway import task_gateway, task_testql
from protogate.tasks.legacy import (
    task_bootstrap_legacy,
    task_diff_legacy,
    task_legacy_list,
    task_legacy_register,
    task_legacy_report,
    task_sync_check,
)
from protogate.tasks.pipeline import ci_task, command_task, doit_config, task_ci
from protogate.tasks.registry import task_registry_check, task_registry_list, task_registry_register

DOIT_CONFIG = doit_config()

__all__ = [
    "DOIT_CONFIG",
    "ci_task",
    "command_task",
    "doit_config",
    "generation_task",
    "task_bootstrap_legacy",
    "task_ci",
    "task_contracts",
    "task_cross_check",
    "task_diff_legacy",
    "task_gateway",
    "task_generate",
    "task_generate_incremental",
    "task_json",
    "task_legacy_list",
    "task_legacy_register",
    "task_legacy_report",
    "task_lint",
    "task_proto",
    "task_proto_changed",
    "task_python",
    "task_registry_check",
    "task_registry_list",
    "task_registry_register",
    "task_sql",
    "task_sync_check",
    "task_testql",
    "task_vendor",
    "task_watch",
    "task_zod",
]

"""Files of a new slice, and the few lines that a project needs to know of it."""

from protogate.scaffold.plan import Plan, plan_slice, write_plan

__all__ = ["Plan", "plan_slice", "write_plan"]

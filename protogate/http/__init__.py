"""What generated routers need at run time, in the gateway and in any other FastAPI application.

The only package of Protogate that imports a web framework; nothing else here imports it.
"""

from protogate.http.problems import Problem, install_problems, problem_of, problem_response
from protogate.http.routes import Parameter, Route
from protogate.http.runtime import QueryContext, Runtime

__all__ = [
    "Parameter",
    "Problem",
    "QueryContext",
    "Route",
    "Runtime",
    "install_problems",
    "problem_of",
    "problem_response",
]

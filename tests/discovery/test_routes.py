"""Routes with all their prefixes, over files and frameworks; and which of them a request means."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from protogate.discovery.model import HttpCall, Route
from protogate.discovery.python_names import Names
from protogate.discovery.python_reader import read_python
from protogate.discovery.routes import compose, match, requests
from protogate.discovery.web_names import WebNames
from protogate.discovery.web_reader import read_web

if TYPE_CHECKING:
    from collections.abc import Mapping


def _composed(files: Mapping[str, str]) -> tuple[Route, ...]:
    python = {path: read_python(text.encode()) for path, text in files.items() if path.endswith(".py")}
    web = {path: read_web(text.encode(), path[path.rfind(".") :]) for path, text in files.items() if path not in python}
    return compose(python | web, [Names(python), WebNames(web)])


def _paths(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(one.method, one.path) for one in _composed(files)]


# FastAPI


def test_fastapi_prefixes_add_up_over_files() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/main.py": (
            "from fastapi import FastAPI\nfrom shop.api import api\nfrom shop import health\napp = FastAPI()\n"
            'app.include_router(api, prefix="/v1")\napp.include_router(health.router)\n'
        ),
        "shop/health.py": (
            "from fastapi import APIRouter\nrouter = APIRouter()\n\n\n@router.get('')\ndef check(): ...\n"
            "@router.get('/health')\ndef health(): ...\n"
        ),
        "shop/api/__init__.py": (
            "from fastapi import APIRouter\nfrom .orders import router as orders\n"
            'api = APIRouter(prefix="/api")\napi.include_router(orders, prefix="/orders")\n'
        ),
        "shop/api/orders.py": (
            'from fastapi import APIRouter\nrouter = APIRouter(prefix="/all")\n\n\n@router.get("/{order_id:path}")\n'
            'def one(order_id): ...\n@router.post("/")\ndef new(): ...\n'
        ),
    }
    assert _composed(files) == (
        Route("GET", "/", "shop.health", "shop/health.py", 5, "check", "fastapi"),
        Route("GET", "/health", "shop.health", "shop/health.py", 7, "health", "fastapi"),
        Route("GET", "/v1/api/orders/all/{order_id}", "shop.api.orders", "shop/api/orders.py", 5, "one", "fastapi"),
        Route("POST", "/v1/api/orders/all/", "shop.api.orders", "shop/api/orders.py", 7, "new", "fastapi"),
    )


_ROUTER = "from fastapi import APIRouter\nrouter = APIRouter(prefix='/u')\n@router.get('/x')\ndef x(): ...\n"


def test_a_router_that_is_mounted_twice_has_two_routes_and_one_that_is_not_keeps_its_prefix() -> None:
    main = (
        "from fastapi import FastAPI\nfrom s import users\napp = FastAPI()\n"
        "app.include_router(users.router, prefix='/a')\napp.include_router(users.router, prefix='/b')\n"
    )
    files = {"s/__init__.py": "", "s/users.py": _ROUTER}
    assert _paths(files | {"s/main.py": main}) == [("GET", "/a/u/x"), ("GET", "/b/u/x")]
    assert _paths(files) == [("GET", "/u/x")]


def test_routers_in_a_directory_without_init_are_found() -> None:
    main = "from fastapi import FastAPI\nfrom routers import users\napp = FastAPI()\n"
    main += "app.include_router(users.router, prefix='/a')\n"
    assert _paths({"main.py": main, "routers/users.py": _ROUTER}) == [("GET", "/a/u/x")]


def test_a_circle_of_mounts_ends() -> None:
    files = {
        "s/__init__.py": "",
        "s/a.py": (
            "from fastapi import APIRouter\nfrom s.b import two\none = APIRouter()\n"
            "one.include_router(two, prefix='/2')\n@one.get('/x')\ndef x(): ...\n"
        ),
        "s/b.py": (
            "from fastapi import APIRouter\nfrom s.a import one\ntwo = APIRouter()\n"
            "two.include_router(one, prefix='/1')\n"
        ),
    }
    assert len(_paths(files)) == 1


def test_many_routers_that_mount_one_another_end_soon() -> None:
    """Each of a row of routers is mounted in the one before by ten prefixes."""
    lines = ["from fastapi import APIRouter"]
    for number in range(40):
        lines.append(f"r{number} = APIRouter()")
        lines += [f"r{number - 1}.include_router(r{number}, prefix='/p{prefix}')" for prefix in range(10) if number]
    lines += ["@r39.get('/x')", "def x(): ..."]
    started = time.perf_counter()
    assert 1 < len(_paths({"a.py": "\n".join(lines)})) <= 16
    assert time.perf_counter() - started < 5


def test_a_long_row_of_routers_ends() -> None:
    lines = ["from fastapi import APIRouter", "r0 = APIRouter()"]
    for number in range(1, 3000):
        lines += [f"r{number} = APIRouter()", f"r{number - 1}.include_router(r{number}, prefix='/p')"]
    lines += ["@r2999.get('/x')", "def x(): ..."]
    assert len(_paths({"a.py": "\n".join(lines)})) == 1


# Flask


def test_a_prefix_that_a_blueprint_is_registered_with_stands_for_its_own() -> None:
    files = {
        "s/__init__.py": "",
        "s/users.py": (
            "from flask import Blueprint\nbp = Blueprint('u', __name__, url_prefix='/own')\n"
            "@bp.route('/<int:user_id>/', methods=['GET', 'POST'])\ndef user(user_id): ...\n"
            "@bp.get('/all')\ndef all(): ...\n"
        ),
        "s/more.py": "from s.users import bp\n@bp.route('/more')\ndef more(): ...\n",
        "s/app.py": (
            "from flask import Flask\nfrom s import users\ndef create():\n    app = Flask('x')\n"
            "    app.register_blueprint(users.bp, url_prefix='/given')\n    app.register_blueprint(users.bp)\n"
        ),
    }
    assert [(one.method, one.path, one.framework) for one in _composed(files)] == [
        ("GET", "/given/all", "flask"),
        ("GET", "/given/more", "flask"),
        ("GET", "/given/{user_id}/", "flask"),
        ("GET", "/own/all", "flask"),
        ("GET", "/own/more", "flask"),
        ("GET", "/own/{user_id}/", "flask"),
        ("POST", "/given/{user_id}/", "flask"),
        ("POST", "/own/{user_id}/", "flask"),
    ]


# Django

_VIEWS = "\n\n\nclass OrderList(View): ...\nclass OrderOne(View): ...\ndef index(request): ...\n"


def test_django_urls_are_included_over_files_and_lead_to_their_views() -> None:
    files = {
        "site/__init__.py": "",
        "site/urls.py": (
            "from django.urls import include, path, re_path\nfrom . import views as local\n"
            "urlpatterns = [\n    path('shop/', include('shop.urls')),\n    path('', local.index),\n"
            "    path('x/', include('elsewhere.urls')),\n    path('lost/', lost),\n]\n"
        ),
        "site/views.py": "def index(request): ...\n",
        "shop/__init__.py": "",
        "shop/urls.py": (
            "from django.urls import path, re_path\nfrom shop import views\nfrom shop.views import *\nurlpatterns = [\n"
            "    path('orders/', views.OrderList.as_view()),\n    path('orders/<int:pk>/', OrderOne.as_view()),\n"
            r"    re_path(r'^old/(?P<slug>\w+)/(\d+)$', 'shop.views.index'),"
            "\n]\n"
        ),
        "shop/views.py": _VIEWS,
    }
    assert _composed(files) == (
        Route("ANY", "/", "site.views", "site/views.py", 1, "local.index", "django"),
        Route("ANY", "/lost/", "site.urls", "site/urls.py", 7, "lost", "django"),
        Route("ANY", "/shop/old/{slug}/{}", "shop.views", "shop/views.py", 6, "shop.views.index", "django"),
        Route("ANY", "/shop/orders/", "shop.views", "shop/views.py", 4, "views.OrderList", "django"),
        Route("ANY", "/shop/orders/{pk}/", "shop.views", "shop/views.py", 5, "OrderOne", "django"),
    )


def test_lists_of_patterns_are_included_by_name_and_where_they_stand() -> None:
    urls = (
        "from django.urls import include, path\nimport views\nimport shop.urls as shop_urls\n"
        "inner = [\n    path('in/', views.a),\n]\nloose = [path('loose/', views.a)]\n"
        "urlpatterns = [\n    path('one/', include(inner)),\n    path('two/', include((inner, 'two'))),\n"
        "    path(\n        'three/',\n        include(\n            [\n                path('deep/', views.a),\n"
        "                path('four/', include([\n                    path('deeper/', views.a),\n                ])),\n"
        "                path('after/', views.a),\n            ]\n        ),\n    ),\n    path('last/', views.a),\n"
        "    path('mix/', include(inner + [path('own/', views.a)])),\n    path('s/', include(shop_urls)),\n]\n"
    )
    files = {
        "urls.py": urls,
        "views.py": "def a(request): ...\n",
        "shop/__init__.py": "",
        "shop/urls.py": "from django.urls import path\nurlpatterns = [path('x', y)]\n",
    }
    assert [path for _, path in _paths(files)] == [
        "/last/",
        "/loose/",
        "/mix/in/",
        "/mix/own/",
        "/one/in/",
        "/s/x",
        "/three/after/",
        "/three/deep/",
        "/three/four/deeper/",
        "/two/in/",
    ]


def test_routers_of_the_rest_framework_give_lists_and_details() -> None:
    files = {
        "site/__init__.py": "",
        "site/urls.py": (
            "from django.urls import include, path\nfrom api.urls import router\n"
            "urlpatterns = [path('api/', include(router.urls)), path('other/', include('other.urls'))]\n"
        ),
        "api/__init__.py": "",
        "api/urls.py": (
            "from rest_framework import routers\nfrom .views import OrderSet\nrouter = routers.DefaultRouter()\n"
            "router.register(r'orders', OrderSet)\n"
        ),
        "api/views.py": "class OrderSet: ...\n",
        "other/__init__.py": "",
        "other/urls.py": (
            "from rest_framework import routers\nrouter = routers.SimpleRouter()\nrouter.register('x', Missing)\n"
            "urlpatterns = router.urls\n"
        ),
    }
    assert _composed(files) == (
        Route("ANY", "/api/orders/", "api.views", "api/views.py", 1, "OrderSet", "drf"),
        Route("ANY", "/api/orders/{pk}/", "api.views", "api/views.py", 1, "OrderSet", "drf"),
        Route("ANY", "/other/x/", "other.urls", "other/urls.py", 3, "Missing", "drf"),
        Route("ANY", "/other/x/{pk}/", "other.urls", "other/urls.py", 3, "Missing", "drf"),
    )


# Express and its kin


@pytest.mark.parametrize(
    ("mount", "export"),
    [
        ('import users from "./users.js";\napp.use("/api", users);', "export default router;"),
        ('import { router as users } from "./users";\napp.use("/api", users);', "export { router };"),
        ('const users = require("./users");\napp.use("/api", users);', "module.exports = router;"),
        ('app.use("/api", require("./users"));', "module.exports = router;"),
    ],
)
def test_express_routers_are_mounted_over_files(mount: str, export: str) -> None:
    files = {
        "server/app.ts": f'import express from "express";\nconst app = express();\n{mount}\napp.get("/", home);\n',
        "server/users.ts": (
            'import express from "express";\nimport * as handlers from "./handlers";\n'
            "const router = express.Router();\n"
            'router.get("/users/:id(\\\\d+)", handlers.one);\nrouter.route("/users").post(create);\n' + export
        ),
        "server/handlers.ts": "\nexport function one() {}\n",
    }
    found = _composed(files)
    assert [(one.method, one.path, one.file, one.line) for one in found] == [
        ("GET", "/", "server/app.ts", found[0].line),
        ("GET", "/api/users/{id}", "server/handlers.ts", 2),
        ("POST", "/api/users", "server/users.ts", 5),
    ]


def test_what_is_no_router_is_not_mounted() -> None:
    files = {
        "app.js": 'const express = require("express");\nconst { check } = require("./users");\nconst app = express();\n'
        'app.use("/api", check);\n',
        "users.js": 'const express = require("express");\nconst router = express.Router();\n'
        'router.get("/x/*", one);\nfunction check() {}\nmodule.exports = { check, router };\n',
    }
    assert _paths(files) == [("GET", "/x/{}")]


def test_a_plugin_of_fastify_has_the_prefix_that_it_is_registered_with() -> None:
    files = {
        "app.ts": 'import Fastify from "fastify";\nimport { users } from "./users";\nconst app = Fastify();\n'
        'app.register(users, { prefix: "/users" });\n',
        "users.ts": 'import { x } from "fastify";\n'
        'export async function users(fastify) { fastify.get("/:id", one); }\n',
    }
    assert _paths(files) == [("GET", "/users/{id}")]


# Requests


def _route(path: str, method: str = "GET", file: str = "server/main.py", framework: str = "fastapi") -> Route:
    return Route(method, path, file.removesuffix(".py").replace("/", "."), file, 1, "handler", framework)


def _answers(path: str, *routes: Route, method: str = "GET", file: str = "web/src/x.ts") -> list[tuple[str, str]]:
    call = HttpCall(method, path, "web/src/x", file, 1, "fetch", ())
    return [(one.method, one.path) for one in match([call], routes)[0].routes]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/orders", "/orders"),
        ("/orders/", "/orders"),
        ("/orders", "/orders/"),
        ("/orders/{}", "/orders/{id}"),
        ("/orders/7", "/orders/{id}"),
        ("/orders/{}/items", "/orders/{id}/items"),
        ("/orders{}", "/orders"),
        ("/orders/{}.json", "/orders/{id}.json"),
        ("/orders/7.json", "/orders/{id}.json"),
        ("/orders/o-{}", "/orders/{id}"),
        ("/orders/{}", "/orders/all"),
        ("{}/orders", "/orders"),
        ("{}/orders", "/api/v1/orders"),
        ("{}/orders/{}/items", "/shop/orders/{id}/items"),
        ("/orders", "/api/v1/orders"),
        ("/api/orders", "/orders"),
    ],
)
def test_a_request_means_the_route_that_says_the_same(asked: str, path: str) -> None:
    assert _answers(asked, _route(path), _route("/else/where")) == [("GET", path)]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("{}", "/orders"),
        ("/", "/"),
        ("/{}", "/{id}"),
        ("{}/{}", "/orders/{id}"),
        ("/api/{}", "/api/{id}"),
        ("/api/v1", "/api/v1"),
        ("/orders", "/orders/{id}"),
        ("/orders/all", "/orders/one"),
        ("/{}/{}", "/orders/items"),
        ("/{}/{}/x", "/orders/items/x"),
        ("{}/orders", "/shop/orders"),
        ("{}/orders/{}", "/shop/orders/{id}"),
        ("/orders", "/shop/orders"),
        ("/orders", "/{shop}/orders"),
        ("/items/orders/x", "/orders/x"),
    ],
)
def test_a_request_that_says_too_little_or_something_else_means_no_route(asked: str, path: str) -> None:
    assert _answers(asked, _route(path)) == []


def test_the_best_comes_alone() -> None:
    routes = [_route("/orders/{id}"), _route("/orders/all"), _route("/orders/{id}/items"), _route("/api/orders/all")]
    assert _answers("/orders/all", *routes) == [("GET", "/orders/all")]
    assert _answers("/orders/{}", *routes) == [("GET", "/orders/{id}")]


def test_what_says_more_is_better_than_a_value_of_a_parameter() -> None:
    routes = [_route("/orders/{id}"), _route("/api/orders/all")]
    assert _answers("/orders/all", *routes) == [("GET", "/api/orders/all")]
    assert _answers("/orders/some", *routes) == [("GET", "/orders/{id}")]


def test_methods_agree_or_are_not_known() -> None:
    routes = [_route("/orders", "POST"), _route("/orders", "ANY"), _route("/orders", "PUT"), _route("/orders", "GET")]
    assert _answers("/orders", *routes, method="POST") == [("POST", "/orders"), ("ANY", "/orders")]
    assert _answers("/orders", *routes, method="PATCH") == [("ANY", "/orders")]
    assert _answers("/orders", *routes, method="ANY") == [("GET", "/orders"), ("POST", "/orders"), ("PUT", "/orders")]
    assert _answers("/orders", routes[0], method="GET") == []


def test_the_file_of_the_caller_says_what_the_base_does_not() -> None:
    routes = [_route("/api/audio/config", file="server/audio.py"), _route("/api/image/config", file="server/image.py")]
    assert _answers("{}/config", *routes, file="web/apis/audio/index.ts") == [("GET", "/api/audio/config")]
    assert _answers("{}/config", *routes, file="web/AudioSettings.vue") == [("GET", "/api/audio/config")]
    assert _answers("{}/config", *routes, file="web/apis/index.ts") == []
    assert _answers("{}/config", _route("/api/config"), *routes, file="web/index.ts") == [("GET", "/api/config")]


def test_several_routes_that_fit_a_base_that_is_not_known_are_none() -> None:
    assert _answers("{}/x/orders", _route("/one/x/orders"), _route("/two/x/orders")) == []
    many = [_route("/orders", file=f"server{number}/main.py") for number in range(4)]
    assert _answers("/orders", *many) == []
    assert len(_answers("/orders", *many[:3])) == 3


def test_what_a_server_asks_others_for_is_not_its_own() -> None:
    route = _route("/api/version")
    assert _answers("/api/version", route, file="server/main.py") == []
    assert (
        _answers("/api/version", route, _route("/ollama/x", file="server/routers/o.py"), file="server/routers/o.py")
        == []
    )
    assert _answers("/api/version", route, file="server/tools.py") == []
    assert _answers("/version", route, file="server/tools.py") == []
    assert _answers("/api/version/all", _route("/api/version/all"), file="server/tools.py") == [
        ("GET", "/api/version/all")
    ]
    assert _answers("/api/version", route, file="client/main.py") == [("GET", "/api/version")]


def test_pages_of_django_are_not_what_a_proxy_leaves() -> None:
    assert _answers("/api/users", _route("/users", framework="django")) == []


def test_requests_are_taken_from_files_and_lead_to_routes_of_another_language() -> None:
    python = {
        "app.py": read_python(b"from fastapi import FastAPI\napp = FastAPI()\n@app.get('/api/o/{i}')\ndef o(): ...")
    }
    web = {"web/a.ts": read_web(b"\nfetch(`${base}/api/o/${id}?x=1`);\n", ".ts")}
    names = (Names(python), WebNames(web))
    asked = list(requests(python | web, names))
    assert asked == [HttpCall("GET", "{}/api/o/{}", "web/a", "web/a.ts", 2, "fetch", ())]
    assert match(asked, compose(python | web, names)) == (
        asked[0]._replace(routes=(Route("GET", "/api/o/{i}", "app", "app.py", 3, "o", "fastapi"),)),
    )


def test_thousands_of_requests_and_routes_are_matched_soon() -> None:
    routes = [_route(f"/api/thing{number}/{{id}}/all") for number in range(5000)]
    calls = [HttpCall("GET", f"{{}}/thing{number}/{{}}/all", "w", "w.ts", 1, "fetch", ()) for number in range(10000)]
    started = time.perf_counter()
    assert sum(len(one.routes) for one in match(calls, routes)) == 5000
    assert time.perf_counter() - started < 5


def test_routes_that_calls_add_are_those_of_the_module_with_the_handler() -> None:
    files = {
        "app/__init__.py": (
            "from flask import Flask\nfrom app.orders import orders\n\n\ndef plain(key): ...\n\n\n"
            'app = Flask(__name__)\napp.register_blueprint(orders, url_prefix="/api")\n'
            'app.add_url_rule("/plain/<int:key>", "plain", plain, methods=["GET", "POST"])\n'
            "app.add_url_rule(computed, view_func=plain)\n"
        ),
        "app/orders.py": (
            "from flask import Blueprint\nfrom app.views import OrderView\n"
            'orders = Blueprint("orders", __name__, url_prefix="/of-its-own")\n'
            'orders.add_url_rule("/orders/<key>", view_func=OrderView.as_view("orders"))\n'
        ),
        "app/views.py": "from flask.views import MethodView\n\n\nclass OrderView(MethodView):\n    methods = []\n",
        "web/__init__.py": (
            "from fastapi import APIRouter\nrouter = APIRouter(prefix='/w')\n\n\ndef one(): ...\n\n\n"
            'router.add_api_route("/one", one)\nrouter.add_api_route(path="/two", endpoint=one, methods=["PUT"])\n'
        ),
    }
    assert [(one.method, one.path, one.file, one.line, one.handler) for one in _composed(files)] == [
        ("ANY", "/api/orders/{key}", "app/views.py", 4, "OrderView"),
        ("GET", "/plain/{key}", "app/__init__.py", 10, "plain"),
        ("GET", "/w/one", "web/__init__.py", 8, "one"),
        ("POST", "/plain/{key}", "app/__init__.py", 10, "plain"),
        ("PUT", "/w/two", "web/__init__.py", 9, "one"),
    ]

"""What one file of Python says: imports and their uses, routes, tables, requests, texts; of both languages."""

from __future__ import annotations

import time

import pytest

from protogate.discovery import sql_text
from protogate.discovery.python_reader import read_python

_APP = b"""\
from __future__ import annotations
import shop.orders as orders
from .models import Order, Customer as Buyer
from fastapi import APIRouter
if TYPE_CHECKING:
    from shop.kinds import Kind

router = APIRouter(prefix="/orders")

@router.get("/{order_id}")
def read(order_id):
    from shop.late import load
    return load(orders.find(order_id), Order)

@router.post("")
def create():
    requests.post(f"http://stock/{1}/items?x=1")

class Special(Order):
    pass
"""


def test_imports_tell_where_and_how_they_are_used() -> None:
    imports = {(one.module, one.name): one for one in read_python(_APP).imports}
    assert imports["shop.orders", ""].uses == ((13, "orders.find", "call"),)
    assert imports["models", "Order"].uses == ((13, "Order", "import"), (19, "Order", "subclass"))
    assert imports["models", "Order"].level == 1
    assert imports["models", "Customer"].alias == "Buyer"
    assert imports["models", "Customer"].references == 0
    assert imports["shop.kinds", "Kind"].is_type_only
    assert imports["shop.late", "load"].is_lazy
    assert ("__future__", "annotations") not in imports


def test_routes_and_requests() -> None:
    facts = read_python(_APP)
    assert [(one.method, one.path, one.router, one.handler) for one in facts.routes] == [
        ("GET", "/{order_id}", "router", "read"),
        ("POST", "", "router", "create"),
    ]
    assert [(one.router, one.prefix, one.target) for one in facts.includes] == [("router", "/orders", "router")]
    assert [(one.method, one.path) for one in facts.http_calls] == [("POST", "/{}/items")]


def test_patterns_of_django_become_paths() -> None:
    facts = read_python(
        b"from django.conf.urls import url, include\n"
        b"urlpatterns = [url(r'^users/(?P<pk>\\d+)/$', views.show), url('^shop/', include('shop.urls'))]\n"
    )
    assert [(one.path, one.handler, one.framework) for one in facts.routes] == [("users/{pk}/", "views.show", "django")]
    assert [(one.prefix, one.target) for one in facts.includes] == [("shop/", "shop.urls")]


def test_tables_of_both_mappers() -> None:
    facts = read_python(
        b"from django.db import models\n"
        b"class Order(models.Model):\n    buyer = models.ForeignKey('auth.User')\n    total = models.IntegerField()\n"
        b"class Base(models.Model):\n    x = models.IntegerField()\n    class Meta:\n        abstract = True\n"
    )
    assert [(one.model, one.columns, one.references) for one in facts.tables] == [
        ("Order", ("buyer", "total"), ("auth.User",))
    ]
    facts = read_python(b"class Row(Base):\n    __tablename__ = 'rows'\n    id = Column(Integer, primary_key=True)\n")
    assert [(one.name, one.framework, one.columns) for one in facts.tables] == [("rows", "sqlalchemy", ("id",))]


def test_python_2_is_read_without_a_complaint() -> None:
    facts = read_python(b"import os\nprint 'x', os.name\ntry:\n    pass\nexcept ValueError, e:\n    raise e\n")
    assert [one.module for one in facts.imports] == ["os"]
    assert facts.imports[0].references == 1


@pytest.mark.parametrize("source", [b"", b"\x00\xff\xfe", b"def (:\n  ]]", b"class", b"import", b"@", b"x = '''"])
def test_rubbish_is_no_exception(source: bytes) -> None:
    assert read_python(source).language == "python"


def test_what_cannot_be_read_is_said_with_its_line() -> None:
    (problem,) = read_python(b"import os\n\ndef broken(:\n    pass\n").problems
    assert problem.line == 3


def test_names_of_a_package_next_door_are_no_uses() -> None:
    facts = read_python(b"from lib import errors\nfrom .errors import Late\nraise errors.Early\n")
    assert [(one.name, one.references, one.uses) for one in facts.imports] == [
        ("errors", 1, ((3, "errors.Early", "import"),)),
        ("Late", 0, ()),
    ]


def test_the_first_eight_uses_are_kept_and_all_are_counted() -> None:
    facts = read_python(b"import a\n" + b"a.b\n" * 20)
    assert facts.imports[0].references == 20
    assert [line for line, _, _ in facts.imports[0].uses] == list(range(2, 10))


def test_lines_of_code_are_neither_blank_nor_comments() -> None:
    facts = read_python(b"# a\n\nx = 1  # b\r\n  \t\n    # c\n\x0cy = 2")
    assert (facts.lines, facts.code_lines) == (6, 2)


def test_faults_of_a_file_are_one_problem_with_their_count() -> None:
    (problem,) = read_python(b"import os\nx = = 1\ny = = 2\nz = = 3\nos.path\n").problems
    assert problem == (2, "is not Python that can be read: '='; what is around it was read ... and 2 more")


def test_what_the_grammar_does_not_know_is_one_problem_and_the_rest_is_read() -> None:
    facts = read_python(
        b"import os\nclass A[T = int](os.B): pass\nclass C[T = int](os.D): pass\ndef f[**P](x: os.E): pass\n"
    )
    assert [(one.line, one.message.partition(" ... ")[2]) for one in facts.problems] == [(2, "and 1 more")]
    assert [one.name for one in facts.definitions] == ["A", "C", "f"]
    assert facts.imports[0].references == 3


@pytest.mark.parametrize(
    ("source", "references"),
    [
        pytest.param("import a\nx = 'é'\na.b()\n".encode("utf-16"), 0, id="utf-16"),
        pytest.param(b"# coding: latin-1\nimport a\nx = '\xe9'\na.b('\xff')\n", 1, id="latin-1"),
        pytest.param(b"import a\nx = 1\x00\na.b()\n", 1, id="null"),
        pytest.param(b"import a\nprint >>f, a.b\nraise a.E, 'y'\nd = 0777L\n", 2, id="python-2"),
        pytest.param(b"\xef\xbb\xbfimport a\na.b()\n", 1, id="mark"),
    ],
)
def test_odd_texts_are_read_as_far_as_they_can_be(source: bytes, references: int) -> None:
    assert sum(one.references for one in read_python(source).imports) == references


_MANY = 20_000


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"import a\nx = " + b"(" * 100_000 + b"a.b" + b")" * 100_000, id="parentheses"),
        pytest.param(b"x = " + b"(" * 100_000, id="open-parentheses"),
        pytest.param(b"x = " + b"[{(" * 33_000, id="open-brackets"),
        pytest.param(b"import a\na" + b".b" * 100_000, id="attributes"),
        pytest.param(b"import a\na" + b".get('x.y')" * _MANY, id="chain"),
        pytest.param(b"import a\n" + b"a.get(" * _MANY + b")" * _MANY, id="calls"),
        pytest.param(b"import a\nx = " + b"{'a.b': a, 'c': " * _MANY + b"1" + b"}" * _MANY, id="dicts"),
        pytest.param(b"@a.route('/x')\n" * _MANY + b"def f(): pass\n", id="decorators"),
        pytest.param(b"import a\n" + b"x = = a\n" * _MANY, id="faults"),
        pytest.param(b"'\\" * 100_000, id="quotes"),
        pytest.param(b"x = [" + b"'a.b', " * 200_000 + b"]\n", id="one-line"),
    ],
)
def test_odd_file_is_read_in_reasonable_time(source: bytes) -> None:
    began = time.process_time()

    assert read_python(source).language == "python"

    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("SELECT * FROM a JOIN b ON a.x = b.x -- FROM c", (("a", "read"), ("b", "read"))),
        ("INSERT INTO shop.orders SELECT 1 FROM stock", (("orders", "write"), ("stock", "read"))),
        ("DELETE FROM \"old\" WHERE x = 'FROM y'", (("old", "write"),)),
        ("WITH t AS (SELECT 1 FROM u) SELECT * FROM t", (("u", "read"),)),
        ("UPDATE a SET x = 1", (("a", "write"),)),
    ],
)
def test_tables_of_sql(text: str, tables: tuple[tuple[str, str], ...]) -> None:
    assert sql_text.tables(text) == tables


def test_routers_of_a_project_have_prefixes_too() -> None:
    made = b"dags = AirflowRouter(tags=['Dag'], prefix='/dags')\nplain = DefaultRouter()\n\n"
    source = made + b"@dags.get('/{id}')\ndef one(): ...\n"
    facts = read_python(source)
    assert [(one.router, one.prefix, one.target) for one in facts.includes] == [("dags", "/dags", "dags")]
    assert [(one.router, one.path) for one in facts.routes] == [("dags", "/{id}")]

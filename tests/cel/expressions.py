"""Expressions over `t.Main` that every translation is judged by."""

from __future__ import annotations

import random

from protogate.cel import check, parse
from protogate.cel.types import BOOL
from tests.cel.contract import ENV

# Left out, because the judge departs from the definition of the language: substring() up to the very end of a text is
# an error there, and format() writes the years before 1000 without leading zeros.
SIMPLE = tuple(
    line
    for line in r"""
this.i + this.j == 10
this.i - this.j > 0
this.i * this.j < 1000
this.i / this.j == 2
this.i % this.j == 1
this.i / 3 == -1
this.i % 3 == -1
-this.i > 3
this.u + this.w > 5u
this.u - this.w > 5u
this.u * this.w < 100u
this.u / this.w == 2u
this.u % this.w == 1u
this.d + this.e > 1.0
this.d - this.e > 1.0
this.d * this.e > 1.0
this.d / this.e > 1.0
-this.d < 0.0
this.i < this.j && this.j <= 100
this.i >= this.j || this.i > 5
this.i == this.j || this.i != 3
this.i < this.u
this.i < 1.5
this.u <= this.d
this.i == this.d
this.d >= 9007199254740993
this.i == 2u || this.u == 3
this.s < this.t
this.s >= this.t
this.b < this.c
this.x < this.y
!this.x || this.y
this.i / this.j > 1 || this.j == 0
this.i / this.j > 1 && this.j != 0
this.j != 0 && this.i / this.j > 1
(this.i / this.j > 1 || this.x) && this.y
this.x ? this.i > 0 : this.j > 0
this.x ? 'x is %s'.format([this.i]) : ''
this.i > 0 ? '' : 'i must be positive'
this.i in [1, 2, 3, 5u]
this.s in ['a', 'abc', 'é😀z']
this.d in [1.0, 1.5, 0.0]
this.s in this.ls
this.i in this.li
this.d in this.ld
this.b in this.lb
this.s in this.mi
this.i in this.ms2
!(this.i in this.li)
has(this.i)
has(this.s) && has(this.b)
has(this.d)
has(this.x)
has(this.li) && has(this.mi)
has(this.oi)
has(this.os) || has(this.ox)
has(this.sub)
has(this.sub.a)
has(this.sub.sub.oa)
has(this.sub.sub.sub)
has(this.ts) && has(this.du)
has(this.wi)
has(this.color)
has(this.mi.a)
this.oi == 0
this.os == ''
this.ox
this.sub.a > 0
this.sub.sub.b == ''
this.sub.sub.oa == 0 && this.sub.many.size() == 0
this.sub.many.all(m, m > this.i)
this.wi == null
this.wi != null && this.wi > 5
this.wi == 7
this.wi + 1 > 0
this.ws == 'abc' || this.ws == null
this.ts == null
this.sub != null
this.color == 1
this.color in [1, 2]
this.color > this.i32
this.lc.all(c, c != 9)
this.s.size() == 3
size(this.s) + size(this.b) < 6
this.li.size() > 1
this.mi.size() == 1
uint(this.s.size()) >= 2u
this.s.contains('a')
this.s.startsWith(this.t)
this.s.endsWith('c')
this.b.contains(b'b') || this.b.startsWith(b'\x00') || this.b.endsWith(b'\xa9')
this.s.endsWith(this.t)
this.s.contains(this.t)
this.b.startsWith(this.c)
this.b.endsWith(this.c) || this.b.contains(this.c)
this.s.matches('^[a-z]+$')
this.s.matches('[A-Z]')
this.s.matches('(?i)^k')
this.s.matches('^.{1,3}$')
this.s.matches('\\d+|^a\\w*$')
this.s.matches('^\\s|\\s$')
this.s.matches('(?i)[a-k]{2}')
this.s.matches('[^a-z]')
this.s.matches('\\bb|z\\b')
this.s.matches('(?m)b$')
this.s.matches('b$')
this.s.matches('[[:upper:]]+')
this.s.matches('^\\pL+$')
this.s.matches('\\p{Lu}')
this.s.charAt(1) == 'b'
this.s.indexOf('X') == 1
this.s.indexOf('X', 2) == 3
this.s.indexOf('') == 0
this.s.lastIndexOf('X') == 3
this.s.lastIndexOf('X', 2) == 1
this.s.lastIndexOf('') > 2
this.ls.join() == ''
this.ls.join('-').size() > 3
this.s.lowerAscii() == 'abc'
this.s.upperAscii() == 'ABC'
this.s.replace('X', '-') == 'a-b-c'
this.s.replace('X', '', 1) == 'abXc'
this.s.replace('', '.') == '.a.b.c.'
this.s.split('X').size() == 3
this.s.split(',').join('') == 'abc'
this.s.split(',', 2)[1] == 'b,c'
this.s.split('').size() == 3
this.s.substring(1) == 'bc'
this.s.size() > 2 && this.s.substring(0, 2) == 'ab'
this.s.substring(this.i) != ''
this.s.trim() == 'pad' || this.s.trim() == 'x'
this.s.reverse() == 'cba' || this.s.reverse() == 'z😀é'
'%s|%s|%s|%s'.format([this.s, this.i, this.u, this.x])
'%s'.format([this.d])
'%d %x %X %o %b'.format([this.i, this.i, this.u, this.i, this.i])
'%.2f %f %e %.0e'.format([this.d, this.e, this.d, this.e])
'%x %X'.format([this.s, this.b])
'%s %s %s'.format([this.li, this.ls, this.ld])
'%s'.format([this.mi])
'%s'.format([{'': 1, '1.2': 2, ':': 3}])
this.ts > timestamp('1000-01-01T00:00:00Z') ? '%s %s'.format([this.ts, this.du]) : ''
'%s%%'.format([this.wi])
'%s and %s'.format([[1, 2], 'b'])
int(this.u) > 3
int(this.d) == 1
int(this.s) > 5
int(this.ts) > 0
uint(this.i) > 3u
uint(this.d) == 3u
uint(this.s) == 10u
double(this.i) > 1.0
double(this.u) == 1.0
double(this.s) == 10.0
string(this.i) == '5' || string(this.x) == 'true' || string(this.u) == '7'
string(this.b) == 'abc'
string(this.ts)
string(this.du)
bytes(this.s).size() > 3
bytes(this.s) == this.b
bool(this.s)
duration('1h30m') > this.du
duration('1.5s') == this.du
duration(this.s) > this.du
timestamp('2023-11-14T22:13:20Z') <= this.ts
timestamp('2000-02-29T00:00:00.5+01:00') < this.ts
timestamp(this.i) > this.ts
type(this.i) == int && type(this.s) != bytes
this.ts < this.ts2
this.ts == this.ts2
this.ts + this.du > this.ts2
this.du + this.ts > this.ts2
this.ts - this.du > this.ts2
this.ts - this.ts2 > this.du
this.du + this.du2 > duration('10s')
this.du - this.du2 < duration('0s')
this.ts < now
this.ts.getFullYear() > 1999
this.ts.getMonth() == 1
this.ts.getDayOfYear() == 0
this.ts.getDayOfMonth() == 28
this.ts.getDate() == 14
this.ts.getDayOfWeek() == 1
this.ts.getHours() == 23
this.ts.getMinutes() == 59
this.ts.getSeconds() == 59
this.ts.getMilliseconds() == 999
this.ts.getHours('+05:30') == 3
this.ts.getDate('-08:00') == 31
this.ts.getHours('Europe/Berlin') == 1
this.du.getHours() == 1
this.du.getMinutes() == -1
this.du.getSeconds() == -90
this.du.getMilliseconds() == 500
this.lt.all(t, t < timestamp('2030-01-01T00:00:00Z'))
this.md.all(k, this.md[k] > duration('0s'))
this.li.all(n, n > 0)
this.li.exists(n, n > 5)
this.li.exists_one(n, n > 0)
this.li.all(n, 10 / n > 0)
this.li.exists(n, 10 / n > 3)
this.li.exists_one(n, 10 / n > 3)
this.li.map(n, n * 2).exists(n, n == 10)
this.li.map(n, n > 0, n + 1) == [2]
this.li.filter(n, n > 0).size() == 2
this.mi.all(k, this.mi[k] > 0)
this.mi.exists(k, k == 'a')
this.ms.all(m, m.a > 0 || m.b != '')
this.ms.exists(m, has(m.sub) && m.sub.a == this.i)
this.ms.map(m, m.b).unique()
this.ms.all(m, m.many.all(n, n != m.a))
this.li[0] > 0
this.li[this.i] > 0
this.mi['a'] > 0
this.mi.a > 0
this.ms2[1] == 'a'
this.mm['a'].a > 0
this.mb[true] > 0
this.ms[0].sub.a > 0
this.li == [1, 2]
this.li + [1] == [1]
this.ls != []
this.ld == [1.0, 1.5]
this.lb == [b'a']
{'a': this.i}['a'] == this.j
{'k': 1, this.s: 2}.size() == 2
this.mi == {'a': 1}
this.s + this.t == 'aabc'
this.b + this.c == b'aabc'
this.li.unique()
this.ls.unique()
this.ld.unique()
this.lb.unique()
this.s.isEmail()
this.s.isHostname()
this.s.isIp()
this.s.isIp(4)
this.s.isIpPrefix()
this.s.isUri()
this.s.isUriRef()
this.s.isHostAndPort(false)
this.d.isNan()
this.d.isInf()
this.d.isInf(-1)
this.d.isNan() || this.d < 5.0
getField(this, 's') == 'a'
dyn(this.i) == 1
9223372036854775807 + this.i > 0
18446744073709551615u - this.u >= 0u
this.s == '\u00e9\U0001f600z' || this.s == "a" || this.s == r'abc'
this.i > 0 && this.i < 10 && this.s != '' && this.s.size() < 5
""".split("\n")
    if line
)


CONDITIONS = tuple(expression for expression in SIMPLE if check(parse(expression), ENV).type == BOOL)


def combined(seed: int) -> str:
    """Conditions put together, so that errors of one meet decisive values of another."""
    dice = random.Random(seed)
    one, two, three, four = (f"({dice.choice(CONDITIONS)})" for _ in range(4))
    return dice.choice(
        [
            f"{one} && {two} && {three}",
            f"{one} || {two} || {three}",
            f"!({one} || {two}) || {three}",
            f"!({one} && {two})",
            f"{one} && {two} || {three} && {four}",
            f"({one} || {two}) && ({three} || {four})",
            f"{one} ? {two} : {three}",
            f"{one} ? '' : {two} ? 'second' : {three} ? '' : 'third'",
            f"[1, 2].all(n, n > 1 || {one}) && {two}",
            f"[this.i, this.j].exists(n, n > 3 && {one} || {two})",
            f"{one} == {two} && {three} != {four}",
        ]
    )


EXPRESSIONS = (*SIMPLE, *map(combined, range(150)))

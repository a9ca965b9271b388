from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from registry.cache import WeightedCache


def test_what_was_asked_for_lately_stays() -> None:
    cache: WeightedCache[str] = WeightedCache(3)
    for key in "abc":
        cache.put(key, key.upper())
    assert cache.get("a") == "A"
    cache.put("d", "D")
    assert [cache.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_a_heavy_value_pushes_out_several_light_ones() -> None:
    cache: WeightedCache[str] = WeightedCache(5)
    for key in "abc":
        cache.put(key, key)
    cache.put("heavy", "x", 4)
    assert [cache.get(key) for key in ("a", "b", "c", "heavy")] == [None, None, "c", "x"]


def test_a_value_that_is_too_heavy_is_given_back_and_not_kept() -> None:
    cache: WeightedCache[str] = WeightedCache(5)
    cache.put("a", "small")
    assert cache.put("a", "giant", 6) == "giant"
    assert cache.get("a") is None
    assert (len(cache), cache.weight) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 8))))
def test_the_weight_never_exceeds_the_capacity(puts: list[tuple[int, int]]) -> None:
    cache: WeightedCache[int] = WeightedCache(10)
    kept: dict[int, int] = {}
    for key, weight in puts:
        cache.put(key, key, weight)
        kept[key] = weight
        assert cache.weight <= 10
        assert cache.weight == sum(kept[each] for each in kept if cache.get(each) is not None)

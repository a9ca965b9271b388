"""What every store does, whatever database is behind it: subclassed by the tests of each store."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.errors import IdMismatchError, NotPermittedError, ReferenceNotFoundError, StoreError
from registry.values import AccessMode, Reference, guid_of
from tests.registry.samples import accept_all, new_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.ports import Store

SAME = new_version("Same")


def refuse() -> None:
    raise NotPermittedError("not today")


def fail_suddenly() -> None:
    raise RuntimeError("a defect")


class StoreContract(ABC):
    """Tests of the port; a subclass says how to open its store."""

    @pytest.fixture
    @abstractmethod
    def open_store(self) -> Iterator[Callable[[], Store]]:
        """Open one more store on the same, first empty, database."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, open_store: Callable[[], Store]) -> Store:
        return open_store()

    # Adding.

    def test_versions_count_from_one_and_ids_by_content(self, store: Store) -> None:
        added = [store.add("a", new_version(name), accept_all) for name in ("One", "Two")]
        other, _ = store.add("b", new_version("One"), accept_all)
        assert [(stored.version, stored.schema_id, new) for stored, new in added] == [(1, 1, True), (2, 2, True)]
        assert (other.version, other.schema_id) == (1, 1)

    def test_what_was_added_is_read_back_equal(self, store: Store) -> None:
        store.add("common", new_version("Common"), accept_all)
        new = new_version("User", references=(Reference("c.proto", "common", 1),), metadata={"owner": "a\0é", "n": [1]})
        stored, _ = store.add("a", new, accept_all)
        read = store.version("a", 1)
        assert read == stored
        assert read is not None
        assert (read.text, read.canonical, read.source_info) == (new.text, new.canonical, new.source_info)
        assert (read.references, read.metadata, read.file_name) == (new.references, new.metadata, new.file_name)
        assert not read.deleted

    def test_adding_the_same_content_again_changes_nothing(self, store: Store) -> None:
        first, _ = store.add("a", SAME, accept_all)
        store.add("a", new_version("Other"), accept_all)
        again, new = store.add("a", SAME, refuse)
        assert (again, new) == (first, False)
        assert len(store.versions("a")) == 2

    def test_other_metadata_make_a_new_version_of_the_same_id(self, store: Store) -> None:
        store.add("a", new_version("Same", metadata={"owner": "a"}), accept_all)
        other, new = store.add("a", new_version("Same", metadata={"owner": "b"}), accept_all)
        none, again = store.add("a", SAME, accept_all)
        assert (other.version, other.schema_id, new) == (2, 1, True)
        assert (none.version, again) == (2, False)

    def test_content_that_was_deleted_softly_comes_back_as_a_new_version_of_the_same_id(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        store.delete("a", 1, permanent=False)
        stored, new = store.add("a", SAME, accept_all)
        assert (stored.version, stored.schema_id, new) == (2, 1, True)

    def test_a_refusal_leaves_nothing_behind(self, store: Store) -> None:
        with pytest.raises(NotPermittedError):
            store.add("a", SAME, refuse)
        assert store.subjects(deleted=True) == ()
        assert store.by_id(1) is None
        assert store.by_guid(guid_of(SAME.content_id)) is None

    def test_accept_sees_what_the_version_joins(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        seen: list[int] = []
        store.add("a", new_version("Next"), lambda: seen.extend(head.version for head in store.heads("a")))
        assert seen == [1]

    def test_a_reference_that_is_not_there_is_refused(self, store: Store) -> None:
        store.add("common", SAME, accept_all)
        for missing in (Reference("c.proto", "nobody", 1), Reference("c.proto", "common", 2)):
            with pytest.raises(ReferenceNotFoundError, match="register it first"):
                store.add("a", new_version("User", references=(missing,)), accept_all)
        assert store.subjects() == ("common",)

    def test_ids_count_for_each_context(self, store: Store) -> None:
        store.add("a", new_version("One"), accept_all)
        store.add("a", new_version("Two"), accept_all)
        elsewhere, _ = store.add(":.ctx:a", new_version("Two"), accept_all)
        assert (elsewhere.schema_id, elsewhere.version, elsewhere.context) == (1, 1, ".ctx")
        assert store.contexts() == ("", ".ctx")
        found = store.by_id(1, ".ctx")
        assert found is not None
        assert found.subject == ":.ctx:a"
        assert store.ids_of(new_version("Two").content_id) == (("", 2), (".ctx", 1))

    def test_an_import_brings_its_id_and_version(self, store: Store) -> None:
        stored, _ = store.add("a", SAME, accept_all, schema_id=77, version=5)
        following, _ = store.add("a", new_version("Next"), accept_all)
        assert (stored.schema_id, stored.version) == (77, 5)
        assert (following.schema_id, following.version) == (78, 6)

    def test_an_import_never_changes_what_an_id_means(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        cases: tuple[tuple[str, dict[str, int]], ...] = (
            ("Other", {"schema_id": 1}),
            ("Same", {"schema_id": 2}),
            ("Other", {"version": 1}),
        )
        for name, numbers in cases:
            with pytest.raises(IdMismatchError):
                store.add("a", new_version(name), accept_all, **numbers)
        assert [head.schema_id for head in store.heads("a")] == [1]

    # Reading.

    def test_latest_is_the_newest_kept_version(self, store: Store) -> None:
        for name in ("One", "Two", "Three"):
            store.add("a", new_version(name), accept_all)
        store.delete("a", 3, permanent=False)
        latest, deleted = store.latest("a"), store.latest("a", deleted=True)
        assert latest is not None
        assert deleted is not None
        assert (latest.version, deleted.version, deleted.deleted) == (2, 3, True)
        assert store.latest("nobody") is None

    def test_heads_are_the_versions_without_content(self, store: Store) -> None:
        for name in ("One", "Two", "Three"):
            store.add("a", new_version(name), accept_all)
        heads = store.heads("a")
        assert [(head.version, head.content_id) for head in heads] == [
            (stored.version, stored.content_id) for stored in store.versions("a")
        ]
        assert store.heads("a", last=2) == heads[1:]

    def test_subjects_are_sorted_and_found_by_prefix(self, store: Store) -> None:
        names = ("b", "a_", "a%", "aé", "a/b", "A", "ab'\"; --", ":.ctx:a", "\U0001f600")
        for name in names:
            store.add(name, SAME, accept_all)
        assert store.subjects() == tuple(sorted(names, key=str.encode))
        assert store.subjects("a%") == ("a%",)
        assert store.subjects("a_") == ("a_",)
        assert store.subjects(":.ctx:") == (":.ctx:a",)
        assert store.subjects("zz") == ()

    def test_uses_of_an_id_are_found_in_every_subject_of_the_context(self, store: Store) -> None:
        for subject in ("b", "a", ":.ctx:a"):
            store.add(subject, SAME, accept_all)
        store.delete("b", 1, permanent=False)
        assert store.uses_of(1) == (("a", 1),)
        assert store.uses_of(1, deleted=True) == (("a", 1), ("b", 1))
        assert store.uses_of(1, ".ctx") == ((":.ctx:a", 1),)
        assert store.uses_of(9) == ()

    def test_a_guid_finds_its_content_in_any_context(self, store: Store) -> None:
        store.add(":.ctx:a", SAME, accept_all)
        guid = guid_of(SAME.content_id)
        found = store.by_guid(guid.upper())
        assert found is not None
        assert (found.subject, found.guid) == (":.ctx:a", guid)
        assert store.by_guid(guid_of(new_version("Other").content_id)) is None

    def test_content_is_found_in_its_subject_only(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        assert store.by_content("b", SAME.content_id) is None
        store.delete("a", 1, permanent=False)
        assert store.by_content("a", SAME.content_id) is None
        assert store.by_content("a", SAME.content_id, deleted=True) is not None

    @pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 10**30])
    def test_numbers_that_no_version_has_find_nothing(self, store: Store, number: int) -> None:
        store.add("a", SAME, accept_all)
        assert store.version("a", number) is None
        assert store.by_id(number) is None
        assert store.uses_of(number) == ()

    def test_referrers_are_found_by_subject_and_version(self, store: Store) -> None:
        store.add("common", SAME, accept_all)
        store.add("common", new_version("Other"), accept_all)
        for subject, version in (("a", 1), ("b", 2), ("c", 1)):
            store.add(subject, new_version(subject, references=(Reference("x.proto", "common", version),)), accept_all)
        store.delete("c", 1, permanent=False)
        assert [each.subject for each in store.referenced_by("common", 1)] == ["a"]
        assert [each.subject for each in store.referenced_by("common", 1, deleted=True)] == ["a", "c"]

    # Deleting.

    def test_soft_deletion_hides_and_an_id_stays_readable(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        assert store.delete("a", None, permanent=False) == (1,)
        assert store.version("a", 1) is None
        assert store.subjects() == ()
        assert store.subjects(deleted=True) == ("a",)
        found = store.by_id(1)
        assert found is not None
        assert found.deleted

    def test_permanent_deletion_takes_only_what_was_softly_deleted(self, store: Store) -> None:
        for name in ("One", "Two"):
            store.add("a", new_version(name), accept_all)
        store.delete("a", 1, permanent=False)
        assert store.delete("a", None, permanent=True) == (1,)
        assert [head.version for head in store.heads("a", deleted=True)] == [2]
        assert store.by_id(1) is None
        assert store.by_guid(guid_of(new_version("One").content_id)) is None

    def test_an_id_never_comes_to_mean_something_else(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        store.delete("a", None, permanent=False)
        store.delete("a", None, permanent=True)
        other, _ = store.add("a", new_version("Other"), accept_all)
        back, _ = store.add("a", SAME, accept_all)
        assert (other.schema_id, other.version) == (2, 1)
        assert (back.schema_id, back.text) == (1, SAME.text)

    def test_content_that_another_subject_has_outlives_a_deletion(self, store: Store) -> None:
        for subject in ("a", "b"):
            store.add(subject, SAME, accept_all)
        store.delete("a", None, permanent=False)
        store.delete("a", None, permanent=True)
        kept = store.version("b", 1)
        assert kept is not None
        assert kept.text == SAME.text

    def test_settings_go_with_the_last_kept_version(self, store: Store) -> None:
        for name in ("One", "Two"):
            store.add("a", new_version(name), accept_all)
        store.set_level("a", "FULL")
        store.delete("a", 1, permanent=False)
        assert store.level("a") == "FULL"
        store.delete("a", 2, permanent=False)
        assert store.level("a") is None

    def test_deleting_what_is_not_there_deletes_nothing(self, store: Store) -> None:
        assert store.delete("nobody", None, permanent=False) == ()
        store.add("a", SAME, accept_all)
        assert store.delete("a", 2, permanent=False) == ()
        assert store.delete("a", 1, permanent=True) == ()

    # Settings.

    def test_settings_are_kept_apart_for_each_scope(self, store: Store) -> None:
        store.set_level(None, "NONE")
        store.set_level("a", "FULL")
        store.set_access_mode("a", AccessMode.READONLY)
        store.set_access_mode(":.ctx:", AccessMode.IMPORT)
        assert (store.level(None), store.level("a"), store.level("b")) == ("NONE", "FULL", None)
        assert (store.access_mode(None), store.access_mode("a")) == (None, AccessMode.READONLY)
        assert store.settings() == (
            (None, "NONE", None),
            (":.ctx:", None, AccessMode.IMPORT),
            ("a", "FULL", AccessMode.READONLY),
        )

    def test_settings_of_some_scopes_are_read_together(self, store: Store) -> None:
        store.set_level(None, "NONE")
        store.set_level("a", "FULL")
        store.set_level("b", "FORWARD")
        assert store.settings(("a", None, "nobody")) == ((None, "NONE", None), ("a", "FULL", None))

    def test_a_stamp_tells_when_others_have_written(self, open_store: Callable[[], Store]) -> None:
        first, second = open_store(), open_store()
        stamp = first.stamp()
        assert first.stamp() == stamp
        second.add("a", SAME, accept_all)
        assert stamp is None or first.stamp() != stamp

    def test_a_setting_that_was_removed_leaves_nothing(self, store: Store) -> None:
        store.set_level("a", "FULL")
        store.set_access_mode("a", AccessMode.READONLY)
        store.set_level("a", None)
        assert store.access_mode("a") is AccessMode.READONLY
        store.set_access_mode("a", None)
        assert store.settings() == ()

    # Transactions.

    def test_a_failed_transaction_is_undone_as_a_whole(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        with pytest.raises(RuntimeError), store.transaction():  # noqa: PT012 - all of it is the transaction
            store.add("b", new_version("Other"), accept_all)
            store.set_level(None, "NONE")
            fail_suddenly()
        assert store.subjects() == ("a",)
        assert store.level(None) is None

    def test_a_failed_inner_transaction_is_undone_alone(self, store: Store) -> None:
        with store.transaction():
            store.add("a", SAME, accept_all)
            with suppress(RuntimeError), store.transaction():
                store.add("b", new_version("Other"), accept_all)
                fail_suddenly()
            store.add("c", SAME, accept_all)
        assert store.subjects() == ("a", "c")

    def test_jobs_of_a_batch_fail_alone(self, store: Store) -> None:
        results = store.batch(
            [
                lambda: store.add("a", SAME, accept_all),
                lambda: store.add("b", new_version("Other"), refuse),
                lambda: store.add("c", SAME, accept_all),
            ]
        )
        assert [type(each) for each in results] == [tuple, NotPermittedError, tuple]
        assert store.subjects() == ("a", "c")

    def test_a_database_that_fails_fails_the_whole_batch(self, store: Store) -> None:
        def break_down() -> None:
            raise StoreError("the disk is full")

        results = store.batch([lambda: store.add("a", SAME, accept_all), break_down])
        assert [type(each) for each in results] == [StoreError, StoreError]
        assert store.subjects() == ()

    def test_a_snapshot_sees_one_state_and_lets_others_write(self, open_store: Callable[[], Store]) -> None:
        first, second = open_store(), open_store()
        first.add("a", SAME, accept_all)
        with first.snapshot():
            assert first.subjects() == ("a",)
            second.add("b", SAME, accept_all)
            assert first.subjects() == ("a",)
        assert first.subjects() == ("a", "b")
        assert first.add("c", SAME, accept_all)[1]

    def test_a_snapshot_inside_a_transaction_sees_what_it_wrote(self, store: Store) -> None:
        with store.transaction():
            store.add("a", SAME, accept_all)
            with store.snapshot():
                assert store.subjects() == ("a",)
        assert store.subjects() == ("a",)

    def test_two_stores_see_each_other(self, open_store: Callable[[], Store]) -> None:
        first, second = open_store(), open_store()
        first.add("a", SAME, accept_all)
        assert second.subjects() == ("a",)
        assert second.add("a", SAME, accept_all)[1] is False

    def test_threads_that_share_a_store_lose_nothing(self, store: Store) -> None:
        def work(number: int) -> None:
            for step in range(5):
                store.add("shared", new_version(f"Message{number}x{step}"), accept_all)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [head.version for head in store.heads("shared")] == list(range(1, 21))
        assert {head.schema_id for head in store.heads("shared")} == set(range(1, 21))

    # Restoring.

    def test_restoring_keeps_versions_ids_and_deletions(self, store: Store, open_store: Callable[[], Store]) -> None:
        store.add("common", SAME, accept_all)
        store.add("a", new_version("User", references=(Reference("c.proto", "common", 1),)), accept_all)
        store.add("a", new_version("Gone"), accept_all)
        store.delete("a", 2, permanent=False)
        kept = (*store.versions("a", deleted=True), *store.versions("common"))
        self.forget(store)
        other = open_store()
        assert other.restore(kept) == 3
        assert other.restore(kept) == 0
        assert (*other.versions("a", deleted=True), *other.versions("common")) == kept

    def test_restoring_is_all_or_nothing(self, store: Store) -> None:
        store.add("a", SAME, accept_all)
        (stored,) = store.versions("a")
        self.forget(store)
        store.add("a", new_version("Other"), accept_all, version=7)
        clash, _ = store.add("b", new_version("Third"), accept_all)
        with pytest.raises(IdMismatchError):
            store.restore((stored, replace(clash, schema_id=99)))
        assert [head.version for head in store.heads("a")] == [7]

    def test_restoring_without_what_is_referred_to_is_refused(self, store: Store) -> None:
        store.add("common", SAME, accept_all)
        stored, _ = store.add("a", new_version("User", references=(Reference("c.proto", "common", 1),)), accept_all)
        self.forget(store)
        with pytest.raises(ReferenceNotFoundError):
            store.restore([stored])
        assert store.subjects(deleted=True) == ()

    @staticmethod
    def forget(store: Store) -> None:
        """Delete every version for good, referring ones first."""
        for subject in store.subjects(deleted=True):
            store.delete(subject, None, permanent=False)
            store.delete(subject, None, permanent=True)

    def test_a_closed_store_can_be_closed_again(self, store: Store) -> None:
        assert store.is_alive()
        store.close()
        store.close()

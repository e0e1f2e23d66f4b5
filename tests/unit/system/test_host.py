"""Hosts that share a name are told apart."""

import socket
from pathlib import Path

from uitest.system.host import host_id


def proc(folder: Path, boot: str, namespace: str) -> Path:
    """A folder like /proc of a host and one of its namespaces of process ids."""
    (folder / "sys/kernel/random").mkdir(parents=True)
    (folder / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
    (folder / "self/ns").mkdir(parents=True)
    (folder / "self/ns/pid").symlink_to(f"pid:[{namespace}]")
    return folder


def test_machines_and_containers_with_one_name_differ(tmp_path: Path) -> None:
    """Machines by their boot, containers of one machine by their namespace."""
    host, again, container, other = (
        host_id(proc(tmp_path / name, boot, namespace))
        for name, boot, namespace in [("a", "b1", "1"), ("b", "b1", "1"), ("c", "b1", "2"), ("d", "b2", "1")]
    )
    assert host == again
    assert len({host, container, other}) == 3
    assert all(name.startswith(f"{socket.gethostname()}-") for name in (host, container, other))


def test_name_counts_where_the_system_tells_nothing_else(tmp_path: Path) -> None:
    """Without /proc."""
    assert host_id(tmp_path / "a") == host_id(tmp_path / "b")
    assert host_id(tmp_path / "a") != host_id()


def test_host_of_this_process_has_a_name_for_files_and_owners() -> None:
    """No separator of either is in it."""
    assert not set("/~") & set(host_id())

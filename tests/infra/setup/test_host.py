"""What setup would do to a host, as far as that can be told without being one."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from infra.project import PROJECT
from infra.setup import host, installing
from infra.setup.answers import NO_BACKUP, collect
from infra.setup.errors import SetupError
from infra.setup.installing import Choices
from infra.setup.layout import Layout
from infra.setup.targets import listen_lines, names, nginx_files, units
from infra.setup.variables import of_servers

FIVE = {
    "DATABASE_URL": "postgres://a:b@c/d",
    "DATABASE_REPLICA_URLS": "postgres://a:b@e/d",
    "CACHE_URL": "redis://f",
    "INSTANCES": "3",
}


def test_each_stage_runs_what_it_needs() -> None:
    assert host.units({}, NO_BACKUP) == ["minigram-web@1", "minigram-maintain.timer"]
    webs = [f"minigram-web@{number}" for number in (1, 2, 3)]
    timers = ["minigram-maintain.timer", "minigram-backup.timer"]
    assert host.units(FIVE, "/backups") == ["minigram-keeper", *webs, "minigram-worker", *timers]


def test_instances_start_anew_one_after_the_other_unless_all_must_know_at_once() -> None:
    names = ["minigram-web@1", "minigram-web@2"]
    changed = FIVE | {"SITE_NAME": "Another"}
    words = [" ".join(command[1:]) for command in host.start_commands(names, FIVE, changed)]
    assert words[2:] == ["restart minigram-web@1", "restart minigram-web@2"]
    assert not any(word.startswith("stop") for word in words)
    at_once = list(host.start_commands(names, FIVE | {"CACHE_URL": ""}, FIVE))
    assert ["systemctl", "stop", *names] in at_once


def test_http_2_is_said_as_this_nginx_knows_it() -> None:
    assert "listen 443 ssl http2;" in listen_lines("1.22.1")["HTTPS_LISTEN"]
    newer = listen_lines("1.26.3")["HTTPS_LISTEN"].splitlines()
    assert newer[0] == "listen 443 ssl;"
    assert newer[-1].strip() == "http2 on;"


def test_what_nginx_has_for_all_of_its_sites_is_not_said_again(tmp_path: Path) -> None:
    servers = of_servers(Layout(tmp_path), {}, {})
    site = {"SITE_URL": "https://a.example"}
    text = "".join(each.text for each in nginx_files(Layout(tmp_path), site, servers, "1.22.1"))
    assert "upstream site_reads" in text
    assert not re.search(r"^ *(\w+_temp_path|user|pid|events|worker_processes)\b", text, re.M)
    assert "default_server" not in text


def test_nginx_knows_all_names_of_the_site() -> None:
    site = {"SITE_URL": "https://a.example", "ALLOWED_HOSTS": "b.example, c.example,*"}
    assert names(site) == "a.example b.example c.example"


def test_the_edge_can_be_switched_on_beside_other_sites(tmp_path: Path) -> None:
    if not Path("/usr/lib/nginx/modules/ngx_http_lua_module.so").exists():
        pytest.skip("libnginx-mod-http-lua is not installed")
    folder, servers = tmp_path / "etc/nginx/minigram", of_servers(Layout(tmp_path), {}, {})
    environment = {"PATH": os.environ["PATH"], "EDGE": "on", **servers}
    command = [str(PROJECT / "infra/bin/set-edge"), str(folder)]
    subprocess.run(command, env=environment, check=True)
    included = re.findall(r"\binclude (\S+);", (folder / "edge-site.conf").read_text())
    assert included
    assert set(included) == {f"{folder}/read.conf"}


def test_a_backup_may_write_into_its_folder(tmp_path: Path) -> None:
    found = {unit.path.name: unit.text for unit in units(Layout(tmp_path), "/mnt/disk --keep=3")}
    assert found["folder.conf"] == "[Service]\nReadWritePaths=-/mnt/disk\n"
    assert "folder.conf" not in {each.path.name for each in units(Layout(tmp_path), NO_BACKUP)}


@pytest.mark.parametrize("known", [[], ["--change-domain"]])
def test_another_domain_is_refused_for_the_sake_of_passkeys(
    tmp_path: Path, known: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(tmp_path)
    layout.configuration.mkdir(parents=True)
    layout.site_env.write_text("SITE_URL=https://a.example\nSECRET_KEY=" + "k" * 60 + "\n")
    answers = collect({"domain": "b.example"}, {"SITE_URL": "https://a.example"}, None)
    monkeypatch.setattr(installing, "_refuse_faulty", lambda _: None)
    monkeypatch.setattr(installing, "nginx_version", lambda: "1.22.1")
    choices = Choices({}, change_domain=bool(known))
    if known:
        assert installing.plan(layout, answers, choices).site["SITE_URL"] == "https://b.example"
        return
    with pytest.raises(SetupError, match="no passkey works"):
        installing.plan(layout, answers, choices)


def test_spaces_and_hidden_checkouts_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SetupError, match="spaces"):
        host.refuse_unable(Layout(tmp_path / "a b"))
    monkeypatch.setattr("infra.setup.host.os.geteuid", lambda: 0)
    monkeypatch.setattr(host, "PROJECT", Path("/home/alice/minigram"))
    with pytest.raises(SetupError, match="clone it to /srv/minigram"):
        host.refuse_unable(Layout())
    monkeypatch.setattr("infra.setup.host.os.geteuid", lambda: 1000)
    with pytest.raises(SetupError, match="as root"):
        host.refuse_unable(Layout())

"""Setting up: the plan of what would change, and carrying it out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.setup import certificate, env_file, files, host, targets, variables
from infra.setup.answers import NO_MAIL, Answers
from infra.setup.errors import SetupError
from infra.setup.files import Change, Record
from infra.setup.layout import Layout
from infra.setup.programs import Site, nginx_version, run

Report = Callable[[str], None]
HAS_ADMINISTRATOR = (
    "from django.contrib.auth import get_user_model as model;"
    "print(model()._default_manager.filter(is_superuser=True, is_active=True).exists())"
)


@dataclass(frozen=True)
class Choices:
    """What an owner decides beside the answers, for one run."""

    addresses: Mapping[str, str]
    certificate: str = ""
    key: str = ""
    lets_encrypt: bool = False
    overwrite: bool = False
    change_domain: bool = False
    interactive: bool = False
    password: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be set up, and which files that changes."""

    layout: Layout
    answers: Answers
    choices: Choices
    former: Mapping[str, str]
    site: Mapping[str, str]
    changes: list[Change]
    record: Record

    @property
    def commands(self) -> Site:
        """The commands of the site that is set up."""
        return Site(self.site, host.USER if self.layout.is_host else "")


def plan(layout: Layout, answers: Answers, choices: Choices) -> Plan:
    """Return what a run would do; nothing is changed.

    Runs ``manage.py check`` with the new variables, which asks a PostgreSQL for a connection.
    Raises ``SetupError`` for what cannot be, with the words of the site for its variables.
    """
    certificate.refuse_missing(choices.certificate, choices.key)
    former = env_file.read(layout.site_env)
    servers = variables.of_servers(layout, env_file.read(layout.servers_env), former)
    site = variables.of_site(answers, layout, former, servers, choices.addresses)
    _refuse_other_domain(former, answers, choices)
    whole = env_file.parse(env_file.merged(files.text_of(layout.site_env), site))
    _refuse_faulty(whole)
    record = Record(layout)
    wanted = targets.wanted(layout, whole, servers, answers.backup, nginx_version())
    changes = files.changes(wanted, record, overwrite=choices.overwrite)
    return Plan(layout, answers, choices, former, whole, changes, record)


def _refuse_other_domain(former: Mapping[str, str], answers: Answers, choices: Choices) -> None:
    domain = urlsplit(former.get("SITE_URL", "")).hostname
    if domain and domain != answers.domain and not choices.change_domain:
        raise SetupError(
            f"The site is {domain}. Under another name no passkey works that was made for this "
            "one, apps log in anew, and links that people have sent lead nowhere; who has no other "
            "way in than a passkey is locked out. If that is right: --change-domain"
        )


def _refuse_faulty(site: Mapping[str, str]) -> None:
    """Raise ``SetupError`` with the site's own words if it would not start with its variables."""
    with tempfile.TemporaryDirectory(prefix="minigram-setup-") as folder:
        Site(site).manage("check", "--verbosity=0", given={"DATA_DIR": folder})


def carry_out(plan: Plan, report: Report) -> list[str]:
    """Set the site up; return sentences about what an owner has to look at.

    Each step may be done again: a run that was broken off is repeated. Raises ``SetupError`` and
    ``OSError``.
    """
    layout, site = plan.layout, plan.commands
    host.prepare(layout, plan.site, plan.answers.backup)
    report("Writing files ...")
    said = _write(plan)
    new_certificate = certificate.use(
        layout, plan.answers.domain, plan.choices.certificate, plan.choices.key
    )
    report("Preparing the database and the static files ...")
    _fill(plan, site)
    if plan.changes or new_certificate or not host.is_enabled(layout):
        _start(plan, report)
    if plan.choices.lets_encrypt:
        report("Asking Let's Encrypt for a certificate ...")
        certificate.ask_lets_encrypt(layout, plan.answers.domain, plan.answers.admin_email)
    said += _make_administrator(plan, site, report)
    said += _send_a_mail(plan, site, report)
    return [sentence for sentence in said if sentence]


def _write(plan: Plan) -> list[str]:
    """Write the files, the list of what was written last."""
    overwrite = plan.choices.overwrite
    said = [files.apply(change, overwrite=overwrite) for change in plan.changes]
    plan.record.add(
        {
            change.wanted.path: change.wanted.text
            for change in plan.changes
            if not change.wanted.shared and (overwrite or not change.is_edited)
        }
    )
    return said


def _fill(plan: Plan, site: Site) -> None:
    """Migrate, and collect static files unless they are there."""
    site.manage("migrate", "--verbosity=0")
    if not (plan.layout.data / "static/staticfiles.json").exists():
        site.manage("collectstatic", "--no-input", "--verbosity=0")


def _start(plan: Plan, report: Report) -> None:
    if plan.layout.is_host:
        report("Starting the site ...")
        names = host.units(plan.site, plan.answers.backup)
        for command in host.start_commands(names, plan.former, plan.site):
            run(command)
    host.serve(plan.layout)


def _make_administrator(plan: Plan, site: Site, report: Report) -> list[str]:
    """Make the administrator that was named, unless there is one."""
    name, address = plan.answers.admin, plan.answers.admin_email
    if not name or site.manage("shell", "--no-imports", "-c", HAS_ADMINISTRATOR).strip() == "True":
        return []
    command = ["createsuperuser", f"--username={name}", f"--email={address}"]
    if plan.choices.interactive:
        report(f"The password of {name}:")
        made = site.show(*command)
        return [] if made else [f"There is no administrator yet: manage.py {' '.join(command)}"]
    password = {"DJANGO_SUPERUSER_PASSWORD": plan.choices.password}
    site.manage(*command, "--no-input", given=password)
    return []


def _send_a_mail(plan: Plan, site: Site, report: Report) -> list[str]:
    """Send a test through a mail server that is new to the site; say so if it takes none."""
    url, address = plan.site["EMAIL_URL"], plan.answers.admin_email
    if url.startswith(NO_MAIL) or url == plan.former.get("EMAIL_URL") or not address:
        return []
    report(f"Sending a test mail to {address} ...")
    try:
        site.manage("sendtestemail", address)
    except SetupError as error:
        return [f"The mail server takes no mail: {str(error).splitlines()[-1]}"]
    return [f"A test mail is on its way to {address}: look whether it comes, and not as spam."]

"""The certificate: the owner's, of Let's Encrypt, or for the first minutes self-signed."""

from __future__ import annotations

from pathlib import Path

from infra.setup.errors import SetupError
from infra.setup.layout import Layout
from infra.setup.programs import run

DAYS = 30


def refuse_missing(*names: str) -> None:
    """Raise ``SetupError`` for a file of an owner that is named and not there."""
    for name in filter(None, names):
        if not Path(name).is_file():
            raise SetupError(f"There is no file {name}.")


def use(layout: Layout, domain: str, certificate: str, key: str) -> bool:
    """Let nginx use an owner's files, or what is there, or a new one that signs itself.

    Tell whether something was changed. Raises ``SetupError`` for a file that is missing.
    """
    layout.tls.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not certificate:
        if all((layout.tls / name).exists() for name in ("certificate.pem", "key.pem")):
            return False
        _sign_itself(layout, domain)
        return True
    changed = [
        _link(layout.tls / name, Path(file))
        for name, file in (("certificate.pem", certificate), ("key.pem", key))
    ]
    return any(changed)


def ask_lets_encrypt(layout: Layout, domain: str, address: str) -> bool:
    """Let certbot fetch a certificate for a domain that leads here, unless it is there already.

    nginx must serve the site. certbot's hook is run once, as it is not for a first certificate;
    ``address`` is told of problems by Let's Encrypt. Raises ``SetupError`` if certbot fails; the
    certificate that was used is in use then.
    """
    live = layout.root / "etc/letsencrypt/live" / domain
    if (layout.tls / "certificate.pem").resolve() == (live / "fullchain.pem").resolve():
        return False
    challenges = layout.data / "acme"
    challenges.mkdir(mode=0o755, exist_ok=True)
    contact = ["--email", address] if address else ["--register-unsafely-without-email"]
    where = ["--webroot", "--webroot-path", str(challenges), "--domain", domain]
    run(["certbot", "certonly", "--non-interactive", "--agree-tos", *contact, *where])
    use(layout, domain, str(live / "fullchain.pem"), str(live / "privkey.pem"))
    run([str(layout.deploy_hook)])
    return True


def _link(path: Path, file: Path) -> bool:
    """Let a name lead to a file; tell whether it did not. Raises ``SetupError``."""
    refuse_missing(str(file))
    if path.is_symlink() and path.readlink() == file:
        return False
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(file)
    unfinished.replace(path)
    return True


def _sign_itself(layout: Layout, domain: str) -> None:
    names = ["-addext", f"subjectAltName=DNS:{domain}"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
    files = ["-keyout", str(layout.tls / "key.pem"), "-out", str(layout.tls / "certificate.pem")]
    run(
        [
            "openssl",
            "req",
            "-x509",
            *curve,
            "-days",
            str(DAYS),
            "-subj",
            f"/CN={domain}",
            *names,
            *files,
        ]
    )
    (layout.tls / "key.pem").chmod(0o600)

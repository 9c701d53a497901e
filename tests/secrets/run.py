"""`make secrets`: no commit holds a secret, as gitleaks sees it; and gitleaks sees one that is planted. Needs Go.

The tool is built from its source, every module by its hash (`tool/go.sum`). Only what was committed is looked at: what lies beside it
on a machine, such as a data folder, holds secrets rightly.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "gitleaks"
CONFIGURATION = ROOT / ".gitleaks.toml"
_FOUND = 1


def build() -> None:
    """Build the tool where it is missing or another is wanted; Go decides, by its cache."""
    source = Path(__file__).with_name("tool")
    BUILT.parent.mkdir(exist_ok=True)
    subprocess.run(["go", "build", "-mod=readonly", "-o", BUILT, "github.com/zricethezav/gitleaks/v8"], cwd=source, check=True)


def look(repository: Path, *, quiet: bool = False) -> int:
    """Look through every commit of a repository; return gitleaks' exit code: 0 nothing, 1 a secret."""
    command = [str(BUILT), "git", "--redact", "--no-banner", "--no-color", "--verbose", f"--config={CONFIGURATION}", str(repository)]
    return subprocess.run(command, check=False, capture_output=quiet).returncode


def planted() -> dict[str, str]:
    """Return files that hold a secret of each kind that must be found, by name."""
    word = secrets.token_urlsafe(24)
    key = "".join(f"{secrets.token_urlsafe(48)}\n" for _ in range(4))
    return {
        "dsn.py": f'DSN = "postgresql://ancora_intake:{word}@db.internal:5432/ancora_intake"\n',
        "kek.env": f"kek-intake={secrets.token_hex(32)}\n",
        "key.pem": f"-----BEGIN {'PRIVATE'} KEY-----\n{key}-----END {'PRIVATE'} KEY-----\n",
        "token.txt": f"github = ghp_{secrets.token_hex(18)}\n",
    }


def sees(name: str, text: str) -> bool:
    """Tell whether a secret is seen that was committed and taken out again."""
    with tempfile.TemporaryDirectory(prefix="ancora-secrets-") as folder:
        git = ["git", "-C", folder, "-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run([*git, "init", "--quiet"], check=True)
        for content in (text, "gone\n"):
            (Path(folder) / name).write_text(content)
            subprocess.run([*git, "add", "--all"], check=True)
            subprocess.run([*git, "commit", "--quiet", "--message=a commit"], check=True)
        return look(Path(folder), quiet=True) == _FOUND


def main() -> int:
    """Build, try, look; 1 where a secret was found, or a planted one was not."""
    build()
    if unseen := [name for name, text in planted().items() if not sees(name, text)]:
        print(f"gitleaks does not see what was planted in {', '.join(unseen)}")
        return 1
    if look(ROOT):
        print("a commit holds a secret: revoke it first, then see to the history")
        return 1
    print("no commit holds a secret")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A private PostgreSQL on loopback, gone at the end."""
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path


def programs():
    """The folder of the newest PostgreSQL's programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PrivatePostgres:
    def __enter__(self):
        self.bin, self.port, self.server = programs(), free_port(), None
        self.folder = Path(tempfile.mkdtemp(prefix="squall-package-"))
        self.as_user = []
        if os.geteuid() == 0:  # as whom the server refuses to run
            names = {entry.pw_name for entry in pwd.getpwall()}
            user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        data = self.folder / "data"
        subprocess.run([*self.as_user, self.bin / "initdb", "-D", data, "-U", "kit", "-A", "trust", "--no-sync",
                        "--locale=C"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.server = subprocess.Popen(
                [*self.as_user, self.bin / "postgres", "-D", data, "-p", str(self.port), "-k", "", "-c",
                 "listen_addresses=127.0.0.1", "-c", "fsync=off"], stdout=log, stderr=log, cwd="/")
        end = time.monotonic() + 30
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"],
                             check=False).returncode != 0:
            if time.monotonic() > end or self.server.poll() is not None:
                raise RuntimeError("PostgreSQL did not become ready:\n" + (self.folder / "log").read_text())
            time.sleep(0.05)

    def url(self):
        return f"postgresql://kit@127.0.0.1:{self.port}/postgres"

    def __exit__(self, *_):
        if self.server is not None:
            self.server.send_signal(2)  # it closes every session and ends
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

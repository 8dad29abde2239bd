"""A private PostgreSQL with pgbench's tables, and PgBouncer before it, on the server's core; gone at the end."""
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path


def programs():
    """The folder of the newest PostgreSQL's programs; None where there is none. pgbench's wrapper costs a Perl start."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Cluster:
    def __init__(self, core, port):
        self.core, self.port, self.bouncer_port = core, port, port + 1
        self.bin = programs()
        if self.bin is None or shutil.which("pgbouncer", path="/usr/sbin:/usr/bin") is None:
            raise RuntimeError("PostgreSQL with pgbench, and PgBouncer, are needed")
        self.folder = Path(tempfile.mkdtemp(prefix="squall-bench-"))
        self.children = []
        # Both servers refuse to run as root.
        self.as_user = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        data = self.folder / "data"
        subprocess.run([*self.as_user, self.bin / "initdb", "-D", data, "-U", "bench", "-A", "trust", "--no-sync",
                        "--locale=C", "--encoding=UTF8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.spawn([self.bin / "postgres", "-D", data, "-p", self.port, "-k", "", "-c", "listen_addresses=127.0.0.1",
                    "-c", "fsync=off", "-c", "max_connections=300"], "postgres.log")
        settings = self.folder / "pgbouncer.ini"
        users = self.folder / "users.txt"
        users.write_text('"bench" ""\n')
        settings.write_text(f"[databases]\npostgres = host=127.0.0.1 port={self.port}\n[pgbouncer]\n"
                            f"listen_addr = 127.0.0.1\nlisten_port = {self.bouncer_port}\nunix_socket_dir =\n"
                            f"auth_type = trust\nauth_file = {users}\npool_mode = transaction\n"
                            "max_client_conn = 500\ndefault_pool_size = 20\nlog_connections = 0\nlog_disconnections = 0\n"
                            "ignore_startup_parameters = extra_float_digits\n")
        self.spawn([shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"), settings], "pgbouncer.log")
        for port in (self.port, self.bouncer_port):
            self.wait_for(port)
        subprocess.run([self.bin / "pgbench", "-i", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench",
                        "postgres"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def spawn(self, command, log):
        with open(self.folder / log, "w", encoding="utf-8") as out:
            self.children.append(subprocess.Popen(["taskset", "-c", self.core, *self.as_user, *map(str, command)],
                                                  stdout=out, stderr=out, cwd="/"))

    def wait_for(self, port):
        for _ in range(300):
            ready = subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "bench",
                                    "-d", "postgres"], check=False)
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(f"the server on port {port} did not become ready")

    def url(self, bouncer=False):
        return f"postgresql://bench@127.0.0.1:{self.bouncer_port if bouncer else self.port}/postgres"

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.send_signal(2)  # both end quickly on SIGINT
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

#!/usr/bin/env python3
"""The meal planner over a pool of Python's, with a thread for each client.

usage: python_pools.py PORT sqlalchemy|psycopg      environment: DATABASE (URL), POOL_MAX, ACQUIRE_MS, IDLE_MS

sqlalchemy: QueuePool over psycopg2. psycopg: psycopg_pool.ConnectionPool. Both in autocommit, so that a query is one
round trip as it is in the other services.
"""
import hashlib
import hmac
import json
import os
import secrets
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

DATABASE = os.environ["DATABASE"]
POOL_MAX = int(os.environ["POOL_MAX"])
ACQUIRE = int(os.environ["ACQUIRE_MS"]) / 1000
IDLE = int(os.environ["IDLE_MS"]) / 1000
KEY = secrets.token_bytes(32)


class SqlAlchemy:
    def __init__(self):
        import sqlalchemy

        self.text = sqlalchemy.text
        self.engine = sqlalchemy.create_engine(
            DATABASE, pool_size=POOL_MAX, max_overflow=0, pool_timeout=ACQUIRE, isolation_level="AUTOCOMMIT",
            connect_args={"application_name": "sqlalchemy"})
        self.dials = 0
        sqlalchemy.event.listen(self.engine, "connect", self.count)

    def count(self, *_):
        self.dials += 1

    def query(self, sql, **parameters):
        with self.engine.connect() as connection:
            return connection.execute(self.text(sql), parameters).fetchall()

    def status(self):
        pool = self.engine.pool
        return {"max": POOL_MAX, "total": pool.checkedin() + pool.checkedout(), "idle": pool.checkedin(),
                "acquired": pool.checkedout(), "dials": self.dials}


class Psycopg:
    def __init__(self):
        import re

        import psycopg_pool

        self.named = lambda sql: re.sub(r":(\w+)", r"%(\1)s", sql)
        self.pool = psycopg_pool.ConnectionPool(
            DATABASE, min_size=0, max_size=POOL_MAX, timeout=ACQUIRE, max_idle=IDLE,
            kwargs={"autocommit": True, "application_name": "psycopg"})

    def query(self, sql, **parameters):
        with self.pool.connection() as connection:
            return connection.execute(self.named(sql), parameters).fetchall()

    def status(self):
        stats = self.pool.get_stats()
        total, idle = stats.get("pool_size", 0), stats.get("pool_available", 0)
        return {"max": POOL_MAX, "total": total, "idle": idle, "acquired": total - idle,
                "waiters": stats.get("requests_waiting", 0), "dials": stats.get("connections_num", 0)}


def signature(user):
    return hmac.new(KEY, user.encode(), hashlib.sha256).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.answer({"/login": self.login})

    def do_GET(self):
        self.answer({"/meals": self.meals, "/report": self.report, "/health/ready": self.ready,
                     "/debug/pool-status": lambda: (200, DATA.status())})

    def answer(self, routes):
        self.url = urlsplit(self.path)
        try:
            status, value = routes.get(self.url.path, lambda: (404, {"error": "not_found"}))()
        except Exception as error:  # whatever the pool or the database says
            status, value = 503, {"error": str(error)}
        body = json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # the client has hung up

    def login(self):
        given = json.loads(self.rfile.read(int(self.headers["content-length"])))
        rows = DATA.query("SELECT id, password FROM users WHERE name = :name", name=given["user"])
        if not rows or rows[0][1] != given["password"]:
            return 401, {"error": "wrong_user_or_password"}
        user = str(rows[0][0])
        return 200, {"token": f"{user}.{signature(user)}"}

    def meals(self):
        user, _, signed = (self.headers.get("authorization") or "").removeprefix("Bearer ").partition(".")
        if not hmac.compare_digest(signed, signature(user)):
            return 401, {"error": "unknown_token"}
        rows = DATA.query("SELECT day, name, calories FROM meals WHERE user_id = :user ORDER BY day LIMIT 50",
                          user=int(user))
        return 200, {"meals": [{"day": day, "name": name, "calories": calories} for day, name, calories in rows]}

    def report(self):
        milliseconds = int(parse_qs(self.url.query)["milliseconds"][0])
        DATA.query("SELECT pg_sleep(CAST(:milliseconds AS float8) / 1000)", milliseconds=milliseconds)
        return 200, {"milliseconds": milliseconds}

    def ready(self):
        DATA.query("SELECT 1")
        return 200, {"status": "ready"}


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    DATA = {"sqlalchemy": SqlAlchemy, "psycopg": Psycopg}[sys.argv[2]]()
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

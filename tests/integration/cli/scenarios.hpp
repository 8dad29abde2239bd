// Scenarios and services that several tests of the command line use.
#pragma once

#include <string>

namespace squall::cli::test {

/// A service such as a user might bring, in twenty lines: /ok answers; /leak opens a connection to PostgreSQL for each
/// request, and with LEAK=1 keeps it for ever.
inline constexpr const char* python_service = R"(import os, socket, sys, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

kept = []

def connect():
    url = urllib.parse.urlsplit(os.environ["DATABASE"])
    words = b"\0\3\0\0user\0squall\0database\0squall\0application_name\0leaky\0\0"
    connection = socket.create_connection((url.hostname, url.port))
    connection.sendall((len(words) + 4).to_bytes(4, "big") + words)
    while b"Z\0\0\0\5I" not in connection.recv(4096):  # ready for queries
        pass
    return connection

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def do_GET(self):
        if self.path == "/leak":
            connection = connect()
            if os.environ["LEAK"] == "1":
                kept.append(connection)
            else:
                connection.sendall(b"X\0\0\0\4")
                connection.close()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

/// Two seconds over the service alone: nothing but Python is started. 40 arrivals a second at random times.
inline constexpr const char* short_scenario = R"(name = "short"
primer = "0s"
duration = "2s"
quiesce = "0s"
[stack.service.api]
command = "exec python3 service.py ${port}"
[[user]]
name = "visitor"
arrival = { rate = "40/s", distribution = "poisson" }
  [[user.step]]
  name = "look"
  http = "GET ${api}/ok"
[slo]
checks = ["error_rate < 1%", "response_time.p99 < 5s"]
)";

} // namespace squall::cli::test

// Real servers for one test: each in a folder of its own on a free port of loopback, gone with the object.
#pragma once

#include <fmt/format.h>
#include <libpq-fe.h>

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace squall::testing {

namespace files = std::filesystem;

/// The unprivileged user that servers run as when the test runs as root; nothing otherwise.
inline const passwd* server_user()
{
    if (geteuid() != 0) {
        return nullptr;
    }
    const passwd* user = getpwnam("postgres");
    return user != nullptr ? user : getpwnam("nobody");
}

/// A folder that belongs to the server's user and is removed with all that is in it.
class ServerFolder {
public:
    ServerFolder()
    {
        std::string pattern = (files::temp_directory_path() / "squall-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("mkdtemp failed");
        }
        path_ = pattern;
        give_to_server(path_);
    }
    ~ServerFolder()
    {
        std::error_code ignored;
        files::remove_all(path_, ignored);
    }
    ServerFolder(const ServerFolder&) = delete;
    ServerFolder& operator=(const ServerFolder&) = delete;

    [[nodiscard]] const files::path& path() const { return path_; }

    void write(const std::string& name, const std::string& text) const
    {
        std::ofstream(path_ / name) << text;
        give_to_server(path_ / name);
    }

private:
    static void give_to_server(const files::path& path)
    {
        const passwd* user = server_user();
        if (user != nullptr && chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw std::runtime_error("chown failed");
        }
    }

    files::path path_;
};

/// A port that was free a moment ago.
inline int free_port()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    const bool bound = bind(socket, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                       getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    close(socket);
    if (!bound) {
        throw std::runtime_error("no free port");
    }
    return ntohs(address.sin_port);
}

/// A child process that dies with the test. Its output goes to `log`.
class ChildProcess {
public:
    ChildProcess(std::vector<std::string> arguments, const files::path& log, bool as_server_user = true)
    {
        const passwd* user = as_server_user ? server_user() : nullptr;
        const pid_t parent = getpid();
        pid_ = fork();
        if (pid_ == 0) {
            become(arguments, log, user, parent);
        }
    }
    ~ChildProcess() { stop(SIGKILL); }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Sends the signal and waits for the end.
    int stop(int signal)
    {
        int status = 0;
        if (pid_ > 0) {
            kill(pid_, signal);
            waitpid(pid_, &status, 0);
            pid_ = -1;
        }
        return status;
    }

    int wait()
    {
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        return status;
    }

private:
    [[noreturn]] static void become(std::vector<std::string>& arguments, const files::path& log, const passwd* user,
                                    pid_t parent)
    {
        if (freopen(log.c_str(), "a", stdout) == nullptr || dup2(1, 2) < 0) {
            _exit(126);
        }
        if (user != nullptr && (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
            _exit(126);
        }
        close_range(3, ~0U, 0);
        // After setuid, which clears it.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || chdir("/") != 0) {
            _exit(126);
        }
        std::vector<char*> words;
        for (auto& argument : arguments) {
            words.push_back(argument.data());
        }
        words.push_back(nullptr);
        execvp(words[0], words.data());
        _exit(127);
    }

    pid_t pid_ = -1;
};

/// Asks every 10 ms until it is so, for at most 30 s.
inline void wait_until_ready(const std::function<bool()>& ready, const files::path& log)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!ready()) {
        if (std::chrono::steady_clock::now() > end) {
            std::ifstream file(log);
            std::stringstream text;
            text << file.rdbuf();
            throw std::runtime_error("a server did not become ready:\n" + text.str());
        }
        poll(nullptr, 0, 10);
    }
}

inline bool port_accepts(int port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool accepted = connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(socket);
    return accepted;
}

/// The newest PostgreSQL of the machine, with the role "postgres" and the password "secret".
class PostgresServer {
public:
    explicit PostgresServer(int max_connections = 20, const std::vector<std::string>& settings = {})
    {
        folder_.write("password", "secret\n");
        ChildProcess initdb({program("initdb"), "-D", data(), "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8",
                             "--no-sync", "--pwfile", (folder_.path() / "password").string()},
                            log());
        if (initdb.wait() != 0) {
            throw std::runtime_error("initdb failed");
        }
        arguments_ = {program("postgres"),
                      "-D",
                      data(),
                      "-p",
                      std::to_string(port_),
                      "-k",
                      folder_.path().string(),
                      "-c",
                      "fsync=off",
                      "-c",
                      "listen_addresses=127.0.0.1",
                      "-c",
                      fmt::format("max_connections={}", max_connections)};
        for (const auto& setting : settings) {
            arguments_.insert(arguments_.end(), {"-c", setting});
        }
        start();
    }

    /// Started again with these files (PEM) as its certificate and key.
    void serve_tls(const std::string& certificate, const std::string& key)
    {
        for (const auto& [from, name] : {std::pair(certificate, "server.crt"), std::pair(key, "server.key")}) {
            std::ifstream file(from);
            std::stringstream text;
            text << file.rdbuf();
            folder_.write(name, text.str());
            files::permissions(folder_.path() / name, files::perms::owner_read);
        }
        server_->stop(SIGINT);
        for (const auto& setting :
             {fmt::format("ssl_cert_file={}", (folder_.path() / "server.crt").string()),
              fmt::format("ssl_key_file={}", (folder_.path() / "server.key").string()), std::string("ssl=on")}) {
            arguments_.insert(arguments_.end(), {"-c", setting});
        }
        start();
    }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string url(const std::string& settings = "") const
    {
        return fmt::format("postgresql://postgres:secret@127.0.0.1:{}/postgres?{}", port_, settings);
    }
    void kill() { server_->stop(SIGQUIT); } // immediate shutdown: all its children with it

    ~PostgresServer()
    {
        if (server_) {
            server_->stop(SIGQUIT);
        }
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

private:
    void start()
    {
        server_ = std::make_unique<ChildProcess>(arguments_, log());
        wait_until_ready([this] { return PQping(url().c_str()) == PQPING_OK; }, log());
    }
    [[nodiscard]] std::string data() const { return (folder_.path() / "data").string(); }
    [[nodiscard]] files::path log() const { return folder_.path() / "log"; }

    static std::string program(const std::string& name)
    {
        std::string newest = name; // else from PATH
        int newest_version = 0;
        std::error_code error;
        for (const auto& entry : files::directory_iterator("/usr/lib/postgresql", error)) {
            const int version = std::atoi(entry.path().filename().c_str());
            if (version > newest_version && files::exists(entry.path() / "bin" / name)) {
                newest_version = version;
                newest = entry.path() / "bin" / name;
            }
        }
        return newest;
    }

    ServerFolder folder_;
    int port_ = free_port();
    std::vector<std::string> arguments_;
    std::unique_ptr<ChildProcess> server_;
};

/// PgBouncer in front of a PostgresServer; "postgres" administers it without a password.
class PgbouncerServer {
public:
    explicit PgbouncerServer(const PostgresServer& postgres, const std::string& pool_mode = "session")
    {
        folder_.write("users", "\"postgres\" \"secret\"\n");
        folder_.write("settings", fmt::format("[databases]\n"
                                              "postgres = host=127.0.0.1 port={} user=postgres password=secret\n"
                                              "[pgbouncer]\n"
                                              "listen_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\n"
                                              "auth_type = trust\nauth_file = {}\nadmin_users = postgres\n"
                                              "pool_mode = {}\nignore_startup_parameters = extra_float_digits\n",
                                              postgres.port(), port_, (folder_.path() / "users").string(), pool_mode));
        const auto log = folder_.path() / "log";
        const char* program = files::exists("/usr/sbin/pgbouncer") ? "/usr/sbin/pgbouncer" : "pgbouncer";
        server_ = std::make_unique<ChildProcess>(
            std::vector<std::string>{program, (folder_.path() / "settings").string()}, log);
        wait_until_ready([this] { return port_accepts(port_); }, log);
    }

    [[nodiscard]] std::string url(const std::string& settings = "") const
    {
        return fmt::format("postgresql://postgres@127.0.0.1:{}/postgres?{}", port_, settings);
    }

private:
    ServerFolder folder_;
    int port_ = free_port();
    std::unique_ptr<ChildProcess> server_;
};

/// Redis with the password "secret".
class RedisServer {
public:
    RedisServer()
    {
        const auto log = folder_.path() / "log";
        server_ = std::make_unique<ChildProcess>(
            std::vector<std::string>{"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--save",
                                     "", "--requirepass", "secret", "--dir", folder_.path().string()},
            log);
        wait_until_ready([this] { return port_accepts(port_); }, log);
    }

    [[nodiscard]] std::string url(const std::string& path = "") const
    {
        return fmt::format("redis://:secret@127.0.0.1:{}{}", port_, path);
    }
    [[nodiscard]] int port() const { return port_; }
    void kill() { server_->stop(SIGKILL); }

private:
    ServerFolder folder_;
    int port_ = free_port();
    std::unique_ptr<ChildProcess> server_;
};

/// A port that takes connections and never says a word.
class SilentServer {
public:
    SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (bind(socket_, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(socket_, 1000) != 0 ||
            getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
            throw std::runtime_error("cannot listen");
        }
        port_ = ntohs(address.sin_port);
    }
    ~SilentServer() { close(socket_); }
    SilentServer(const SilentServer&) = delete;
    SilentServer& operator=(const SilentServer&) = delete;

    [[nodiscard]] int port() const { return port_; }

private:
    int socket_;
    int port_ = 0;
};

/// Open files of the test itself.
inline std::size_t open_files()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : files::directory_iterator("/proc/self/fd")) {
        ++count;
    }
    return count;
}

} // namespace squall::testing

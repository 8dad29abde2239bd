#include "squall_process.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace squall::cli::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* squall_program = SQUALL_BIN_DIR "/squall";

std::string text_of(const fs::path& path)
{
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<char*> pointers(std::vector<std::string>& words)
{
    std::vector<char*> result;
    for (auto& word : words) {
        result.push_back(word.data());
    }
    result.push_back(nullptr);
    return result;
}

/// This process's environment without what would change squall's ways, and with the given values.
std::vector<std::string> environment_with(const Environment& values)
{
    std::vector<std::string> words;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view word = *each;
        const std::string name(word.substr(0, word.find('=')));
        if (!values.contains(name) && !name.starts_with("SQUALL_") && name != "XDG_RUNTIME_DIR" && name != "NO_COLOR") {
            words.emplace_back(word);
        }
    }
    for (const auto& [name, value] : values) {
        words.push_back(name + "=" + value);
    }
    return words;
}

int open_for_child(const fs::path& path)
{
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
}

[[noreturn]] void become_squall(const fs::path& folder, const fs::path& captured, pid_t parent, char** words,
                                char** environment)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = ::open("/dev/null", O_RDONLY);
    const int out = open_for_child(captured.string() + ".out");
    const int err = open_for_child(captured.string() + ".err");
    const bool ready = ::getppid() == parent && ::setpgid(0, 0) == 0 && ::chdir(folder.c_str()) == 0 &&
                       ::dup2(nothing, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2;
    if (ready) {
        ::close_range(3, ~0U, 0);
        ::execve(squall_program, words, environment);
    }
    ::_exit(126);
}

} // namespace

SquallProcess::SquallProcess(const fs::path& folder, const Arguments& arguments, const Environment& environment,
                             const fs::path& captured)
    : captured_(captured)
{
    std::vector<std::string> words{"squall"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = environment_with(environment);
    const auto argv = pointers(words);
    const auto envp = pointers(variables);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        become_squall(folder, captured, parent, const_cast<char**>(argv.data()), const_cast<char**>(envp.data()));
    }
    if (pid_ < 0) {
        throw std::runtime_error("cannot fork");
    }
    ::setpgid(pid_, pid_); // also here: a signal to the group may come before the child's own call
}

SquallProcess::~SquallProcess()
{
    if (!reap()) {
        ::kill(-pid_, SIGKILL);
        ::waitpid(pid_, &status_, 0);
    }
}

std::string SquallProcess::out() const
{
    return text_of(captured_.string() + ".out");
}

std::string SquallProcess::err() const
{
    return text_of(captured_.string() + ".err");
}

void SquallProcess::kill(int signal) const
{
    ::kill(pid_, signal);
}

void SquallProcess::interrupt() const
{
    ::kill(-pid_, SIGINT);
}

bool SquallProcess::reap()
{
    ended_ = ended_ || ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return ended_;
}

bool SquallProcess::says(std::string_view text, std::chrono::milliseconds within)
{
    bool said = false;
    eventually(
        [&] {
            const bool over = reap();
            said = err().find(text) != std::string::npos;
            return said || over;
        },
        within);
    return said;
}

Ended SquallProcess::wait(std::chrono::milliseconds within)
{
    Ended ended;
    if (!eventually([this] { return reap(); }, within)) {
        ended.out_of_time = true;
        ::kill(-pid_, SIGKILL);
        ::waitpid(pid_, &status_, 0);
        ended_ = true;
    }
    ended.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
    ended.out = out();
    ended.err = err();
    return ended;
}

Workplace::Workplace()
{
    std::string pattern = (fs::temp_directory_path() / "squall-cli-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("mkdtemp failed");
    }
    path_ = pattern;
    ::chmod(path_.c_str(), 0755);
    fs::create_directories(path_ / "tmp");
    ::chmod((path_ / "tmp").c_str(), 01777);
    fs::create_directories(path_ / "captured");
}

Workplace::~Workplace()
{
    // A failed test must not leave servers behind for the next.
    eventually([this] { return processes().empty(); }, std::chrono::seconds(5));
    for (const auto& process : processes()) {
        ::kill(process.pid, SIGKILL);
    }
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void Workplace::write(const std::string& name, std::string_view text) const
{
    std::ofstream(path_ / name) << text;
}

std::string Workplace::read(const std::string& name) const
{
    return text_of(path_ / name);
}

std::unique_ptr<SquallProcess> Workplace::start(const Arguments& arguments, Environment environment)
{
    environment["TMPDIR"] = (path_ / "tmp").string();
    return std::make_unique<SquallProcess>(path_, arguments, environment,
                                           path_ / "captured" / std::to_string(++commands_));
}

Ended Workplace::squall(const Arguments& arguments, std::chrono::milliseconds within)
{
    return start(arguments)->wait(within);
}

std::vector<Process> Workplace::processes() const
{
    std::vector<Process> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const pid_t pid = std::atoi(entry.path().filename().c_str());
        if (pid <= 0 || pid == ::getpid()) {
            continue;
        }
        std::string command = text_of(entry.path() / "cmdline");
        if (command.empty()) {
            continue; // dead and not yet reaped, or a thread of the kernel
        }
        std::replace(command.begin(), command.end(), '\0', ' ');
        std::error_code error;
        const auto folder = fs::read_symlink(entry.path() / "cwd", error).string();
        for (const auto& text : {command, folder, text_of(entry.path() / "environ")}) {
            if (text.find(path_.string()) != std::string::npos) {
                found.push_back({pid, command});
                break;
            }
        }
    }
    return found;
}

std::string Workplace::remains(std::string_view err) const
{
    std::string left;
    for (const auto& process : processes()) {
        left += fmt::format("process {}: {}; ", process.pid, process.command);
    }
    const auto listening = listening_ports();
    for (const int port : ports_named_in(err)) {
        if (std::find(listening.begin(), listening.end(), port) != listening.end()) {
            left += fmt::format("port {} is open; ", port);
        }
    }
    for (const auto& entry : fs::directory_iterator(path_ / "tmp")) {
        left += entry.path().string() + "; ";
    }
    for (const auto& entry : fs::recursive_directory_iterator(path_, fs::directory_options::skip_permission_denied)) {
        if (entry.path().filename() == "stack") {
            left += entry.path().string() + "; ";
        }
    }
    return left;
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within)
{
    const auto until = SteadyTime::now() + within;
    while (!condition()) {
        if (SteadyTime::now() > until) {
            return false;
        }
        ::poll(nullptr, 0, 10);
    }
    return true;
}

bool accepts(int port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool accepted = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return accepted;
}

std::vector<int> ports_named_in(std::string_view text)
{
    static const std::regex port("(?:on port |127\\.0\\.0\\.1:)([0-9]+)");
    const std::string words(text);
    std::vector<int> ports;
    for (std::sregex_iterator match(words.begin(), words.end(), port), end; match != end; ++match) {
        ports.push_back(std::stoi((*match)[1]));
    }
    return ports;
}

std::vector<int> listening_ports()
{
    std::vector<int> ports;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream file(table);
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::istringstream words(line);
            std::string slot, local, remote, state;
            words >> slot >> local >> remote >> state;
            if (state == "0A") { // TCP_LISTEN
                ports.push_back(std::stoi(local.substr(local.rfind(':') + 1), nullptr, 16));
            }
        }
    }
    return ports;
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    std::istringstream stream{std::string(text)};
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace squall::cli::test

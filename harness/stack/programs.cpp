#include "stack/programs.hpp"

#include "base/text.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path)
{
    std::error_code error;
    return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

/// The releases under Debian's folder, newest first.
std::vector<int> releases_under(const std::string& root)
{
    std::vector<int> releases;
    std::error_code error;
    for (fs::directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!name.empty() && name.size() < 6 && std::all_of(name.begin(), name.end(), ::isdigit)) {
            releases.push_back(std::stoi(name));
        }
    }
    std::sort(releases.rbegin(), releases.rend());
    return releases;
}

std::vector<std::string> all_folders(const ProgramSearch& search)
{
    std::vector<std::string> folders = search.path;
    folders.insert(folders.end(), search.system.begin(), search.system.end());
    return folders;
}

Result<std::string> find_server(const ProgramSearch& search, std::string_view title, std::string_view program,
                                std::string_view package)
{
    if (auto found = find_program(program, all_folders(search))) {
        return *found;
    }
    return fail(
        "{} is not installed: neither $PATH nor {} has a program \"{}\"; on Debian or Ubuntu: apt-get install {}",
        title, join(search.system, ", "), program, package);
}

} // namespace

ProgramSearch ProgramSearch::of_environment()
{
    ProgramSearch search;
    const char* path = std::getenv("PATH");
    for (std::string& folder : split(path == nullptr ? "" : path, ':')) {
        // An empty entry means the current folder, which is no place for servers.
        if (!folder.empty()) {
            search.path.push_back(std::move(folder));
        }
    }
    return search;
}

std::optional<std::string> find_program(std::string_view name, const std::vector<std::string>& folders)
{
    for (const std::string& folder : folders) {
        const fs::path candidate = fs::path(folder) / name;
        if (is_program(candidate)) {
            return fs::absolute(candidate).string();
        }
    }
    return std::nullopt;
}

Result<PostgresPrograms> find_postgres(const ProgramSearch& search)
{
    // A link to initdb alone is enough: postgres stands beside what it points to.
    for (const std::string& folder : search.path) {
        const auto initdb = find_program("initdb", {folder});
        if (!initdb) {
            continue;
        }
        std::error_code error;
        const fs::path real = fs::canonical(*initdb, error);
        const fs::path postgres = real.parent_path() / "postgres";
        if (!error && is_program(postgres)) {
            return PostgresPrograms{real.string(), postgres.string()};
        }
    }
    const std::vector<int> releases = releases_under(search.postgres_root);
    for (const int release : releases) {
        const fs::path bin = fs::path(search.postgres_root) / std::to_string(release) / "bin";
        if (release >= oldest_postgres && is_program(bin / "initdb") && is_program(bin / "postgres")) {
            return PostgresPrograms{(bin / "initdb").string(), (bin / "postgres").string()};
        }
    }
    return fail(
        "PostgreSQL {} or newer is not installed: neither $PATH nor {}/*/bin has \"initdb\" and \"postgres\"{}; "
        "on Debian or Ubuntu: apt-get install postgresql",
        oldest_postgres, search.postgres_root,
        releases.empty() ? "" : fmt::format(" (the newest there is {})", releases.front()));
}

Result<std::string> find_pgbouncer(const ProgramSearch& search)
{
    return find_server(search, "PgBouncer", "pgbouncer", "pgbouncer");
}

Result<std::string> find_redis(const ProgramSearch& search)
{
    return find_server(search, "Redis", "redis-server", "redis-server");
}

} // namespace squall::stack

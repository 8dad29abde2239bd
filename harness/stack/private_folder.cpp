#include "stack/private_folder.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;

bool can_reach(const fs::path& folder, const UserIds& user)
{
    fs::path walked;
    for (const fs::path& part : folder) {
        walked /= part;
        struct stat info {};
        if (::stat(walked.c_str(), &info) != 0 || !may_enter(info, user)) {
            return false;
        }
    }
    return true;
}

Result<void> give_to(const std::string& path, const std::optional<UserIds>& user)
{
    if (user && ::chown(path.c_str(), user->uid, user->gid) != 0) {
        return fail("cannot give {} to the user {}: {}", path, user->name, std::strerror(errno));
    }
    return {};
}

Result<std::string> make_in_run_folder(const std::string& run_folder)
{
    std::string path = (fs::path(run_folder) / "stack").string();
    if (::mkdir(path.c_str(), 0700) == 0) {
        return path;
    }
    if (errno == EEXIST) {
        return fail("{} exists already: the run folder belongs to a run that is going on, or that died with its "
                    "keeper; use another run folder or remove that one",
                    path);
    }
    return fail("cannot make {}: {}", path, std::strerror(errno));
}

Result<std::string> make_in_temporary(const std::string& temporary)
{
    std::string path = (fs::path(temporary) / "squall-stack-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
        return fail("cannot make a folder for the servers' data in {}: {}; set TMPDIR to a folder that can be written",
                    temporary, std::strerror(errno));
    }
    return path;
}

} // namespace

Result<std::optional<UserIds>> unprivileged_user()
{
    if (::geteuid() != 0) {
        return std::optional<UserIds>();
    }
    for (const char* name : {"postgres", "nobody"}) {
        if (const passwd* entry = ::getpwnam(name)) {
            return std::optional(UserIds{name, entry->pw_uid, entry->pw_gid});
        }
    }
    return fail("PostgreSQL and PgBouncer refuse to run as root, and this machine has neither a user \"postgres\" nor "
                "\"nobody\"; start squall as another user, or: apt-get install postgresql");
}

bool may_enter(const struct stat& folder, const UserIds& user)
{
    if (!S_ISDIR(folder.st_mode)) {
        return false;
    }
    if (folder.st_uid == user.uid) {
        return (folder.st_mode & S_IXUSR) != 0;
    }
    if (folder.st_gid == user.gid) {
        return (folder.st_mode & S_IXGRP) != 0;
    }
    return (folder.st_mode & S_IXOTH) != 0;
}

Result<PrivateFolder> make_private_folder(const std::string& run_folder, const std::string& temporary,
                                          const std::optional<UserIds>& user)
{
    const bool reachable = !user || can_reach(run_folder, *user);
    const auto path = reachable ? make_in_run_folder(run_folder) : make_in_temporary(temporary);
    if (!path) {
        return path.error();
    }
    const auto given = give_to(*path, user);
    if (!given) {
        ::rmdir(path->c_str());
        return given.error();
    }
    return PrivateFolder{*path, reachable ? "" : fmt::format("the user {} cannot reach {}", user->name, run_folder)};
}

Result<void> write_private_file(const std::string& path, std::string_view text, const std::optional<UserIds>& user)
{
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return fail("cannot write {}: {}", path, std::strerror(errno));
    }
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t written = ::write(file, rest.data(), rest.size());
        if (written <= 0) {
            break;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    const int problem = errno;
    ::close(file);
    if (!rest.empty()) {
        return fail("cannot write {}: {}", path, std::strerror(problem));
    }
    return give_to(path, user);
}

} // namespace squall::stack

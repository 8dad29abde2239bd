#include "cli/programs.hpp"

#include <filesystem>

namespace squall::cli {
namespace {

std::filesystem::path this_program()
{
    return std::filesystem::read_symlink("/proc/self/exe");
}

} // namespace

std::vector<std::string> keeper_command()
{
    return {this_program().string(), "keeper", "--socket"};
}

std::string target_program()
{
    return (this_program().parent_path() / "squall-target").string();
}

} // namespace squall::cli

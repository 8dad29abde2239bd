#!/usr/bin/env python3
"""Installs the reference kit into a folder of the build and uses it from outside: each example of examples/refkit is
configured with nothing but find_package(squall-refkit), built, and run. Then the project inside another one is
configured where nothing but the kit's own needs can be found. Prints what went wrong and ends with 1 when anything did."""
import argparse
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from private_postgres import PrivatePostgres, programs

SOURCE = Path(__file__).resolve().parents[2]
# What the harness needs and the kit does not.
NOT_NEEDED = ["CLI11", "spdlog", "Catch2"]
INSIDE = """cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)
add_subdirectory({source} squall)
add_executable(outside main.cpp)
target_link_libraries(outside PRIVATE squall::refkit)
foreach(target squall squall_cli squall_target)
  if(TARGET ${{target}})
    message(FATAL_ERROR "${{target}} is built for those who want the kit")
  endif()
endforeach()
get_target_property(options squall::refkit INTERFACE_LINK_LIBRARIES)
if(options MATCHES "(^|;)[^;]*squall_options" AND NOT options MATCHES "LINK_ONLY:[^;]*squall_options")
  message(FATAL_ERROR "our compiler options reach other projects: ${{options}}")
endif()
"""


def run(command, timeout=600, **more):
    """The output; an exception that shows it when the command fails."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", errors="replace", timeout=timeout, check=False, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def configure(source, build, options):
    run(["cmake", "-S", source, "-B", build, "-G", options.generator, f"-DCMAKE_CXX_COMPILER={options.compiler}",
         f"-DCMAKE_CXX_COMPILER_LAUNCHER={options.launcher}", "-DCMAKE_CXX_FLAGS=-O0 -Wall -Wextra -Werror",
         f"-DCMAKE_PREFIX_PATH={options.work / 'prefix'}", *options.more])


def run_example(name, program):
    if name != "pool":
        return run([program], timeout=60)
    if programs() is None:
        return "not run: there is no PostgreSQL here\n"
    with PrivatePostgres() as server:
        return run([program, server.url()], timeout=60)


def try_example(folder, options):
    build = options.work / folder.name
    configure(folder, build, options)
    run(["cmake", "--build", build])
    return f"{folder.name}:\n{run_example(folder.name, build / f'refkit-{folder.name}')}"


def try_inside(options):
    """As a subproject; configured only: building it would build the kit again."""
    outside = options.work / "outside"
    outside.mkdir()
    (outside / "CMakeLists.txt").write_text(INSIDE.format(source=SOURCE), encoding="utf-8")
    (outside / "main.cpp").write_text("int main() {}\n", encoding="utf-8")
    options.more = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in NOT_NEEDED]
    configure(outside, options.work / "inside", options)
    return "inside another project: configured without " + ", ".join(NOT_NEEDED)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="the build whose kit is installed")
    parser.add_argument("--work", type=Path, required=True, help="emptied first")
    parser.add_argument("--generator", default="Ninja")
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--launcher", default="", help="of the compiler, such as ccache")
    options = parser.parse_args()
    options.more = []
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)

    try:
        run(["cmake", "--install", options.build, "--component", "refkit", "--prefix", options.work / "prefix"])
        examples = sorted(path.parent for path in (SOURCE / "examples/refkit").glob("*/CMakeLists.txt"))
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for told in threads.map(lambda folder: try_example(folder, options), examples):
                print(told, flush=True)
        print(try_inside(options))
    except (RuntimeError, subprocess.TimeoutExpired) as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

# Everything that is not ours, found here and nowhere else.
# What the reference kit needs; cmake/squall-refkit-config.cmake.in looks for the same.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(PostgreSQL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 3.37 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)

pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
if(NOT TARGET squall::hiredis)
  add_library(squall::hiredis ALIAS PkgConfig::HIREDIS)
endif()

if(NOT SQUALL_REFKIT_ONLY)
  find_package(spdlog REQUIRED)
  find_package(CLI11 REQUIRED)
  pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
  add_library(squall::tomlplusplus ALIAS PkgConfig::TOMLPLUSPLUS)
endif()

# Asio and Beast are compiled once, here; every layer that uses them reuses this precompiled header.
add_library(squall_asio STATIC ${PROJECT_SOURCE_DIR}/cmake/asio_impl.cpp)
squall_use_options(squall_asio)
target_link_libraries(squall_asio PUBLIC Boost::headers OpenSSL::SSL Threads::Threads fmt::fmt Boost::json)
target_compile_definitions(squall_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                           BOOST_ASIO_NO_DEPRECATED
                           _FILE_OFFSET_BITS=64) # as hiredis asks for: the precompiled header must agree
target_precompile_headers(squall_asio PRIVATE ${PROJECT_SOURCE_DIR}/cmake/asio_pch.hpp)

# The reference kit for other projects: cmake --install build/release --component refkit --prefix …, then
# find_package(squall-refkit) and squall::refkit. tests/package sees that it works.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(refkit_headers ${CMAKE_INSTALL_INCLUDEDIR}/squall)
set(refkit_package ${CMAKE_INSTALL_LIBDIR}/cmake/squall-refkit)

foreach(library base wire asio refkit)
  set_target_properties(squall_${library} PROPERTIES EXPORT_NAME ${library})
  target_include_directories(squall_${library} PUBLIC $<INSTALL_INTERFACE:${refkit_headers}>)
  install(TARGETS squall_${library} EXPORT squall-refkit-targets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT refkit)
endforeach()

# Of base and wire only what the kit's headers include, and what its adapters lend.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/harness/base ${PROJECT_SOURCE_DIR}/harness/refkit
        DESTINATION ${refkit_headers} COMPONENT refkit FILES_MATCHING PATTERN "*.hpp")
foreach(header task postgres_connection redis_connection)
  install(FILES ${PROJECT_SOURCE_DIR}/harness/wire/${header}.hpp DESTINATION ${refkit_headers}/wire COMPONENT refkit)
endforeach()

install(EXPORT squall-refkit-targets NAMESPACE squall:: DESTINATION ${refkit_package} COMPONENT refkit)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/squall-refkit-config.cmake.in
                              ${PROJECT_BINARY_DIR}/squall-refkit-config.cmake INSTALL_DESTINATION ${refkit_package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/squall-refkit-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/squall-refkit-config.cmake ${PROJECT_BINARY_DIR}/squall-refkit-config-version.cmake
        DESTINATION ${refkit_package} COMPONENT refkit)

// Precompiled for the tests of rooms with Asio.
#pragma once
#include "catch.hpp"
#include "cmake/asio_pch.hpp"

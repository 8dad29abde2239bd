// Precompiled for the tests of rooms without Asio.
#pragma once
#include "catch.hpp"
#include "cmake/base_pch.hpp"

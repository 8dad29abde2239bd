// Owns the precompiled header of the tests without Asio.

#include "base/random.hpp"

#include "base/assert.hpp"

#include <bit>
#include <cmath>

namespace squall {
namespace {

std::uint64_t split_mix(std::uint64_t& state)
{
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

} // namespace

Random::Random(std::uint64_t seed) : seed_(seed)
{
    std::uint64_t mix = seed;
    for (auto& word : state_) {
        word = split_mix(mix);
    }
}

Random::result_type Random::operator()()
{
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Random::uniform()
{
    return static_cast<double>((*this)() >> 11U) * 0x1.0p-53;
}

std::int64_t Random::between(std::int64_t low, std::int64_t high)
{
    SQUALL_ASSERT(low <= high);
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    if (span == 0) {
        return static_cast<std::int64_t>((*this)());
    }
    // Rejection keeps every value equally likely.
    const std::uint64_t limit = max() - max() % span;
    std::uint64_t drawn = (*this)();
    while (drawn >= limit) {
        drawn = (*this)();
    }
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + drawn % span);
}

double Random::exponential(double mean)
{
    SQUALL_ASSERT(mean > 0);
    return -mean * std::log1p(-uniform());
}

Random Random::stream(std::string_view label, std::uint64_t index) const
{
    std::uint64_t hash = 0xcbf29ce484222325U; // FNV-1a
    for (const char letter : label) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
    }
    std::uint64_t mix = seed_ ^ std::rotl(hash, 21) ^ (index * 0xd1342543de82ef95U);
    return Random(split_mix(mix));
}

} // namespace squall

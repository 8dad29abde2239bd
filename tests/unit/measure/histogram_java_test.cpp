// Histograms that HdrHistogram's own Java library (2.1.11) encoded, with the percentiles that it gives for them.
#include "measure/histogram.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace squall::measure {
namespace {

struct JavaHistogram {
    std::string name;
    std::uint64_t count;
    std::vector<std::pair<double, std::int64_t>> percentiles; // value in µs
    std::string encoded;
};

const std::vector<JavaHistogram>& java_histograms()
{
    static const std::vector<JavaHistogram> histograms{
        {"Histogram(1, 1 h, 3), from 0 to 1 h",
         3128,
         {{10.0, 77}, {50.0, 77}, {75.0, 77}, {90.0, 77}, {95.0, 77}, {99.0, 181631}},
         "HISTFAAAAPJ4nC2PsUoDQRRF552dTVgXEVm2ECMhLFFEFGQJKSyChUWqlBJELCzEDxALW63EQrZIlU5rsQqST7AUlIAfkS6td7NO"
         "Me/OnXPfm2ncF4lz5l21gv9q5fZdvLjevDJWRjY/mGyzSChCvgImNfYZ8gGvIbn/NBwj48kzhjtuWBjX/ATMjGMejDYRLU7YIOeC"
         "QPUd+oxNKmKVqcEtR4S8GT3hh7KvFDmTHtLB+T7P8IiQdTLBuZgOqc5rcnaXqmycKtmmzqXelBEzYFOqvKtLRXLiZaZJV+yWz6qh"
         "sd9jR3YisCUw5dyfanxTH5j+Wu0PKE8mdA=="},
        {"Histogram(3), resized as it grew",
         1000,
         {{10.0, 100031},
          {50.0, 500223},
          {75.0, 750079},
          {90.0, 900095},
          {95.0, 950271},
          {99.0, 990207},
          {99.9, 999423},
          {99.99, 1000447},
          {100.0, 1000447}},
         "HISTFAAAAIh4nJNpmSzMwMB+mgECmKE0I5jk///f/gNE4Dw/01l+pqkcTE/ZmRayMH1khqLlTEzfGbGglYxM1UyVeHA2kzUQ2oJJ"
         "8mhdJmkmWSBEkPTn8zPxMnEDMQQiWNhFh6s8OxMrGDJDaVRIvOio/qGvn5mJAQ1iCOCCRCukhZmjlo9aPjIsBwCYfj3K"},
        {"a histogram shifted left: its index offset is not 0",
         1024,
         {{10.0, 4507},
          {50.0, 6143},
          {75.0, 7167},
          {90.0, 7783},
          {95.0, 7987},
          {99.0, 8151},
          {99.9, 8187},
          {99.99, 8191},
          {100.0, 8191}},
         "HISTFAAAAC54nJNpmSzMwMDCxMDAwQAEzAwQwAgirk1ewmD/ASLwX59pFIyCUTBiAQBwNA3D"},
        {"an empty one",
         0,
         {{10.0, 0}, {50.0, 0}, {75.0, 0}, {90.0, 0}, {95.0, 0}, {99.0, 0}, {99.9, 0}, {99.99, 0}, {100.0, 0}},
         "HISTFAAAAB94nJNpmSzMwMDAyAABzFAazL82eQmD/QeoCABVgwSI"},
        {"ConcurrentHistogram",
         5050,
         {{10.0, 96127},
          {50.0, 490239},
          {75.0, 739839},
          {90.0, 883711},
          {95.0, 941055},
          {99.0, 980479},
          {99.9, 980479},
          {99.99, 980479},
          {100.0, 980479}},
         "HISTFAAAAUJ4nJNpmSzMwMAozQABzFCaEURcm7yEwf4DVITpKCPLVRa2p+wcX7m49nPxnOTg+88m8JpV6DybyHtmsU4Wib0sUmtZ"
         "ZM4zyT1nUmhkVprJrLKZWe03o8ZHRq2/jDqdTHrTmQwWMxmtZzL5zWi2mNFiJaPVekabrYx2uxkdDjM6HWd0Oc/odpXR4zajVyuj"
         "T7FfaUBlUHVIfVgjY0QrY1QnY0w3Y1wvY8JkxqTJjCkzGdNmM2bEZvnnBOYFFoQWhZaEl4VXRFdF18TWxTcwJjYxJrYwJrcxpnYw"
         "pncxpvcwZvcxZk9gzJ3E6D2F0Xwao/kMRstZjJZzGC3nMVouYLRdxGi9hNF2GaPtCkb7VYz2axjt1zE6bmB03MTovIXReRuj8w5G"
         "112MrnsYXfcxuh9g9DzE6H6E0fMYo/cJRgDkJF76"},
    };
    return histograms;
}

} // namespace

TEST_CASE("histograms written by HdrHistogram's Java library are read back with equal counts and percentiles")
{
    for (const auto& java : java_histograms()) {
        CAPTURE(java.name);
        const auto histogram = Histogram::decode(java.encoded);
        REQUIRE(histogram.has_value());
        CHECK(histogram->count() == java.count);
        for (const auto& [percent, microseconds] : java.percentiles) {
            CAPTURE(percent);
            CHECK(histogram->value_at(Percentile::of(percent)) == std::chrono::microseconds(microseconds));
        }
    }
}

} // namespace squall::measure

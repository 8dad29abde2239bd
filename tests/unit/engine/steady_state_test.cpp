// A user in the steady state allocates nothing: what the generator does between two requests shows as latency that the
// system under test never had. This file replaces the global operator new of the test program to count.
#include "engine/virtual_user.hpp"

#include "catch.hpp"
#include "run_task.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

thread_local std::size_t allocations = 0; // of this thread: the server's are its own

void* counted(std::size_t size)
{
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

} // namespace

void* operator new(std::size_t size)
{
    return counted(size);
}
void* operator new[](std::size_t size)
{
    return counted(size);
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept
{
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept
{
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept
{
    std::free(memory);
}

namespace squall::engine {
namespace {

using namespace std::chrono_literals;

/// Answers every request of one connection after the other, on a thread of its own.
class SmallServer {
public:
    SmallServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_, 8) == 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~SmallServer()
    {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    SmallServer(const SmallServer&) = delete;
    SmallServer& operator=(const SmallServer&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    void serve() const
    {
        constexpr std::string_view answer =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: session=a-value-"
            "too-long-for-a-small-string\r\nContent-Length: 5\r\n\r\nhello";
        for (int peer = ::accept(listener_, nullptr, nullptr); peer >= 0;
             peer = ::accept(listener_, nullptr, nullptr)) {
            char buffer[4096];
            while (::recv(peer, buffer, sizeof buffer, 0) > 0) {
                ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
            }
            ::close(peer);
        }
    }

    int listener_;
    int port_ = 0;
    std::thread thread_;
};

plan::BoundText constant(std::string text)
{
    plan::BoundText bound;
    bound.constant = std::move(text);
    return bound;
}

/// One user with one step: GET ${api}/path.
struct Journey {
    explicit Journey(const std::string& api, bool cookies)
    {
        plan.slot_count = 2;
        plan.step_names = {"get"};
        plan.endpoints = {{"api", 0, api}};
        plan::HttpAction action;
        action.method = "GET";
        action.url.segments = {{plan::Slot{0}, false}, {std::string("/a/path/that/is/not/short"), false}};
        action.headers = {{"x-constant", constant("a value that is not short either")}};
        plan::Step step;
        step.name = "get";
        step.timeout = 10s;
        step.action = std::move(action);
        plan::Population population;
        population.name = "user";
        population.cookies = cookies;
        population.steps = {std::move(step)};
        population.journey = plan::straight_journey(1);
        plan.populations = {std::move(population)};
        endpoints.assign(0, api);
    }

    plan::HttpAction& action() { return std::get<plan::HttpAction>(plan.populations[0].steps[0].action); }

    plan::Plan plan;
    plan::UserMemory endpoints{2};
};

/// Everything that a shard gives its users.
struct Surroundings {
    explicit Surroundings(const Journey& journey)
        : http(events, clock, drivers::TlsContext::create({}).value(), [](std::string_view) { return true; }),
          postgres(events, clock, [](std::string_view) { return true; }),
          rpc(events, clock, journey.plan),
          users{events, journey.plan, journey.endpoints, http,  sequence,   recorder, examples,
                clock,  scratch,      postgres,          redis, websockets, rpc}
    {}

    SteadyClock clock;
    asio::io_context io{1};
    wire::ThreadEvents events{io.get_executor(), clock};
    drivers::HttpContext http;
    drivers::WebSocketContext websockets{http, 1};
    drivers::PostgresContext postgres;
    std::atomic<std::uint64_t> sequence{0};
    measure::Recorder recorder{1};
    ErrorExamples examples;
    std::string scratch;
    RedisShard redis{http};
    RpcShard rpc;
    UserSurroundings users;
};

wire::Flow<> walk(VirtualUser& user, int iterations)
{
    for (int iteration = 0; iteration < iterations; ++iteration) {
        co_await user.iterate(std::nullopt);
        co_await user.think();
    }
}

std::size_t allocations_of(Surroundings& surroundings, VirtualUser& user, int iterations)
{
    bool done = false;
    const auto before = allocations;
    wire::start(walk(user, iterations), [&done](std::exception_ptr) { done = true; });
    while (!done) {
        surroundings.io.run_one();
    }
    return allocations - before;
}

/// Allocations in a thousand requests after the first hundred.
std::size_t steady_allocations(const Journey& journey)
{
    Surroundings surroundings(journey);
    const auto& population = journey.plan.populations[0];
    const auto fixed = fix_requests(journey.plan, population, journey.endpoints);
    VirtualUser user(surroundings.users, population, fixed, nullptr, 0);
    allocations_of(surroundings, user, 100);
    const auto allocated = allocations_of(surroundings, user, 1000);
    const auto window = surroundings.recorder.take();
    CHECK(window.steps[0].requests == 1100);
    CHECK(window.steps[0].error_count() == 0);
    return allocated;
}

} // namespace

TEST_CASE("a user in the steady state allocates nothing")
{
    if (!wire::FramePool::recycles) {
        return; // under AddressSanitizer every frame is one
    }
    SmallServer server;

    SECTION("the count sees an allocation")
    {
        const auto before = allocations;
        const std::vector<int> some(100);
        CHECK(allocations > before);
        CHECK(some.size() == 100);
    }
    SECTION("with a request that does not change")
    {
        const Journey journey(server.url(), false);
        CHECK(fix_requests(journey.plan, journey.plan.populations[0], journey.endpoints)[0] != nullptr);
        CHECK(steady_allocations(journey) == 0);
    }
    SECTION("with think time")
    {
        Journey journey(server.url(), false);
        journey.plan.populations[0].think = {1us, 10us};
        Surroundings surroundings(journey);
        const auto fixed = fix_requests(journey.plan, journey.plan.populations[0], journey.endpoints);
        VirtualUser user(surroundings.users, journey.plan.populations[0], fixed, nullptr, 0);
        allocations_of(surroundings, user, 20);
        CHECK(allocations_of(surroundings, user, 200) == 0);
    }
    SECTION("with a header and a body that vary")
    {
        Journey journey(server.url(), false);
        plan::BoundText varying;
        varying.segments = {{std::string("number "), false},
                            {scenario::Generator{scenario::Generator::Kind::uuid}, false}};
        journey.action().method = "POST";
        journey.action().headers.emplace_back("x-varying", varying);
        journey.action().body = varying;
        CHECK(fix_requests(journey.plan, journey.plan.populations[0], journey.endpoints)[0] == nullptr);
        CHECK(steady_allocations(journey) == 0);
    }
    SECTION("with headers and a body that are looked at")
    {
        Journey journey(server.url(), false);
        journey.plan.populations[0].steps[0].needs_body = true;
        journey.plan.populations[0].steps[0].needs_headers = true;
        CHECK(steady_allocations(journey) == 0);
    }
}

TEST_CASE("a request is written once only where no user changes it")
{
    Journey journey("http://127.0.0.1:1", false);
    auto& population = journey.plan.populations[0];
    const auto is_fixed = [&] { return fix_requests(journey.plan, population, journey.endpoints)[0] != nullptr; };

    SECTION("an address of the stack is the same for all")
    {
        REQUIRE(is_fixed());
        const auto fixed = fix_requests(journey.plan, population, journey.endpoints);
        CHECK(fixed[0]->prepared.bytes.starts_with("GET /a/path/that/is/not/short HTTP/1.1\r\nhost: 127.0.0.1:1\r\n"));
    }
    SECTION("a slot without a value of the stack is the user's")
    {
        journey.action().headers.emplace_back("x", plan::BoundText{"", {{plan::Slot{1}, false}}, std::nullopt});
        CHECK(!is_fixed());
    }
    SECTION("a save into the address makes it vary")
    {
        population.steps[0].saves.push_back({0, scenario::Save::Source::header, "location", std::nullopt});
        CHECK(!is_fixed());
    }
    SECTION("a variable of the user's own makes it vary")
    {
        population.initial.emplace_back(0, constant("http://127.0.0.1:2"));
        CHECK(!is_fixed());
    }
    SECTION("a host that may not be contacted is left to be refused")
    {
        journey.endpoints.assign(0, "http://example.com");
        CHECK(!is_fixed());
    }
}

} // namespace squall::engine

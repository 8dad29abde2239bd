// The keeper: a small process that is the parent of every server of the stack, so that they end when the harness does.
#pragma once

namespace squall::stack {

/// The body of the keeper process; the program exits with what it returns. `socket` is its end of the harness's stream
/// socket. No threads, no Asio. It leads its own session, so that Ctrl-C on the terminal does not reach it, and adopts
/// orphans of its children (PR_SET_CHILD_SUBREAPER).
///
/// - Requests and notices: protocol.hpp, one JSON object a line.
/// - End of file on the socket (the harness finished or died): all children get their stop signal at once, then after
///   1.5 s at most SIGKILL, also every descendant; then the registered folders are removed.
/// - SIGTERM: the same in reverse order of start, each child with its own grace. This is how a detached stack ends.
/// - SIGKILL of the keeper: each child gets its death signal from the kernel.
int keeper_main(int socket);

} // namespace squall::stack

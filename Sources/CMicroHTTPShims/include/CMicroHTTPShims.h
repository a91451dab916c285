#pragma once
#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>

// What of libmicrohttpd and the sockets below it Swift cannot call: variadic functions, and structs that are cast to one
// another.

/// A socket that listens at the numeric address (IPv4 or IPv6) and port, 0 for any that is free; the port goes to
/// `chosen`. A negative error number when there is none; -EINVAL when the address is not numeric.
int CMicroHTTPShims_listen(const char *_Nonnull address, uint16_t port, uint16_t *_Nonnull chosen);

/// What MHD_start_daemon is asked for.
struct CMicroHTTPShims_settings {
    /// The listening socket, which the daemon closes when it is stopped, unless it was quiesced.
    int socket;
    /// Threads that read, call the handler and write, each with its own connections.
    unsigned threads;
    /// Connections of all threads together.
    unsigned connections;
    /// After so many seconds without a byte a connection is closed.
    unsigned idle_seconds;
    /// Room for a request's head and a response's, in bytes, for each connection.
    size_t memory;
    MHD_AccessHandlerCallback _Nonnull handler;
    MHD_RequestCompletedCallback _Nonnull completed;
    MHD_NotifyConnectionCallback _Nonnull changed;
    /// Given to the three.
    void *_Nonnull context;
};

/// Starts a daemon, NULL when the system gives no threads or memory. Paths are given to the handler as they were sent.
struct MHD_Daemon *_Nullable CMicroHTTPShims_start(const struct CMicroHTTPShims_settings *_Nonnull settings);

/// Another descriptor of the connection's socket, which the caller closes; -1 when there is none left.
int CMicroHTTPShims_copy_socket(struct MHD_Connection *_Nonnull connection);

/// Writes the numeric address of the other end to `text`, of `room` bytes, with a zero byte at its end; an empty text when
/// it is not known.
void CMicroHTTPShims_client(struct MHD_Connection *_Nonnull connection, char *_Nonnull text, size_t room);

#ifndef MILLWRIGHT_SOCKET_BUFFER_H
#define MILLWRIGHT_SOCKET_BUFFER_H

#include <stddef.h>

/// A buffer between a socket and a library that reads it a few bytes at a time and writes packet by packet.
///
/// libmosquitto asks the kernel for each byte of a packet's header (until 2.0.x), and writes each acknowledgement
/// separately: up to five system calls a message, nine tenths of the cost of listening. It accepts no other
/// transport, so this replaces the C library's read(), write() and send(), which the library finds here first (ELF
/// symbol interposition): it writes with write() up to 2.0.14, with send() from 2.0.15 on, and OpenSSL writes with
/// write(). The functions behave as usual, except between socket_buffer_enter() and socket_buffer_leave(), on that
/// thread, for that socket: there, a read takes everything the kernel has and returns it from memory piece by piece,
/// and writes are gathered until socket_buffer_flush().
///
/// A program in which the library finds other functions than these works the same, with a system call for each piece.
typedef struct socket_buffer socket_buffer;

/// A buffer for no socket yet; NULL when there is no memory.
socket_buffer *_Nullable socket_buffer_create(void);
void socket_buffer_free(socket_buffer *_Nonnull buffer);

/// Until socket_buffer_leave(), reads and writes of `socket` on this thread go through `buffer`. Anything kept for
/// another socket is discarded.
void socket_buffer_enter(socket_buffer *_Nonnull buffer, int socket);
void socket_buffer_leave(void);

/// Bytes that were read from the socket and not yet handed out: poll() does not see them.
size_t socket_buffer_unread(const socket_buffer *_Nonnull buffer);
/// Bytes that were written and not yet flushed.
size_t socket_buffer_unwritten(const socket_buffer *_Nonnull buffer);

/// Writes the gathered bytes as far as the socket accepts them. Returns 0, also for EAGAIN, or the errno of the
/// failure. A peer that is gone gives EPIPE, never a signal.
int socket_buffer_flush(socket_buffer *_Nonnull buffer);

/// Whether libraries of this process find read(), write() and send() here: 0 if other functions come first.
int socket_buffer_is_found(void);

#endif

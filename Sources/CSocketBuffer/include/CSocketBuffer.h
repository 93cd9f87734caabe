#ifndef MILLWRIGHT_SOCKET_BUFFER_H
#define MILLWRIGHT_SOCKET_BUFFER_H

#include <stddef.h>

/// Bytes between a socket and a library that reads it a few bytes at a time and writes packet by packet.
///
/// libmosquitto asks the kernel for each byte of a packet's header (until 2.0.x), and writes each acknowledgement by
/// itself: up to five system calls a message, nine tenths of what listening costs. It takes no transport of one's own,
/// so this stands between it and the C library's read(), write() and send(), which it finds here first (ELF symbol
/// interposition): it writes by write() up to 2.0.14, by send() from 2.0.15 on, and OpenSSL by write(). They are what
/// they always are, except within socket_buffer_enter() … socket_buffer_leave(), on that thread, for that socket: then
/// a read takes what the kernel has and hands it out from memory, and a write is gathered until socket_buffer_flush().
///
/// A program in which the library found other functions than these works the same, a system call at a time.
typedef struct socket_buffer socket_buffer;

/// A buffer for no socket yet; NULL when there is no memory.
socket_buffer *_Nullable socket_buffer_create(void);
void socket_buffer_free(socket_buffer *_Nonnull buffer);

/// Until socket_buffer_leave(), reads and writes of `socket` on this thread go through `buffer`. Whatever was kept
/// of another socket is forgotten.
void socket_buffer_enter(socket_buffer *_Nonnull buffer, int socket);
void socket_buffer_leave(void);

/// Bytes that were read from the socket and not yet handed out: poll() does not see them.
size_t socket_buffer_unread(const socket_buffer *_Nonnull buffer);
/// Bytes that were written and not yet flushed.
size_t socket_buffer_unwritten(const socket_buffer *_Nonnull buffer);

/// Writes what was gathered as far as the socket takes it. Returns 0, or the errno of what failed; EAGAIN is none.
/// A peer that is gone is EPIPE, never a signal.
int socket_buffer_flush(socket_buffer *_Nonnull buffer);

/// Whether libraries of this process find read(), write() and send() here: 0 where something else stands before them.
int socket_buffer_is_found(void);

#endif

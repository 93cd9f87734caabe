#ifndef MILLWRIGHT_SOCKET_BUFFER_H
#define MILLWRIGHT_SOCKET_BUFFER_H

#include <stddef.h>

/// A buffer between a socket and a library that reads it a few bytes at a time and writes packet by packet.
///
/// libmosquitto asks the kernel for each part of a packet (from 2.1 on for 4 KiB at a time), writes each
/// acknowledgement separately, and wakes itself with each: up to five system calls a message, nine tenths of the cost
/// of listening. It accepts no other transport. So this replaces five functions of the C library, which other
/// libraries find here first (ELF symbol interposition):
///
///   read()        libmosquitto of every version on Linux, and OpenSSL
///   recv()        none yet
///   write()       libmosquitto up to 2.0.14, and OpenSSL; the wake-up of every version
///   send()        libmosquitto from 2.0.15 on
///   socketpair()  libmosquitto of every version, for its wake-up
///
/// They behave as usual, except between socket_buffer_enter() and socket_buffer_leave(), on that thread, for the
/// attached socket: there, a read takes everything the kernel has and returns it from memory piece by piece, and
/// writes are gathered until socket_buffer_flush().
///
/// If the library finds other functions than these, or makes other calls, everything works the same, with a system
/// call for each piece; socket_buffer_has_read() and socket_buffer_has_written() report it. It requires glibc, and
/// cannot be used with sanitizers, which replace the same functions: the package trait SocketBuffer excludes it.
typedef struct socket_buffer socket_buffer;

/// A buffer for no socket yet; NULL when there is no memory.
socket_buffer *_Nullable socket_buffer_create(void);
void socket_buffer_free(socket_buffer *_Nonnull buffer);

/// Serves `socket`, which does not block, from now on; -1 for none. Discards everything kept and observed so far, also
/// when the number is the same: call it for every connection.
void socket_buffer_attach(socket_buffer *_Nonnull buffer, int socket);

/// Until socket_buffer_leave(), reads and writes of the attached socket on this thread go through `buffer`, and what
/// is written to the library's wake-up pair is dropped. If no socket is attached, a pair that is made meanwhile
/// becomes the wake-up pair: call it around the library's set-up too.
void socket_buffer_enter(socket_buffer *_Nonnull buffer);
void socket_buffer_leave(void);

/// Whether a read, or a write, of the attached socket has gone through the buffer: 1 or 0.
int socket_buffer_has_read(const socket_buffer *_Nonnull buffer);
int socket_buffer_has_written(const socket_buffer *_Nonnull buffer);

/// Number of bytes that were read from the socket and not yet returned: poll() does not see them.
size_t socket_buffer_unread(const socket_buffer *_Nonnull buffer);
/// Number of bytes that were written and not yet flushed.
size_t socket_buffer_unwritten(const socket_buffer *_Nonnull buffer);

/// Writes the gathered bytes as far as the socket accepts them. Returns 0, also for EAGAIN, or the errno of the
/// failure. A peer that is gone gives EPIPE, never a signal.
int socket_buffer_flush(socket_buffer *_Nonnull buffer);

#endif

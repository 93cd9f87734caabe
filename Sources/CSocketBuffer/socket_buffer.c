#define _GNU_SOURCE
#include "CSocketBuffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// The C library's own, under the names it keeps for this.
extern ssize_t __read(int descriptor, void *bytes, size_t count);
extern ssize_t __write(int descriptor, const void *bytes, size_t count);
extern ssize_t __send(int descriptor, const void *bytes, size_t count, int flags);

enum { read_capacity = 128 * 1024, write_capacity = 64 * 1024 };

struct socket_buffer {
  /// -1 for none.
  int socket;
  /// The end of the library's wake-up pair that it writes to; -1 while it is not known.
  int wake_up;
  int has_read, has_written;
  size_t read_start, read_end;
  size_t write_start, write_end;
  char read_bytes[read_capacity];
  char write_bytes[write_capacity];
};

static _Thread_local socket_buffer *active;

socket_buffer *socket_buffer_create(void) {
  socket_buffer *buffer = malloc(sizeof *buffer);
  if (buffer == NULL) return NULL;
  buffer->wake_up = -1;
  socket_buffer_attach(buffer, -1);
  return buffer;
}

void socket_buffer_free(socket_buffer *buffer) {
  if (active == buffer) active = NULL;
  free(buffer);
}

void socket_buffer_attach(socket_buffer *buffer, int socket) {
  buffer->socket = socket < 0 ? -1 : socket;
  buffer->has_read = buffer->has_written = 0;
  buffer->read_start = buffer->read_end = 0;
  buffer->write_start = buffer->write_end = 0;
}

void socket_buffer_enter(socket_buffer *buffer) { active = buffer; }

void socket_buffer_leave(void) { active = NULL; }

int socket_buffer_has_read(const socket_buffer *buffer) { return buffer->has_read; }

int socket_buffer_has_written(const socket_buffer *buffer) { return buffer->has_written; }

size_t socket_buffer_unread(const socket_buffer *buffer) { return buffer->read_end - buffer->read_start; }

size_t socket_buffer_unwritten(const socket_buffer *buffer) { return buffer->write_end - buffer->write_start; }

int socket_buffer_flush(socket_buffer *buffer) {
  while (buffer->write_start < buffer->write_end) {
    ssize_t written = __send(
        buffer->socket, buffer->write_bytes + buffer->write_start, socket_buffer_unwritten(buffer), MSG_NOSIGNAL);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
    }
    buffer->write_start += (size_t)written;
  }
  buffer->write_start = buffer->write_end = 0;
  return 0;
}

/// This thread's buffer if it serves the descriptor, else NULL.
static socket_buffer *serving(int descriptor) {
  socket_buffer *buffer = active;
  return buffer != NULL && descriptor >= 0 && buffer->socket == descriptor ? buffer : NULL;
}

/// Takes bytes read ahead, and fills the buffer when there are none. Returns as read() does.
static ssize_t take(socket_buffer *buffer, void *bytes, size_t count) {
  buffer->has_read = 1;
  size_t unread = socket_buffer_unread(buffer);
  if (unread == 0) {
    if (count >= read_capacity) return __read(buffer->socket, bytes, count);
    ssize_t got = __read(buffer->socket, buffer->read_bytes, read_capacity);
    if (got <= 0) return got;
    buffer->read_start = 0;
    buffer->read_end = unread = (size_t)got;
  }
  if (count > unread) count = unread;
  memcpy(bytes, buffer->read_bytes + buffer->read_start, count);
  buffer->read_start += count;
  return (ssize_t)count;
}

/// Sends everything gathered. Returns 0, or -1 and errno, EAGAIN if the socket does not accept all of it.
static int send_gathered(socket_buffer *buffer) {
  int failure = socket_buffer_flush(buffer);
  if (failure == 0 && socket_buffer_unwritten(buffer) > 0) failure = EAGAIN;
  if (failure == 0) return 0;
  errno = failure;
  return -1;
}

/// Gathers bytes written to the buffer's socket. Returns as write() does: the number taken, or -1 and errno. Up to
/// the buffer's capacity all bytes are taken; more are sent directly.
static ssize_t gather(socket_buffer *buffer, const void *bytes, size_t count) {
  buffer->has_written = 1;
  if (count > write_capacity - buffer->write_end) {
    if (send_gathered(buffer) != 0) return -1;
    if (count > write_capacity) return __send(buffer->socket, bytes, count, MSG_NOSIGNAL);
  }
  memcpy(buffer->write_bytes + buffer->write_end, bytes, count);
  buffer->write_end += count;
  return (ssize_t)count;
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  socket_buffer *buffer = serving(descriptor);
  return buffer != NULL ? take(buffer, bytes, count) : __read(descriptor, bytes, count);
}

ssize_t recv(int descriptor, void *bytes, size_t count, int flags) {
  socket_buffer *buffer = serving(descriptor);
  // The socket does not block, so MSG_DONTWAIT changes nothing. Peeking is not supported within a call.
  if (buffer != NULL && (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) == 0) return take(buffer, bytes, count);
  return recvfrom(descriptor, bytes, count, flags, NULL, NULL);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  socket_buffer *buffer = serving(descriptor);
  if (buffer != NULL) return gather(buffer, bytes, count);
  // The library wakes its own select() with each packet it queues; nothing waits in it, so skip the write.
  if (active != NULL && descriptor >= 0 && descriptor == active->wake_up) return (ssize_t)count;
  return __write(descriptor, bytes, count);
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
  socket_buffer *buffer = serving(descriptor);
  if (buffer == NULL) return __send(descriptor, bytes, count, flags);
  // gather() implies MSG_NOSIGNAL; calls with other flags go to the system, behind what was gathered.
  if ((flags & ~MSG_NOSIGNAL) == 0) return gather(buffer, bytes, count);
  return send_gathered(buffer) != 0 ? -1 : __send(descriptor, bytes, count, flags);
}

int socketpair(int domain, int type, int protocol, int descriptors[2]) {
  int result = (int)syscall(SYS_socketpair, domain, type, protocol, descriptors);
  // A library that is being set up makes its wake-up pair; it reads from the first and writes to the second.
  if (result == 0 && active != NULL && active->socket < 0) active->wake_up = descriptors[1];
  return result;
}

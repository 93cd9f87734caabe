#define _GNU_SOURCE
#include "CSocketBuffer.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The C library's own, under the names it keeps for this.
extern ssize_t __read(int descriptor, void *bytes, size_t count);
extern ssize_t __write(int descriptor, const void *bytes, size_t count);
extern ssize_t __send(int descriptor, const void *bytes, size_t count, int flags);

enum { read_capacity = 128 * 1024, write_capacity = 64 * 1024 };

struct socket_buffer {
  int socket;
  size_t read_start, read_end;
  size_t write_start, write_end;
  char read_bytes[read_capacity];
  char write_bytes[write_capacity];
};

static _Thread_local socket_buffer *active;

socket_buffer *socket_buffer_create(void) {
  socket_buffer *buffer = malloc(sizeof *buffer);
  if (buffer == NULL) return NULL;
  buffer->socket = -1;
  buffer->read_start = buffer->read_end = 0;
  buffer->write_start = buffer->write_end = 0;
  return buffer;
}

void socket_buffer_free(socket_buffer *buffer) {
  if (active == buffer) active = NULL;
  free(buffer);
}

void socket_buffer_enter(socket_buffer *buffer, int socket) {
  if (buffer->socket != socket) {
    buffer->socket = socket;
    buffer->read_start = buffer->read_end = 0;
    buffer->write_start = buffer->write_end = 0;
  }
  active = buffer;
}

void socket_buffer_leave(void) { active = NULL; }

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

ssize_t read(int descriptor, void *bytes, size_t count) {
  socket_buffer *buffer = active;
  if (buffer == NULL || buffer->socket != descriptor) return __read(descriptor, bytes, count);
  size_t unread = socket_buffer_unread(buffer);
  if (unread == 0) {
    if (count >= read_capacity) return __read(descriptor, bytes, count);
    ssize_t got = __read(descriptor, buffer->read_bytes, read_capacity);
    if (got <= 0) return got;
    buffer->read_start = 0;
    buffer->read_end = unread = (size_t)got;
  }
  if (count > unread) count = unread;
  memcpy(bytes, buffer->read_bytes + buffer->read_start, count);
  buffer->read_start += count;
  return (ssize_t)count;
}

/// Gathers bytes written to the buffer's socket. Returns as write() does: the number taken, or -1 and errno. Up to
/// the buffer's capacity all bytes are taken; more are sent directly.
static ssize_t gather(socket_buffer *buffer, const void *bytes, size_t count) {
  if (count > write_capacity - buffer->write_end) {
    // What was gathered before goes first.
    int failure = socket_buffer_flush(buffer);
    if (failure == 0 && socket_buffer_unwritten(buffer) > 0) failure = EAGAIN;
    if (failure != 0) {
      errno = failure;
      return -1;
    }
    if (count > write_capacity) return __send(buffer->socket, bytes, count, MSG_NOSIGNAL);
  }
  memcpy(buffer->write_bytes + buffer->write_end, bytes, count);
  buffer->write_end += count;
  return (ssize_t)count;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  socket_buffer *buffer = active;
  if (buffer == NULL) return __write(descriptor, bytes, count);
  if (buffer->socket == descriptor) return gather(buffer, bytes, count);
  // The library wakes its own select() with each packet it queues; nothing waits in it, so skip the write.
  return count == 1 ? 1 : __write(descriptor, bytes, count);
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
  socket_buffer *buffer = active;
  // gather() implies MSG_NOSIGNAL; calls with other flags go to the system.
  if (buffer == NULL || buffer->socket != descriptor || (flags & ~MSG_NOSIGNAL) != 0)
    return __send(descriptor, bytes, count, flags);
  return gather(buffer, bytes, count);
}

int socket_buffer_is_found(void) {
  return dlsym(RTLD_DEFAULT, "read") == (void *)read && dlsym(RTLD_DEFAULT, "write") == (void *)write
         && dlsym(RTLD_DEFAULT, "send") == (void *)send;
}

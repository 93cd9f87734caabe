// Starts programs with posix_spawn(3). It is in C because Swift does not see the GNU extensions that set a child's
// working directory and close descriptors that it must not inherit.
#ifndef PROCESS_START_H
#define PROCESS_START_H

#include <sys/types.h>

// Source or destination of a child's standard stream: the file at `path`, which is read, or appended to and created
// if missing; else `descriptor` of this process; else, if that is negative, /dev/null.
struct process_stream {
  int descriptor;
  const char *path;
};

// Starts the program at an absolute path, with the three streams and no other open file, and with no signal blocked
// or ignored. `environment` and `directory` are those of this process if NULL. Returns 0, or the system's error
// number.
//
// With `leads_group` other than 0 it is the first process of a new group.
//
// If this process ignores SIGCHLD, the function ends that: otherwise the system would not keep the child's exit
// status.
int process_start(
    pid_t *id, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const struct process_stream streams[3], int leads_group);

#endif

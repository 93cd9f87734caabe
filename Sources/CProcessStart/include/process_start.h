// Starts programs with posix_spawn(3). It is C since Swift does not see the GNU extensions that set a child's folder and
// close what it must not inherit.
#ifndef PROCESS_START_H
#define PROCESS_START_H

#include <sys/types.h>

// What a standard stream of the child is connected to: the file at `path`, read, or written at its end and made where
// there is none; else `descriptor` of this process; else, where that is negative, /dev/null.
struct process_stream {
  int descriptor;
  const char *path;
};

// Starts the program at an absolute path, with the three streams and no other open file, and with no signal blocked or
// ignored. `environment` NULL: this process's; `directory` NULL: this process's. Returns 0, or the number of the error.
//
// With `leads_group` other than 0 it is the first process of a group of its own.
//
// Where this process ignores SIGCHLD, it no longer does: the system would forget how the child ended.
int process_start(
    pid_t *id, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const struct process_stream streams[3], int leads_group);

#endif

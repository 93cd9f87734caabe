#define _GNU_SOURCE
#include "process_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int connect_streams(posix_spawn_file_actions_t *files, const struct process_stream streams[3]) {
  int failure = 0;
  for (int number = 0; number < 3 && failure == 0; number++) {
    const int mode = number == 0 ? O_RDONLY : O_WRONLY | O_APPEND | O_CREAT;
    if (streams[number].path != NULL) {
      failure = posix_spawn_file_actions_addopen(files, number, streams[number].path, mode, 0600);
    } else if (streams[number].descriptor >= 0) {
      failure = posix_spawn_file_actions_adddup2(files, streams[number].descriptor, number);
    } else {
      failure = posix_spawn_file_actions_addopen(files, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0);
    }
  }
  return failure;
}

// Copies descriptors below 3, which the child's own streams would replace before they are used.
static int copy_low_descriptors(struct process_stream streams[3], int copies[3]) {
  for (int number = 0; number < 3; number++) {
    copies[number] = -1;
    if (streams[number].path != NULL || streams[number].descriptor < 0 || streams[number].descriptor > 2) continue;
    copies[number] = fcntl(streams[number].descriptor, F_DUPFD_CLOEXEC, 3);
    if (copies[number] < 0) return errno;
    streams[number].descriptor = copies[number];
  }
  return 0;
}

static void notice_children(void) {
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
}

int process_start(
    pid_t *id, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const struct process_stream streams[3], int leads_group) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t signals;
  struct process_stream used[3] = {streams[0], streams[1], streams[2]};
  int copies[3] = {-1, -1, -1};
  notice_children();
  int failure = posix_spawn_file_actions_init(&files);
  if (failure != 0) return failure;
  failure = posix_spawnattr_init(&attributes);
  if (failure != 0) {
    posix_spawn_file_actions_destroy(&files);
    return failure;
  }
  sigemptyset(&signals);
  failure = posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  if (failure == 0) failure = posix_spawnattr_setsigdefault(&attributes, &signals);
  const int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (leads_group ? POSIX_SPAWN_SETPGROUP : 0);
  if (failure == 0) failure = posix_spawnattr_setpgroup(&attributes, 0);
  if (failure == 0) failure = posix_spawnattr_setflags(&attributes, (short)flags);
  if (failure == 0) failure = copy_low_descriptors(used, copies);
  if (failure == 0) failure = connect_streams(&files, used);
  if (failure == 0 && directory != NULL) failure = posix_spawn_file_actions_addchdir_np(&files, directory);
  if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(&files, 3);
  if (failure == 0) {
    failure = posix_spawn(
        id, program, &files, &attributes, arguments, environment != NULL ? environment : environ);
  }
  for (int number = 0; number < 3; number++) {
    if (copies[number] >= 0) close(copies[number]);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failure;
}

#define _GNU_SOURCE
#include "process_start.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int connect_streams(posix_spawn_file_actions_t *files, const struct process_stream streams[3]) {
  int failure = 0;
  for (int number = 0; number < 3 && failure == 0; number++) {
    const int mode = number == 0 ? O_RDONLY : O_WRONLY;
    if (streams[number].path != NULL) {
      failure = posix_spawn_file_actions_addopen(
          files, number, streams[number].path, mode | O_APPEND | O_CREAT, 0600);
    } else if (streams[number].descriptor >= 0) {
      failure = posix_spawn_file_actions_adddup2(files, streams[number].descriptor, number);
    } else {
      failure = posix_spawn_file_actions_addopen(files, number, "/dev/null", mode, 0);
    }
  }
  return failure;
}

int process_start(
    pid_t *id, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const struct process_stream streams[3]) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t signals;
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
  if (failure == 0) failure = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (failure == 0 && directory != NULL) failure = posix_spawn_file_actions_addchdir_np(&files, directory);
  if (failure == 0) failure = connect_streams(&files, streams);
  if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(&files, 3);
  if (failure == 0) {
    failure = posix_spawn(
        id, program, &files, &attributes, arguments, environment != NULL ? environment : environ);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failure;
}

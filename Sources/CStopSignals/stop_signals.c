#define _GNU_SOURCE
#include "CStopSignals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

static void fill(sigset_t *signals) {
  sigemptyset(signals);
  sigaddset(signals, SIGTERM);
  sigaddset(signals, SIGINT);
  sigaddset(signals, SIGHUP);
}

void stop_signals_hold(void) {
  sigset_t signals;
  fill(&signals);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  // An ignored signal is never delivered to a waiting thread, and the parent process may have set SIGTERM or SIGHUP to
  // be ignored. SIGINT stays as it is: a shell ignores it for programs it starts in the background.
  signal(SIGTERM, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
  // A broker or a log reader that disconnects must not end the collector.
  signal(SIGPIPE, SIG_IGN);
}

static void hold_first(int count, char **arguments, char **environment) {
  (void)environment;
  if (count < 2) return;
  if (strcmp(arguments[1], "collect") == 0 || strcmp(arguments[1], "serve") == 0) stop_signals_hold();
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = hold_first;

int stop_signals_wait(void) {
  sigset_t signals;
  fill(&signals);
  int number = 0;
  int failure;
  do failure = sigwait(&signals, &number);
  while (failure == EINTR);
  return failure == 0 ? number : 0;
}

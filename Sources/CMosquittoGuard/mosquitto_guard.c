#define _GNU_SOURCE
#include "CMosquittoGuard.h"

#include <errno.h>
#include <mosquitto.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Return point of this thread's guarded call; NULL outside of one.
static _Thread_local jmp_buf *active;

int mosquitto_guard_loop_read(struct mosquitto *client) {
  jmp_buf here;
  if (setjmp(here) != 0) {
    active = NULL;
    return MOSQUITTO_GUARD_UNKNOWN_PROPERTY;
  }
  active = &here;
  const int result = mosquitto_loop_read(client, 1);
  active = NULL;
  return result;
}

// Replaces the function that assert() calls (glibc, assert/assert.h): every library of the process finds this one
// first.
_Noreturn void __assert_fail(
    const char *assertion, const char *file, unsigned int line, const char *function) {
  jmp_buf *guarded = active;
  if (guarded != NULL && assertion != NULL && strcmp(assertion, "mosq") == 0 && function != NULL
      && strcmp(function, "log__printf") == 0)
    longjmp(*guarded, 1);
  fprintf(
      stderr, "%s: %s:%u: %s%sAssertion `%s' failed.\n", program_invocation_short_name, file ? file : "?", line,
      function ? function : "", function ? ": " : "", assertion ? assertion : "?");
  fflush(stderr);
  abort();
}

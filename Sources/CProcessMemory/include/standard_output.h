#ifndef MILLWRIGHT_STANDARD_OUTPUT_H
#define MILLWRIGHT_STANDARD_OUTPUT_H

#include <stdio.h>

/// Flushes standard output; returns 0 if all output so far was written, else -1.
static inline int flush_standard_output(void) {
  int result = fflush(stdout);
  return result != 0 || ferror(stdout) != 0 ? -1 : 0;
}

#endif

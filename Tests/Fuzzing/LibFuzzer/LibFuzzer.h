#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer with the arguments of a command line, the first of which is the program. Calls `run` with each input,
/// until the time or the number of executions in the arguments is reached. Scripts/fuzz links the library of the
/// compiler.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*run)(const uint8_t *bytes, size_t length));

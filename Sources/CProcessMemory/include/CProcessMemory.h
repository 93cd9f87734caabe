#pragma once
#include "standard_output.h"

/// Makes the allocator return blocks of 128 KiB and more to the system as soon as they are freed.
///
/// By default glibc keeps blocks of up to 32 MB once one has been freed (mallopt(3), "dynamic mmap threshold"), and
/// blocks left by a growing array do not fit other allocations.
void process_memory_return_large_blocks(void);

#pragma once
#include "standard_output.h"

/// Has the allocator give back blocks of 128 KiB and more to the system as soon as they are freed.
///
/// By default glibc keeps blocks of up to 32 MB once one has been freed (mallopt(3), "dynamic mmap threshold"), and
/// what an array that grows has left behind fits nothing else.
void process_memory_return_large_blocks(void);

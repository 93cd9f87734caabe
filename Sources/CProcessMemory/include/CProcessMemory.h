#pragma once
#include <stddef.h>
#include "standard_output.h"

/// Has the allocator give back blocks of 128 KiB and more to the system as soon as they are freed.
///
/// By default glibc keeps blocks of up to 32 MB once one has been freed (mallopt(3), "dynamic mmap threshold"), and what
/// an array that grows has left behind fits nothing else.
void process_memory_return_large_blocks(void);

/// Unmaps the program text and read-only data of the executable and of every library loaded, and returns how many bytes
/// of addresses that was. What is used again is mapped again from the page cache, as it is in its file.
///
/// Only segments that are never written are touched, and of objects that stay: libraries are pinned first, so that
/// nothing else can come to lie where they are. A debugger's breakpoints are lost.
size_t process_memory_unmap_text(void);

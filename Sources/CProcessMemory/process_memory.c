#include "CProcessMemory.h"

#include <malloc.h>

void process_memory_return_large_blocks(void) { mallopt(M_MMAP_THRESHOLD, 128 << 10); }

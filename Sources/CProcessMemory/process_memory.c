#define _GNU_SOURCE
#include "CProcessMemory.h"

#include <dlfcn.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

void process_memory_return_large_blocks(void) { mallopt(M_MMAP_THRESHOLD, 128 << 10); }

/// Names of loaded objects. One for which there is no memory is left out, and so is the object.
struct names {
  char **all;
  size_t count, room;
};

static void append(struct names *names, const char *name) {
  if (names->count == names->room) {
    size_t room = names->room ? 2 * names->room : 64;
    char **all = realloc(names->all, room * sizeof *all);
    if (!all) return;
    names->all = all;
    names->room = room;
  }
  char *copy = strdup(name);
  if (copy) names->all[names->count++] = copy;
}

static int is_among(const struct names *names, const char *name) {
  for (size_t i = 0; i < names->count; i++)
    if (strcmp(names->all[i], name) == 0) return 1;
  return 0;
}

static void forget(struct names *names) {
  for (size_t i = 0; i < names->count; i++) free(names->all[i]);
  free(names->all);
}

static int note_name(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  // The executable's is empty.
  if (info->dlpi_name && *info->dlpi_name) append(context, info->dlpi_name);
  return 0;
}

/// Whether the loader writes to text when it relocates the object (ELF, DT_TEXTREL).
static int has_written_text(const struct dl_phdr_info *info) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; entry++)
      if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_TEXTREL)) return 1;
  }
  return 0;
}

struct unmapping {
  struct names pinned;
  size_t page, bytes;
};

static int unmap(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  struct unmapping *unmapping = context;
  int is_executable = info->dlpi_name && !*info->dlpi_name;
  if (!is_executable && !(info->dlpi_name && is_among(&unmapping->pinned, info->dlpi_name))) return 0;
  // The kernel's own (vdso) is no file's.
  if (has_written_text(info) || info->dlpi_addr == getauxval(AT_SYSINFO_EHDR)) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    // Whole pages of it only.
    uintptr_t from = (info->dlpi_addr + segment->p_vaddr + unmapping->page - 1) & -unmapping->page;
    uintptr_t until = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz) & -unmapping->page;
    if (from < until && madvise((void *)from, until - from, MADV_DONTNEED) == 0) unmapping->bytes += until - from;
  }
  return 0;
}

size_t process_memory_unmap_text(void) {
  struct names names = {0};
  struct unmapping unmapping = {.page = (size_t)sysconf(_SC_PAGESIZE)};
  dl_iterate_phdr(note_name, &names);
  for (size_t i = 0; i < names.count; i++) {
    // Fails for one that has been unloaded meanwhile.
    void *handle = dlopen(names.all[i], RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    if (!handle) continue;
    append(&unmapping.pinned, names.all[i]);
    dlclose(handle);
  }
  dl_iterate_phdr(unmap, &unmapping);
  forget(&names);
  forget(&unmapping.pinned);
  return unmapping.bytes;
}

#include "page_checks.h"

#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

_Static_assert(PAGE_CHECKS_FAULT == SQLITE_IOERR_DATA, "SQLite's code for a damaged page");

/// A database file; SQLite's own file follows it in memory.
struct checked_file {
  sqlite3_file base;
  int is_checked;
};

enum { HEADER = 100, RESERVED_BYTES_AT = 20, SMALLEST_PAGE = 512, LARGEST_PAGE = 65536 };

static sqlite3_file *inner(sqlite3_file *file) { return (sqlite3_file *)((struct checked_file *)file + 1); }

static sqlite3_vfs *system_vfs(sqlite3_vfs *vfs) { return vfs->pAppData; }

// MARK: Checksums

static uint32_t little_endian(const unsigned char *bytes) {
  uint32_t word;
  memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap32(word);
#endif
  return word;
}

static void put_little_endian(unsigned char *bytes, uint32_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap32(word);
#endif
  memcpy(bytes, &word, sizeof word);
}

/// Two interdependent sums over a page's words. A change in one word always changes them, since of two neighbouring
/// Fibonacci numbers one is odd.
static void sum_page(const unsigned char *page, int size, unsigned char sums[PAGE_CHECKS_RESERVED]) {
  uint32_t first = 0, second = 0;
  for (int at = 0; at < size - PAGE_CHECKS_RESERVED; at += 8) {
    first += little_endian(page + at) + second;
    second += little_endian(page + at + 4) + first;
  }
  put_little_endian(sums, first);
  put_little_endian(sums + 4, second);
}

static int is_page(int size) {
  return size >= SMALLEST_PAGE && size <= LARGEST_PAGE && (size & (size - 1)) == 0;
}

/// Notes from a header being read or written whether the file's pages have room for checksums.
static void note_header(struct checked_file *file, const unsigned char *bytes, int size, sqlite3_int64 offset) {
  if (offset == 0 && size >= HEADER && memcmp(bytes, "SQLite format 3", 16) == 0) {
    file->is_checked = bytes[RESERVED_BYTES_AT] == PAGE_CHECKS_RESERVED;
  }
}

static int checked_read(sqlite3_file *opened, void *bytes, int size, sqlite3_int64 offset) {
  struct checked_file *file = (struct checked_file *)opened;
  sqlite3_file *system = inner(opened);
  int code = system->pMethods->xRead(system, bytes, size, offset);
  if (code != SQLITE_OK) return code;
  note_header(file, bytes, size, offset);
  if (file->is_checked && is_page(size)) {
    unsigned char sums[PAGE_CHECKS_RESERVED];
    sum_page(bytes, size, sums);
    if (memcmp(sums, (unsigned char *)bytes + size - PAGE_CHECKS_RESERVED, sizeof sums) != 0) {
      return SQLITE_IOERR_DATA;
    }
  }
  return SQLITE_OK;
}

static int checked_write(sqlite3_file *opened, const void *bytes, int size, sqlite3_int64 offset) {
  struct checked_file *file = (struct checked_file *)opened;
  sqlite3_file *system = inner(opened);
  note_header(file, bytes, size, offset);
  if (file->is_checked && is_page(size)) {
    // The buffer is SQLite's page; its last bytes are reserved for the VFS that writes it.
    sum_page(bytes, size, (unsigned char *)bytes + size - PAGE_CHECKS_RESERVED);
  }
  return system->pMethods->xWrite(system, bytes, size, offset);
}

// MARK: Passed on unchanged

#define HANDED_ON(name, method, parameters, arguments)                 \
  static int name parameters {                                         \
    sqlite3_file *system = inner(file);                                \
    return system->pMethods->method arguments;                         \
  }

HANDED_ON(checked_close, xClose, (sqlite3_file *file), (system))
HANDED_ON(checked_truncate, xTruncate, (sqlite3_file *file, sqlite3_int64 size), (system, size))
HANDED_ON(checked_sync, xSync, (sqlite3_file *file, int flags), (system, flags))
HANDED_ON(checked_size, xFileSize, (sqlite3_file *file, sqlite3_int64 *size), (system, size))
HANDED_ON(checked_lock, xLock, (sqlite3_file *file, int level), (system, level))
HANDED_ON(checked_unlock, xUnlock, (sqlite3_file *file, int level), (system, level))
HANDED_ON(checked_reserved, xCheckReservedLock, (sqlite3_file *file, int *held), (system, held))
HANDED_ON(checked_control, xFileControl, (sqlite3_file *file, int code, void *value), (system, code, value))
HANDED_ON(checked_sector, xSectorSize, (sqlite3_file *file), (system))
HANDED_ON(
  checked_shm_map, xShmMap, (sqlite3_file *file, int region, int size, int extends, void volatile **memory),
  (system, region, size, extends, memory))
HANDED_ON(
  checked_shm_lock, xShmLock, (sqlite3_file *file, int offset, int count, int flags),
  (system, offset, count, flags))
HANDED_ON(checked_shm_unmap, xShmUnmap, (sqlite3_file *file, int deletes), (system, deletes))

static void checked_shm_barrier(sqlite3_file *file) {
  sqlite3_file *system = inner(file);
  system->pMethods->xShmBarrier(system);
}

static int checked_characteristics(sqlite3_file *file) {
  sqlite3_file *system = inner(file);
  int characteristics = system->pMethods->xDeviceCharacteristics(system);
#ifdef SQLITE_IOCAP_SUBPAGE_READ
  // A part of a page cannot be checked: SQLite must read whole pages.
  characteristics &= ~SQLITE_IOCAP_SUBPAGE_READ;
#endif
  return characteristics;
}

/// Version 2 has no memory map, whose pages would be unchecked.
static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = checked_close,
  .xRead = checked_read,
  .xWrite = checked_write,
  .xTruncate = checked_truncate,
  .xSync = checked_sync,
  .xFileSize = checked_size,
  .xLock = checked_lock,
  .xUnlock = checked_unlock,
  .xCheckReservedLock = checked_reserved,
  .xFileControl = checked_control,
  .xSectorSize = checked_sector,
  .xDeviceCharacteristics = checked_characteristics,
  .xShmMap = checked_shm_map,
  .xShmLock = checked_shm_lock,
  .xShmBarrier = checked_shm_barrier,
  .xShmUnmap = checked_shm_unmap,
};

// MARK: The VFS

static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out) {
  sqlite3_vfs *system = system_vfs(vfs);
  if (!(flags & SQLITE_OPEN_MAIN_DB)) return system->xOpen(system, name, file, flags, out);
  struct checked_file *checked = (struct checked_file *)file;
  memset(checked, 0, sizeof *checked);
  int code = system->xOpen(system, name, inner(file), flags, out);
  // SQLite does not close a file without methods: end here what the system's VFS began.
  if (inner(file)->pMethods) {
    if (code == SQLITE_OK) {
      file->pMethods = &methods;
    } else {
      inner(file)->pMethods->xClose(inner(file));
    }
  }
  return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int syncs) {
  return system_vfs(vfs)->xDelete(system_vfs(vfs), name, syncs);
}
static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
  return system_vfs(vfs)->xAccess(system_vfs(vfs), name, flags, result);
}
static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *path) {
  return system_vfs(vfs)->xFullPathname(system_vfs(vfs), name, size, path);
}
static void *open_library(sqlite3_vfs *vfs, const char *name) {
  return system_vfs(vfs)->xDlOpen(system_vfs(vfs), name);
}
static void library_error(sqlite3_vfs *vfs, int size, char *message) {
  system_vfs(vfs)->xDlError(system_vfs(vfs), size, message);
}
static void (*library_symbol(sqlite3_vfs *vfs, void *library, const char *name))(void) {
  return system_vfs(vfs)->xDlSym(system_vfs(vfs), library, name);
}
static void close_library(sqlite3_vfs *vfs, void *library) {
  system_vfs(vfs)->xDlClose(system_vfs(vfs), library);
}
static int randomness(sqlite3_vfs *vfs, int size, char *bytes) {
  return system_vfs(vfs)->xRandomness(system_vfs(vfs), size, bytes);
}
static int sleep_for(sqlite3_vfs *vfs, int microseconds) {
  return system_vfs(vfs)->xSleep(system_vfs(vfs), microseconds);
}
static int current_time(sqlite3_vfs *vfs, double *days) {
  return system_vfs(vfs)->xCurrentTime(system_vfs(vfs), days);
}
static int last_error(sqlite3_vfs *vfs, int size, char *message) {
  return system_vfs(vfs)->xGetLastError(system_vfs(vfs), size, message);
}
static int current_milliseconds(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
  return system_vfs(vfs)->xCurrentTimeInt64(system_vfs(vfs), milliseconds);
}

static sqlite3_vfs vfs = {
  .iVersion = 2,
  .zName = "millwright",
  .xOpen = open_file,
  .xDelete = delete_file,
  .xAccess = access_file,
  .xFullPathname = full_path,
  .xDlOpen = open_library,
  .xDlError = library_error,
  .xDlSym = library_symbol,
  .xDlClose = close_library,
  .xRandomness = randomness,
  .xSleep = sleep_for,
  .xCurrentTime = current_time,
  .xGetLastError = last_error,
  .xCurrentTimeInt64 = current_milliseconds,
};

int page_checks_register(void) {
  if (vfs.pAppData) return SQLITE_OK;
  sqlite3_vfs *system = sqlite3_vfs_find(NULL);
  if (!system || system->iVersion < 2) return SQLITE_ERROR;
  vfs.pAppData = system;
  vfs.mxPathname = system->mxPathname;
  vfs.szOsFile = (int)sizeof(struct checked_file) + system->szOsFile;
  return sqlite3_vfs_register(&vfs, 1);
}

__attribute__((constructor)) static void register_before_main(void) { page_checks_register(); }

#ifndef MILLWRIGHT_PAGE_CHECKS_H
#define MILLWRIGHT_PAGE_CHECKS_H

/// Checksums for the pages of SQLite databases.
///
/// SQLite checks the frames of its log and nothing else: a byte that flips in a database file is a value like any
/// other. This stands between SQLite and the file system as its default VFS. A database whose pages end with
/// eight reserved bytes (byte 20 of its header is 8) gets a checksum of each page written there, and every page that
/// is read is held against it; one that does not match is refused with SQLITE_IOERR_DATA. The format is that of
/// SQLite's own extension cksumvfs, which can verify the files too and which no distribution packages. Files
/// without the reserved bytes are read and written as ever.
///
/// Every table, index and column is covered, whatever the schema. The log needs nothing of it: its frames have
/// checksums of their own, and a page gets its checksum when it goes from the log into the file.

/// How many bytes at the end of each page a checksum takes.
enum { PAGE_CHECKS_RESERVED = 8 };

/// The extended result code of a page that does not match its checksum: SQLITE_IOERR_DATA.
enum { PAGE_CHECKS_FAULT = 10 | 32 << 8 };

/// Registers the VFS as the default one; again, it does nothing. Called before main(), so that no connection of the
/// program can be without it. Returns an SQLite result code.
int page_checks_register(void);

#endif

#ifndef MILLWRIGHT_PAGE_CHECKS_H
#define MILLWRIGHT_PAGE_CHECKS_H

/// Checksums for the pages of SQLite databases.
///
/// SQLite only checks the frames of its log: a flipped bit in a database file reads as a valid value. This VFS is the
/// default one and is placed between SQLite and the file system. In a database whose pages end with eight reserved
/// bytes (byte 20 of its header is 8), each page gets a checksum there when it is written, and is compared with it
/// when it is read; a page that does not match is refused with SQLITE_IOERR_DATA. The format is that of SQLite's own
/// extension cksumvfs, which can verify the files too and which no distribution packages. Files without the reserved
/// bytes are read and written unchanged.
///
/// Every table, index and column is covered, in any schema. The log needs no checksum from this VFS: its frames have
/// their own, and a page gets its checksum when it is moved from the log into the file.

/// Size of the checksum at the end of each page, in bytes.
enum { PAGE_CHECKS_RESERVED = 8 };

/// The extended result code of a page that does not match its checksum: SQLITE_IOERR_DATA.
enum { PAGE_CHECKS_FAULT = 10 | 32 << 8 };

/// Registers the VFS as the default one; does nothing if it is registered already. Called before main(), so that no
/// connection of the program can be without it. Returns an SQLite result code.
int page_checks_register(void);

#endif

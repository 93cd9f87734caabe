#pragma once
#include <string.h>
#include <time.h>
#include <xlsxwriter.h>

// Texts in structures are `char *` up to libxlsxwriter 1.1 and `const char *` from 1.2 on: filled in C, the same code
// compiles with both.

/// Creates a workbook that is written to `file`, with temporary files in `folder`. NULL when memory is short. Both
/// texts are copied.
static inline lxw_workbook *xlsx_workbook_new(const char *file, const char *folder) {
  lxw_workbook_options options;
  memset(&options, 0, sizeof options);
  options.tmpdir = (char *)folder;
  return workbook_new_opt(file, &options);
}

/// Sets the title, the author and the time of creation. The texts are copied.
static inline lxw_error xlsx_set_properties(
    lxw_workbook *workbook, const char *title, const char *author, time_t created) {
  lxw_doc_properties properties;
  memset(&properties, 0, sizeof properties);
  properties.title = (char *)title;
  properties.author = (char *)author;
  properties.created = created;
  return workbook_set_properties(workbook, &properties);
}

#pragma once
#include <string.h>
#include <time.h>
#include <xlsxwriter.h>

// Texts in structures are `char *` up to libxlsxwriter 1.1 and `const char *` from 1.2 on: filled in C, the same code
// compiles with both.

/// Creates a workbook that is written to `file`, with temporary files in `folder`. NULL when memory is short. Both
/// texts are copied. With `constant_memory` each row is written to disk when the next begins: rows must be written in
/// their order.
static inline lxw_workbook *xlsx_workbook_new(const char *file, const char *folder, uint8_t constant_memory) {
  lxw_workbook_options options;
  memset(&options, 0, sizeof options);
  options.constant_memory = constant_memory;
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

/// What a cell may hold, and what the user is told. The texts are copied; `values` ends with NULL.
typedef struct xlsx_rule {
  uint8_t kind;  // enum lxw_validation_types
  double lower, upper;
  lxw_datetime first, last;
  const char **values;
  uint8_t ignores_blank;
  const char *input_title, *input_message, *error_title, *error_message;
} xlsx_rule;

/// Restricts the cells of a rectangle to a list, to numbers, text lengths or dates between two bounds.
static inline lxw_error xlsx_restrict(
    lxw_worksheet *sheet, lxw_row_t first_row, lxw_col_t first_column, lxw_row_t last_row, lxw_col_t last_column,
    const xlsx_rule *rule) {
  lxw_data_validation validation;
  memset(&validation, 0, sizeof validation);
  validation.validate = rule->kind;
  validation.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
  validation.ignore_blank = rule->ignores_blank ? LXW_VALIDATION_ON : LXW_VALIDATION_OFF;
  validation.show_input = LXW_VALIDATION_ON;
  validation.show_error = LXW_VALIDATION_ON;
  validation.dropdown = LXW_VALIDATION_ON;
  validation.minimum_number = rule->lower;
  validation.maximum_number = rule->upper;
  validation.minimum_datetime = rule->first;
  validation.maximum_datetime = rule->last;
  validation.value_list = (char **)rule->values;
  validation.input_title = (char *)rule->input_title;
  validation.input_message = (char *)rule->input_message;
  validation.error_title = (char *)rule->error_title;
  validation.error_message = (char *)rule->error_message;
  return worksheet_data_validation_range(sheet, first_row, first_column, last_row, last_column, &validation);
}

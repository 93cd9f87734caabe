import CXLSXWriter
import Foundation
import Telemetry

/// A workbook could not be written. Retrying helps after disk space or permissions are corrected.
public struct WorkbookError: Error, CustomStringConvertible {
  public let description: String
}

/// Owns a libxlsxwriter workbook: its formats, its sheets, and its file.
final class Workbook {
  let handle: UnsafeMutablePointer<lxw_workbook>
  private var isOpen = true
  private var formats: [CellStyle: UnsafeMutablePointer<lxw_format>] = [:]
  private var names = SheetNames()
  /// Number of sheets.
  private(set) var sheetCount = 0

  /// An empty workbook that will be written to `file`, with temporary files in `folder`.
  ///
  /// - Parameter isStreamed: whether rows are written to disk at once; each sheet's rows must come in their order.
  init(file: String, folder: String, isStreamed: Bool = false) throws(WorkbookError) {
    guard let made = xlsx_workbook_new(file, folder, isStreamed ? 1 : 0) else {
      throw WorkbookError(description: "out of memory")
    }
    handle = made
  }

  deinit {
    // The workbook is abandoned; only closing it frees it.
    if isOpen { workbook_close(handle) }
  }

  /// Writes the file.
  func close() throws(WorkbookError) {
    isOpen = false
    let error = workbook_close(handle)
    guard error == LXW_NO_ERROR else { throw Self.failure(error) }
  }

  /// Sets the properties of the file. Its dates are `created`, in whole seconds.
  func setProperties(title: String, created: Timestamp) {
    // Zero would mean the current time.
    xlsx_set_properties(handle, title, "Millwright", max(1, time_t(created.milliseconds / 1000)))
  }

  /// Adds a sheet; returns it with its name.
  func addSheet(
    title: String, otherwise fallback: String
  ) throws(WorkbookError) -> (sheet: UnsafeMutablePointer<lxw_worksheet>, name: String) {
    let name = names.name(for: title, otherwise: fallback)
    guard let sheet = workbook_add_worksheet(handle, name) else {
      throw WorkbookError(description: "no sheet can be named '\(name)'")
    }
    sheetCount += 1
    return (sheet, name)
  }

  /// The format of a style, created at its first use.
  func format(_ style: CellStyle) -> UnsafeMutablePointer<lxw_format>? {
    if let format = formats[style] { return format }
    guard let format = workbook_add_format(handle) else { return nil }
    style.set(format)
    formats[style] = format
    return format
  }

  static func failure(_ error: lxw_error) -> WorkbookError {
    WorkbookError(description: String(cString: lxw_strerror(error)))
  }
}

/// The appearance of a cell.
struct CellStyle: Hashable {
  /// Excel's number format; `@` keeps the cell a text when a user edits it.
  var number = "@"
  var isBold = false
  var isItalic = false
  var isWarning = false
  var isHeading = false
  var isSum = false
  /// Whether the cell has a problem: a background colour, and a border that also shows in prints without colour.
  var isProblem = false
  /// Whether the cell is to be filled in by hand.
  var isBlank = false
  var wraps = false
  var isRight = false
  /// Whether a number is aligned left, like the texts of its column.
  var isLeft = false
  /// Whether the text is indented, away from a number to its left.
  var isIndented = false
  var size = 11.0

  func set(_ format: UnsafeMutablePointer<lxw_format>) {
    format_set_num_format(format, number)
    // A single line is centred, because the fonts of two scripts have different heights.
    let vertical = wraps ? LXW_ALIGN_VERTICAL_TOP : LXW_ALIGN_VERTICAL_CENTER
    format_set_align(format, UInt8(vertical.rawValue))
    if isBold || isHeading || isSum || isWarning { format_set_bold(format) }
    if isItalic { format_set_italic(format) }
    if isWarning { format_set_font_color(format, 0x9C_2A00) }
    if isRight { format_set_align(format, UInt8(LXW_ALIGN_RIGHT.rawValue)) }
    if isLeft || isIndented { format_set_align(format, UInt8(LXW_ALIGN_LEFT.rawValue)) }
    if isIndented { format_set_indent(format, 1) }
    if wraps || isHeading { format_set_text_wrap(format) }
    if isHeading {
      format_set_bg_color(format, 0xE7_EDF3)
      format_set_bottom(format, UInt8(LXW_BORDER_THIN.rawValue))
    }
    if isProblem {
      format_set_bg_color(format, 0xFF_D9CC)
      format_set_border(format, UInt8(LXW_BORDER_THIN.rawValue))
      format_set_border_color(format, 0xC0_3A00)
    }
    if isBlank {
      format_set_border(format, UInt8(LXW_BORDER_THIN.rawValue))
      format_set_bg_color(format, 0xFF_F9E5)
    }
    if isSum { format_set_top(format, UInt8(LXW_BORDER_THIN.rawValue)) }
    if size != 11 { format_set_font_size(format, size) }
  }
}

extension String {
  /// Number of lines that the text takes in a column of a width in characters (digits of the font); at least 1.
  ///
  /// Two Chinese characters are wider than four digits, substituted fonts may be wider too, and Chinese fonts draw quotes
  /// as wide as other characters. A line too many only leaves room; a line too few crops the text.
  func lines(inColumn width: Int) -> Int {
    let text = replacing("“", with: "「").replacing("”", with: "」")
    return max(1, text.wrapped(to: max(8, width * 7 / 8 - 1)).count)
  }

  /// The text as part of a page header, where `&` begins a field.
  var forPageHeader: String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars.prefix(100) {
      if scalar == "&" { text.append(scalar) }
      text.append(scalar)
    }
    return String(text)
  }

  /// The text as the title of a chart, where `=` would begin a reference.
  var forChart: String { String((unicodeScalars.first == "=" ? "'" + self : self).prefix(120)) }
}

import CXLSXWriter
import Foundation
import Telemetry

/// A workbook that cannot be made. Asking again helps once there is room, or the right to write.
public struct WorkbookError: Error, CustomStringConvertible {
  public let description: String
}

/// The one owner of a libxlsxwriter workbook: formats, sheets, and the file it becomes.
final class Workbook {
  let handle: UnsafeMutablePointer<lxw_workbook>
  private var isOpen = true
  private var formats: [CellStyle: UnsafeMutablePointer<lxw_format>] = [:]
  private var names = SheetNames()

  /// An empty workbook that is to become `file`; what is written on the way lies in `folder`.
  init(file: String, folder: String) throws(WorkbookError) {
    guard let made = xlsx_workbook_new(file, folder) else {
      throw WorkbookError(description: "out of memory")
    }
    handle = made
  }

  deinit {
    // Nobody wants it any more; closing is what frees it.
    if isOpen { workbook_close(handle) }
  }

  /// Writes the file.
  func close() throws(WorkbookError) {
    isOpen = false
    let error = workbook_close(handle)
    guard error == LXW_NO_ERROR else { throw Self.failure(error) }
  }

  /// What the file says of itself. Its dates are `created`, in whole seconds.
  func setProperties(title: String, created: Timestamp) {
    // Zero would be now.
    xlsx_set_properties(handle, title, "Millwright", max(1, time_t(created.milliseconds / 1000)))
  }

  /// A new sheet, and the name it got.
  func addSheet(
    title: String, otherwise fallback: String
  ) throws(WorkbookError) -> (sheet: UnsafeMutablePointer<lxw_worksheet>, name: String) {
    let name = names.name(for: title, otherwise: fallback)
    guard let sheet = workbook_add_worksheet(handle, name) else {
      throw WorkbookError(description: "no sheet can be named '\(name)'")
    }
    return (sheet, name)
  }

  /// The format of a style, made when it is first asked for.
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

/// How a cell looks.
struct CellStyle: Hashable {
  /// Excel's number format; `@` keeps a text a text when someone edits it.
  var number = "@"
  var isBold = false
  var isItalic = false
  var isWarning = false
  var isHeading = false
  var isSum = false
  var wraps = false
  var isRight = false
  /// Whether a number stands at the left, as the texts of its column do.
  var isLeft = false
  /// Whether it stands off a number at its left.
  var isIndented = false
  var size = 11.0

  func set(_ format: UnsafeMutablePointer<lxw_format>) {
    format_set_num_format(format, number)
    // Rows of one line: fonts of two scripts are of two heights.
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
    if isSum { format_set_top(format, UInt8(LXW_BORDER_THIN.rawValue)) }
    if size != 11 { format_set_font_size(format, size) }
  }
}

extension String {
  /// Cut to what a cell may hold, and with what Excel would read as an escape (`_x0041_`) escaped itself.
  var forCell: String {
    let text = contains("_x") ? replacing(/_(?=x[0-9A-Fa-f]{4}_)/, with: "_x005F_") : self
    return text.utf16.count <= 32_000 ? text : String(text.prefix(8000))
  }

  /// As part of a page's header, where `&` begins a field.
  var forPageHeader: String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars.prefix(100) {
      if scalar == "&" { text.append(scalar) }
      text.append(scalar)
    }
    return String(text)
  }

  /// As a chart's title, where `=` would begin a reference.
  var forChart: String { String((unicodeScalars.first == "=" ? "'" + self : self).prefix(120)) }
}

import CZip
import Foundation

/// Rows that were written to a file of their own, with the sheet they belong to.
struct PackedSheet {
  /// The sheet's document in the package, for instance `xl/worksheets/sheet2.xml`.
  var part: String
  /// The file of the packed rows.
  var file: String
  var rows: PackedPiece
  /// The rectangle of cells, for instance `A1:S1000001`.
  var extent: String
}

extension PackedSheet {
  /// Gives sheets of the workbook at `path` their rows. The rows are copied as they are packed.
  ///
  /// - Throws: ``WorkbookError`` if the workbook cannot be read back or written.
  static func add(_ sheets: [PackedSheet], to path: String) throws(WorkbookError) {
    guard !sheets.isEmpty else { return }
    var code: Int32 = 0
    guard let archive = zip_open(path, 0, &code) else {
      throw WorkbookError(description: "\(path): cannot be read back: error \(code) of libzip")
    }
    do throws(WorkbookError) {
      for sheet in sheets { try sheet.replace(in: archive) }
    } catch {
      zip_discard(archive)
      throw error
    }
    guard zip_close(archive) == 0 else {
      let error = WorkbookError(description: String(cString: zip_strerror(archive)))
      zip_discard(archive)
      throw error
    }
  }

  /// Replaces the document, which has no rows or only their heights, by one with all rows.
  private func replace(in archive: OpaquePointer) throws(WorkbookError) {
    let place = zip_name_locate(archive, part, 0)
    guard place >= 0 else { throw WorkbookError(description: "\(part): missing in the workbook") }
    let frame = SheetFrame(try Self.content(of: zip_uint64_t(place), archive, part), extent: extent)
    guard let frame, let source = PackedSource(frame, file: file, rows: rows)?.handle(archive) else {
      throw WorkbookError(description: "\(part): cannot be completed: \(String(cString: strerror(errno)))")
    }
    guard zip_file_replace(archive, zip_uint64_t(place), source, 0) == 0 else {
      zip_source_free(source)
      throw WorkbookError(description: String(cString: zip_strerror(archive)))
    }
    // 1980-01-01, which libxlsxwriter gives all parts, so that equal answers are equal files.
    zip_file_set_dostime(archive, zip_uint64_t(place), 0, 0x21, 0)
  }

  private static func content(
    of place: zip_uint64_t, _ archive: OpaquePointer, _ part: String
  ) throws(WorkbookError) -> [UInt8] {
    guard let entry = zip_fopen_index(archive, place, 0) else {
      throw WorkbookError(description: String(cString: zip_strerror(archive)))
    }
    defer { zip_fclose(entry) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // From libzip 1.11 on, the address may not be null.
      let count = piece.withUnsafeMutableBytes { piece in
        piece.baseAddress.map { Int(zip_fread(entry, $0, zip_uint64_t(piece.count))) } ?? 0
      }
      guard count >= 0 else { throw WorkbookError(description: "\(part): cannot be read back") }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }
}

/// The parts of a sheet's document before and after its rows.
struct SheetFrame: Equatable {
  /// Up to the tag `<sheetData>`, and from `</sheetData>` on.
  let head: [UInt8]
  let tail: [UInt8]

  /// Cuts a document as libxlsxwriter writes it; nil for another one.
  ///
  /// - Parameter extent: the rectangle of cells that replaces the one of the document.
  init?(_ document: [UInt8], extent: String) {
    let text = String(decoding: document, as: UTF8.self)
    guard let data = text.firstRange(of: "<sheetData") else { return nil }
    let end =
      text.firstRange(of: "</sheetData>")?.upperBound ?? text.firstRange(of: "<sheetData/>")?.upperBound
    guard let end else { return nil }
    let start = text[..<data.lowerBound].replacing(
      /<dimension ref="[^"]*"/, with: "<dimension ref=\"\(extent)\"")
    head = Array((start + "<sheetData>").utf8)
    tail = Array(("</sheetData>" + text[end...]).utf8)
  }
}

import ArgumentParser
import Foundation
import Register
import Spreadsheets
import Telemetry

/// The files of an export.
struct RegisterExportFiles {
  /// Formats of the files.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case csv, xlsx
  }

  /// A file with its content.
  struct File {
    var name: String
    var content: Data
  }

  let export: RegisterExport
  let headings: RegisterExport.Headings
  let byteOrderMark: Bool
  let format: Format

  /// The equipment file.
  func equipment() throws -> File {
    try file("equipment", { Data(export.equipmentCSV(headings, byteOrderMark: byteOrderMark)) }) {
      form throws(WorkbookError) in try form.equipment(export.equipment, created: created)
    }
  }

  /// The factories file.
  func factories() throws -> File {
    try file("factories", { Data(export.factoriesCSV(headings, byteOrderMark: byteOrderMark)) }) {
      form throws(WorkbookError) in try form.factories(export.factories, created: created)
    }
  }

  /// The date in a workbook's properties: the register's day, so that equal exports are equal files.
  private var created: Timestamp { LocalCalendar.utc.start(of: export.day) }

  private func file(
    _ name: String, _ csv: () -> Data, _ workbook: (RegisterFormRenderer) throws(WorkbookError) -> Data
  ) throws -> File {
    switch format {
    case .csv: return File(name: "\(name).csv", content: csv())
    case .xlsx:
      let form = RegisterFormRenderer(language: headings == .chinese ? .chinese : .english)
      do throws(WorkbookError) { return File(name: "\(name).xlsx", content: try workbook(form)) } catch {
        throw CommandFailure(.cannotWrite, "\(name).xlsx: \(error)")
      }
    }
  }

  /// Every file is complete beside its place before the first is renamed, so that a full disk leaves the previous
  /// files.
  static func write(_ files: [File], to directory: String) throws {
    let folder = URL(fileURLWithPath: directory, isDirectory: true)
    let places = files.map { file in
      (
        temporary: folder.appendingPathComponent(".\(file.name).\(getpid())"),
        final: folder.appendingPathComponent(file.name), content: file.content
      )
    }
    defer { for place in places { unlink(place.temporary.path) } }
    do {
      try OutputFile.makeFolder(directory, option: "--output-dir")
      for place in places { try place.content.write(to: place.temporary, options: .withoutOverwriting) }
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.cannotWrite, "cannot write \(directory.inert): \(error.localizedDescription)")
    }
    for place in places where rename(place.temporary.path, place.final.path) != 0 {
      let reason = String(cString: strerror(errno))
      throw CommandFailure(.cannotWrite, "\(place.final.path): cannot be written: \(reason)")
    }
  }
}

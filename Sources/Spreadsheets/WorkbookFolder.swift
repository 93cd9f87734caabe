import Foundation

extension Workbook {
  /// Returns the bytes of a workbook that `write` fills. Temporary files are in a folder that only this user can read.
  ///
  /// - Parameter isStreamed: whether rows are written to disk at once, so that long sheets take no memory.
  static func bytes(
    in temporaryFolder: URL, isStreamed: Bool = false, _ write: (Workbook) throws(WorkbookError) -> Void
  ) throws(WorkbookError) -> Data {
    try withPrivateFolder(in: temporaryFolder) { folder throws(WorkbookError) in
      let file = folder.appending(path: "report.xlsx")
      let workbook = try Workbook(file: file.path, folder: folder.path, isStreamed: isStreamed)
      try write(workbook)
      try workbook.close()
      do { return try Data(contentsOf: file, options: isStreamed ? .mappedIfSafe : []) } catch {
        throw WorkbookError(description: "\(file.path): cannot be read back: \(error.localizedDescription)")
      }
    }
  }

  /// Runs `use` with a folder that only this user can read, and removes the folder.
  static func withPrivateFolder<Value>(
    in temporaryFolder: URL, _ use: (URL) throws(WorkbookError) -> Value
  ) throws(WorkbookError) -> Value {
    let folder = temporaryFolder.appending(
      path: "millwright-report-\(UUID().uuidString)", directoryHint: .isDirectory)
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WorkbookError(description: "\(folder.path): cannot be created: \(error.localizedDescription)")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    return try use(folder)
  }
}

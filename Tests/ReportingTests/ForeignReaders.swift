import Foundation
import TestSupport
import Testing

/// Programs that others wrote and that read what we write: Debian's Python with openpyxl and jsonschema, and
/// cmark-gfm. Scripts/test installs them.
enum ForeignReaders {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// What one of the scripts of the folder `Python` prints, and whether it ended well.
  static func python(_ script: String, _ arguments: [String]) throws -> CommandResult {
    try run(
      "/usr/bin/python3", [folder.appending(path: "Python/\(script).py").path] + arguments,
      environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 120)
  }

  /// Expects a script to find nothing wrong.
  static func expectNothingWrong(
    _ script: String, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try python(script, arguments)
    #expect(result.output == "", sourceLocation: sourceLocation)
    #expect(result.errors == "", sourceLocation: sourceLocation)
    #expect(result.status == 0, sourceLocation: sourceLocation)
  }

  /// Markdown as GitHub's own program makes HTML of it, without the omitted comments.
  static func html(_ markdown: String) throws -> String {
    let folder = try TemporaryDirectory("markdown")
    let file = try folder.write("report.md", markdown)
    let extensions = ["table", "autolink", "strikethrough", "tagfilter", "tasklist"].flatMap {
      ["-e", $0]
    }
    let result = try run("cmark-gfm", extensions + [file])
    #expect(result.status == 0, "\(result.errors)")
    return result.output.replacing("<!-- raw HTML omitted -->", with: "")
  }

  /// A workbook as openpyxl reads it.
  static func workbook(_ data: Data) throws -> ReadWorkbook { try workbooks([data])[0] }

  /// Workbooks as openpyxl reads them.
  static func workbooks(_ books: [Data]) throws -> [ReadWorkbook] {
    let folder = try TemporaryDirectory("workbook")
    var files: [String] = []
    for (place, data) in books.enumerated() {
      files.append(folder.file("\(place).xlsx"))
      try data.write(to: URL(fileURLWithPath: files[place]))
    }
    let result = try python("workbook", files)
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode([ReadWorkbook].self, from: Data(result.output.utf8))
  }
}

/// A workbook as openpyxl reads it: see Python/workbook.py.
struct ReadWorkbook: Decodable {
  struct Cell: Decodable, Equatable {
    var type: String
    var value: Value
    var format: String
    var link: Bool
    var heading: Bool
    var fill: String?
    var wraps: Bool
    var comment: String?
  }

  enum Value: Decodable, Equatable {
    case text(String)
    case number(Double)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }

  /// A rule about the values of cells.
  struct Validation: Decodable, Equatable {
    var cells: String
    var type: String
    var first: String?
    var second: String?
    var blank: Bool
    var prompt: String?
    var error: String?
  }

  struct Sheet: Decodable {
    var name: String
    var freeze: String?
    var filter: String?
    var repeated: String?
    var paper: Int?
    /// Numbers of the last rows of printed pages, where they are set.
    var breaks: [Int]
    var header: String?
    var charts: [String]
    var colours: [String]
    var merged: [String]
    var validations: [Validation]
    var widths: [String: Double]
    /// In points, by the number of the row; only of rows that do not have the default height.
    var heights: [String: Double]
    var rows: [[Cell?]]

    var cells: [Cell] { rows.flatMap { $0.compactMap(\.self) } }

    /// The cells right of the one that says `label`.
    func values(after label: String) -> [Value] {
      for row in rows {
        guard let place = row.firstIndex(where: { $0?.value == .text(label) }) else { continue }
        return row[(place + 1)...].compactMap { $0?.value }
      }
      return []
    }
  }

  var title: String
  var created: String
  var modified: String
  var sheets: [Sheet]
}

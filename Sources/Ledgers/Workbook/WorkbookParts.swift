import Register

/// The relationships of a part of a workbook: the other parts it refers to.
final class Relationships: XMLHandler {
  /// The last word of the type, for instance `worksheet`, and the target's path in the archive, by id.
  private(set) var targets: [String: (kind: String, path: String)] = [:]
  private let folder: String

  /// The relationships of `part`, of which a workbook may have none.
  init(of part: String, in archive: ZipArchive) throws(RegisterProblem) {
    var steps = part.split(separator: "/").map(String.init)
    let name = steps.popLast() ?? ""
    folder = steps.joined(separator: "/")
    let path = (steps + ["_rels", name + ".rels"]).joined(separator: "/")
    try XMLReader.read(path, of: archive, limit: 16 << 20, isOptional: true, self)
  }

  /// The path of the first part of a kind.
  func path(ofKind kind: String) -> String? {
    targets.filter { $0.value.kind == kind }.min { $0.key < $1.key }?.value.path
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes, _ reader: XMLReader) {
    guard name == "Relationship", let id = attributes["Id"], let target = attributes["Target"],
      attributes["TargetMode"] != "External"
    else { return }
    let kind = attributes["Type"]?.split(separator: "/").last.map(String.init) ?? ""
    targets[id] = (kind, Self.path(target, from: folder))
  }

  /// The path of a target, relative to a folder or absolute.
  private static func path(_ target: String, from folder: String) -> String {
    var steps = target.hasPrefix("/") ? [] : folder.split(separator: "/")[...]
    for step in target.split(separator: "/") {
      switch step {
      case ".": break
      case "..": steps = steps.dropLast()
      default: steps.append(step)
      }
    }
    return steps.joined(separator: "/")
  }
}

/// The list of sheets of a workbook and its system of day numbers.
final class WorkbookPart: XMLHandler {
  struct Sheet {
    let name: String
    let isHidden: Bool
    let relationship: String
  }

  private(set) var sheets: [Sheet] = []
  /// Whether days are counted from 1904-01-01.
  private(set) var is1904 = false

  /// The most sheets that a workbook may have.
  static let mostSheets = 1000

  init(_ part: String, of archive: ZipArchive) throws(RegisterProblem) {
    try XMLReader.read(part, of: archive, limit: 64 << 20, self)
    guard sheets.count <= Self.mostSheets else { throw LedgerProblem.tooLarge(archive.file) }
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes, _ reader: XMLReader) {
    if name == "workbookPr" {
      is1904 = attributes.isTrue("date1904")
    } else if name == "sheet", let title = attributes["name"], let id = attributes.relationship,
      sheets.count <= Self.mostSheets
    {
      let state = attributes["state"] ?? "visible"
      sheets.append(Sheet(name: title, isHidden: state != "visible", relationship: id))
    }
  }
}

/// The formats of a workbook's cells.
final class Styles: XMLHandler {
  /// How the numbers of a cell are shown, by the number of its style.
  private(set) var numberFormats: [NumberFormat] = []
  private var formats: [Int: NumberFormat] = [:]
  private var isInCellFormats = false

  /// The most styles that a workbook may have; Excel allows 65,490.
  private static let most = 1_000_000

  init(_ part: String?, of archive: ZipArchive) throws(RegisterProblem) {
    guard let part else { return }
    try XMLReader.read(part, of: archive, limit: 256 << 20, isOptional: true, self)
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes, _ reader: XMLReader) {
    if name == "numFmt" {
      guard let id = attributes["numFmtId"].flatMap({ Int($0) }), let code = attributes["formatCode"],
        formats.count < Self.most
      else { return }
      formats[id] = NumberFormat(code)
    } else if name == "cellXfs" {
      isInCellFormats = true
    } else if isInCellFormats, name == "xf", numberFormats.count < Self.most {
      let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
      numberFormats.append(formats[id] ?? NumberFormat(builtIn: id))
    }
  }

  func end(_ name: XMLName, _ reader: XMLReader) { if name == "cellXfs" { isInCellFormats = false } }
}

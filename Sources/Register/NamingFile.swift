import Telemetry

extension NamingColumn: RegisterColumn {
  public var chinese: String {
    switch self {
    case .factoryID: "企业编号"
    case .equipmentID: "资产编号"
    case .publishedFactory: "上报企业"
    case .publishedEquipment: "上报设备"
    case .publishedWorkshop: "上报车间"
    case .publishedLine: "上报产线"
    case .group: "组标识"
    case .edge: "节点标识"
    case .device: "设备标识"
    case .serial: "序列号"
    }
  }

  public var isRequired: Bool { self == .factoryID }

  /// Columns with the names that sources find in topics and payloads.
  static let published: [NamingColumn] = [
    .publishedFactory, .publishedWorkshop, .publishedLine, .publishedEquipment,
  ]
  /// Columns with the names of Sparkplug.
  static let sparkplug: [NamingColumn] = [.group, .edge, .device]
}

/// One row of a naming file.
public struct NamingRow: Equatable, Sendable {
  /// The name of a machine, or of the factory, group or edge node that it belongs to. Parts without a value are empty.
  public enum Name: Hashable, Sendable {
    case published(factory: String, workshop: String, line: String, equipment: String)
    case sparkplug(group: String, edge: String, device: String)
    case serial(String)
  }
  public var name: Name
  public var factory: String
  /// Empty if the name is that of a factory, a group or an edge node.
  public var equipment: String
  /// The line in the file.
  public var line: Int

  /// A row of the file.
  public init(_ name: Name, factory: String, equipment: String, line: Int) {
    self.name = name
    self.factory = factory
    self.equipment = equipment
    self.line = line
  }
}

/// Reads naming files: CSV in UTF-8 or GB 18030 with English or Chinese headings, as register files are.
public enum NamingFile {
  /// Maximum number of rows.
  public static let mostRows = 60_000

  /// Reads a naming file.
  ///
  /// - Throws: all problems of the file at once, each with its line and column.
  public static func read(_ file: RegisterFile) throws(RegisterProblems) -> [NamingRow] {
    var table = RegisterTable<NamingColumn>(file)
    var problems = table.problems
    let isReadable = table.isReadable
    var rows: [NamingRow] = []
    var known = KnownNames()
    while var reader = table.nextRow(isFull: problems.isFull) {
      if isReadable, let row = reader.namingRow() {
        known.check(row, &reader)
        if rows.count == mostRows { reader.refuseFurther() }
        rows.append(row)
      }
      reader.report(to: &problems)
      if rows.count > mostRows { break }
    }
    guard problems.isEmpty else { throw problems }
    return rows
  }
}

/// The names of earlier rows.
private struct KnownNames {
  private struct Edge: Hashable {
    var group: String
    var edge: String
  }
  private var lines: [NamingRow.Name: Int] = [:]
  private var edges: [Edge: (factory: String, line: Int)] = [:]

  /// Refuses a row that repeats the name of an earlier one, or has an edge node in another factory.
  mutating func check(_ row: NamingRow, _ reader: inout RowReader<NamingColumn>) {
    if let line = lines[row.name] {
      reader.refuse(
        row.lastColumn, .duplicate, "line \(line) has the same name", "与第 \(line) 行的名称重复")
      return
    }
    lines[row.name] = row.line
    guard case .sparkplug(let group, let edge, _) = row.name, !edge.isEmpty else { return }
    let key = Edge(group: group, edge: edge)
    guard let known = edges[key] else {
      edges[key] = (row.factory, row.line)
      return
    }
    guard known.factory != row.factory else { return }
    reader.refuse(
      .factoryID, .duplicate,
      "line \(known.line) has the same edge node in factory '\(known.factory)'; an edge node belongs to one factory",
      "第 \(known.line) 行将同一边缘节点归属企业“\(known.factory)”；一个边缘节点只能归属一家企业")
  }
}

extension NamingRow {
  /// The last column with a part of the name.
  fileprivate var lastColumn: NamingColumn {
    switch name {
    case .published(_, _, _, let equipment): equipment.isEmpty ? .publishedFactory : .publishedEquipment
    case .sparkplug(_, let edge, let device):
      !device.isEmpty ? .device : edge.isEmpty ? .group : .edge
    case .serial: .serial
    }
  }
}

extension RowReader<NamingColumn> {
  /// The row; nil after a problem.
  fileprivate mutating func namingRow() -> NamingRow? {
    let found = problemCount
    let factory = id(.factoryID)
    let equipment = id(.equipmentID)
    let name = name()
    if let name { check(equipment, of: name) }
    guard problemCount == found, let name else { return nil }
    return NamingRow(name, factory: factory, equipment: equipment, line: line)
  }

  fileprivate mutating func refuseFurther() {
    refuse(
      .factoryID, .length, "the file has more than \(NamingFile.mostRows) rows",
      "文件超过 \(NamingFile.mostRows) 行")
  }

  /// The name of the row; nil after a problem.
  private mutating func name() -> NamingRow.Name? {
    var parts: [NamingColumn: String] = [:]
    for column in NamingColumn.published + NamingColumn.sparkplug + [.serial] {
      let text = part(column)
      if !text.isEmpty { parts[column] = text }
    }
    let kinds = [NamingColumn.published, NamingColumn.sparkplug, [.serial]].filter { columns in
      columns.contains { parts[$0] != nil }
    }
    guard kinds.count == 1 else {
      refuse(
        kinds.last?.first { parts[$0] != nil } ?? .factoryID, kinds.isEmpty ? .missingValue : .other,
        kinds.isEmpty
          ? "the row has no name: fill in published_equipment, device or serial"
          : "a row has one name: published_…, or group, edge and device, or serial",
        kinds.isEmpty
          ? "未填写名称：请填写“上报设备”、“设备标识”或“序列号”"
          : "一行只能填写一种名称：上报各列，或组、节点、设备标识，或序列号")
      return nil
    }
    func text(_ column: NamingColumn) -> String { parts[column] ?? "" }
    if let serial = parts[.serial] { return .serial(serial) }
    if NamingColumn.sparkplug.contains(where: { parts[$0] != nil }) {
      guard requires(.group, besides: .edge, parts), requires(.edge, besides: .device, parts) else {
        return nil
      }
      return .sparkplug(group: text(.group), edge: text(.edge), device: text(.device))
    }
    let others = NamingColumn.published.filter { $0 != .publishedFactory }
    for other in others where parts[other] != nil {
      guard requires(.publishedFactory, besides: other, parts) else { return nil }
    }
    for other in [NamingColumn.publishedWorkshop, .publishedLine] where parts[other] != nil {
      guard requires(.publishedEquipment, besides: other, parts) else { return nil }
    }
    return .published(
      factory: text(.publishedFactory), workshop: text(.publishedWorkshop), line: text(.publishedLine),
      equipment: text(.publishedEquipment))
  }

  /// Whether a column has a value, if another one has; refuses the row if not.
  private mutating func requires(
    _ column: NamingColumn, besides other: NamingColumn, _ parts: [NamingColumn: String]
  ) -> Bool {
    guard parts[other] != nil, parts[column] == nil else { return true }
    refuse(
      other, .missingValue, "needs a value in \(column.rawValue) beside it",
      "须同时填写“\(column.chinese)”")
    return false
  }

  /// A part of a name: any text without control characters.
  private mutating func part(_ column: NamingColumn) -> String {
    let text = text(column)
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
      refuse(column, .form, "a name has no control characters or line ends", "名称不得含控制字符或换行")
    }
    return text
  }

  /// Refuses an equipment id that is missing or that the name cannot have.
  private mutating func check(_ equipment: String, of name: NamingRow.Name) {
    let isOfEquipment: Bool? =
      switch name {
      case .published(_, _, _, let equipment): !equipment.isEmpty
      case .sparkplug(_, let edge, let device): edge.isEmpty ? false : device.isEmpty ? nil : true
      case .serial: true
      }
    if isOfEquipment == true, equipment.isEmpty {
      refuse(.equipmentID, .missingValue, "a value is required", "必须填写")
    } else if isOfEquipment == false, !equipment.isEmpty {
      refuse(
        .equipmentID, .other, "the name of a factory or a group has no equipment: leave this empty",
        "企业或组的名称不对应设备，此项应为空")
    }
  }
}

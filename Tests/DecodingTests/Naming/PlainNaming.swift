import Decoding
import Telemetry
import Testing

extension Naming {
  /// Reads a naming file with the columns of ``headings`` and no quotes. The product reads such files with the register's
  /// reader, which these tests do without.
  init(plainCSV text: String) throws {
    var lines = text.split(separator: "\n")
    let first = String(lines.removeFirst())
    try #require(first == Self.headings)
    try self.init(
      try lines.map { line in
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        func cell(_ column: NamingColumn) -> String {
          let place = NamingColumn.allCases.firstIndex(of: column) ?? cells.endIndex
          return cells.indices.contains(place) ? cells[place] : ""
        }
        let identity: Identity
        if !cell(.serial).isEmpty {
          identity = .serial(cell(.serial))
        } else if !cell(.group).isEmpty {
          identity = .sparkplug(group: cell(.group), edge: cell(.edge), device: cell(.device))
        } else {
          identity = .published(
            factory: cell(.publishedFactory), workshop: cell(.publishedWorkshop),
            line: cell(.publishedLine), equipment: cell(.publishedEquipment))
        }
        let entry = Entry(identity, factory: cell(.factoryID), equipment: cell(.equipmentID))
        try #require(entry.csv == String(line))
        return entry
      })
  }
}

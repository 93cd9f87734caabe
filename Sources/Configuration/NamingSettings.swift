import Decoding
import Foundation
import Register

extension Settings {
  /// Maximum size of a naming file in bytes.
  private static let mostNamingBytes = 64 << 20

  /// The names of the naming file; none if the configuration has no such file.
  ///
  /// - Throws: every problem of the file, with its line and column.
  public func namedEquipment() throws(SettingsErrors) -> Naming {
    guard let naming else { return .none }
    guard let data = FileManager.default.contents(atPath: naming) else {
      let reason = String(cString: strerror(access(naming, R_OK) == 0 ? EIO : errno))
      throw SettingsErrors([.init(namingOrigin, "naming: cannot read \(naming): \(reason)")])
    }
    guard data.count <= Self.mostNamingBytes else {
      throw SettingsErrors([
        .init(namingOrigin, "naming: \(naming) is larger than \(Units.text(bytes: Self.mostNamingBytes))")
      ])
    }
    do throws(RegisterProblems) {
      return try Naming(RegisterFile(name: naming, bytes: [UInt8](data)))
    } catch {
      // The configuration cannot name an encoding, as the options of register commands can.
      let isUnclear = error.problems.contains { $0.kind == .encoding }
      let remedy = isUnclear ? ["naming: save the file as UTF-8 with a byte order mark ('CSV UTF-8')"] : []
      throw SettingsErrors((error.lines() + remedy).map { .init(.unplaced, $0) })
    }
  }
}

extension Naming {
  /// Reads a naming file.
  ///
  /// - Throws: every problem of the file, with its line and column.
  public init(_ file: RegisterFile) throws(RegisterProblems) {
    let rows = try NamingFile.read(file)
    do throws(NamingError) {
      try self.init(rows.map { Entry(Identity($0.name), factory: $0.factory, equipment: $0.equipment) })
    } catch {
      // Everything else was checked with the rows.
      throw RegisterProblems([
        RegisterProblem(
          .length, file: file.name, line: error.place.map { rows[$0].line },
          message: error.place == nil
            ? "the names are longer than \(Naming.mostBytes >> 20) MiB together; shorten them or remove rows"
            : error.description,
          chinese: error.place == nil
            ? "名称总长超过 \(Naming.mostBytes >> 20) MiB；请缩短名称或删减行" : error.description)
      ])
    }
  }
}

extension Naming.Identity {
  fileprivate init(_ name: NamingRow.Name) {
    switch name {
    case .published(let factory, let workshop, let line, let equipment):
      self = .published(factory: factory, workshop: workshop, line: line, equipment: equipment)
    case .sparkplug(let group, let edge, let device):
      self = .sparkplug(group: group, edge: edge, device: device)
    case .serial(let serial): self = .serial(serial)
    }
  }
}

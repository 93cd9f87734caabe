import Foundation
import Journal
import Storage
import Telemetry

extension PackFormat {
  /// Reads a pack from its files; throws the first thing that does not hold.
  public static func pack(_ files: [String: Data]) throws -> EvidencePack {
    let manifest = try checkedManifest(files)
    let reading = PackReading(files: files)
    guard let from = CalendarDay(manifest.from), let to = CalendarDay(manifest.to), from <= to,
      Int(to.number) - Int(from.number) < PackBounds.periodDays, EquipmentKey.isID(manifest.factory.utf8)
    else { throw EvidenceError(.doesNotHold, "\(Self.manifest): names no factory or no period") }
    let rules = try reading.decode(EvidencePack.Rules.self, settings)
    try rules.check()
    let factory = manifest.factory
    let pack = EvidencePack(
      factory: factory, days: from...to, millwrightVersion: manifest.millwright_version, rules: rules,
      policies: try reading.policies(),
      register: try reading.decode(RegisterJSON.self, register).contents(
        of: factory, PackCheck(file: register)),
      chain: try reading.decode(ChainJSON.self, chain).proof(PackCheck(file: chain)),
      opening: files[opening] == nil
        ? nil
        : try reading.decode(OpeningJSON.self, opening).state(of: factory, PackCheck(file: opening)),
      records: try reading.records(), report: try reading.text(report))
    try checkForm(files, of: pack)
    return pack
  }
}

/// Reads the files of a pack. Errors name the file.
struct PackReading {
  let files: [String: Data]

  func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    guard let data = files[name] else { throw EvidenceError(.doesNotHold, "\(name): is missing") }
    do { return try JSONDecoder().decode(type, from: data) } catch {
      throw EvidenceError(.doesNotHold, "\(name): is not what it must be: \(Self.reason(error))")
    }
  }

  func text(_ name: String) throws -> String {
    guard let text = String(validating: files[name] ?? Data(), as: UTF8.self) else {
      throw EvidenceError(.doesNotHold, "\(name.inert): is not UTF-8")
    }
    return text
  }

  func policies() throws -> [String: String] {
    var policies: [String: String] = [:]
    for name in files.keys where name.hasPrefix("policies/") && name.hasSuffix(".yaml") {
      guard policies.count < PackBounds.policies else {
        throw EvidenceError(.doesNotHold, "the pack has more than \(PackBounds.policies) policies")
      }
      policies[String(name.dropFirst(9).dropLast(5))] = try text(name)
    }
    return policies
  }

  /// The records of each day in `roots.json`.
  func records() throws -> [FactoryDayRecords] {
    let roots = try decode([RootJSON].self, PackFormat.roots)
    guard roots.count <= PackBounds.recordDays else {
      throw EvidenceError(
        .doesNotHold, "\(PackFormat.roots): has more than \(PackBounds.recordDays) days, which no pack has")
    }
    return try roots.map { root in
      let name = "journal/\(root.day.prefix(80).description).records"
      guard let content = files[name] else {
        throw EvidenceError(.doesNotHold, "\(name.inert): is missing")
      }
      guard content.starts(with: PackFormat.recordsHeading.utf8) else {
        throw EvidenceError(
          .doesNotHold,
          "\(name.inert): does not begin with '\(PackFormat.recordsHeading.dropLast())'")
      }
      let day = try root.records([UInt8](content.dropFirst(PackFormat.recordsHeading.utf8.count)))
      let stated = try? day.unpackedBytes()
      guard let stated, stated <= day.content.count * PackBounds.expansion else {
        throw EvidenceError(
          .doesNotHold,
          stated == nil
            ? "\(name.inert): is not packed as records are"
            : "\(name.inert): its records come to more than \(PackBounds.expansion) times its size")
      }
      return day
    }
  }

  /// The words of a decoding error.
  static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      context.debugDescription
    default: "\(error)"
    }
  }
}

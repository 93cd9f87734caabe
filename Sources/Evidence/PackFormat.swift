import Foundation
import Journal
import Reporting
import Storage
import Telemetry

/// The files of a pack, format `millwright.evidence/2`.
///
/// Every file is JSON with fields named after what they mean, except messages (`journal/`), policies, and `README.txt`.
/// Nothing in a pack follows the tables of a store. A pack is read only if each of its files is, to the byte, what
/// ``files(of:)`` writes for its content; for `report.json` see ``EvidenceVerification/checkFigures()``.
public enum PackFormat {
  /// `manifest.json`: what the pack is about, and the digest of every other file.
  package struct Manifest: Codable {
    package var format: String
    /// Version of the Millwright that made the pack.
    package var millwright_version: String
    /// Version of the JSON schema of `report.json`.
    package var report_version: Int
    package var factory: String
    package var from: String
    package var to: String
    /// SHA-256 of each file, hexadecimal.
    package var files: [String: String]
  }

  /// Version of the format.
  public static let version = 2
  package static let name = "millwright.evidence/"
  /// File with the digests of all others.
  public static let manifest = "manifest.json"
  package static let readme = "README.txt"
  package static let report = "report.json"
  package static let settings = "settings.json"
  package static let register = "register.json"
  package static let chain = "chain.json"
  package static let opening = "opening.json"
  package static let roots = "roots.json"
  /// First line of a file with a day's records. What follows is packed as ``FactoryDayRecords/content`` says; a change
  /// of that packing is a new version of this line.
  package static let recordsHeading = "millwright.records/1\n"

  package static func records(of day: CalendarDay) -> String { "journal/\(day).records" }
  package static func policy(_ name: String) -> String { "policies/\(name).yaml" }

  // MARK: Writing

  /// The files of a pack by name.
  public static func files(of pack: EvidencePack) throws -> [String: Data] {
    var files: [String: Data] = [
      readme: Data(explanation.utf8), report: Data(pack.report.utf8), settings: try encode(pack.rules),
      register: try encode(RegisterJSON(pack.register)), chain: try encode(ChainJSON(pack.chain)),
      roots: try encode(pack.records.map(RootJSON.init)),
    ]
    if let state = pack.opening { files[opening] = try encode(OpeningJSON(state)) }
    for (name, text) in pack.policies { files[policy(name)] = Data(text.utf8) }
    for day in pack.records {
      files[records(of: day.root.day)] = Data(recordsHeading.utf8) + Data(day.content)
    }
    files[manifest] = try encode(
      Manifest(
        format: "\(name)\(version)", millwright_version: pack.millwrightVersion,
        report_version: JSONRenderer.version, factory: pack.factory, from: "\(pack.days.lowerBound)",
        to: "\(pack.days.upperBound)",
        files: files.mapValues { SHA256Digest(hashing: [UInt8]($0)).description }))
    return files
  }

  private static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return try encoder.encode(value)
  }

  // MARK: Reading

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

  /// The manifest, whose digests are those of the files.
  private static func checkedManifest(_ files: [String: Data]) throws -> Manifest {
    guard files.count <= PackBounds.files else {
      throw EvidenceError(.doesNotHold, "the pack has more than \(PackBounds.files) files")
    }
    for (name, data) in files.sorted(by: { $0.key < $1.key }) where data.count > PackBounds.bytes(of: name) {
      throw EvidenceError(
        .doesNotHold, "\(name.inert): has more than \(PackBounds.bytes(of: name)) bytes, which no pack has")
    }
    let reading = PackReading(files: files)
    try checkVersion(reading)
    let manifest = try reading.decode(Manifest.self, Self.manifest)
    let version = manifest.millwright_version
    guard !version.isEmpty, version.utf8.count <= 32,
      version.utf8.allSatisfy({ EquipmentKey.isIDByte($0) || $0 == UInt8(ascii: "+") })
    else { throw EvidenceError(.doesNotHold, "\(Self.manifest): names no version of Millwright") }
    for name in Set(files.keys).union(manifest.files.keys).sorted() where name != Self.manifest {
      guard let data = files[name] else {
        throw EvidenceError(.doesNotHold, "\(name.prefix(500).description.inert): is missing")
      }
      guard SHA256Digest(hashing: [UInt8](data)).description == manifest.files[name] else {
        throw EvidenceError(.doesNotHold, "\(name.inert): does not match its digest in \(Self.manifest)")
      }
    }
    return manifest
  }

  /// Refuses a pack of another format or with a report of another schema, and says which version reads it.
  private static func checkVersion(_ reading: PackReading) throws {
    struct Head: Decodable {
      var format: String
      var report_version: Int?
    }
    let head = try reading.decode(Head.self, manifest)
    guard head.format.hasPrefix(name), let number = Int(head.format.dropFirst(name.count)), number >= 1,
      head.format == "\(name)\(number)"
    else {
      throw EvidenceError(
        .doesNotHold, "\(manifest): is of the unknown format '\(head.format.prefix(80).description.inert)'")
    }
    if number < version {
      throw EvidenceError(
        .doesNotHold,
        """
        \(manifest): made in format \(number) by a Millwright from before the first release; only that version reads \
        it, this one reads format \(version): make the pack anew from the store
        """)
    }
    if number > version {
      throw EvidenceError(
        .doesNotHold, "\(manifest): made by a newer Millwright (format \(number)); use that version")
    }
    guard let report = head.report_version, report != JSONRenderer.version else { return }
    throw EvidenceError(
      .doesNotHold,
      report > JSONRenderer.version
        ? "\(manifest): made by a newer Millwright (report version \(report)); use that version"
        : "\(manifest): has a report of version \(report), which no Millwright writes in format \(version)")
  }

  /// Refuses files with other bytes than `evidence create` would have written: more digits, other spaces, repeated
  /// keys, additional files.
  private static func checkForm(_ files: [String: Data], of pack: EvidencePack) throws {
    let written = try Self.files(of: pack)
    // The manifest last: it differs whenever another file does.
    let names = Set(files.keys).union(written.keys).subtracting([manifest]).sorted()
    for name in names + [manifest] {
      guard let expected = written[name] else {
        throw EvidenceError(.doesNotHold, "\(name.inert): does not belong in a pack of evidence")
      }
      let found = files[name] ?? Data()
      guard found != expected else { continue }
      let same = zip(found, expected).prefix { $0 == $1 }
      let line = same.reduce(1) { $0 + ($1.0 == 0x0A ? 1 : 0) }
      throw EvidenceError(
        .doesNotHold, "\(name.inert): line \(line) is not what Millwright \(pack.millwrightVersion) writes")
    }
  }

  private static let explanation = """
    Evidence for one factory's report over a period of closed days, made by Millwright. Format \(version).

    report.json     the report; before_after and actions are left out, which rest on other days and rules
    register.json   the factory's rows of the register and its calendars, with every import
    chain.json      how those rows lead to the chain of imports that roots.json binds
    policies/       the policies the report is held against
    settings.json   by what messages are read and figures are made
    opening.json    what was known before the journal's first day here; absent when it begins with the store
    journal/        the factory's messages as received, and the collector's connections, day by day
    roots.json      how each day's records lead to the root that was printed in reports when it closed
    manifest.json   format, versions, and the digest of every file

    millwright evidence verify PACK [--root HEX] checks every digest and every path, and computes every
    figure of the report anew from the messages.

    """
}

/// Reads the files of a pack. Errors name the file.
private struct PackReading {
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

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      context.debugDescription
    default: "\(error)"
    }
  }
}

import Aggregation
import Decoding
import Foundation
import Ingestion
import Journal
import Reporting
import SQLiteStore
import Telemetry

/// What an evidence pack holds, as the values its files are written from.
struct EvidencePack {
  /// `manifest.json`: what the pack is about, and the digest of every other file.
  struct Manifest: Codable, Equatable {
    var format: String
    var factory: String
    var from: String
    var to: String
    /// SHA-256 of each file, hexadecimal.
    var files: [String: String]
  }

  /// `settings.json`: what messages are read and figures are made by.
  struct Rules: Codable, Equatable {
    struct Source: Codable, Equatable {
      var format: String
      var topic: String
    }
    struct District: Codable, Equatable {
      var id: String
      var name_zh: String
      var name_en: String
      var timezone: String
    }
    var district: District
    var sources: [Source]
    var payload_bytes: Int
    var nesting: Int
    var future_skew_ms: Int64
    var oldest_age_ms: Int64
    var networked_window_ms: Int64
    var horizon_factor: Int
    var horizon_minimum_ms: Int64
    var default_interval_ms: Int64
    /// The register is read as known then, milliseconds UTC.
    var known_at_ms: Int64
    /// Millwright's.
    var version: String
  }

  /// `roots.json`: closed days in order, each with its place in the chain of roots.
  struct Root: Codable, Equatable {
    struct Proof: Codable, Equatable {
      var leaf: Int
      var path: [String]
    }
    var day: String
    var first_block: Int64
    var last_block: Int64
    var block_hash: String
    var merkle_root: String
    var previous: String
    /// The register's chain of imports bound by the root: number of imports and hash; absent when nothing had been
    /// imported.
    var register_imports: Int64?
    var register_hash: String?
    /// Policies in use when the day was closed, each with the SHA-256 of its file.
    var policies: String
    var root: String
    /// Leaves of the day's Merkle tree, and the paths of this factory's and the connection's ("#").
    var leaves: Int
    var proofs: [String: Proof]
  }

  static let format = "millwright.evidence/1"
  /// Maximum length of the period in days.
  static let mostDays = 3660
  static let recordsEnding = ".records"
  static let manifestName = "manifest.json"

  var factory: String
  var days: ClosedRange<CalendarDay>
  var rules: Rules
  /// Policy files by name.
  var policies: [String: String]
  var register: [TableDump]
  /// Proof that the factory's rows belong to the register's chain of imports.
  var chain: RegisterProof
  /// What the factory's views held where the journal begins; empty when it begins with the store.
  var opening: [TableDump]
  /// Every closed day that the journal has, ascending.
  var records: [FactoryDayRecords]
  /// As the renderer made it.
  var report: String
}

extension EvidencePack {
  /// The pack's files.
  func files() throws -> [String: Data] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    var files: [String: Data] = [
      "README.txt": Data(Self.explanation.utf8), "report.json": Data(report.utf8),
      "settings.json": try encoder.encode(rules), "register.json": try encoder.encode(register),
      "chain.json": try encoder.encode(chain),
      "opening.json": try encoder.encode(opening), "roots.json": try encoder.encode(records.map(Root.init)),
    ]
    for (name, text) in policies { files["policies/\(name).yaml"] = Data(text.utf8) }
    for day in records { files["journal/\(day.root.day)\(Self.recordsEnding)"] = Data(day.content) }
    let manifest = Manifest(
      format: Self.format, factory: factory, from: "\(days.lowerBound)", to: "\(days.upperBound)",
      files: files.mapValues { SHA256Digest(hashing: [UInt8]($0)).description })
    files[Self.manifestName] = try encoder.encode(manifest)
    return files
  }

  /// Reads a pack's files; what does not hold is named.
  init(_ files: [String: Data]) throws {
    func text(_ name: String) throws -> String {
      guard let text = String(validating: files[name] ?? Data(), as: UTF8.self) else {
        throw CommandFailure(.doesNotHold, "\(name.inert): is not UTF-8")
      }
      return text
    }
    func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
      guard let data = files[name] else { throw CommandFailure(.doesNotHold, "\(name): is missing") }
      do { return try JSONDecoder().decode(type, from: data) } catch {
        throw CommandFailure(.doesNotHold, "\(name): is not what it must be: \(Self.reason(error))")
      }
    }
    let manifest = try decode(Manifest.self, Self.manifestName)
    guard manifest.format == Self.format else {
      throw CommandFailure(
        .doesNotHold, "\(Self.manifestName): is of the unknown format '\(manifest.format.inert)'")
    }
    for name in Set(files.keys).union(manifest.files.keys).sorted() where name != Self.manifestName {
      guard let data = files[name] else { throw CommandFailure(.doesNotHold, "\(name.inert): is missing") }
      guard SHA256Digest(hashing: [UInt8](data)).description == manifest.files[name] else {
        throw CommandFailure(.doesNotHold, "\(name.inert): does not match its digest in \(Self.manifestName)")
      }
    }
    guard let from = CalendarDay(manifest.from), let to = CalendarDay(manifest.to), from <= to,
      Int(to.number) - Int(from.number) < Self.mostDays, EquipmentKey.isID(manifest.factory.utf8)
    else { throw CommandFailure(.doesNotHold, "\(Self.manifestName): names no factory or no period") }
    factory = manifest.factory
    days = from...to
    rules = try decode(Rules.self, "settings.json")
    register = try decode([TableDump].self, "register.json")
    opening = try decode([TableDump].self, "opening.json")
    chain = try decode(RegisterProof.self, "chain.json")
    report = try text("report.json")
    try rules.check()
    policies = [:]
    for name in files.keys where name.hasPrefix("policies/") && name.hasSuffix(".yaml") {
      policies[String(name.dropFirst(9).dropLast(5))] = try text(name)
    }
    records = try decode([Root].self, "roots.json").map { root in
      guard let content = files["journal/\(root.day)\(Self.recordsEnding)"] else {
        throw CommandFailure(.doesNotHold, "journal/\(root.day.inert)\(Self.recordsEnding): is missing")
      }
      return try root.records([UInt8](content))
    }
    try checkForm(files)
  }

  /// Refuses files with other bytes than `evidence create` would have written: more digits, other spaces, repeated
  /// keys, additional files.
  private func checkForm(_ files: [String: Data]) throws {
    let written = try self.files()
    // The manifest last: it differs whenever another file does.
    let names = Set(files.keys).union(written.keys).subtracting([Self.manifestName]).sorted()
    for name in names + [Self.manifestName] {
      guard let expected = written[name] else {
        throw CommandFailure(.doesNotHold, "\(name.inert): does not belong in a pack of evidence")
      }
      let found = files[name] ?? Data()
      guard found != expected else { continue }
      let same = zip(found, expected).prefix { $0 == $1 }
      let line = same.reduce(1) { $0 + ($1.0 == 0x0A ? 1 : 0) }
      throw CommandFailure(
        .doesNotHold, "\(name.inert): line \(line) is not what Millwright \(Version.current) writes")
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

  private static let explanation = """
    Evidence for one factory's report over a period of closed days, made by Millwright.

    report.json     the report; before_after and actions are left out, which rest on other days and rules
    register.json   the factory's rows of the register and its calendars, with every version
    chain.json      how those rows lead to the chain of imports that roots.json binds
    policies/       the policies the report is held against
    settings.json   by what messages are read and figures are made
    opening.json    what was known before the journal's first day here; empty when it begins with the store
    journal/        the factory's messages as received, and the collector's connections, day by day
    roots.json      how each day's records lead to the root that was printed in reports when it closed
    manifest.json   the digest of every file

    millwright evidence verify PACK [--root HEX] checks every digest and every path, and computes every
    figure of the report anew from the messages.

    """
}

extension EvidencePack.Root {
  init(_ day: FactoryDayRecords) {
    let root = day.root
    self.init(
      day: "\(root.day)", first_block: root.firstBlock, last_block: root.lastBlock,
      block_hash: "\(root.blockHash)", merkle_root: "\(root.merkleRoot)", previous: "\(root.previous)",
      register_imports: root.register?.entries, register_hash: root.register?.hash.description,
      policies: root.policies, root: "\(root.root)", leaves: day.leaves,
      proofs: Dictionary(
        uniqueKeysWithValues: day.proofs.map {
          ($0.id, Proof(leaf: $0.index, path: $0.path.map(\.description)))
        }))
  }

  /// The records of the day, whose root must be the one that its fields give.
  func records(_ content: [UInt8]) throws -> FactoryDayRecords {
    func digest(_ text: String) throws -> SHA256Digest {
      guard let digest = SHA256Digest(hexadecimal: text) else {
        throw CommandFailure(.doesNotHold, "roots.json: \(self.day.inert): '\(text.inert)' is no digest")
      }
      return digest
    }
    guard let date = CalendarDay(day) else {
      throw CommandFailure(.doesNotHold, "roots.json: '\(day.inert)' is not a day")
    }
    // Bounds: blocks of a thousand years, factories of a country.
    guard first_block >= 1, last_block >= first_block, last_block < 1 << 48, (0...1 << 24).contains(leaves),
      proofs.count <= 3, proofs.values.allSatisfy({ $0.path.count <= 64 }),
      (register_imports == nil) == (register_hash == nil)
    else { throw CommandFailure(.doesNotHold, "roots.json: \(day): a number is not what it can be") }
    let register = try register_imports.map {
      RegisterHead(entries: $0, hash: try digest(register_hash ?? ""))
    }
    let made = DayRoot(
      day: date, firstBlock: first_block, lastBlock: last_block, blockHash: try digest(block_hash),
      merkleRoot: try digest(merkle_root), previous: try digest(previous),
      register: register, policies: policies)
    guard made.root == (try digest(root)) else {
      throw CommandFailure(.doesNotHold, "roots.json: the root of \(day) is not the one that its fields give")
    }
    return FactoryDayRecords(
      root: made, leaves: leaves,
      proofs: try proofs.sorted { $0.key < $1.key }.map { id, proof in
        FactoryDayRecords.Proof(id: id, index: proof.leaf, path: try proof.path.map(digest))
      }, content: content)
  }
}

extension EvidencePack.Rules {
  /// The settings that select messages and weigh them, in one line: no root binds them.
  ///
  /// - Parameter journaled: whether the pack's records name the sources and limits by which they are read, which roots
  ///   bind.
  func summary(journaled: Bool) -> String {
    func seconds(_ milliseconds: Int64) -> String { "\(milliseconds / 1000) s" }
    let topics = sources.map { "\($0.format) \($0.topic)" }.joined(separator: ", ")
    let reading =
      "; topics \(topics); future skew \(seconds(future_skew_ms)), oldest age \(seconds(oldest_age_ms))"
    return """
      district \(district.id) (\(district.timezone)); horizon \(horizon_factor) intervals, at least \
      \(seconds(horizon_minimum_ms)); default interval \(seconds(default_interval_ms)); networked window \
      \(seconds(networked_window_ms))\(journaled ? "" : reading)
      """
  }

  /// Refuses values that no configuration can have.
  func check() throws {
    let instants = CalendarDay.instants
    let fits =
      (256...16 << 20).contains(payload_bytes) && (1...1000).contains(nesting)
      && (0...Span.days(1).milliseconds).contains(future_skew_ms)
      && (0...Span.days(400_000).milliseconds).contains(oldest_age_ms)
      && (Span.days(1).milliseconds...Span.days(366).milliseconds).contains(networked_window_ms)
      && (1...100).contains(horizon_factor)
      && (Span.minutes(1).milliseconds...Span.days(1).milliseconds).contains(horizon_minimum_ms)
      && (Span.seconds(1).milliseconds...Span.days(31).milliseconds).contains(default_interval_ms)
      && instants.contains(Timestamp(milliseconds: known_at_ms)) && (1...1000).contains(sources.count)
      && sources.allSatisfy {
        Settings.Source.Format(rawValue: $0.format) != nil && (try? TopicTemplate($0.topic)) != nil
      }
      && [district.id, district.name_zh, district.name_en, version].allSatisfy { $0 == $0.inert }
    guard fits else {
      throw CommandFailure(
        .doesNotHold, "settings.json: a number or a name is not what a configuration can have")
    }
  }
}

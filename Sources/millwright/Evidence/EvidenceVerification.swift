import Journal
import Foundation
import Reporting
import Telemetry

/// Checks what a pack says against itself, and against a root that was filed elsewhere. Throws the first thing
/// that does not hold.
struct EvidenceVerification {
  private let pack: EvidencePack

  init(_ pack: EvidencePack) { self.pack = pack }

  /// The chain of days, up to a filed root when one is given.
  func checkRoots(filed: String?) throws {
    let roots = pack.records.map(\.root)
    for (before, after) in zip(roots, roots.dropFirst()) {
      guard after.previous == before.root, before.day < after.day, after.firstBlock == before.lastBlock + 1
      else {
        throw CommandFailure(.doesNotHold, "roots.json: \(after.day) does not follow \(before.day)")
      }
    }
    for root in roots {
      guard let register = root.register else { continue }
      guard pack.chain.head(at: register.entries) == register else {
        throw CommandFailure(
          .doesNotHold, "chain.json: is not the register that \(root.day) was closed with")
      }
    }
    guard let first = roots.first, let last = roots.last, last.day > pack.days.upperBound else {
      throw CommandFailure(
        .doesNotHold, "roots.json: the days do not reach past the end of the period, \(pack.days.upperBound)")
    }
    guard first.previous != .zero || pack.opening.isEmpty else {
      throw CommandFailure(
        .doesNotHold, "opening.json: nothing can come before \(first.day), the journal's first day")
    }
    guard let filed else { return }
    guard let digest = SHA256Digest(hexadecimal: filed.trimmingCharacters(in: .whitespaces)) else {
      throw CommandFailure(.usage, "--root: '\(filed.inert)' is not 64 hexadecimal digits")
    }
    guard let anchor = roots.first(where: { $0.root == digest }) else {
      throw CommandFailure(.doesNotHold, "--root: no day of the pack has the root \(digest)")
    }
    guard anchor.day >= pack.days.upperBound else {
      throw CommandFailure(
        .doesNotHold,
        "--root: is that of \(anchor.day), which binds nothing after it; the period ends on \(pack.days.upperBound)"
      )
    }
  }

  /// Parts of the pack that its roots do not bind, as sentences for the reader of the result.
  var unbound: [String] {
    var found: [String] = []
    let bound = pack.records.compactMap(\.root.register).map(\.entries).max() ?? 0
    let imports = Int64(pack.chain.links.count)
    if imports > bound {
      found.append(
        "Taken as stated: imports \(bound + 1) to \(imports) of the register, which no day of the pack was closed with."
      )
    }
    let inUse = pack.records.map(\.root.policies).joined().split(separator: "\n")
    for (name, text) in pack.policies.sorted(by: { $0.key < $1.key }) {
      let line = "\(name) \(SHA256Digest(hashing: Array(text.utf8)))"
      guard !inUse.contains(where: { $0 == line }) else { continue }
      found.append("Taken as stated: policy \(name), which was not in use as it is when a day was closed.")
    }
    return found
  }

  /// That every record leads to its day's root.
  func checkRecords() throws {
    for day in pack.records {
      if let contradiction = day.contradiction(of: pack.factory) {
        throw CommandFailure(.doesNotHold, "journal/\(day.root.day).records: \(contradiction)")
      }
    }
  }

  /// That every figure of the report is what the messages and the register give.
  func checkFigures() throws {
    let computed = try EvidenceReplay(pack).report()
    guard computed != pack.report else { return }
    guard let stated = try? JSONSerialization.jsonObject(with: Data(pack.report.utf8)),
      let found = try? JSONSerialization.jsonObject(with: Data(computed.utf8))
    else { throw CommandFailure(.doesNotHold, "report.json: is not a report") }
    let difference = Self.difference(stated, found, at: "")
    throw CommandFailure(
      .doesNotHold,
      "report.json: \(difference ?? "is not written as Millwright \(pack.rules.version) writes it")")
  }

  /// The first place where two JSON values differ, in words; nil when they are equal.
  static func difference(_ stated: Any, _ found: Any, at path: String) -> String? {
    switch (stated, found) {
    case (let a as [String: Any], let b as [String: Any]):
      for key in Set(a.keys).union(b.keys).sorted() {
        let place = path.isEmpty ? key : "\(path).\(key)"
        if let difference = difference(a[key] ?? NSNull(), b[key] ?? NSNull(), at: place) {
          return difference
        }
      }
      return nil
    case (let a as [Any], let b as [Any]):
      for index in 0..<max(a.count, b.count) {
        let difference = difference(
          index < a.count ? a[index] : NSNull(), index < b.count ? b[index] : NSNull(),
          at: "\(path)[\(index)]")
        if let difference { return difference }
      }
      return nil
    default:
      let (a, b) = (stated as? NSObject, found as? NSObject)
      return a == b
        ? nil : "\(path.inert) is \(text(stated)), the messages and the register give \(text(found))"
    }
  }

  private static func text(_ value: Any) -> String {
    switch value {
    case is NSNull: "nothing"
    case is [Any], is [String: Any]: "something else"
    default: "\(value)".inert
    }
  }
}

extension EvidencePack {
  /// Whether the records name the sources and limits by which they are read, from the first on.
  var namesSources: Bool {
    struct Found: Error { var kind: JournalRecord.Kind? }
    do {
      try records.first?.forEachBlock { block in
        try block.forEachRecord { throw Found(kind: $0.kind) }
      }
    } catch { return (error as? Found)?.kind?.opens ?? false }
    return false
  }
}

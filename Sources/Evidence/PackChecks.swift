import Foundation
import Journal
import Reporting
import Telemetry

/// Checks of a pack's files that do not need its content.
extension PackFormat {
  /// The manifest, whose digests are those of the files.
  static func checkedManifest(_ files: [String: Data]) throws -> Manifest {
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
    if number < versions.lowerBound {
      throw EvidenceError(
        .doesNotHold,
        """
        \(manifest): made in format \(number) by a Millwright from before the first release; only that version reads \
        it, this one reads formats \(versions.lowerBound) and \(versions.upperBound): make the pack anew from the store
        """)
    }
    if number > versions.upperBound {
      throw EvidenceError(
        .doesNotHold, "\(manifest): made by a newer Millwright (format \(number)); use that version")
    }
    guard let report = head.report_version, report != JSONRenderer.version else { return }
    throw EvidenceError(
      .doesNotHold,
      report > JSONRenderer.version
        ? "\(manifest): made by a newer Millwright (report version \(report)); use that version"
        : "\(manifest): has a report of version \(report), which no Millwright writes in format \(number)")
  }

  /// Refuses files with other bytes than `evidence create` would have written: more digits, other spaces, repeated
  /// keys, additional files.
  static func checkForm(_ files: [String: Data], of pack: EvidencePack) throws {
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
}

import Telemetry

/// The files of a pack, formats `millwright.evidence/2` and `millwright.evidence/3`.
///
/// A pack is of format 3 if its register states attributes for forms, and else of format 2, which lacks them.
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

  /// Versions of the format that are read and written.
  public static let versions = 2...3

  /// Version of the format in which a pack is written.
  static func version(of pack: EvidencePack) -> Int {
    let hasFormAttributes = pack.register.imports.contains {
      $0.equipment.contains(where: \.hasFormAttributes)
    }
    return hasFormAttributes ? 3 : 2
  }

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

  /// `README.txt` of a version of the format.
  package static func explanation(_ version: Int) -> String {
    """
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
}

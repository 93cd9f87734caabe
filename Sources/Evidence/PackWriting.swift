import Foundation
import Journal
import Reporting
import Storage

extension PackFormat {
  /// The files of a pack by name.
  public static func files(of pack: EvidencePack) throws -> [String: Data] {
    let version = version(of: pack)
    var files: [String: Data] = [
      readme: Data(explanation(version).utf8), report: Data(pack.report.utf8),
      settings: try encode(pack.rules),
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
}

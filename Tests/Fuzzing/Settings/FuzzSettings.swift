import Configuration
import Decoding
import Foundation
import FuzzDriver
import Register

/// Fuzzes the files that users write: see Scripts/fuzz.
@main enum FuzzSettings {
  static func main() throws { exit(try FuzzDriver.main(targets)) }

  private static func targets(_ top: String) throws -> [FuzzTarget] {
    [FuzzTarget("configuration", seeds: try configurations(top), configuration)]
  }

  /// The text of a configuration.
  private static func configuration(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(SettingsErrors) {
      let settings = try Settings.parse(text, file: "millwright.yaml")
      let rules = try settings.shardSettings().rules
      require(
        (try? DecodingRules(text: rules.text)) == rules, "the rules of a configuration are not restored")
    } catch {
      require(!error.problems.isEmpty, "a configuration is refused without a problem")
      _ = error.problems.map(\.description)
    }
  }

  /// The example of every key, the examples of sources, and the sources of golden folders.
  private static func configurations(_ top: String) throws -> [[UInt8]] {
    let least = """
      district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
      store: sqlite:/var/lib/millwright
      sources:

      """
    let manager = FileManager.default
    var seeds = [manager.contents(atPath: "\(top)/Config/millwright.yaml")].compactMap { $0 }.map {
      [UInt8]($0)
    }
    let folder = "\(top)/Config/sources"
    var sources = try manager.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
    let golden = "\(top)/Tests/DecodingTests/Golden"
    sources += try manager.subpathsOfDirectory(atPath: golden).filter { $0.hasSuffix("source.yaml") }.sorted()
      .map { "\(golden)/\($0)" }
    for path in sources {
      guard let data = manager.contents(atPath: path) else { continue }
      let text = String(decoding: data, as: UTF8.self)
      let isList = text.split(separator: "\n").contains { $0.hasPrefix("- ") }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
        index, line in
        (isList ? "  " : index == 0 ? "  - " : "    ") + line + "\n"
      }
      seeds.append(Array((least + lines.joined()).utf8))
    }
    return seeds
  }
}

import Configuration
import Decoding
import Foundation
import Telemetry
import Testing

@Suite("Mapped sources in the configuration") struct MappedSourceTests {
  private static let least = """
    district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
    store: sqlite:/var/lib/millwright
    sources:

    """

  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "DecodingTests/Golden").path

  /// Sources of golden folders, by format and case.
  static let cases: [String] = {
    let manager = FileManager.default
    let formats = (try? manager.contentsOfDirectory(atPath: golden)) ?? []
    return formats.sorted().flatMap { format in
      ((try? manager.contentsOfDirectory(atPath: "\(golden)/\(format)")) ?? []).sorted().map {
        "\(format)/\($0)"
      }
    }
  }()

  @Test("The source of each golden folder is a source of the configuration", arguments: cases)
  func golden(_ name: String) throws {
    let text = try String(contentsOfFile: "\(Self.golden)/\(name)/source.yaml", encoding: .utf8)
    let isList = text.hasPrefix("- ")
    let lines = text.split(separator: "\n").enumerated().map { index, line in
      (isList ? "  " : index == 0 ? "  - " : "    ") + line
    }
    let settings = try Settings.parse(
      Self.least + lines.joined(separator: "\n") + "\n", file: "millwright.yaml")
    let rules = try settings.shardSettings().rules
    #expect(try DecodingRules(text: rules.text) == rules)
    #expect(!rules.sources.isEmpty)
    for source in rules.sources {
      guard case .other(let name, let text) = source.format else { continue }
      _ = try SourceFormats.catalog.decoder(name, settings: text, limits: rules.limits)
    }
  }

  @Test("The shipped examples are sources") func examples() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Config/sources").path
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      let indented = text.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 + "\n" }
      let settings = try Settings.parse(Self.least + indented.joined(), file: name)
      #expect(!settings.sources.isEmpty)
      _ = try settings.shardSettings()
    }
  }

  /// The problems of sources, as printed.
  private func problems(_ sources: String) -> [String] {
    do {
      _ = try Settings.parse(Self.least + sources, file: "millwright.yaml")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test("Every problem of every source is named with its place") func allProblems() {
    let found = problems(
      """
        - format: json
          topic: "{factory}/{equipment}"
          timestamp: { at: time, unit: m }
          sate: /s
          counters: { energy: /e }
        - { format: json, topic: "a/#", preset: nueron }
        - { format: json, topic: "a/{factory}", factory: F 1, preset: neuron, each: values }
        - { format: json, topic: "a/{factory}/{equipment}", timestamp: receipt, state: /s, state: /t }
        - { format: status, topic: "a/{factory}" }

      """)
    #expect(
      found == [
        "millwright.yaml:4:5: sources[0].state is missing: it must be a JSON pointer, such as /time, a section with "
          + "at and map, or a list of conditions",
        "millwright.yaml:6:22: sources[0].timestamp.at must be a JSON pointer, such as /time, not 'time'",
        "millwright.yaml:6:34: sources[0].timestamp.unit must be one of s, ms, us, ns, not 'm' (did you mean 'ms'?)",
        "millwright.yaml:7:5: unknown key 'sate' in sources[0] (did you mean 'state'?)",
        "millwright.yaml:8:17: unknown key 'energy' in sources[0].counters",
        "millwright.yaml:9:43: sources[1].preset must be one of kepware, neuron, neuron_tags, node_red, telegraf, "
          + "thingsboard, thingsboard_gateway, not 'nueron' (did you mean 'neuron'?)",
      ] + found.dropFirst(6))
    let rest = found.dropFirst(6).map { $0.replacing(#/^millwright.yaml:\d+:\d+: /#, with: "") }
    #expect(
      Set(rest) == [
        "sources[2].topic names {factory}, and so does the key factory: remove one of them",
        "sources[2].factory must be a factory's id: 1 to 64 of A–Z a–z 0–9 _ . -, not 'F 1'",
        "sources[2].each must be a JSON pointer to the readings, such as /values or /machines/{equipment}, not "
          + "'values'",
        "key 'state' is given more than once in sources[3]",
        "sources[4].topic: topic template 'a/{factory}': {equipment} is missing",
      ])
  }

  @Test("A source's own keys replace those of its preset") func preset() throws {
    let text = """
        - { format: json, preset: neuron, topic: "n/{factory}", mode: ~, state: { map: { 1: running } } }

      """
    let settings = try Settings.parse(Self.least + text, file: "millwright.yaml")
    guard case .other("json", let keys) = settings.sources[0].format else {
      Issue.record("\(settings.sources)")
      return
    }
    #expect(
      keys == #"{"alarms":"/values/alarms","counters":{"energy_kwh":{"at":"/values/energy_kwh"},"#
        + #""good":{"at":"/values/good"},"total":{"at":"/values/total"}},"equipment":"/node","mode":null,"#
        + #""state":{"at":"/values/state","map":{"1":"running"}},"timestamp":{"at":"/timestamp"}}"#)
  }
}

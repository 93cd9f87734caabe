import Decoding
import Foundation
import FuzzDriver

/// Fuzzes the decoders of all formats, topics, and what the journal keeps of decoders: see Scripts/fuzz.
@main enum FuzzDecoders {
  static func main() throws { exit(try FuzzDriver.main(targets)) }

  private static func targets(_ top: String) throws -> [FuzzTarget] {
    let golden = GoldenFolders(root: "\(top)/Tests/DecodingTests/Golden")
    let formats = try golden.formats().map { ($0, try golden.cases(of: $0)) }
    let names = Set(builtIn.keys).union(formats.map(\.0)).sorted()
    var targets: [FuzzTarget] = []
    for name in names {
      let cases = formats.first { $0.0 == name }?.1 ?? []
      let payloads = builtIn[name]?.payloads ?? []
      let target = try DecoderTarget(cases, builtIn: try builtIn[name].map { try source($0.format) })
      let seeds = payloads.map { FuzzedMessages.bytes(name, [(heading(name), Array($0.utf8))]) }
      targets.append(
        FuzzTarget(name, seeds: seeds + cases.map { FuzzedMessages.bytes($0.name, $0.messages) }, target.run))
    }
    let all = formats.flatMap { format, cases in cases.map { (name: "\(format)/\($0.name)", folder: $0) } }
    let states = try OtherTargets.States(all.map { (name: $0.name, source: $0.folder.source) })
    targets += [
      FuzzTarget("topics", seeds: topics, OtherTargets.topics),
      FuzzTarget("rules", seeds: rules(all.map(\.folder.source)), OtherTargets.rules),
      FuzzTarget(
        "states", seeds: all.flatMap { OtherTargets.States.seeds($0.folder, name: $0.name) }, states.run),
    ]
    return targets
  }

  // MARK: Built-in formats

  private static let builtIn: [String: (format: Format, payloads: [String])] = [
    "status": (.status, statusMessages), "presence": (.presence, presenceMessages),
  ]

  private static func heading(_ format: String) -> String {
    "2026-11-22T00:00:01Z factory/F001/W01/E17/\(format)"
  }

  private static func source(_ format: Format) throws -> Source {
    Source(format, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/\(format.name)"))
  }

  private static let statusMessages = [
    #"{"ts":"2026-11-22T08:00:00.000+08:00","state":"running","mode":"automatic","seq":4711,"boot":"a1b2","#
      + #""energy_kwh":1523.25,"good":10233,"total":10241,"alarms":["E201","E202"]}"#,
    #"{"ts":1795305600000,"state":"idle","factory":"F001","equipment":"E17"}"#,
    #"{"ts":1795305600123,"state":"fault","energy_kwh":1e3,"good":18446744073709551616,"alarms":[]}"#,
    #"{"ts":null,"state":"\u0072unning","mode":"manual","seq":-1,"boot":"","x":[{"y":[1,2,{}]}]}"#,
    "\u{FEFF}{\"ts\":1795305600000,\"state\":\"off\"}\0",
  ]

  private static let presenceMessages = ["online", "offline", "online\n", "ONLINE", "", "\"online\""]

  // MARK: Topics and rules

  private static let topics = [
    ("factory/{factory}/{workshop}/{equipment}/status", "factory/F001/W01/E1/status"),
    ("factory/{factory}/{workshop}/{equipment}/{field}", "factory/F001/W01/E1/state"),
    ("{factory}/+/{line}/{equipment}/#", "F001/x/L1/E1/a/b"), ("$share/g/a/#", "a/b"), ("#", "$SYS/broker"),
    ("spBv1.0/{group}/+/{edge}/#", "spBv1.0/F001/DDATA/W01/M1"), ("spBv1.0/#", "spBv1.0/STATE/host"),
  ].map { Array("\($0)\n\($1)".utf8) }

  /// The rules of all golden sources, and of the built-in formats.
  private static func rules(_ sources: [String]) -> [[UInt8]] {
    let all = sources.compactMap { source -> Source? in
      var problems: [SettingsProblem] = []
      guard let tree = try? PlainYAML.tree(source) else { return nil }
      return SourceFormats.source(tree, name: "source", &problems)
    }
    return ([[]] + all.map { [$0] }).map {
      Array(DecodingRules(sources: $0, limits: DecodingLimits()).text.utf8)
    }
  }
}

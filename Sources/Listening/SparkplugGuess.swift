import Decoding
import Telemetry

/// Makes a source for Sparkplug messages: the meaning of the names in topics, and the metrics of births.
struct SparkplugGuess {
  /// In the order of their receipt, so that a node's own birth comes before those of its devices.
  private var births: [HeardMessage] = []
  private let context: ProposalBuilder.Context
  private var metrics = FieldSamples()

  init(_ samples: [HeardMessage], _ context: ProposalBuilder.Context) {
    self.context = context
    births = samples.filter { sample in
      sample.topic.withUnsafeBytes { SparkplugTopic($0)?.verb.isBirth ?? false }
    }
    for birth in births { readMetrics(birth.payload) }
  }

  private mutating func readMetrics(_ payload: [UInt8]) {
    payload.withUnsafeBytes { bytes in
      guard let payload = try? SparkplugPayload(bytes) else { return }
      var walk = payload.metrics
      while let metric = try? walk.next() {
        guard let name = metric.name.map({ String(decoding: $0, as: UTF8.self) }),
          let value = Self.value(metric.value)
        else { continue }
        metrics.add(name, name: String(name.split(separator: "/").last ?? ""), value)
      }
    }
  }

  private static func value(_ value: SparkplugMetric.Value) -> ScalarValue? {
    switch value {
    case .int(let number): .number("\(number)")
    case .long(let number): .number("\(number)")
    case .float(let number): .number("\(number)")
    case .double(let number): .number("\(number)")
    case .boolean(let value): .boolean(value)
    case .string(let bytes): .text(String(decoding: bytes, as: UTF8.self))
    case .absent, .bytes, .dataSet, .template, .other: nil
    }
  }

  func proposal(topics: [String]) -> Proposal? {
    var settings: [SettingsTree.Entry] = [SettingsTree.Entry("format", "sparkplug")]
    var notes: [Proposal.Note] = []
    func set(_ key: String, _ value: SettingsTree) { settings.append(SettingsTree.Entry(key, value)) }
    let machines = SparkplugMachines(topics, context)
    settings += machines.keys
    if machines.isFactoryGuessed { notes.append(.factory) }
    addMetrics(set, &notes)
    if births.isEmpty { notes.append(.noBirth) }
    let tree = SettingsTree(.section(settings))
    var problems: [SettingsProblem] = []
    guard let source = SourceFormats.source(tree, name: "sources[0]", &problems), problems.isEmpty else {
      return nil
    }
    return Proposal(
      .sparkplug(isFromHost: false), tree, source, notes, births, topics: topics, names: machines.list,
      context)
  }

  private func addMetrics(_ set: (String, SettingsTree) -> Void, _ notes: inout [Proposal.Note]) {
    if births.isEmpty { return }
    if metrics["Status/StateCurrent"] != nil, metrics["Status/State"] == nil {
      return set("preset", "packml")
    }
    let roles = FieldRoles(metrics, wantsTime: false)
    guard metrics["Status/State"] == nil else { return }
    guard roles.state != nil else {
      notes.append(.noState(roles.candidates))
      return
    }
    let guess = StateGuess(roles, standard: nil)
    notes += guess.notes
    if let rule = guess.rule { set("state", rule) }
    var counters: [SettingsTree.Entry] = []
    if let (id, factor) = roles.energy {
      let energy: SettingsTree =
        factor == "1"
        ? SettingsTree(.text(id)) : ["at": SettingsTree(.text(id)), "factor": SettingsTree(.text(factor))]
      counters.append(SettingsTree.Entry("energy_kwh", energy))
    }
    if let good = roles.good { counters.append(SettingsTree.Entry("good", SettingsTree(.text(good)))) }
    if let total = roles.total { counters.append(SettingsTree.Entry("total", SettingsTree(.text(total)))) }
    if !counters.isEmpty { set("counters", SettingsTree(.section(counters))) }
  }
}

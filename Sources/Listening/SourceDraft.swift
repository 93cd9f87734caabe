import Decoding
import Telemetry

/// The settings of a source as they are put together.
struct SourceDraft {
  private(set) var settings: SettingsTree
  private(set) var notes: [Proposal.Note] = []
  private let form: PayloadForm
  private let sketch: PayloadSketch
  private let context: ProposalBuilder.Context
  private let roles: FieldRoles

  init(
    _ form: PayloadForm, _ guess: TopicGuess, _ sketch: PayloadSketch, _ context: ProposalBuilder.Context
  ) {
    self.form = form
    self.sketch = sketch
    self.context = context
    roles = FieldRoles(sketch.fields, wantsTime: sketch.hasTime)
    settings = SettingsTree(.section([]))
    set("format", SettingsTree(.text(Self.format(of: form))))
    for entry in sketch.keys where entry.key == "preset" { set(entry.key, entry.value) }
    set("topic", SettingsTree(.text(guess.text)))
    if guess.isUncertain { notes.append(.topic) }
    if !guess.hasFactory {
      set("factory", SettingsTree(.text(context.factory)))
      notes.append(.factory)
    }
    for entry in sketch.keys where entry.key != "preset" { set(entry.key, entry.value) }
    if sketch.columnsAreGuessed { notes.append(.columns) }
  }

  private static func format(of form: PayloadForm) -> String {
    switch form {
    case .pubsub: "pubsub"
    case .mtconnect: "mtconnect"
    case .presenceWords: "presence"
    case .lineProtocol: "line_protocol"
    case .csv: "csv"
    case .values: "values"
    default: "json"
    }
  }

  /// Adds a key at the end.
  mutating func set(_ key: String, _ value: SettingsTree) {
    guard case .section(var entries) = settings.content else { return }
    entries.append(SettingsTree.Entry(key, value))
    settings = SettingsTree(.section(entries))
  }

  /// Adds the rules for time, state, mode, counters and alarms.
  mutating func addRules() {
    addTime()
    addState()
    addMode()
    addCounters()
    if let alarms = roles.alarms, alarms != standard("alarms") { set("alarms", SettingsTree(.text(alarms))) }
  }

  /// The identifier of a field in the preset; nil without a preset.
  private func standard(_ name: String) -> String? { sketch.prefix.map { $0 + name } }

  // MARK: Time

  private mutating func addTime() {
    if !sketch.times.isEmpty { return addUnit() }
    guard sketch.hasTime else { return }
    guard let time = roles.time, let form = roles.timeValues.lazy.compactMap(TimeGuess.form).first else {
      return set("timestamp", "receipt")
    }
    switch form {
    case .milliseconds, .text: set("timestamp", SettingsTree(.text(time)))
    case .local:
      set("timestamp", ["at": SettingsTree(.text(time)), "zone": SettingsTree(.text(context.zone))])
      notes.append(.zone)
    case .seconds, .microseconds, .nanoseconds:
      set("timestamp", ["at": SettingsTree(.text(time)), "unit": SettingsTree(.text(form.unit ?? "ms"))])
    }
  }

  /// Adds the unit of times that stand apart from the fields, if it is not that of the preset or format.
  private mutating func addUnit() {
    guard let unit = sketch.times.lazy.compactMap({ TimeGuess.form(of: $0)?.unit }).first else { return }
    if form == .lineProtocol {
      if unit != "ns" { set("timestamp", SettingsTree(.text(unit))) }
      return
    }
    let usual = form == .json(preset: "telegraf") ? "s" : "ms"
    if unit != usual { set("timestamp", ["unit": SettingsTree(.text(unit))]) }
  }

  // MARK: State

  private mutating func addState() {
    if form == .pubsub(preset: "machinery"), roles.state == .field("MachineryItemState") { return }
    if roles.state == nil {
      notes.append(.noState(roles.candidates))
      // A name that messages do not have, so that they are refused until it is edited. CSV accepts only its columns.
      let placeholder = form.usesPointers && sketch.prefix != "" ? "/EDIT" : "EDIT"
      let name =
        form.isRows ? roles.candidates.first ?? sketch.fields.fields.first?.id ?? placeholder : placeholder
      set("state", ["at": SettingsTree(.text(name))])
      return
    }
    let guess = StateGuess(roles, standard: standard("state"))
    notes += guess.notes
    if let rule = guess.rule { set("state", rule) }
  }

  // MARK: Other fields

  private mutating func addMode() {
    guard let mode = roles.mode else { return }
    let isStandard = mode == standard("mode")
    let native = [OperatingMode.automatic.name, OperatingMode.manual.name]
    if roles.modeWords.allSatisfy({ native.contains($0.text.lowercased()) }) {
      if !isStandard { set("mode", SettingsTree(.text(mode))) }
      return
    }
    var list = WordList()
    var map: [SettingsTree.Entry] = []
    for word in roles.modeWords {
      guard let meaning = FieldNames.mode(word.text), list.add(Word(word.text)) == map.count else { continue }
      map.append(SettingsTree.Entry(word.text, SettingsTree(.text(meaning.name))))
    }
    let entry = SettingsTree.Entry("map", SettingsTree(.section(map)))
    let at = SettingsTree.Entry("at", SettingsTree(.text(mode)))
    set("mode", SettingsTree(.section(isStandard ? [entry] : [at, entry])))
  }

  private mutating func addCounters() {
    var entries: [SettingsTree.Entry] = []
    if let (id, factor) = roles.energy, id != standard("energy_kwh") || factor != "1" {
      entries.append(
        SettingsTree.Entry(
          "energy_kwh",
          factor == "1"
            ? SettingsTree(.text(id))
            : ["at": SettingsTree(.text(id)), "factor": SettingsTree(.text(factor))]))
    }
    if let good = roles.good, good != standard("good") {
      entries.append(SettingsTree.Entry("good", SettingsTree(.text(good))))
    }
    if let total = roles.total, total != standard("total") {
      entries.append(SettingsTree.Entry("total", SettingsTree(.text(total))))
    }
    if !entries.isEmpty { set("counters", SettingsTree(.section(entries))) }
  }

  // MARK: Changes only

  /// Whether the key `changes_only` is possible and not set by the format or preset.
  var mayKeepChanges: Bool {
    switch form {
    case .json(let preset): preset != "kepware"
    case .csv, .lineProtocol: true
    default: false
    }
  }

  /// Whether a refusal says that a message lacks the state.
  func isStateMissing(_ refusal: HeardRefusal) -> Bool {
    refusal.reason == .missingField
      && FieldRoles.ids(of: roles.state).contains(RejectionDetail.shown(refusal.detail))
  }

  mutating func keepChanges() {
    set("changes_only", "true")
    notes.append(.changesOnly)
  }
}

extension PayloadForm {
  /// Whether fields are named by JSON pointers.
  fileprivate var usesPointers: Bool { if case .json = self { true } else { false } }

  fileprivate var isRows: Bool { if case .csv = self { true } else { false } }
}

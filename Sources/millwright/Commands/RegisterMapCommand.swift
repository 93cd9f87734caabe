import ArgumentParser
import Configuration
import Decoding
import Foundation
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry

/// `millwright register map`: checks naming files, and proposes lines for them.
struct RegisterMapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Propose lines for the naming file, which gives published names the register's ids.",
    discussion: """
      With --suggest, compares names that were received and are not in the register with registered equipment that was \
      never heard. Clear pairs are printed with their lines for the naming file. Nothing is changed: add the lines that \
      are right to the file named by 'naming' in the configuration, then send the collector SIGHUP.

      The lines apply to messages received from then on. Of earlier ones, 'millwright quarantine retry' reads those that \
      were refused, and 'millwright rebuild --with-present-sources --from DAY' also those that count as unregistered \
      senders.

      With --check, prints every problem of a naming file with its line and column, and exits with 1 if there is one.

      Example:
        millwright register map --suggest --lang zh
        millwright register map --suggest --format csv --bom > proposals.csv
        millwright register map --check naming.csv
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, csv, json }

  @Flag(help: "Propose pairs of published names and registered equipment.")
  var suggest = false
  @Option(help: "A naming file to check: CSV in UTF-8 or GB18030, English or Chinese headings.")
  var check: String?
  @Option(help: "text, csv (a naming file with the clear pairs) or json.")
  var format: Format = .text
  @Flag(help: "Begin csv with a byte order mark, so that its encoding is never in doubt.")
  var bom = false
  @Option(help: "Only names and equipment of this factory.")
  var factory: String?
  @OptionGroup var form: TextFileOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func validate() throws {
    guard suggest != (check != nil) else {
      throw ValidationError("use --suggest to propose pairs, or --check FILE to check a naming file")
    }
  }

  func run() throws {
    let say = CommandWording(language: output.language)
    if let check { return try run(checking: try form.load(check), say) }
    let settings = try store.settings()
    let found = try NameSuggestions(settings, factory: factory)
    switch format {
    case .text: print(NameSuggestionText(say: say).text(found), terminator: "")
    case .csv:
      let lines = [Naming.headings] + found.clear.map(\.line)
      let text = (bom ? "\u{FEFF}" : "") + lines.map { $0 + "\n" }.joined()
      try OutputFile.writeAll(Data(text.utf8), to: STDOUT_FILENO, "standard output")
    case .json: print(try found.json())
    }
  }

  private func run(checking file: RegisterFile, _ say: CommandWording) throws {
    do throws(RegisterProblems) {
      let count = try Naming(file).entries.count
      print(file.name.inert + say(": \(count.counted("name", "names")), valid", "：名称 \(count) 个，有效"))
    } catch {
      throw CommandFailure(.doesNotHold, error.lines(say).joined(separator: "\n"))
    }
  }
}

/// Names that were received and are not in the register, with the equipment that they probably mean.
struct NameSuggestions {
  struct Suggestion {
    var identity: Naming.Identity
    var name: NamePairing.ForeignName
    var proposal: NamePairing.Proposal
    /// The line for the naming file.
    var line: String
  }

  /// Names that mean one machine, ascending by line.
  private(set) var clear: [Suggestion] = []
  /// Names for which there are several machines, or whose machine is proposed for another name as well.
  private(set) var ambiguous: [Suggestion] = []
  /// Names without a proposal.
  private(set) var others: [Naming.Identity] = []
  /// Number of registered equipment that was never heard.
  private(set) var neverHeard = 0

  /// Maximum number of refused messages that are looked at.
  private static let mostRefused = 100_000
  /// Maximum number of names.
  private static let mostNames = 20_000

  init(_ settings: Settings, factory: String?) throws {
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let snapshot = try register.snapshot(
      day: settings.district.calendar.day(at: InstantArgument.now), factory: factory)
    let heard = try ViewsReader(settings.storeDirectory).snapshot { snapshot in
      try snapshot.senders(of: FactoryScope(factory)).senders.map(\.key)
    }
    let isHeard = Set(heard)
    let silent = snapshot.entries.filter { $0.service == .inService && !isHeard.contains($0.equipment.key) }
    neverHeard = silent.count
    let shard = try settings.shardSettings()
    let router = Router(shard.sources, naming: shard.naming)
    let factories = try register.factoryIDs()
    var names = ForeignNames(router: router, factories: factories, most: Self.mostNames)
    let registered = try register.keys()
    for key in heard where !registered.contains(key) { names.add(sender: key) }
    let quarantine = try QuarantineReader(settings.storeDirectory)
    for message in try quarantine.newest(Self.mostRefused, reason: .unmatchedTopic)
    where message.fault == .notAnID { names.add(topic: message.topic) }
    for message in try quarantine.newest(Self.mostRefused, reason: .malformed)
    where message.fault == .notAnID {
      names.add(payloadName: String(message.excerpt.prefix { $0 != "\n" }), topic: message.topic)
    }
    pair(
      names.found.filter { factory == nil || $0.name.factory == factory },
      NamePairing(silent.map { (key: $0.equipment.key, serial: $0.equipment.serial) }))
  }

  private mutating func pair(
    _ names: [(identity: Naming.Identity, name: NamePairing.ForeignName)], _ pairing: NamePairing
  ) {
    for (name, proposal) in zip(names, pairing.proposals(for: names.map(\.name))) {
      guard let proposal, let key = proposal.candidates.first else {
        others.append(name.identity)
        continue
      }
      let entry = Naming.Entry(name.identity, factory: key.factory, equipment: key.equipment)
      let suggestion = Suggestion(
        identity: name.identity, name: name.name, proposal: proposal, line: entry.csv)
      if proposal.isClear { clear.append(suggestion) } else { ambiguous.append(suggestion) }
    }
    clear.sort { $0.line < $1.line }
    ambiguous.sort { $0.line < $1.line }
    others.sort { $0.shown < $1.shown }
  }
}

/// Collects names that are not in the register, each once.
private struct ForeignNames {
  let router: Router
  /// Ids of the register's factories.
  let factories: Set<String>
  let most: Int
  private(set) var found: [(identity: Naming.Identity, name: NamePairing.ForeignName)] = []
  private var known: Set<Naming.Identity> = []
  /// Published names of factories, by id.
  private let published: [String: [String]]

  init(router: Router, factories: Set<String>, most: Int) {
    self.router = router
    self.factories = factories
    self.most = most
    published = router.naming.factoryNames
  }

  /// Adds a sender that the register does not know, under each name of its factory.
  mutating func add(sender key: EquipmentKey) {
    for name in [key.factory] + (published[key.factory] ?? [])
    where !router.naming.hasEquipment(named: key.equipment, ofFactory: name) {
      add(.published(factory: name, equipment: key.equipment), key.factory, key.equipment)
    }
  }

  /// Adds the names in a topic that the sources and the naming do not make ids of.
  mutating func add(topic: [UInt8]) {
    topic.withUnsafeBytes { topic in
      guard (try? router.route(topic)) == nil, let identity = router.identity(in: topic) else { return }
      switch identity {
      case .published(let factory, _, _, let equipment):
        add(identity, router.naming.factory(named: factory) ?? factory, equipment)
      case .sparkplug(let group, let edge, let device):
        let factory = router.naming.factory(ofEdge: edge, group: group) ?? group
        add(identity, factory, device.isEmpty ? edge : device)
      case .serial: break
      }
    }
  }

  /// Adds a name in a payload that was refused because it is no id.
  mutating func add(payloadName value: String, topic: [UInt8]) {
    topic.withUnsafeBytes { topic in
      guard let identity = router.identity(ofPayloadName: value, in: topic),
        case .published(let factory, _, _, let equipment) = identity,
        !router.naming.hasEquipment(named: equipment, ofFactory: factory)
      else { return }
      add(identity, router.naming.factory(named: factory) ?? factory, equipment)
    }
  }

  private mutating func add(_ identity: Naming.Identity, _ factory: String, _ equipment: String) {
    guard found.count < most, !equipment.isEmpty, known.insert(identity).inserted else { return }
    let name = NamePairing.ForeignName(
      factory: factories.contains(factory) ? factory : nil, equipment: equipment)
    found.append((identity, name))
  }
}

extension Naming.Identity {
  /// The parts in the order of a naming file's columns, such as `一厂 / 车床 1`.
  var shown: String {
    let parts = parts
    return NamingColumn.allCases.compactMap { parts[$0] }.joined(separator: " / ").inert
  }
}

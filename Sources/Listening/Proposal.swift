import Decoding
import Telemetry

/// A source that would read some topics, with the results of its decoder for the sample messages.
public struct Proposal: Sendable {
  /// A remark on a guess, for the person who takes the source over.
  public enum Note: Equatable, Sendable {
    /// The key `factory` has a guessed id.
    case factory
    /// The roles of the topic's levels are uncertain.
    case topic
    /// These names in topics and payloads are not ids, or stand for several machines, so that a naming file must give them
    /// ids.
    case names([Naming.Entry])
    /// Number of further such names, for which the draft has no lines.
    case namesLeftOut(Int)
    /// The meaning of these values of the state is not known; they are not in the map.
    case unknownWords([String])
    /// The meaning of the state's numbers or truth values is a guess.
    case guessedWords
    /// No field looks like a state; those that could be one, at most three.
    case noState([String])
    /// Times have no offset from UTC: the zone is a guess.
    case zone
    /// The names of the columns are guesses.
    case columns
    /// Some messages lack the state, so earlier values are kept.
    case changesOnly
    /// No birth of an edge node was heard, so names of metrics are not known.
    case noBirth

    /// The key of the source that the note is about.
    var key: String {
      switch self {
      case .factory: "factory"
      case .topic, .names, .namesLeftOut: "topic"
      case .unknownWords, .guessedWords, .noState: "state"
      case .zone: "timestamp"
      case .columns: "columns"
      case .changesOnly: "changes_only"
      case .noBirth: "format"
      }
    }
  }

  public var form: PayloadForm
  /// The source as a section of `sources`.
  public var settings: SettingsTree
  public var source: Source
  public var notes: [Note]
  /// Events of the sample messages by the source's decoder, of each equipment the newest, at most ``mostEvents``.
  public private(set) var events: [HeardEvent] = []
  /// Number of equipment with an event.
  public private(set) var equipmentCount = 0
  /// Distinct refusals of sample messages, in order.
  public private(set) var refusals: [HeardRefusal] = []

  public static let mostEvents = 8
  /// The id in the key `factory` if the factory is not known, until it is edited.
  public static let unknownFactory = "FACTORY"

  /// Entries of a naming file for names in topics and payloads that are not ids, or that several machines have, with ids
  /// that stand for those of the register. The events are those with these entries.
  public private(set) var names: [Naming.Entry] = []

  /// Whether the decoder makes an event of a sample message.
  public var isFit: Bool { !events.isEmpty }

  /// A proposal with what its source makes of the sample messages.
  ///
  /// - Parameter list: the entries for names; nil to find them in topics and payloads.
  init(
    _ form: PayloadForm, _ settings: SettingsTree, _ source: Source, _ notes: [Note],
    _ samples: [HeardMessage], topics: [String], names list: NamingList? = nil,
    _ context: ProposalBuilder.Context
  ) {
    self.form = form
    self.settings = settings
    self.source = source
    self.notes = notes
    var naming = context.naming
    let list =
      list
      ?? NamingDraft(
        source, topics: topics, samples: samples, limits: context.limits, naming: naming, ids: context.ids
      ).list
    if !list.entries.isEmpty, let named = try? Naming(Array(naming.entries) + list.entries) {
      naming = named
      names = list.entries
      self.notes.append(.names(list.entries))
    }
    if list.leftOut > 0 { self.notes.append(.namesLeftOut(list.leftOut)) }
    guard let reader = try? SourceReader([source], limits: context.limits, naming: naming) else { return }
    var latest: [String: Int] = [:]
    var found: [HeardEvent] = []
    for sample in samples {
      let outcome = reader.read(sample)
      if let refusal = outcome.refusal, !refusals.contains(refusal) { refusals.append(refusal) }
      for event in outcome.events {
        if let place = latest[event.name], found[place].kind != .reading || event.kind == .reading {
          found[place] = event
        } else if latest[event.name] == nil {
          latest[event.name] = found.count
          found.append(event)
        }
      }
    }
    equipmentCount = found.count
    events = Array(found.prefix(Self.mostEvents))
  }

  /// Lines of the source as an element of `sources`, indented by two spaces. `comment` makes the text of a note; a
  /// comment stands before the key that it is about.
  public func lines(_ comment: (Note) -> String) -> [String] {
    guard case .section(let entries) = settings.content else { return [] }
    let keys = Set(entries.dropFirst().map(\.key))
    var lines: [String] = []
    for (index, entry) in entries.enumerated() {
      for note in notes where note.key == entry.key && index > 0 { lines.append("    # " + comment(note)) }
      let mark = index == 0 ? "  - " : "    "
      lines.append("\(mark)\(SourceYAML.quoted(entry.key)): \(SourceYAML.flow(entry.value))")
      if index == 0 {
        for note in notes where !keys.contains(note.key) { lines.append("    # " + comment(note)) }
      }
    }
    return lines
  }
}

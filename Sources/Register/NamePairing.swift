import Telemetry

/// Proposes the equipment of the register that foreign names probably mean.
///
/// Nothing is applied: a person decides. The work grows with the number of names and of equipment, not with their
/// product, because each is looked up by simplified forms of its name.
public struct NamePairing: Sendable {
  /// Reasons for a proposal, the strongest first. The first that applies to any equipment decides.
  public enum Reason: Int, CaseIterable, Comparable, Sendable {
    /// The names differ in upper and lower case only, or not at all.
    case letterCase
    /// They also differ in full-width and half-width characters.
    case width
    /// They also differ in spaces, hyphens and other separators.
    case separators
    /// They also differ in zeros at the beginning of numbers.
    case leadingZeros
    /// The name is the serial number of the equipment.
    case serial
    /// One character differs that is not a digit. Not for names whose factory is unknown.
    case spelling

    public static func < (a: Reason, b: Reason) -> Bool { a.rawValue < b.rawValue }

    /// The word in JSON.
    public var name: String {
      switch self {
      case .letterCase: "letter_case"
      case .width: "width"
      case .separators: "separators"
      case .leadingZeros: "leading_zeros"
      case .serial: "serial"
      case .spelling: "spelling"
      }
    }

    /// The reason in a few words of English.
    public var english: String {
      switch self {
      case .letterCase: "same in upper or lower case"
      case .width: "same in half width"
      case .separators: "same without separators"
      case .leadingZeros: "same without leading zeros"
      case .serial: "is its serial number"
      case .spelling: "differs in one character"
      }
    }

    /// The reason in a few Chinese words.
    public var chinese: String {
      switch self {
      case .letterCase: "仅大小写不同"
      case .width: "仅全角、半角不同"
      case .separators: "仅分隔符不同"
      case .leadingZeros: "仅前导零不同"
      case .serial: "与序列号相同"
      case .spelling: "仅一个字符不同"
      }
    }
  }

  /// A name that is not in the register.
  public struct ForeignName: Hashable, Sendable {
    /// The factory's id in the register; nil if it is unknown. Then equipment of all factories is proposed.
    public var factory: String?
    /// The equipment as published.
    public var equipment: String

    /// A name of a factory's equipment.
    public init(factory: String?, equipment: String) {
      self.factory = factory
      self.equipment = equipment
    }
  }

  /// Equipment for one name.
  public struct Proposal: Equatable, Sendable {
    public var reason: Reason
    /// The equipment, ascending; only one if the proposal is clear.
    public var candidates: [EquipmentKey]
    /// Whether the equipment is proposed for another name as well, for a reason as strong.
    public var isShared = false
    /// Whether there is one candidate, for this name only.
    public var isClear: Bool { candidates.count == 1 && !isShared }
  }

  private struct Form: Hashable {
    var reason: Reason
    /// Empty: equipment of all factories.
    var factory: String
    var text: String
  }

  private var keys: [EquipmentKey] = []
  private var forms: [NameForms] = []
  private var places: [Form: [Int]] = [:]
  /// Places by the hash of a factory and a variant of the name (``SingleEdit/variants(of:)``). Other names can have the
  /// same hash.
  private var spellings: [Int: [Int32]] = [:]

  /// Maximum number of equipment in one proposal. More of them help nobody.
  private static let mostCandidates = 20
  /// Maximum number of equipment with one variant of the name that is compared.
  private static let mostCompared = 100

  /// Equipment that may be meant, such as that of the register that was never heard.
  public init(_ equipment: some Sequence<(key: EquipmentKey, serial: String)>) {
    for (key, serial) in equipment.sorted(by: { $0.key < $1.key }) {
      let place = keys.count
      let form = NameForms(key.equipment)
      keys.append(key)
      forms.append(form)
      add(.letterCase, form.lowercase, key, place)
      add(.width, form.narrow, key, place)
      add(.separators, form.joined, key, place)
      add(.leadingZeros, form.unpadded, key, place)
      if !serial.isEmpty { add(.serial, NameForms(serial).joined, key, place) }
      guard SingleEdit.lengths.contains(form.unpadded.count) else { continue }
      for variant in SingleEdit.variants(of: form.unpadded) {
        spellings[Self.hash(key.factory, variant), default: []].append(Int32(truncatingIfNeeded: place))
      }
    }
  }

  private static func hash(_ factory: String, _ variant: String) -> Int {
    var hasher = Hasher()
    hasher.combine(factory)
    hasher.combine(variant)
    return hasher.finalize()
  }

  private mutating func add(_ reason: Reason, _ text: String, _ key: EquipmentKey, _ place: Int) {
    guard !text.isEmpty else { return }
    for factory in ["", key.factory] {
      // One more than are shown, so that more of them are known to exist.
      let form = Form(reason: reason, factory: factory, text: text)
      if places[form, default: []].count <= Self.mostCandidates { places[form, default: []].append(place) }
    }
  }

  /// The proposals for names, in their order; nil for a name without one.
  public func proposals(for names: [ForeignName]) -> [Proposal?] {
    var proposals = names.map { proposal(for: $0) }
    // The strongest reason for each equipment, and how many names have it.
    var best: [EquipmentKey: (reason: Reason, names: Int)] = [:]
    for proposal in proposals {
      guard let proposal, proposal.candidates.count == 1 else { continue }
      let key = proposal.candidates[0]
      guard let known = best[key], known.reason <= proposal.reason else {
        best[key] = (proposal.reason, 1)
        continue
      }
      if known.reason == proposal.reason { best[key] = (known.reason, known.names + 1) }
    }
    for index in proposals.indices {
      guard let proposal = proposals[index], proposal.candidates.count == 1,
        let known = best[proposal.candidates[0]]
      else { continue }
      proposals[index]?.isShared = known.reason < proposal.reason || known.names > 1
    }
    return proposals
  }

  private func proposal(for name: ForeignName) -> Proposal? {
    let form = NameForms(name.equipment)
    for reason in Reason.allCases {
      let found = places(for: reason, form, in: name.factory)
      if !found.isEmpty {
        return Proposal(reason: reason, candidates: found.prefix(Self.mostCandidates).map { keys[$0] })
      }
    }
    return nil
  }

  private func places(for reason: Reason, _ name: NameForms, in factory: String?) -> [Int] {
    func found(_ text: String) -> [Int] {
      text.isEmpty ? [] : places[Form(reason: reason, factory: factory ?? "", text: text)] ?? []
    }
    switch reason {
    case .letterCase: return found(name.lowercase)
    case .width: return found(name.narrow)
    case .separators, .serial: return found(name.joined)
    case .leadingZeros: return found(name.unpadded)
    case .spelling:
      guard let factory, SingleEdit.lengths.contains(name.unpadded.count) else { return [] }
      var near: Set<Int> = []
      for variant in SingleEdit.variants(of: name.unpadded) {
        for place in spellings[Self.hash(factory, variant)]?.prefix(Self.mostCompared) ?? [] {
          near.insert(Int(place))
        }
      }
      // Another number is another machine.
      return near.filter { place in
        keys[place].factory == factory && forms[place].numbers == name.numbers
          && SingleEdit.separates(forms[place].unpadded, name.unpadded)
      }.sorted()
    }
  }
}

import Telemetry

/// Kind of a key energy meter: the energy or medium it measures, if GB 17167 requires the meter.
public enum MeterKind: String, CaseIterable, Sendable {
  /// A meter that GB 17167 does not require.
  case none
  case electricity, water, gas, steam, heat, fuel
  /// A required meter of another medium, such as compressed air.
  case other

  /// Whether GB 17167 requires the meter, as the factory declares it.
  public var isRequired: Bool { self != .none }

  /// The word of a Chinese register file and report.
  public var chinese: String {
    switch self {
    case .none: "非必配"
    case .electricity: "电"
    case .water: "水"
    case .gas: "燃气"
    case .steam: "蒸汽"
    case .heat: "热力"
    case .fuel: "燃料"
    case .other: "其他"
    }
  }

  /// Words for kinds of meters in register files, in English and Chinese. No other word is guessed.
  public static let words: [String: MeterKind] = {
    var words: [String: MeterKind] = [
      "电力": .electricity, "自来水": .water, "天然气": .gas, "natural gas": .gas, "热": .heat, "不要求": .none,
    ]
    for kind in allCases { (words[kind.rawValue], words[kind.chinese]) = (kind, kind) }
    return words
  }()

  /// The kind that a word names, in any letter case; nil for an unknown word.
  public init?(word: String) {
    guard let known = Self.words[word] ?? Self.words[word.lowercased()] else { return nil }
    self = known
  }
}

/// Amounts of money kept in hundredths of a yuan, as text.
public enum Money {
  /// The largest amount: 1,000,000,000,000 yuan.
  public static let largest: Int64 = 100_000_000_000_000

  /// The amount in yuan: 1234560 as `12345.6`, without zeros behind the last digit.
  public static func text(_ hundredths: Int64) -> String {
    let fraction = hundredths.magnitude % 100
    let whole = (hundredths < 0 ? "-" : "") + String(hundredths.magnitude / 100)
    if fraction == 0 { return whole }
    return whole + "."
      + (fraction % 10 == 0 ? String(fraction / 10) : fraction < 10 ? "0\(fraction)" : "\(fraction)")
  }

  /// The amount that a text writes in yuan with at most two decimals; nil for anything else, or more than ``largest``.
  public static func value(_ text: some StringProtocol) -> Int64? {
    guard let thousandths = Thousandths.value(text), thousandths % 10 == 0, thousandths / 10 <= largest else {
      return nil
    }
    return thousandths / 10
  }
}

extension RegisteredEquipment {
  /// The longest ideal time for one piece: one day.
  public static let longestCycle = Span.days(1)

  /// Whether the row states any attribute that figures for forms need.
  public var hasFormAttributes: Bool {
    cnc != nil || !process.isEmpty || keyProcess != nil || idealCycle != nil || assetValue != nil
      || meterKind != nil || countsOutput != nil
  }
}

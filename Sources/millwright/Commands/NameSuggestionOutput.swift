import Decoding
import Foundation
import Register
import Reporting
import Telemetry

/// Text of proposals for the naming file.
struct NameSuggestionText {
  let say: CommandWording

  /// Maximum number of names without a proposal that are listed.
  private static let mostOthers = 20

  func text(_ found: NameSuggestions) -> String {
    let names = found.clear.count + found.ambiguous.count + found.others.count
    var lines = [
      say(
        "\(names.counted("name is", "names are")) not in the register; \(found.neverHeard) registered equipment never "
          + "heard",
        "未登记的名称 \(names) 个；已登记但从未上报的设备 \(found.neverHeard) 台")
    ]
    if !found.clear.isEmpty {
      lines += ["", say("Proposals", "建议对应关系")]
      lines += RegisterSupport.table(
        found.clear.map { suggestion in
          [
            "  " + suggestion.identity.shown, "→ \(suggestion.proposal.candidates[0])",
            reason(suggestion.proposal),
          ]
        })
      lines += [
        "", say("Lines for the naming file, if they are right", "核对无误后，可将下列行加入命名文件"), Naming.headings,
      ]
      lines += found.clear.map(\.line)
    }
    if !found.ambiguous.isEmpty {
      lines += ["", say("Not clear: look at each", "无法确定，请逐一核对")]
      lines += RegisterSupport.table(
        found.ambiguous.map { suggestion in
          let keys = suggestion.proposal.candidates.map(\.description).joined(separator: ", ")
          let shared =
            suggestion.proposal.isShared ? say(", proposed for another name as well", "，且与其他名称重复") : ""
          return ["  " + suggestion.identity.shown, "? \(keys)", reason(suggestion.proposal) + shared]
        })
    }
    if !found.others.isEmpty {
      lines += ["", say("Without a proposal", "无建议")]
      lines += found.others.prefix(Self.mostOthers).map { "  " + $0.shown }
      let left = found.others.count - Self.mostOthers
      if left > 0 { lines.append(say("  and \(left) more", "  另有 \(left) 个")) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func reason(_ proposal: NamePairing.Proposal) -> String {
    say(proposal.reason.english, proposal.reason.chinese)
  }
}

extension NameSuggestions {
  private struct Contents: Encodable {
    var schema = "millwright.naming/1"
    var never_heard: Int
    var proposals: [Pair]
    var ambiguous: [Pair]
    var others: [[String: String]]
  }

  private struct Pair: Encodable {
    var name: [String: String]
    var reason: String
    var equipment: [String]
    /// The line for the naming file; only of a clear proposal.
    var line: String?

    init(_ suggestion: NameSuggestions.Suggestion) {
      name = suggestion.identity.named
      reason = suggestion.proposal.reason.name
      equipment = suggestion.proposal.candidates.map(\.description)
      line = suggestion.proposal.isClear ? suggestion.line : nil
    }
  }

  /// The proposals as a JSON object in one line, with sorted keys.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let contents = Contents(
      never_heard: neverHeard, proposals: clear.map(Pair.init), ambiguous: ambiguous.map(Pair.init),
      others: others.map(\.named))
    return String(decoding: try encoder.encode(contents), as: UTF8.self)
  }
}

extension Naming.Identity {
  /// The parts by the headings of a naming file.
  fileprivate var named: [String: String] {
    Dictionary(uniqueKeysWithValues: parts.map { ($0.key.rawValue, $0.value) })
  }
}

import Decoding
import Telemetry

/// Words for online and offline other than these.
enum PresenceGuess {
  /// Each pair as it is in messages in lower case.
  private static let pairs: [(online: String, offline: String)] = [
    ("online", "offline"), ("上线", "下线"), ("在线", "离线"), ("connected", "disconnected"),
    ("available", "unavailable"),
  ]

  /// Whether text is one of the words, in any letter case.
  static func isWord(_ text: String) -> Bool {
    let word = text.lowercased()
    return pairs.contains { $0.online == word || $0.offline == word }
  }

  /// The key `words` of a source: each pair of which a message has a word, in the letter case of that message.
  static func words(of messages: [HeardMessage]) -> SettingsTree {
    let heard = messages.compactMap { FormRecognition.text($0.payload) }
    let entries = pairs.flatMap { pair -> [SettingsTree.Entry] in
      guard let word = heard.first(where: { [pair.online, pair.offline].contains($0.lowercased()) }) else {
        return []
      }
      let isUpper = word == word.uppercased() && word != word.lowercased()
      return [(pair.online, "online"), (pair.offline, "offline")].map { word, meaning in
        SettingsTree.Entry(isUpper ? word.uppercased() : word, SettingsTree(.text(meaning)))
      }
    }
    return SettingsTree(.section(entries))
  }
}

import Decoding

/// Topics that one source could read.
enum TopicGroups {
  struct Group: Equatable {
    var form: PayloadForm
    /// Places of the topics, ascending.
    var topics: [Int]
  }

  private struct Key: Hashable {
    var form: PayloadForm
    /// Number of levels; 0 if topics of any length can have one source.
    var width: Int
    /// The first level, unless it is a factory's id, or the name of a factory or a part of one.
    var first: String
    /// The last level of JSON of no known form, if it has no digit: a kind of message rather than a name.
    var last: String
  }

  /// Groups topics, in the order of their first topics.
  static func groups(_ topics: [(place: Int, form: PayloadForm, text: String)]) -> [Group] {
    var places: [Key: Int] = [:]
    var groups: [Group] = []
    for topic in topics {
      let key = key(topic.form, topic.text)
      if let place = places[key] {
        groups[place].topics.append(topic.place)
      } else {
        places[key] = groups.count
        groups.append(Group(form: topic.form, topics: [topic.place]))
      }
    }
    return groups
  }

  private static func key(_ form: PayloadForm, _ text: String) -> Key {
    if case .sparkplug = form { return Key(form: form, width: 0, first: "", last: "") }
    let levels = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let name = levels.first == "" ? levels.dropFirst().first ?? "" : levels.first ?? ""
    let isName =
      TopicGuess.areFactories([name]) || TopicGuess.areFactoryNames([name])
      || TopicGuess.arePlaceNames([name])
    let first = (levels.first == "" ? "/" : "") + (isName ? "" : name)
    let last = levels.last ?? ""
    let isKind = !last.contains(where: \.isNumber)
    switch form {
    case .status, .presence, .presenceWords:
      return Key(form: form, width: levels.count, first: first, last: isKind ? last : "")
    case .json(let preset):
      switch preset {
      case nil: return Key(form: form, width: levels.count, first: first, last: isKind ? last : "")
      case "node_red", "thingsboard": return Key(form: form, width: levels.count, first: first, last: "")
      default: return Key(form: form, width: 0, first: first, last: "")
      }
    case .values: return Key(form: form, width: levels.count, first: first, last: "")
    default: return Key(form: form, width: 0, first: first, last: "")
    }
  }
}

/// Ids of factories that topics name.
enum KnownFactories {
  /// The ids: those of events that were read, and levels with the form of a factory's id, the most frequent first.
  static func ids(in topics: [String], read: [String]) -> [String] {
    var counts: [String: Int] = [:]
    for topic in topics {
      for level in Set(topic.split(separator: "/").map(String.init)) where TopicGuess.areFactories([level]) {
        counts[level, default: 0] += 1
      }
    }
    for id in read where !id.isEmpty { counts[id, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }
}

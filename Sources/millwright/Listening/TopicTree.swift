import Reporting

/// Topics as a tree of lines: levels that several topics share are written once.
struct TopicTree {
  private final class Node {
    var label: String
    var place: Int?
    var children: [Node] = []

    init(_ label: String) { self.label = label }
  }

  private let root = Node("")
  /// Maximum number of levels that make branches of their own; the rest is one label.
  private static let mostLevels = 64

  /// A tree of topics in the order of their levels.
  init(_ topics: [String]) {
    for (place, topic) in topics.enumerated() {
      var node = root
      for level in topic.split(separator: "/", maxSplits: Self.mostLevels, omittingEmptySubsequences: false) {
        if let child = node.children.last, child.label == level {
          node = child
        } else {
          let child = Node(String(level))
          node.children.append(child)
          node = child
        }
      }
      node.place = place
    }
  }

  /// The lines. `text` gives the text beside a topic and the lines below it, by the topic's place.
  func lines(_ text: (Int) -> (heading: String, details: [String])) -> [String] {
    var lines: [String] = []
    for child in root.children { Self.add(child, indent: "", text, &lines) }
    return lines
  }

  private static func add(
    _ node: Node, indent: String, _ text: (Int) -> (heading: String, details: [String]),
    _ lines: inout [String]
  ) {
    var node = node
    var label = node.label
    while node.place == nil, node.children.count == 1 {
      node = node.children[0]
      label += "/" + node.label
    }
    guard let place = node.place else {
      lines.append(indent + label.inert)
      for child in node.children { add(child, indent: indent + "  ", text, &lines) }
      return
    }
    let (heading, details) = text(place)
    lines.append("\(indent)\(label.inert)  \(heading)")
    lines += details.map { "\(indent)    \($0)" }
    for child in node.children { add(child, indent: indent + "  ", text, &lines) }
  }
}

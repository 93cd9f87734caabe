import Foundation

/// The folders of Tests/DecodingTests/Golden, whose README describes them.
struct GoldenFolders {
  struct Case {
    /// The folder below the format's.
    var name: String
    var source: String
    /// A heading and a payload for each message. The heading `restart` has no payload.
    var messages: [(heading: String, payload: [UInt8])]
  }

  let root: String

  /// The formats that have folders.
  func formats() throws -> [String] {
    try folders(in: root)
  }

  /// The cases of a format.
  func cases(of format: String) throws -> [Case] {
    try folders(in: "\(root)/\(format)").map { name in
      let folder = "\(root)/\(format)/\(name)"
      return Case(name: name, source: try text("\(folder)/source.yaml"), messages: try messages(in: folder))
    }
  }

  private func folders(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
        && isFolder.boolValue
    }.sorted()
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private func messages(in folder: String) throws -> [(heading: String, payload: [UInt8])] {
    let path = "\(folder)/messages.txt"
    if FileManager.default.fileExists(atPath: path) { return messages(of: try text(path)) }
    let topics = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".topic") }
    return try topics.sorted().map { file in
      let heading = String(try text("\(folder)/\(file)").prefix { $0 != "\n" })
      let payload = FileManager.default.contents(atPath: "\(folder)/\(file.dropLast(6)).payload")
      return (heading, Array(payload ?? Data()))
    }
  }

  /// The messages of a text with lines `@ RECEIPT TOPIC`.
  private func messages(of text: String) -> [(heading: String, payload: [UInt8])] {
    var messages: [(heading: String, payload: [UInt8])] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("@ ") {
        messages.append((String(line.dropFirst(2)), []))
      } else if !messages.isEmpty {
        let isFirst = messages[messages.count - 1].payload.isEmpty
        messages[messages.count - 1].payload += (isFirst ? [] : [UInt8(ascii: "\n")]) + Array(line.utf8)
      }
    }
    return messages
  }
}

import Foundation
import Glibc
import Processes
import Synchronization
import TestSupport

/// A real, headless Chromium that does what a test tells it: see browser.py. It ends when the last reference to it goes,
/// and when this process ends.
final class Browser: Sendable {
  private let process: ChildProcess
  private let commands: Int32
  private let answers: Int32
  private let unread = Mutex<[UInt8]>([])

  private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let top = here.deletingLastPathComponent().deletingLastPathComponent()
  /// axe-core, where Scripts/test puts it.
  private static let axe = top.appending(path: ".build/axe/axe_core_python/axe.min.js")

  init() throws {
    let (input, output) = (try Self.pipe(), try Self.pipe())
    defer {
      close(input.read)
      close(output.write)
    }
    (commands, answers) = (input.write, output.read)
    process = try start(
      "python3", [Self.here.appending(path: "browser.py").path, "/usr/bin/chromium", Self.axe.path],
      environment: ["PYTHONDONTWRITEBYTECODE": "1"], input: .descriptor(input.read),
      output: .descriptor(output.write), errors: .descriptor(STDERR_FILENO))
  }

  deinit {
    close(commands)
    if process.wait(seconds: 20 * patience) == nil {
      process.send(SIGKILL)
      process.wait()
    }
    close(answers)
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw SupportError("no pipe: errno \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// One of its tabs, which is opened by the first use.
  func tab(_ name: String) -> Tab { Tab(browser: self, name: name) }

  /// A command of browser.py; fields that are nil are left out.
  struct Command: Encodable {
    var `do`: String
    var page: String
    var url: String?
    var origin: String?
    var sizes: [[Int]]?
    var schemes: [String]?
    var name: String?
    var expression: String?
    var until: String?
    var key: String?
    var scheme: String?
    var kind: String?
    var path: String?
    var seconds: Double?
    var width: Int?
    var height: Int?
    var most: Int?
  }

  private struct Reply<Answer: Decodable>: Decodable {
    var answer: Answer?
    var error: String?
  }

  /// The answer to a command; nil where it has none.
  ///
  /// - Throws: ``SupportError`` with what the browser said.
  func ask<Answer: Decodable>(_ command: Command, for type: Answer.Type) throws -> Answer? {
    let line = try JSONEncoder().encode(command) + [UInt8(ascii: "\n")]
    let reply = try unread.withLock { unread in
      try write(Array(line))
      return try JSONDecoder().decode(Reply<Answer>.self, from: Data(try read(&unread)))
    }
    if let error = reply.error { throw SupportError("\(command.do): \(error)") }
    return reply.answer
  }

  private func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(commands, $0.baseAddress, $0.count) }
      guard count > 0 else { throw SupportError("the browser takes no commands: errno \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  private func read(_ unread: inout [UInt8]) throws -> [UInt8] {
    var searched = 0
    while true {
      if let end = unread[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeSubrange(...end) }
        return Array(unread[..<end])
      }
      searched = unread.count
      var waiting = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32(120_000 * patience)) > 0 else { throw SupportError("the browser hangs") }
      var part = [UInt8](repeating: 0, count: 1 << 16)
      let count = Glibc.read(answers, &part, part.count)
      guard count > 0 else { throw SupportError("the browser ended") }
      unread += part[..<count]
    }
  }
}

/// What was found on a page.
struct Look: Decodable {
  var title: String
  var text: String
  /// Pixels by which the page is wider than the window, by width and colour scheme.
  var overflow: [String: Int]
  /// Sentences in columns that are too narrow to read them.
  var cramped: [String]
  /// What it wrote to the console, threw, or asked for from elsewhere.
  var complaints: [String]
  /// What axe-core holds against it, with its impact first.
  var violations: [String]
}

/// An element that had the focus.
struct FocusStop: Decodable, Equatable {
  /// Name of the element, in lower case.
  var name: String
  var text: String
  /// Where a link leads; empty for others.
  var address: String
  /// Whether a reader sees the element, and an outline around it.
  var isVisible: Bool
}

/// A tab of a browser.
struct Tab {
  let browser: Browser
  let name: String

  private struct Nothing: Decodable {}

  private func tell(_ command: Browser.Command) throws { _ = try browser.ask(command, for: Nothing.self) }

  private func answer<Answer: Decodable>(_ command: Browser.Command, _ type: Answer.Type) throws -> Answer {
    guard let answer = try browser.ask(command, for: type) else {
      throw SupportError("\(command.do): no answer")
    }
    return answer
  }

  /// Loads a page, as a user does who enters its address.
  func go(_ url: String) throws { try tell(.init(do: "go", page: name, url: url)) }

  func close() throws { try tell(.init(do: "close", page: name)) }

  /// What is wrong with the page, light and dark at each size in pixels.
  ///
  /// - Parameters:
  ///   - origin: beginning of the addresses that the page may ask for.
  ///   - name: of pictures, which are taken where SCREENSHOTS names a folder.
  func look(_ sizes: [(width: Int, height: Int)], origin: String, name: String) throws -> Look {
    try answer(
      .init(
        do: "look", page: self.name, origin: origin, sizes: sizes.map { [$0.width, $0.height] },
        schemes: ["light", "dark"], name: name), Look.self)
  }

  /// The value of an expression of JavaScript.
  func value<Value: Decodable>(_ expression: String, _ type: Value.Type = Value.self) throws -> Value {
    try answer(.init(do: "evaluate", page: name, expression: expression), type)
  }

  /// Runs JavaScript.
  func run(_ expression: String) throws {
    try tell(.init(do: "evaluate", page: name, expression: expression + "; null"))
  }

  /// Waits until an expression of JavaScript is true, and returns its value.
  func wait<Value: Decodable>(
    _ seconds: Double = 20, for expression: String, _ type: Value.Type = Bool.self
  ) throws -> Value {
    try answer(
      .init(do: "wait", page: name, expression: expression, seconds: seconds * patience), type)
  }

  func size(_ width: Int, _ height: Int) throws {
    try tell(.init(do: "size", page: name, width: width, height: height))
  }

  /// - Parameter kind: `screen` or `print`.
  func media(_ scheme: String, _ kind: String = "screen") throws {
    try tell(.init(do: "media", page: name, scheme: scheme, kind: kind))
  }

  /// Presses Tab until an expression is true of the focused element, `one`.
  ///
  /// - Returns: all elements that had the focus.
  func walk(until expression: String, most: Int) throws -> [FocusStop] {
    try answer(.init(do: "walk", page: name, until: expression, most: most), [FocusStop].self)
  }

  /// Presses Enter and waits for the page that the focused link leads to.
  func enter() throws { try tell(.init(do: "enter", page: name)) }

  /// Presses a key: Tab or Enter.
  func press(_ key: String) throws { try tell(.init(do: "press", page: name, key: key)) }

  func complaints(origin: String) throws -> [String] {
    try answer(.init(do: "complaints", page: name, origin: origin), [String].self)
  }

  /// Prints the page into a PDF file.
  func print(to path: String) throws { try tell(.init(do: "paper", page: name, path: path)) }
}

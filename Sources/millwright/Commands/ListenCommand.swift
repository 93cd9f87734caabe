import ArgumentParser
import Configuration
import Decoding
import Foundation
import Listening
import MQTT
import Reporting
import Telemetry

struct ListenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Show what publishers send, what is read of it, and the sources to add for the rest.",
    discussion: """
      Listens at the broker for a minute, in a session of its own that disturbs no collector, and shows topics, formats, \
      events by the present sources, near misses of topics, and lines to add to the configuration. It needs neither a \
      configuration nor a store. Ctrl-C ends it early.

      --write drafts a configuration. --from reads captured messages instead, a message a line: "TOPIC PAYLOAD" \
      (mosquitto_sub -v), JSON with topic and payload (mosquitto_sub -F '%j'), or with --hex a payload in hexadecimal \
      digits (mosquitto_sub -F '%t %x'). Messages without a time (tst in JSON) count as received now.

      Examples:
        millwright listen
        millwright listen 'plant/#' --for 5m --host 127.0.0.1 --port 1883
        millwright listen --write site/millwright.yaml
        mosquitto_sub -v -t '#' -W 60 >captured.txt; millwright listen --from captured.txt --lang zh
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Argument(help: "MQTT topic filter to listen to.")
  var filter = "#"

  @Option(name: .customLong("for"), help: "Time to listen, 100ms to 1d.")
  var duration = DurationArgument(span: .minutes(1))

  @Option(name: .long, help: "End after this number of messages.")
  var messages: Int?

  @Option(name: .long, help: "Read captured messages from FILE instead of a broker; - for standard input.")
  var from: String?

  @Flag(name: .long, help: "Payloads in FILE are hexadecimal digits.")
  var hex = false

  @Option(name: .long, help: "Write a draft of a configuration to FILE.")
  var write: String?

  @Flag(name: .long, help: "Let --write replace a file.")
  var overwrite = false

  @Option(name: .long, help: "text, or json: every topic and source with counts.")
  var format = Format.text

  @Option(name: .long, help: "Maximum number of topics to show as text.")
  var limit = 200

  @OptionGroup(title: "Broker") var broker: ListeningOptions
  @OptionGroup var languageOptions: LanguageOptions

  func validate() throws {
    guard duration.span >= .milliseconds(100), duration.span <= .days(1) else {
      throw ValidationError("--for must be 100ms to 1d")
    }
    if let messages, messages < 1 { throw ValidationError("--messages must be at least 1") }
    if hex, from == nil { throw ValidationError("--hex needs --from") }
    if overwrite, write == nil { throw ValidationError("--overwrite needs --write") }
    guard TopicFilterText.isValid(filter) else {
      throw ValidationError(
        "'\(filter.inert)' is not a topic filter: # stands at the end, + and # are whole levels")
    }
  }

  func run() throws {
    if let write { try checkPlace(write) }
    let site = try broker.site()
    var survey = try Survey(sources: site.sources, limits: site.limits, naming: site.naming)
    let hearing = try from.map { try read($0, &survey) } ?? listen(site, &survey)
    try survey.finish(zone: site.zone)
    let text = ListenText(survey, hearing, languageOptions.language, limit: max(0, limit))
    switch format {
    case .text: print(text.lines.joined(separator: "\n"))
    case .json: print(try ListenJSON.text(survey, hearing, text))
    }
    if let write { try draft(survey, site, text, to: write) }
    if let failure = hearing.failure { throw CommandFailure(.unavailable, failure) }
  }

  /// Checks before a minute of listening that a draft can be written.
  private func checkPlace(_ path: String) throws {
    guard !path.isEmpty else { throw CommandFailure(.usage, "--write: name a file") }
    if !overwrite, FileManager.default.fileExists(atPath: path) {
      throw CommandFailure(
        .cannotWrite, "\(path.inert): is there already; name another file, or add --overwrite to replace it")
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard access(folder, W_OK) == 0 else {
      throw CommandFailure(
        .cannotWrite, "cannot write \(path.inert): \(folder.inert): \(String(cString: strerror(errno)))")
    }
  }

  private func draft(_ survey: Survey, _ site: ListeningSite, _ text: ListenText, to path: String) throws {
    guard let draft = ConfigurationDraft(survey, site, text) else {
      throw CommandFailure(.noInput, text.nothingToDraft)
    }
    // A draft that could not be loaded is a fault of this program, and is not written.
    _ = try Settings.parse(draft.text, file: path)
    try OutputFile.write(Data(draft.text.utf8), to: path)
    printError(text.written(path, edits: draft.edits))
  }

  // MARK: Messages

  /// Reads captured messages. Lines that are none are counted.
  private func read(_ path: String, _ survey: inout Survey) throws -> Hearing {
    guard let file = fopen(path == "-" ? "/dev/stdin" : path, "r") else {
      throw CommandFailure(.noInput, "cannot read \(path.inert): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var reader = CapturedMessages(isHex: hex, now: InstantArgument.now)
    let filter = TopicFilter(filter)
    var hearing = Hearing(place: path == "-" ? "stdin" : path, filter: self.filter)
    var times: (first: Timestamp, last: Timestamp)?
    func hear(_ line: [UInt8]?) -> Bool {
      do throws(CapturedMessages.Fault) {
        guard let message = try reader.message(line) else { return true }
        guard message.topic.withUnsafeBytes({ filter.matches($0) }) else { return true }
        survey.hear(message)
        times = (min(times?.first ?? message.received, message.received), message.received)
      } catch {
        hearing.note(error)
      }
      return messages.map { survey.messages < $0 } ?? true
    }
    var lines = CapturedLines()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var wantsMore = true
    while wantsMore, case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
      wantsMore = chunk.withUnsafeBytes { lines.take(UnsafeRawBufferPointer(rebasing: $0[..<count]), hear) }
    }
    guard ferror(file) == 0 else {
      throw CommandFailure(.noInput, "cannot read \(path.inert): \(String(cString: strerror(errno)))")
    }
    if wantsMore { lines.finish(hear) }
    if let times { hearing.milliseconds = max(0, (times.last - times.first).milliseconds) }
    if survey.messages == 0, let fault = hearing.faults.first {
      throw CommandFailure(
        .badData, "\(path.inert):\(fault.line): \(ListenText.fault(fault, languageOptions.language))")
    }
    return hearing
  }

  /// Listens at the broker.
  private func listen(_ site: ListeningSite, _ survey: inout Survey) throws -> Hearing {
    let endpoint = try site.endpoint()
    var hearing = Hearing(place: "\(endpoint.host):\(endpoint.port)", filter: filter)
    let mailbox: Mailbox
    do { mailbox = try Mailbox() } catch { throw CommandFailure(.unavailable, error.description) }
    var began = ContinuousClock.now
    var isSubscribed = false
    let say = CommandWording(language: languageOptions.language)
    do throws(DisconnectReason) {
      try Listener.run(
        endpoint, filters: [filter], milliseconds: duration.span.milliseconds, mailbox: mailbox
      ) {
        // A closed terminal ends it too.
        StopSignals.relay(stopping: { _ in }, to: { mailbox.stop() }, reload: { mailbox.stop() })
        began = .now
        isSubscribed = true
        let time = Units.text(duration.span)
        printError(
          say(
            "listening to \(filter.inert) at \(hearing.place) for \(time); Ctrl-C ends it early",
            "正在监听 \(hearing.place) 的 \(filter.inert)，时长 \(time)；按 Ctrl-C 可提前结束"))
      } receive: { window in
        for index in 0..<window.count {
          if let messages, survey.messages >= messages { return false }
          survey.hear(HeardMessage(window, index))
        }
        return messages.map { survey.messages < $0 } ?? true
      }
    } catch {
      let failure = "cannot listen at \(hearing.place): \(error)"
      guard isSubscribed, survey.messages > 0 else { throw CommandFailure(.unavailable, failure) }
      hearing.failure = failure
    }
    let elapsed = began.duration(to: .now).components
    hearing.milliseconds = elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
    return hearing
  }
}

extension HeardMessage {
  /// A copy of a message of a window.
  fileprivate init(_ window: borrowing Window, _ index: Int) {
    self.init(
      topic: Array(window.topic(index)), payload: Array(window.payload(index)),
      received: Timestamp(milliseconds: window.receivedAt(index)), isRetained: window.retained(index))
  }
}

/// The circumstances in which messages were heard.
struct Hearing {
  /// The broker's address, or the file.
  var place: String
  var filter: String
  /// From the first to the end; 0 if messages have no times.
  var milliseconds: Int64 = 0
  /// Why listening ended before its time; nil if it did not.
  var failure: String?
  /// The first faults of lines, at most 3.
  private(set) var faults: [CapturedMessages.Fault] = []
  /// Number of lines that are no messages.
  private(set) var faultCount = 0

  init(place: String, filter: String) {
    self.place = place
    self.filter = filter
  }

  mutating func note(_ fault: CapturedMessages.Fault) {
    faultCount += 1
    if faults.count < 3 { faults.append(fault) }
  }
}

/// The syntax of MQTT topic filters (MQTT 5.0, 4.7).
enum TopicFilterText {
  static func isValid(_ text: String) -> Bool {
    let levels = text.split(separator: "/", omittingEmptySubsequences: false)
    guard !text.isEmpty, text.utf8.count <= 65_535, !text.utf8.contains(0) else { return false }
    return levels.indices.allSatisfy { place in
      let level = levels[place]
      if level == "#" { return place == levels.count - 1 }
      return level == "+" || !level.contains("+") && !level.contains("#")
    }
  }
}

import Decoding
import Telemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What became of a message.
enum Outcome: Equatable, CustomStringConvertible {
  case reading(Reading)
  case rejected(Rejection)

  static func rejected(_ reason: RejectionReason, _ detail: StaticString = "") -> Outcome {
    .rejected(Rejection(reason, .fixed(detail)))
  }

  var reading: Reading? { if case .reading(let reading) = self { reading } else { nil } }

  var description: String {
    switch self {
    case .reading(let reading): "\(reading)"
    case .rejected(let rejection): "\(rejection.reason.name)(\(rejection.detail))"
    }
  }
}

/// interface.md's example of a status message.
let sample = """
  {"ts":"2026-11-22T08:00:00.000+08:00","state":"running","mode":"automatic","seq":4711,"boot":"a1b2",\
  "energy_kwh":1523.25,"good":10233,"total":10241,"alarms":["E201"]}
  """
let sampleTopic = "factory/F001/W01/E17/status"
/// A second after the sample's `ts`.
let sampleReceipt = Timestamp(milliseconds: 1_795_305_601_000)
let sampleTemplate = "factory/{factory}/{workshop}/{equipment}/status"

/// A status message with only what is required, and `members` after it.
func message(_ members: String = "", ts: String = #""2026-11-22T00:00:00Z""#, state: String = #""idle""#)
  -> String
{
  #"{"ts":\#(ts),"state":\#(state)\#(members.isEmpty ? "" : ",")\#(members)}"#
}

/// Decodes one message by a decoder of its own.
func outcome(
  _ payload: some Sequence<UInt8>, topic: String = sampleTopic, template: String = sampleTemplate,
  receivedAt: Timestamp = sampleReceipt, limits: DecodingLimits = DecodingLimits()
) throws -> Outcome {
  var decoder = try StatusDecoder(limits: limits)
  let router = Router([Source(.status, template: try TopicTemplate(template))])
  let topic = Array(topic.utf8)
  let padded = Array(payload)
  return topic.withUnsafeBytes { topic in
    padded.withUnsafeBytes { payload in
      do throws(Rejection) {
        let route = try router.route(topic)
        return .reading(
          try decoder.decode(payload: payload, topic: topic, levels: route.levels, receivedAt: receivedAt))
      } catch { return .rejected(error) }
    }
  }
}

/// Decodes one message given as text.
func outcome(
  _ payload: String, topic: String = sampleTopic, template: String = sampleTemplate,
  receivedAt: Timestamp = sampleReceipt, limits: DecodingLimits = DecodingLimits()
) throws -> Outcome {
  try outcome(payload.utf8, topic: topic, template: template, receivedAt: receivedAt, limits: limits)
}

/// Memory that ends where the process may not read: touching a byte beyond it ends the test run.
struct GuardedMemory: ~Copyable {
  private let base: UnsafeMutableRawPointer
  private let page = Int(sysconf(Int32(_SC_PAGESIZE)))
  private let pages: Int

  struct Unavailable: Error {}

  /// Room for `capacity` bytes.
  init(capacity: Int) throws(Unavailable) {
    pages = (capacity + page - 1) / page
    guard
      let base = mmap(nil, (pages + 1) * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      base != MAP_FAILED, mprotect(base + pages * page, page, PROT_NONE) == 0
    else { throw Unavailable() }
    self.base = base
  }

  deinit { munmap(base, (pages + 1) * page) }

  /// Calls `body` with a copy of `bytes` that ends `spare` bytes before the forbidden page.
  func with<R>(_ bytes: [UInt8], spare: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let start = base + (pages * page - spare - bytes.count)
    bytes.withUnsafeBytes {
      if let from = $0.baseAddress { start.copyMemory(from: from, byteCount: $0.count) }
    }
    return body(UnsafeRawBufferPointer(start: start, count: bytes.count))
  }
}

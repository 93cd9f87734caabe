/// Slows down guesses of passwords: by the address that they come from, and by the account that they are for.
///
/// A number of attempts are free, then each further one doubles the delay, up to a limit. The limit for an account is
/// short, and addresses from which its owner has logged in before do not wait for it: strangers cannot lock an account.
/// An attempt counts as failed from its beginning, so that many at the same time have no advantage.
public struct LoginThrottle: Sendable {
  /// How attempts are slowed.
  public struct Rule: Sendable {
    /// Number of failed attempts without a delay.
    public var free: Int
    /// Maximum delay.
    public var longest: Duration

    /// Delay after this number of failed attempts: 1 s, 2 s, 4 s, …
    func delay(after failures: Int) -> Duration {
      guard failures > free else { return .zero }
      return min(longest, .seconds(1 << min(failures - free - 1, 30)))
    }
  }

  /// Rules of addresses and of accounts.
  public static let addressRule = Rule(free: 5, longest: .seconds(900))
  public static let accountRule = Rule(free: 10, longest: .seconds(30))
  /// Time without an attempt after which failures are forgotten.
  public static let memory = Duration.seconds(3600)
  /// Maximum number of addresses and of accounts that are remembered.
  public static let most = 10_000
  /// Maximum number of passwords that are checked at the same time: each takes 32 MiB of memory and a processor, which
  /// collecting needs too.
  public static let mostChecks = 2

  private struct Record: Sendable {
    var failures = 0
    var last: ContinuousClock.Instant
    var until: ContinuousClock.Instant
  }
  private struct Pair: Hashable, Sendable {
    var account: String
    var address: IPAddress?
  }

  private var addresses: [IPAddress?: Record] = [:]
  private var accounts: [String: Record] = [:]
  /// Addresses from which accounts have logged in, with the time of the newest login.
  private var known: [Pair: ContinuousClock.Instant] = [:]
  private var checks = 0

  /// Nobody has failed yet.
  public init() {}

  /// Whether an attempt may go on.
  public enum Attempt: Equatable, Sendable {
    /// Check the password, and then call ``LoginThrottle/end(_:account:succeeded:at:)`` exactly once.
    case proceed
    /// Try again after this time. The attempt does not count.
    case wait(Duration)
  }

  /// Begins an attempt. The name need not be that of an account: unknown names are slowed in the same way.
  public mutating func begin(
    _ address: IPAddress?, account name: String, at now: ContinuousClock.Instant
  ) -> Attempt {
    let (address, name) = (address?.subscriber, Self.key(name))
    var until = addresses[address]?.until ?? now
    if known[Pair(account: name, address: address)] == nil {
      until = max(until, accounts[name]?.until ?? now)
    }
    if until > now { return .wait(until - now) }
    guard checks < Self.mostChecks else { return .wait(.seconds(1)) }
    checks += 1
    Self.note(address, in: &addresses, Self.addressRule, now)
    Self.note(name, in: &accounts, Self.accountRule, now)
    return .proceed
  }

  /// Ends an attempt that ``begin(_:account:at:)`` let go on.
  public mutating func end(
    _ address: IPAddress?, account name: String, succeeded: Bool, at now: ContinuousClock.Instant
  ) {
    let (address, name) = (address?.subscriber, Self.key(name))
    checks = max(0, checks - 1)
    guard succeeded else { return }
    // Other failures of the address remain: a person with an account cannot use it to guess others' passwords.
    if var record = addresses[address] {
      record.failures = max(0, record.failures - 1)
      record.until = now
      addresses[address] = record.failures == 0 ? nil : record
    }
    accounts[name] = nil
    if known.count >= Self.most {
      known = known.filter { now - $0.value < SessionTable.length * 60 }
      if known.count >= Self.most, let oldest = known.min(by: { $0.value < $1.value }) {
        known[oldest.key] = nil
      }
    }
    known[Pair(account: name, address: address)] = now
  }

  /// Notes credentials that are not a password and were wrong, such as a token, and returns the delay of the next ones
  /// of this address; nil while they are free.
  public mutating func fail(_ address: IPAddress?, at now: ContinuousClock.Instant) -> Duration? {
    let address = address?.subscriber
    if let until = addresses[address]?.until, until > now { return until - now }
    Self.note(address, in: &addresses, Self.addressRule, now)
    guard let until = addresses[address]?.until, until > now else { return nil }
    return until - now
  }

  // MARK: -

  /// Names of any length take little room.
  private static func key(_ name: String) -> String {
    name.utf8.count <= 64 ? name : SecretDigest(of: name).hexadecimal
  }

  private static func note<Key: Hashable>(
    _ key: Key, in table: inout [Key: Record], _ rule: Rule, _ now: ContinuousClock.Instant
  ) {
    var record = table[key] ?? Record(last: now, until: now)
    if now - record.last > memory { record.failures = 0 }
    record.failures = min(record.failures + 1, 1_000_000)
    record.last = now
    record.until = now + rule.delay(after: record.failures)
    if table[key] == nil, table.count >= most { makeRoom(in: &table, now) }
    table[key] = record
  }

  /// Removes what is forgotten; if that is nothing, the tenth with the fewest failures. Many addresses with a failure
  /// each therefore do not wipe out those that fail all the time.
  private static func makeRoom<Key: Hashable>(
    in table: inout [Key: Record], _ now: ContinuousClock.Instant
  ) {
    table = table.filter { now - $0.value.last <= memory }
    guard table.count >= most else { return }
    let weakest = table.sorted { a, b in
      (a.value.failures, a.value.last) < (b.value.failures, b.value.last)
    }
    for (key, _) in weakest.prefix(most / 10) { table[key] = nil }
  }
}

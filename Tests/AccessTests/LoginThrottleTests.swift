import Access
import Testing

@Suite("Slowing down of guesses") struct LoginThrottleTests {
  private var throttle = LoginThrottle()
  private let address = IPAddress("203.0.113.9")

  private mutating func fail(_ from: IPAddress?, _ name: String, at second: Int64) -> LoginThrottle.Attempt {
    let answer = throttle.begin(from, account: name, at: after(second).instant)
    if answer == .proceed { throttle.end(from, account: name, succeeded: false, at: after(second).instant) }
    return answer
  }

  private mutating func succeed(_ from: IPAddress?, _ name: String, at second: Int64) -> LoginThrottle.Attempt
  {
    let answer = throttle.begin(from, account: name, at: after(second).instant)
    if answer == .proceed { throttle.end(from, account: name, succeeded: true, at: after(second).instant) }
    return answer
  }

  @Test("An address has five attempts, and then waits 1, 2, 4 seconds and so on, up to a quarter of an hour")
  mutating func byAddress() {
    for number in 0..<6 { #expect(fail(address, "name\(number)", at: 0) == .proceed) }
    var second: Int64 = 0
    var waits: [Int64] = []
    for number in 0..<12 {
      guard case .wait(let time) = fail(address, "other\(number)", at: second) else {
        Issue.record("no delay")
        return
      }
      waits.append(time.components.seconds)
      // An attempt while it has to wait changes nothing.
      #expect(fail(address, "another\(number)", at: second) == .wait(time))
      second += time.components.seconds
      #expect(fail(address, "other\(number)", at: second) == .proceed)
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
    #expect(fail(IPAddress("203.0.113.10"), "name0", at: second) == .proceed)
  }

  @Test("An hour without an attempt forgets the failures") mutating func memory() {
    for _ in 0..<6 { #expect(fail(address, "boss", at: 0) == .proceed) }
    #expect(fail(address, "boss", at: 3601) == .proceed)
    #expect(fail(address, "boss", at: 3601) == .proceed)
  }

  @Test("An account has ten attempts from anywhere, and then waits half a minute at most")
  mutating func byAccount() {
    func address(_ number: Int) -> IPAddress? { IPAddress("198.51.\(number / 250).\(number % 250)") }
    for number in 0..<11 { #expect(fail(address(number), "boss", at: 0) == .proceed) }
    var second: Int64 = 0
    var waits: [Int64] = []
    for number in 11..<19 {
      guard case .wait(let time) = fail(address(number), "boss", at: second) else {
        Issue.record("no delay")
        return
      }
      waits.append(time.components.seconds)
      second += time.components.seconds
      #expect(fail(address(number), "boss", at: second) == .proceed)
    }
    #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30])
    // Others are not slowed.
    #expect(fail(address(100), "li", at: second) == .proceed)
  }

  @Test("Its owner does not wait for strangers at an address of an earlier login") mutating func owner() {
    let home = IPAddress("192.0.2.1")
    #expect(succeed(home, "boss", at: 0) == .proceed)
    for number in 0..<11 { _ = fail(IPAddress("198.51.100.\(number)"), "boss", at: 1) }
    #expect(fail(IPAddress("198.51.100.99"), "boss", at: 1) == .wait(.seconds(1)))
    #expect(succeed(home, "boss", at: 1) == .proceed)
    // The success ends the delay for all.
    #expect(fail(IPAddress("198.51.100.99"), "boss", at: 1) == .proceed)
  }

  @Test("A login of one's own does not free the guesses of another's password") mutating func ownLogin() {
    for _ in 0..<3 {
      #expect(fail(address, "boss", at: 0) == .proceed)
      #expect(succeed(address, "mallory", at: 0) == .proceed)
    }
    for _ in 0..<3 { #expect(fail(address, "boss", at: 0) == .proceed) }
    #expect(fail(address, "boss", at: 0) == .wait(.seconds(1)))
  }

  @Test("Addresses of one IPv6 subscriber are one") mutating func subscriber() {
    for number in 0..<6 { #expect(fail(IPAddress("2001:db8::\(number)"), "a\(number)", at: 0) == .proceed) }
    #expect(fail(IPAddress("2001:db8::ffff"), "b", at: 0) == .wait(.seconds(1)))
    #expect(fail(IPAddress("2001:db8:0:1::1"), "b", at: 0) == .proceed)
  }

  @Test("Two passwords are checked at a time") mutating func parallel() {
    for number in 0..<2 {
      #expect(
        throttle.begin(IPAddress("198.51.100.\(number)"), account: "a\(number)", at: start.instant)
          == .proceed)
    }
    #expect(throttle.begin(address, account: "b", at: start.instant) == .wait(.seconds(1)))
    throttle.end(IPAddress("198.51.100.0"), account: "a0", succeeded: false, at: start.instant)
    #expect(throttle.begin(address, account: "b", at: start.instant) == .proceed)
  }

  @Test("An attempt counts from its beginning, so that two at the same time are two")
  mutating func unfinished() {
    for _ in 0..<5 { #expect(fail(address, "boss", at: 0) == .proceed) }
    #expect(throttle.begin(address, account: "boss", at: start.instant) == .proceed)
    #expect(throttle.begin(address, account: "boss", at: start.instant) == .wait(.seconds(1)))
  }

  @Test("Names of any length and number of addresses take bounded room, and the busiest stay")
  mutating func room() {
    for _ in 0..<7 { _ = fail(address, String(repeating: "x", count: 300), at: 0) }
    for number in 0..<11_000 {
      _ = fail(IPAddress("10.\(number / 65_536).\(number / 256 % 256).\(number % 256)"), "n\(number)", at: 1)
    }
    #expect(fail(address, "boss", at: 0) == .wait(.seconds(1)))
    // The addresses with one failure each were partly forgotten.
    for _ in 0..<5 { #expect(fail(IPAddress("10.0.0.0"), "new", at: 1) == .proceed) }
  }

  @Test("Wrong tokens are slowed like wrong passwords") mutating func tokens() {
    for _ in 0..<5 { #expect(throttle.fail(address, at: start.instant) == nil) }
    #expect(throttle.fail(address, at: start.instant) == .seconds(1))
    #expect(throttle.fail(address, at: start.instant) == .seconds(1))
    #expect(throttle.fail(address, at: after(1).instant) == .seconds(2))
  }
}

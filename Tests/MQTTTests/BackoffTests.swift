import MQTT
import Testing

@Suite("Backoff") struct BackoffTests {
  @Test("doubles its shortest waits from one second to half a minute") func shortest() {
    var backoff = Backoff()
    #expect(
      (0..<8).map { _ in backoff.next(jitter: 0) } == [
        1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
      ])
  }

  @Test("never waits longer than its maximum") func longest() {
    var backoff = Backoff()
    #expect(
      (0..<8).map { _ in backoff.next(jitter: 1) } == [
        2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
      ])
  }

  @Test("spreads the waits of many sessions over the range") func jitter() {
    var backoff = Backoff(initial: 100, maximum: 1000)
    #expect(backoff.next(jitter: 0.5) == 150)
    #expect(backoff.next(jitter: 0.25) == 250)
  }

  @Test("starts over after a connection that stood twice as long as the wait before it") func startsOver() {
    var backoff = Backoff(initial: 10, maximum: 1000)
    #expect((0..<3).map { _ in backoff.next(jitter: 0) } == [10, 20, 40])
    backoff.connectionEnded(afterStanding: 80)
    #expect(backoff.next(jitter: 0) == 10)
  }

  @Test("goes on growing after a connection that ended sooner") func goesOn() {
    var backoff = Backoff(initial: 10, maximum: 1000)
    #expect((0..<3).map { _ in backoff.next(jitter: 0) } == [10, 20, 40])
    backoff.connectionEnded(afterStanding: 79)
    #expect(backoff.next(jitter: 0) == 80)
  }

  @Test("keeps to its only value when shortest and longest are the same") func constant() {
    var backoff = Backoff(initial: 50, maximum: 50)
    #expect((0..<3).map { _ in backoff.next(jitter: 1) } == [50, 50, 50])
  }
}

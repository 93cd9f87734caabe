import MQTT
import Testing

@Suite("Session state") struct SessionStateTests {
  private func state() -> SessionState {
    SessionState(clientID: "collector", backoff: Backoff(initial: 100, maximum: 1000))
  }

  private func ending(
    standing: Int64 = 0, resumed: Bool = true, overOptional: Bool = false, holdsFormer: Bool = false
  ) -> SessionState.Ending {
    SessionState.Ending(
      standing: standing, resumed: resumed, subscribed: true, overOptional: overOptional,
      holdsFormer: holdsFormer)
  }

  @Test("It connects at once, and rests longer after each attempt that fails") func rests() {
    var state = state()
    #expect(state.isDue(at: 0) == true)
    state.began()
    #expect(state.stage == .connecting)
    #expect(state.isDue(at: 0) == false)
    #expect(state.ended(.unreachable("x"), nil, at: 1000, jitter: 0).next == .rest)
    #expect(state.stage == .resting(until: 1100))
    #expect(state.isDue(at: 1099) == false)
    #expect(state.isDue(at: 1100) == true)
    #expect(state.stage == .due)
    state.began()
    #expect(state.ended(.unreachable("x"), nil, at: 2000, jitter: 0).next == .rest)
    #expect(state.stage == .resting(until: 2200))
    _ = state.isDue(at: 2200)
    state.began()
    state.accepted()
    #expect(state.stage == .connected)
    #expect(state.ended(.closed("x"), ending(standing: 400), at: 3000, jitter: 0).next == .rest)
    #expect(state.stage == .resting(until: 3100))
  }

  @Test("A stop ends it, before it begins and after a connection") func stops() {
    var state = state()
    state.stopped()
    #expect(state.stage == .ended)
    #expect(state.isDue(at: .max) == false)
    var connected = self.state()
    connected.accepted()
    #expect(connected.ended(.stopped, ending(), at: 0, jitter: 0).next == .stop)
    #expect(connected.stage == .ended)
  }

  @Test("Another client that takes the session ends it, said or found") func takeovers() {
    var said = state()
    #expect(
      said.ended(.takenOver(clientID: "collector"), ending(), at: 0, jitter: 0).next
        == .yield(clientID: "collector", closings: nil))
    #expect(said.stage == .ended)
    var found = state()
    for closing in 1...4 {
      let (reason, next) = found.ended(.dropped(clientID: "collector"), ending(), at: 0, jitter: 0)
      #expect(next == .rest, "closing \(closing)")
      #expect(reason.description == DisconnectReason.dropped(clientID: "collector").description)
    }
    let (reason, next) = found.ended(.dropped(clientID: "collector"), ending(), at: 0, jitter: 0)
    #expect(next == .yield(clientID: "collector", closings: 5))
    #expect(reason.description == DisconnectReason.contested(clientID: "collector", closings: 5).description)
  }

  @Test("An attempt that fails in between is no turn of another client") func noTurns() {
    var state = state()
    for _ in 1...4 { _ = state.ended(.dropped(clientID: "c"), ending(), at: 0, jitter: 0) }
    _ = state.ended(.unreachable("x"), nil, at: 0, jitter: 0)
    #expect(state.ended(.dropped(clientID: "c"), ending(), at: 0, jitter: 0).next == .rest)
  }

  @Test("Optional filters are left out once after a connection that ended over them") func optional() {
    var state = state()
    #expect(state.asksOptional)
    _ = state.ended(.closed("x"), ending(overOptional: true), at: 0, jitter: 0)
    #expect(!state.asksOptional)
    _ = state.ended(.unreachable("x"), nil, at: 0, jitter: 0)
    #expect(!state.asksOptional)
    _ = state.ended(.closed("x"), ending(), at: 0, jitter: 0)
    #expect(state.asksOptional)
  }

  @Test("Former filters are unsubscribed at every connection until the broker has confirmed it") func former()
  {
    var state = state()
    _ = state.ended(.closed("x"), ending(holdsFormer: true), at: 0, jitter: 0)
    #expect(state.holdsFormer)
    _ = state.ended(.unreachable("x"), nil, at: 0, jitter: 0)
    #expect(state.holdsFormer)
    _ = state.ended(.closed("x"), ending(holdsFormer: false), at: 0, jitter: 0)
    #expect(!state.holdsFormer)
  }

  @Test("A closing over new filters sends nobody to look for another client") func droppedOverChange() {
    for (overChange, expected) in [
      (true, DisconnectReason.closed("it was asked for new topic filters and had not answered")),
      (false, .dropped(clientID: "collector")),
    ] {
      var state = self.state()
      state.began()
      state.accepted()
      let ending = SessionState.Ending(
        standing: 0, resumed: true, subscribed: false, overOptional: false, overChange: overChange,
        holdsFormer: false)
      let (reason, next) = state.ended(.dropped(clientID: "collector"), ending, at: 0, jitter: 0)
      #expect(reason.description == expected.description)
      #expect(next == .rest)
    }
  }

  @Test("New filters are given up when the broker closes two connections in succession over them")
  func closesOverChange() {
    /// - Parameter endings: nil stands for a change of the new filters.
    func after(_ endings: [(reason: DisconnectReason, overChange: Bool)?]) -> Bool {
      var state = self.state()
      for ending in endings {
        guard let (reason, overChange) = ending else {
          state.changedFilters()
          #expect(state.holdsFormer)
          continue
        }
        state.began()
        state.accepted()
        let ending = SessionState.Ending(
          standing: 0, resumed: true, subscribed: false, overOptional: false, overChange: overChange,
          holdsFormer: false)
        _ = state.ended(reason, ending, at: 0, jitter: 0)
      }
      return state.givesUpChange
    }
    let closed = DisconnectReason.closed("Not authorized")
    let dropped = DisconnectReason.dropped(clientID: "collector")
    #expect(!after([(dropped, true)]))
    #expect(after([(dropped, true), (closed, true)]))
    #expect(!after([(dropped, true), (dropped, false), (dropped, true)]))
    #expect(!after([(dropped, true), (.silent("x"), true)]))
    // Other filters are not given up for closings over those before.
    #expect(!after([(dropped, true), nil, (dropped, true)]))
    #expect(after([(dropped, true), nil, (dropped, true), (dropped, true)]))
  }
}

import MQTT
import Testing

@Suite("Reasons for a connection's end") struct DisconnectReasonTests {
  @Test(
    "A failed call of the handler is named by what failed",
    arguments: [
      (.connected, "the beginning of the connection could not be stored: disk full"),
      (.subscribed, "the change of topic filters could not be stored: disk full"),
      (.commit, "received messages could not be stored: disk full"),
      (.tick, "the periodic work of the collector failed: disk full"),
      (.reload, "the changed configuration could not be applied: disk full"),
      (.stopping, "the last work before the end of the session failed: disk full"),
    ] as [(HandlerCall, String)])
  func failures(call: HandlerCall, sentence: String) {
    let reason = DisconnectReason.handlerFailed(call, StoreFailure())
    #expect(reason.description == sentence)
    #expect(!reason.needsOperator)
  }
}

import MQTT
import Testing

@Suite("The first answer of a port") struct FirstAnswerTests {
  private static let wrongVersion = DisconnectReason.tls("error:0A00010B:SSL routines::wrong version number")
  private static let endOfFile = DisconnectReason.tls(
    "error:0A000126:SSL routines::unexpected eof while reading")

  @Test(
    "Without TLS only the packets with which a broker may begin make it a broker",
    arguments: [
      (nil, true), (0x15, true), (0x16, true), (0x48, true), (0x00, true), (0x20, false), (0xE0, false),
      (0xF0, false),
    ] as [(UInt8?, Bool)])
  func plain(byte: UInt8?, isForeign: Bool) {
    let first = FirstAnswer(byte: byte)
    for reason: DisconnectReason in [
      .dropped(clientID: "c"), .closed("before it answered"), .unreadable("x"),
    ] {
      #expect(first.verdict(overTLS: false, reason) == (isForeign ? .foreign : .asReported), "\(reason)")
    }
  }

  @Test(
    "Over TLS only a record of the handshake or an alert makes it a TLS server",
    arguments: [(nil, true), (0x20, true), (0x48, true), (0x15, false), (0x16, false)] as [(UInt8?, Bool)])
  func overTLS(byte: UInt8?, isForeign: Bool) {
    let first = FirstAnswer(byte: byte)
    for reason: DisconnectReason in [
      .dropped(clientID: "c"), .closed("x"), Self.endOfFile, Self.wrongVersion, .tls("A TLS error occurred."),
    ] {
      #expect(first.verdict(overTLS: true, reason) == (isForeign ? .foreign : .asReported), "\(reason)")
    }
  }

  @Test("After the broker's first message of TLS no end makes the port another one, whatever byte came next")
  func speaksTLS() {
    let reasons: [DisconnectReason] = [
      .dropped(clientID: "c"), .closed("before it answered"), Self.endOfFile, Self.wrongVersion,
      .unreadable("x"), .silent("x"), .noAnswer(host: "h", port: 1, milliseconds: 1),
    ]
    for (byte, closed) in [(nil, false), (0x17, false), (nil, true)] as [(UInt8?, Bool)] {
      func verdicts(_ handshake: FirstAnswer.Handshake) -> [FirstAnswer.Verdict] {
        let first = FirstAnswer(byte: byte, closedSilently: closed, handshake: handshake)
        return reasons.map { first.verdict(overTLS: true, $0) }
      }
      #expect(
        verdicts(.answered) == [
          .duringHandshake, .duringHandshake, .asReported, .asReported, .asReported, .asReported, .asReported,
        ])
      #expect(
        verdicts(.finished) == [
          .afterHandshake, .afterHandshake, .afterHandshake, .afterHandshake, .asReported, .asReported,
          .asReported,
        ])
    }
  }

  @Test("A refused certificate is none of a port, unless the other side closed without a word")
  func certificate() {
    let refused = DisconnectReason.tls("certificate verify failed")
    #expect(FirstAnswer(byte: 0x16).verdict(overTLS: true, refused) == .asReported)
    #expect(FirstAnswer(handshake: .answered).verdict(overTLS: true, refused) == .asReported)
    #expect(FirstAnswer().verdict(overTLS: true, refused) == .asReported)
    #expect(FirstAnswer(closedSilently: true).verdict(overTLS: true, refused) == .foreign)
    for detail in ["sslv3 alert handshake failure", "unsupported protocol"] {
      #expect(FirstAnswer().verdict(overTLS: true, .tls(detail)) == .asReported, "\(detail)")
    }
  }

  @Test("At the beginning of a handshake its failure alone shows another program") func beginning() {
    for reason in [Self.wrongVersion, Self.endOfFile] {
      #expect(FirstAnswer.isOfAnotherProgram(reason), "\(reason)")
    }
    for reason: DisconnectReason in [
      .tls("Error: Unable to load client key file \"k\"."), .tls("sslv3 alert handshake failure"),
      .closed("Connection refused"), .dropped(clientID: "c"),
    ] {
      #expect(!FirstAnswer.isOfAnotherProgram(reason), "\(reason)")
    }
  }

  @Test("Refusals and silence stay what they are") func others() {
    for reason: DisconnectReason in [
      .refused(code: 0x87, "Not authorized"), .silent("x"), .unreachable("x"), .stopped,
      .noAnswer(host: "h", port: 1, milliseconds: 1),
    ] {
      #expect(FirstAnswer().verdict(overTLS: false, reason) == .asReported, "\(reason)")
      #expect(FirstAnswer().verdict(overTLS: true, reason) == .asReported, "\(reason)")
    }
  }
}
